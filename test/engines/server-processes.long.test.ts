// Several processes that append to one server at once: totals are exact, the chain has no gap, and
// no call fails.

import { expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { startChild } from '../support/child-process.ts'
import { describeOnServers } from '../support/engines/servers.ts'

const PROCESSES = 4
/** Of each kind, by each process. PURSER_APPENDS asks for more. */
const APPENDS = Number(process.env.PURSER_APPENDS ?? 1000)

describeOnServers('four processes', (places) => {
  test('every append goes through; totals are exact, and the chain verifies', async () => {
    const url = places.urlOf(await places.create())
    await using store = await openStore(url)
    const children = Array.from({ length: PROCESSES }, (_, index) =>
      startChild('append-many', [url, `process-${index}`, APPENDS]),
    )
    for (const child of children) {
      const { code, errors } = await child.ended
      expect(errors).toBe('')
      expect(code).toBe(0)
      expect(JSON.parse(child.lines.at(-1) ?? '')).toMatchObject({
        costs: APPENDS,
        entries: APPENDS,
        failed: 0,
      })
    }
    const all = PROCESSES * APPENDS
    const [total] = await store.costRecords.aggregate()
    expect(total).toMatchObject({ records: all, inputTokens: 7 * all, outputTokens: 3 * all })
    expect(total?.cost).toBe((all / 1e9).toFixed(9).replace(/0+$/, ''))
    const byAgent = await store.costRecords.aggregate({}, { by: ['agent'] })
    expect(byAgent.map(({ records }) => records)).toEqual(Array(5).fill(all / 5))
    expect(await store.audit.verify()).toMatchObject({ ok: true, checked: all })
    expect((await store.audit.head())?.sequence).toBe(all)
  })
})
