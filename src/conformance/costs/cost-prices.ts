// K16: calls that are recorded without a cost get one from a table of prices, at once or later.

import assert from 'node:assert/strict'
import { InvalidRecordError } from '../../errors.ts'
import type { CostGrouping, Store } from '../../index.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { collect, only, rejection } from '../support/expect.ts'
import { newCost } from '../support/samples.ts'
import { addUp } from './cost-totals.ts'

/** Of the bundled table at any time: 2.5 and 10 dollars for a million tokens. */
const known = { provider: 'openai', model: 'gpt-4o', cost: null } as const
const waiting = { ...known, costStatus: 'unpriced' } as const

const groupings: readonly (readonly CostGrouping[])[] = [
  ['agent'],
  ['task'],
  ['plan'],
  ['project'],
  ['provider'],
  ['model'],
  ['category'],
  ['hour'],
  ['costStatus'],
]

async function assertTotals(store: Store): Promise<void> {
  const { cost, unpriced, records } = only(await store.costRecords.aggregate({ currency: 'USD' }))
  assert.deepEqual({ cost, unpriced, records }, await addUp(store, { currency: 'USD' }))
  for (const by of groupings) {
    const kept = await store.costRecords.aggregate({ currency: 'USD' }, { by })
    // A time range is added up from the records.
    assert.deepEqual(kept, await store.costRecords.aggregate({ currency: 'USD', since: new Date(0) }, { by }))
  }
}

export const costPriceCases: readonly ConformanceCase[] = [
  {
    id: 'K16',
    name: 'a call without a cost is priced from the bundled table, exactly; what no table knows has none',
    async run(harness) {
      const store = await openFresh(harness)
      const priced = await store.costRecords.append(
        newCost({ ...known, inputTokens: 1201, outputTokens: 81 }),
      )
      // 1201 at 0.0000025 and 81 at 0.00001.
      assert.deepEqual([priced.cost, priced.costStatus], ['0.0038125', 'computed'])
      assert.match(priced.priceSource ?? '', /^genai-prices \S+, \d{4}-\d{2}-\d{2}$/)
      assert.deepEqual(await store.costRecords.get(priced.id), priced)
      const [euro, free, unknown] = await store.costRecords.appendMany([
        newCost({ ...known, currency: 'EUR' }),
        newCost({ ...known, cost: '0' }),
        newCost({ cost: null, provider: 'openai', model: 'no-such-model' }),
      ])
      assert.deepEqual([euro?.cost, free?.cost, unknown?.cost], [null, '0', null])
      await assertTotals(store)
      const answer = await store.costRecords.priceOf({
        ...{ provider: 'openai', model: 'gpt-4o' },
        inputTokens: 1,
      })
      assert.deepEqual(
        [answer?.cost, answer?.prices.input, answer?.prices.cacheRead],
        ['0.0000025', '2.5', '1.25'],
      )
      assert.equal(await store.costRecords.priceOf({ provider: 'nobody', model: 'x' }), null)
      await rejection(InvalidRecordError, () => store.costRecords.priceOf({ provider: 'openai', model: '' }))
    },
  },
  {
    id: 'K16b',
    name: 'what waits for a price is priced later: once, with exact totals and an audit entry for each batch; the rest waits on',
    async run(harness) {
      const store = await openFresh(harness)
      await store.costRecords.appendMany([
        ...Array.from({ length: 620 }, (_, index) =>
          newCost({
            ...waiting,
            agentId: `agent-${index % 3}`,
            project: index % 2 === 0 ? null : 'tide',
            timestamp: new Date(Date.UTC(2026, 0, 1, index % 7, 0, 0, index)),
            inputTokens: index,
            outputTokens: 1,
          }),
        ),
        newCost({ cost: null, agentId: 'ann' }),
        newCost({ ...waiting, currency: 'EUR' }),
      ])
      const planned = await store.costRecords.applyPrices({ currency: 'USD' }, { dryRun: true })
      assert.deepEqual([planned.priced, planned.left], [620, 1])
      assert.equal(only(await store.costRecords.aggregate({ currency: 'USD' })).unpriced, 621)
      const aborted = new AbortController()
      const onProgress = () => aborted.abort(new RangeError('enough'))
      const acting = store.as('keeper')
      const stopped = acting.costRecords.applyPrices({}, { signal: aborted.signal, onProgress })
      await assert.rejects(stopped, RangeError)
      await assertTotals(store)
      const rest = await acting.costRecords.applyPrices()
      assert.deepEqual([rest.priced, rest.left], [120, 2])
      await assertTotals(store)
      const again = await acting.costRecords.applyPrices()
      assert.deepEqual([again.priced, again.left, again.costs], [0, 2, {}])
      // 2.5 for each of 0 + … + 619 million input tokens, 10 for each of 620.
      const total = only(await store.costRecords.aggregate({ currency: 'USD', costStatus: 'computed' }))
      const billionths = ((619n * 620n) / 2n) * 2500n + 620n * 10_000n
      assert.equal(
        total.cost,
        `${billionths / 1_000_000_000n}.${String(billionths % 1_000_000_000n).padStart(9, '0')}`.replace(
          /0+$/,
          '',
        ),
      )
      assert.deepEqual(planned.costs, { USD: total.cost })
      const entries = (await collect(store.audit.each())).filter(({ action }) => action === 'prices:apply')
      assert.deepEqual(
        entries.map(({ actor, details }) => [actor, (details as { records: number }).records]).toSorted(),
        [
          ['keeper', 120],
          ['keeper', 500],
        ],
      )
      assert.ok((await store.doctor()).ok)
    },
  },
  {
    id: 'K16c',
    name: 'two runs at once price each record once',
    async run(harness) {
      const store = await openFresh(harness)
      await store.costRecords.appendMany(
        Array.from({ length: 40 }, () => newCost({ ...waiting, inputTokens: 1000, outputTokens: 0 })),
      )
      const runs = await Promise.all([store.costRecords.applyPrices(), store.costRecords.applyPrices()])
      assert.equal(
        runs.reduce((sum, { priced }) => sum + priced, 0),
        40,
      )
      assert.equal(only(await store.costRecords.aggregate()).cost, '0.1')
      await assertTotals(store)
    },
  },
]
