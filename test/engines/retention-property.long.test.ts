// Random organisations, pruned at random ages in random portions: every total, by random groupings
// and filters, is the same as before.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DAY, daysAgo, HOUR } from '../../src/conformance/support/retention-samples.ts'
import { type CostFilter, costGroupings, type NewCostRecord, openStore } from '../../src/index.ts'
import { propertyRuns } from '../support/property-runs.ts'

const some = (prefix: string, count: number) =>
  fc.integer({ min: 0, max: count - 1 }).map((number) => `${prefix}${number}`)
const someOrNone = (prefix: string, count: number) => fc.option(some(prefix, count), { nil: null })

const RANGE = 40 * 24

const record: fc.Arbitrary<NewCostRecord> = fc
  .record({
    agentId: some('agent', 3),
    taskId: someOrNone('task', 3),
    planId: someOrNone('plan', 2),
    project: fc.option(fc.constantFrom('tide', 'Tide', 'tide ', 'ti,"de'), { nil: null }),
    provider: some('provider', 2),
    model: some('model', 2),
    callCategory: fc.constantFrom('system', 'embedding', null),
    currency: fc.constantFrom('USD', 'USD', 'EUR'),
    inputTokens: fc.integer({ min: 1, max: 100_000 }),
    outputTokens: fc.integer({ min: 0, max: 1000 }),
    billionths: fc.bigInt({ min: 0n, max: 10n ** 15n }),
    hour: fc.integer({ min: 0, max: RANGE }),
    offset: fc.integer({ min: 0, max: HOUR - 1 }),
  })
  .map(({ billionths, hour, offset, ...rest }) => ({
    ...rest,
    cost: `${billionths / 10n ** 9n}.${String(billionths % 10n ** 9n).padStart(9, '0')}`,
    timestamp: new Date(daysAgo(40).getTime() + hour * HOUR + offset),
  }))

const hourOfRange = fc
  .integer({ min: 0, max: RANGE })
  .map((hour) => new Date(daysAgo(40).getTime() + hour * HOUR))

const question = fc.record({
  by: fc
    .subarray([...costGroupings], { minLength: 0, maxLength: 4 })
    .map((by) => [...new Set(['currency' as const, ...by])]),
  filter: fc
    .record<CostFilter>(
      {
        agentId: some('agent', 3),
        taskId: someOrNone('task', 3),
        project: fc.constantFrom('tide', 'Tide', null),
        model: fc.constantFrom('model0', 'model1'),
        currency: fc.constantFrom('USD', 'EUR'),
        callCategory: fc.constantFrom('system', null),
        since: hourOfRange,
        until: hourOfRange,
      },
      { requiredKeys: [] },
    )
    .map(forwards),
})

/** A range that ends before it begins is refused, so the two ends change places. */
function forwards(filter: CostFilter): CostFilter {
  const { since, until } = filter
  return since && until && since > until ? { ...filter, since: until, until: since } : filter
}

const organisation = fc.record({
  records: fc.array(record, { minLength: 1, maxLength: 120 }),
  later: fc.array(record, { maxLength: 30 }),
  ages: fc.array(fc.integer({ min: 1, max: 45 }), { minLength: 1, maxLength: 3 }),
  maxRows: fc.integer({ min: 1, max: 200 }),
  questions: fc.array(question, { minLength: 5, maxLength: 15 }),
})

test('no total differs, whatever is pruned and however it is asked for', async () => {
  await fc.assert(
    fc.asyncProperty(organisation, async ({ records, later, ages, maxRows, questions }) => {
      await using store = await openStore('sqlite::memory:')
      const answers = () =>
        Promise.all(questions.map(({ filter, by }) => store.costRecords.aggregate(filter, { by })))
      for (const added of [records, later]) {
        await store.costRecords.appendMany(added)
        const before = await answers()
        for (const age of ages) {
          await store.retention.prune({ costs: `${age}d`, maxRows })
          expect(await answers()).toEqual(before)
        }
      }
      const youngest = Math.min(...ages)
      await store.retention.prune({ costs: `${youngest}d` })
      const left = await store.costRecords.count({ until: new Date(Date.now() - youngest * DAY - HOUR) })
      expect(left).toBe(0)
      expect((await store.doctor({ only: ['cost totals', 'unreadable columns'] })).ok).toBe(true)
    }),
    { numRuns: propertyRuns(25) },
  )
})
