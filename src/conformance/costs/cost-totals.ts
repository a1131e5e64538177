// K2, K3, K8: exact sums, the total of nothing, and totals that agree with the records at every
// moment. Groups are in cost-groups.ts.

import assert from 'node:assert/strict'
import { ConstraintViolationError, InvalidRecordError, PersistenceError } from '../../errors.ts'
import { type CostFilter, formatMoney, parseMoney, type Store } from '../../index.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { collect, only, outcome, rejection, signal } from '../support/expect.ts'
import { newCost, newPlan, ulid } from '../support/samples.ts'

export type Costs = Pick<Store, 'costRecords'>

/** The sum of the records of a filter, computed here. */
export async function addUp(
  store: Costs,
  filter: Omit<CostFilter, 'tree'>,
): Promise<{ cost: string; unpriced: number; records: number }> {
  const records = await collect(store.costRecords.each(filter))
  const known = records.flatMap(({ cost }) => cost ?? [])
  const sum = known.reduce((total, cost) => total + BigInt(parseMoney(cost)), 0n)
  return { cost: formatMoney(sum), unpriced: records.length - known.length, records: records.length }
}

async function assertTotals(store: Costs, filters: readonly Omit<CostFilter, 'tree'>[]): Promise<void> {
  for (const filter of filters) {
    const { cost, unpriced, records } = only(await store.costRecords.aggregate(filter))
    assert.deepEqual({ cost, unpriced, records }, await addUp(store, filter), JSON.stringify(filter))
  }
}

const nothing = {
  cost: '0',
  currency: 'USD',
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  unpriced: 0,
  records: 0,
}

export const costTotalCases: readonly ConformanceCase[] = [
  {
    id: 'K2',
    name: 'ten times 0.1 is exactly 1; 0.1 + 0.2 is exactly 0.3; the largest sums are exact',
    async run(harness) {
      const store = await openFresh(harness)
      await Promise.all(
        Array.from({ length: 10 }, () => store.costRecords.append(newCost({ agentId: 'ten', cost: 0.1 }))),
      )
      await store.costRecords.append(newCost({ agentId: 'two', cost: '0.1' }))
      await store.costRecords.append(newCost({ agentId: 'two', cost: '0.2' }))
      await store.costRecords.append(newCost({ agentId: 'big', cost: '9007199.254740993' }))
      await store.costRecords.append(newCost({ agentId: 'big', cost: '0.000000002' }))
      const costOf = async (agentId: string) => only(await store.costRecords.aggregate({ agentId })).cost
      assert.equal(await costOf('ten'), '1')
      assert.equal(await costOf('two'), '0.3')
      assert.equal(await costOf('big'), '9007199.254740995')
      assert.equal(only(await store.costRecords.aggregate()).cost, '9007200.554740995')
      // The same without the running totals: these filters are summed from the records.
      assert.equal(only(await store.costRecords.aggregate({ agentId: 'ten', model: 'large-1' })).cost, '1')
      assert.equal(only(await store.costRecords.aggregate({ since: new Date(0) })).cost, '9007200.554740995')
    },
  },
  {
    id: 'K2b',
    name: 'a million records of 0.000000001 sum to 0.001, and the running totals of a hundred thousand to 0.0001',
    needs: ['sql', 'guards'],
    large: true,
    async run(harness) {
      const sql = feature(harness, 'sql')
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const first = newCost({ cost: '0.000000001', inputTokens: 1, outputTokens: 0 })
      await store.costRecords.append(first)
      const columns =
        'idempotency_key, agent_id, task_id, plan_id, project, provider, model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost, cost_status, currency, timestamp, call_category, latency_ms, success, finish_reason, metadata'
      const digits = ['1', '2', '3', '4', '5', '6', '7', '8', '9'].map((digit) => `SELECT '${digit}' AS d`)
      // Each round adds nine copies of every existing record.
      const multiply = (round: number) =>
        sql(
          place,
          `INSERT INTO cost_records (id, ${columns}) SELECT concat(id, '-${round}', d), ${columns} FROM cost_records CROSS JOIN (${digits.join(' UNION ALL ')}) AS digits`,
        )
      for (let round = 0; round < 5; round += 1) await multiply(round)
      const total = only(await store.costRecords.aggregate())
      assert.deepEqual([total.cost, total.records, total.inputTokens], ['0.0001', 100_000, 100_000])
      const [day] = await store.costRecords.aggregate({}, { by: ['day'] })
      assert.deepEqual([day?.cost, day?.records], ['0.0001', 100_000])
      // The rest without totals: two conditions at once are computed from the records themselves.
      await feature(harness, 'guards').lift(place, 'cost_records', async () => {
        await multiply(5)
      })
      const { agentId, model } = first
      const whole = only(await store.costRecords.aggregate({ agentId, model }))
      assert.deepEqual([whole.cost, whole.records, whole.inputTokens], ['0.001', 1_000_000, 1_000_000])
    },
  },
  {
    id: 'K2c',
    name: 'a sum beyond 64 bits is exact or refused whole, never wrong',
    async run(harness) {
      const store = await openFresh(harness)
      const most = '9223372036.854775807'
      await store.costRecords.append(newCost({ id: ulid(1), cost: most }))
      const error = await outcome(() => store.costRecords.append(newCost({ id: ulid(2), cost: '1' })))
      const { cost, records } = only(await store.costRecords.aggregate())
      if (error === undefined) assert.deepEqual([cost, records], ['9223372037.854775807', 2])
      else {
        assert.ok(error instanceof PersistenceError)
        assert.match(error.message, /total of cost or of tokens would pass what 64 bits hold/)
        assert.deepEqual([cost, records], [most, 1])
        assert.equal(await store.costRecords.get(ulid(2)), null)
      }
      const largest = { inputTokens: Number.MAX_SAFE_INTEGER, cost: '0', agentId: 'counter' }
      await store.costRecords.append(newCost(largest))
      const tokens = only(await store.costRecords.aggregate({ agentId: 'counter' })).inputTokens
      assert.equal(tokens, Number.MAX_SAFE_INTEGER)
    },
  },
  {
    id: 'K2d',
    name: 'L6: counts that add up beyond what a number holds exactly are refused by name or given as text, and never rounded',
    async run(harness) {
      const store = await openFresh(harness)
      const plan = await store.plans.create(newPlan())
      const call = {
        planId: plan.planId,
        agentId: 'counter',
        cost: '0.1',
        inputTokens: Number.MAX_SAFE_INTEGER,
      }
      const old = new Date(Date.now() - 40 * 86_400_000)
      for (const day of [0, 1, 2]) {
        const timestamp = new Date(old.getTime() + day * 86_400_000)
        await store.costRecords.append(newCost({ ...call, outputTokens: 7, timestamp }))
      }
      const refused = async (read: () => Promise<unknown>) => {
        const error = await rejection(InvalidRecordError, read)
        assert.deepEqual(
          error.issues.map(({ path, code }) => [...path, code]),
          [['inputTokens', 'sum_too_large']],
        )
        assert.match(error.message, /inputTokens: adds up to more than 9007199254740991/)
      }
      const readings = [
        () => store.costRecords.aggregate(),
        () => store.costRecords.aggregate({ agentId: 'counter' }),
        () => store.costRecords.aggregate({}, { by: ['model'] }),
        // From the records themselves, which no running total can answer.
        () => store.costRecords.aggregate({ agentId: 'counter', model: 'large-1' }, { by: ['agent'] }),
        () => store.costRecords.aggregate({ since: new Date(0) }),
        () => store.plans.cost(plan.planId),
        () => store.plans.cost(plan.planId, { tree: true }),
      ]
      const wrong = { largeCounts: 'rounded' } as unknown as { readonly largeCounts: 'text' }
      const unknown = await rejection(InvalidRecordError, () => store.costRecords.aggregate({}, wrong))
      assert.deepEqual(unknown.issues[0]?.path, ['largeCounts'])
      const asText = async () => {
        const exact = String(3n * BigInt(Number.MAX_SAFE_INTEGER))
        for (const filter of [{}, { agentId: 'counter', model: 'large-1' }, { planId: plan.planId }]) {
          const total = only(await store.costRecords.aggregate(filter, { largeCounts: 'text' }))
          const { inputTokens, outputTokens, records, cost } = total
          assert.deepEqual([inputTokens, outputTokens, records, cost], [exact, 21, 3, '0.3'])
        }
      }
      const days = () => store.costRecords.aggregate({}, { by: ['day'] })
      const three = Array.from({ length: 3 }, () => [Number.MAX_SAFE_INTEGER, 7, '0.1'])
      const readAll = async () => {
        for (const reading of readings) await refused(reading)
        await asText()
        const each = await days()
        assert.deepEqual(
          each.map(({ inputTokens, outputTokens, cost }) => [inputTokens, outputTokens, cost]),
          three,
        )
      }
      await readAll()
      // Nor may the roll-ups of pruned records, partially and completely pruned, give other sums.
      await store.retention.prune({ costs: '39d' })
      await readAll()
      await store.retention.prune({ costs: '30d' })
      await readAll()
      assert.ok((await store.doctor({ only: ['cost totals'] })).ok)
    },
  },
  {
    id: 'K2e',
    name: 'L6: counts whose sum would pass 64 bits are refused, and leave no wrong total',
    async run(harness) {
      // One connection: servers keep totals apart by connection.
      const store = await openFresh(harness, { connections: 1 })
      const call = newCost({ agentId: 'counter', cost: '0', inputTokens: Number.MAX_SAFE_INTEGER })
      const hundred = Array.from({ length: 100 }, () => call)
      // 1,024 of them would be 2^63 - 1,024.
      for (let round = 0; round < 10; round += 1) await store.costRecords.appendMany(hundred)
      for (const append of [
        () => store.costRecords.appendMany(hundred),
        () => store.transaction((tx) => tx.costRecords.appendMany(hundred)),
      ]) {
        const error = await rejection(ConstraintViolationError, append)
        assert.equal(error.constraint, 'range')
        assert.match(error.message, /total of cost or of tokens would pass what 64 bits hold/)
      }
      for (let count = 1000; count < 1024; count += 1) await store.costRecords.append(call)
      const last = await rejection(ConstraintViolationError, () =>
        store.costRecords.append(newCost({ ...call, inputTokens: 1024 })),
      )
      assert.equal(last.constraint, 'range')
      assert.equal(await store.costRecords.count(), 1024)
      for (const filter of [{}, { agentId: 'counter' }, { agentId: 'counter', model: 'large-1' }]) {
        const error = await rejection(InvalidRecordError, () => store.costRecords.aggregate(filter))
        assert.deepEqual(error.issues[0]?.path, ['inputTokens'])
      }
      await store.costRecords.append(
        newCost({ agentId: 'other', provider: 'apart', model: 'small', cost: '2', inputTokens: 1 }),
      )
      assert.equal(only(await store.costRecords.aggregate({ model: 'small' })).cost, '2')
      assert.ok((await store.doctor({ only: ['cost totals'] })).ok)
    },
  },
  {
    id: 'K2f',
    name: 'L6: sums of several writers are exact beyond 64 bits, or what would pass them is refused',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const stores: Store[] = []
      for (let count = 0; count < 3; count += 1) stores.push(await openAt(harness, place, { connections: 1 }))
      const call = newCost({ agentId: 'counter', cost: '0', inputTokens: Number.MAX_SAFE_INTEGER })
      let acknowledged = 0
      for (let round = 0; round < 4; round += 1) {
        const answers = await Promise.allSettled(
          stores.map((store) => store.costRecords.appendMany(Array.from({ length: 100 }, () => call))),
        )
        for (const answer of answers) {
          if (answer.status === 'fulfilled') acknowledged += answer.value.length
          else assert.equal((answer.reason as ConstraintViolationError).constraint, 'range', answer.reason)
        }
      }
      const [store] = stores as [Store]
      assert.equal(await store.costRecords.count(), acknowledged)
      const exact = String(BigInt(acknowledged) * BigInt(Number.MAX_SAFE_INTEGER))
      for (const filter of [{}, { agentId: 'counter' }, { agentId: 'counter', model: 'large-1' }]) {
        const total = only(await store.costRecords.aggregate(filter, { largeCounts: 'text' }))
        assert.deepEqual([total.inputTokens, total.records], [exact, acknowledged])
      }
      assert.ok((await store.doctor({ only: ['cost totals'] })).ok)
    },
  },
  {
    id: 'K3',
    name: 'the total of nothing is "0" with 0 records; groups of nothing are none',
    async run(harness) {
      const store = await openFresh(harness)
      assert.deepEqual(await store.costRecords.aggregate(), [nothing])
      assert.deepEqual(await store.costRecords.aggregate({ currency: 'EUR' }), [
        { ...nothing, currency: 'EUR' },
      ])
      assert.deepEqual(await store.costRecords.aggregate({}, { by: ['agent'] }), [])
      await store.costRecords.append(newCost())
      const filters: readonly CostFilter[] = [
        { agentId: 'nobody' },
        { agentId: 'nobody', model: 'none' },
        { until: new Date(0) },
        { planId: 'no-plan', tree: true },
        { currency: 'CHF', agentId: 'agent-7' },
      ]
      for (const filter of filters) {
        const expected = { ...nothing, currency: filter.currency ?? 'USD' }
        assert.deepEqual(await store.costRecords.aggregate(filter), [expected], JSON.stringify(filter))
      }
    },
  },
  {
    id: 'K8',
    name: 'totals equal the sum of the records after every append, repeat and refusal',
    async run(harness) {
      const store = await openFresh(harness)
      const filters = [
        {},
        { agentId: 'a1' },
        { taskId: 't0' },
        { taskId: null },
        { planId: 'p1' },
        { project: null },
        { provider: 'acme' },
        { model: ['large-1', 'small'] },
        { callCategory: null },
        { agentId: 'a1', model: 'small' },
        { since: '2026-01-01T01:00:00Z', until: '2026-01-01T03:00:00Z' },
      ]
      for (let round = 0; round < 12; round += 1) {
        const inputs = Array.from({ length: 5 }, (_, place) => {
          // The last rounds repeat calls of the first.
          const call = (round * 5 + place) % 41
          const [batch, index] = [Math.floor(call / 5), call % 5]
          return newCost({
            agentId: `a${(batch + index) % 3}`,
            taskId: index % 2 === 0 ? `t${index % 3}` : null,
            planId: index === 1 ? 'p1' : null,
            project: index === 2 ? 'alpha' : null,
            model: index % 2 === 0 ? 'small' : 'large-1',
            callCategory: index === 3 ? 'system' : null,
            cost: `0.00000${batch}${index}1`,
            timestamp: new Date(Date.UTC(2026, 0, 1, (batch + index) % 5)),
            idempotencyKey: `key-${call}`,
          })
        })
        if (round % 3 === 0) await store.costRecords.appendMany(inputs)
        else await Promise.all(inputs.map((input) => store.costRecords.append(input)))
        await outcome(() => store.costRecords.appendMany([newCost(), newCost({ cost: '-1' })]))
        await assertTotals(store, filters)
      }
    },
  },
  {
    id: 'K8b',
    name: 'totals read inside a transaction have its records; a rollback takes them back',
    async run(harness) {
      const store = await openFresh(harness)
      await store.costRecords.append(newCost({ agentId: 'ann', cost: '1' }))
      const work = store.transaction(async (tx) => {
        await tx.costRecords.append(newCost({ agentId: 'ann', cost: '2' }))
        await tx.costRecords.appendMany([newCost({ cost: '4' }), newCost({ cost: '8' })])
        await assertTotals(tx, [{}, { agentId: 'ann' }, { since: new Date(0) }])
        assert.equal(only(await tx.costRecords.aggregate()).cost, '15')
        await outcome(() =>
          tx.transaction(async (inner) => {
            await inner.costRecords.append(newCost({ cost: '16' }))
            assert.equal(only(await inner.costRecords.aggregate()).cost, '31')
            throw new Error('on purpose')
          }),
        )
        assert.equal(only(await tx.costRecords.aggregate()).cost, '15')
        throw new RangeError('on purpose')
      })
      assert.ok((await outcome(() => work)) instanceof RangeError)
      await assertTotals(store, [{}, { agentId: 'ann' }])
      assert.equal(only(await store.costRecords.aggregate()).cost, '1')
    },
  },
  {
    id: 'K8c',
    name: 'outside of an open transaction totals are those of the committed records',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const [store, reader] = [await openAt(harness, place), await openAt(harness, place)]
      await store.costRecords.append(newCost({ cost: '1' }))
      const [wrote, end] = [signal(), signal()]
      const work = store.transaction(async (tx) => {
        await tx.costRecords.append(newCost({ cost: '2' }))
        wrote.fire()
        await end.reached
      })
      await wrote.reached
      for (const each of [store, reader]) {
        assert.equal(only(await each.costRecords.aggregate()).cost, '1')
        await assertTotals(each, [{}, { agentId: 'agent-7' }])
      }
      end.fire()
      await work
      assert.equal(only(await reader.costRecords.aggregate()).cost, '3')
    },
  },
]
