// A process that writes to a server with 64 callers is killed at random moments: what it had
// acknowledged is stored, nothing is there by half, and every check of the doctor passes.

import { expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { startChild } from '../support/child-process.ts'
import { describeOnServers } from '../support/engines/servers.ts'

const ROUNDS = 4
const tables: Readonly<Record<string, string>> = { m: 'messages', t: 'tasks', c: 'cost_records' }

describeOnServers('a process killed while it writes', (places) => {
  test('loses nothing that it had acknowledged', async () => {
    const place = await places.create()
    const acknowledged = new Map<string, Set<string>>(Object.keys(tables).map((kind) => [kind, new Set()]))
    for (let round = 0; round < ROUNDS; round += 1) {
      const child = startChild('write', [places.urlOf(place), round])
      await child.lineCount(300 + Math.floor(Math.random() * 300))
      child.kill()
      await child.ended
      for (const line of child.lines) {
        const [kind = '', id = ''] = line.split(' ')
        if (id !== '') acknowledged.get(kind)?.add(id)
      }
    }
    for (const [kind, ids] of acknowledged) {
      expect(ids.size, kind).toBeGreaterThan(0)
      const there = new Set((await places.rows(place, `SELECT id FROM ${tables[kind]}`)).map(([id]) => id))
      expect(
        [...ids].filter((id) => !there.has(id)),
        kind,
      ).toEqual([])
    }
    await using store = await openStore(places.urlOf(place))
    const { checks } = await store.doctor()
    expect(checks.filter(({ status }) => status === 'fail')).toEqual([])
  })
})
