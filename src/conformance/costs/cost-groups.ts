// K4, K9 and the groups of K8: totals separated by currency, by any grouping, and over the tree of
// a plan.

import assert from 'node:assert/strict'
import { InvalidRecordError, MixedCurrencyError } from '../../errors.ts'
import { type CostFilter, type CostGrouping, costGroupings, formatMoney, parseMoney } from '../../index.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { collect, only, rejection } from '../support/expect.ts'
import { newCost } from '../support/samples.ts'
import { addUp } from './cost-totals.ts'

export const costGroupCases: readonly ConformanceCase[] = [
  {
    id: 'K4',
    name: 'two currencies without a filter for one: MixedCurrencyError naming both, in every total',
    async run(harness) {
      const store = await openFresh(harness)
      await store.costRecords.append(newCost({ currency: 'USD', cost: '1' }))
      await store.costRecords.append(newCost({ currency: 'EUR', cost: '2', model: 'small' }))
      await store.costRecords.append(newCost({ currency: 'USD', cost: '4', agentId: 'bob' }))
      const mixed: readonly (readonly [CostFilter, readonly CostGrouping[]])[] = [
        [{}, []],
        [{}, ['agent']],
        [{}, ['day', 'agent']],
        [{ agentId: 'agent-7' }, []],
        [{ agentId: 'agent-7', provider: 'acme' }, ['model']],
        [{ since: new Date(0) }, []],
        [{ currency: ['USD', 'EUR'] }, []],
      ]
      for (const [filter, by] of mixed) {
        const about = JSON.stringify([filter, by])
        const call = () => store.costRecords.aggregate(filter, { by })
        const error = await rejection(MixedCurrencyError, call, about)
        assert.deepEqual(error.currencies, ['EUR', 'USD'], about)
        assert.match(error.message, /EUR.*USD/)
      }
      assert.equal(only(await store.costRecords.aggregate({ currency: 'USD' })).cost, '5')
      const euros = only(await store.costRecords.aggregate({ currency: 'EUR', provider: 'acme' }))
      assert.deepEqual([euros.cost, euros.currency], ['2', 'EUR'])
      assert.equal(only(await store.costRecords.aggregate({ agentId: 'bob' })).cost, '4')
      const apart = await store.costRecords.aggregate({}, { by: ['currency'] })
      assert.deepEqual(
        apart.map((total) => [total.currency, total.cost, total.records]),
        [
          ['USD', '5', 2],
          ['EUR', '2', 1],
        ],
      )
      const both = await store.costRecords.aggregate({}, { by: ['currency', 'agent'] })
      assert.deepEqual(
        both.map((total) => [total.currency, total.agent, total.cost]),
        [
          ['USD', 'bob', '4'],
          ['EUR', 'agent-7', '2'],
          ['USD', 'agent-7', '1'],
        ],
      )
    },
  },
  {
    id: 'K8d',
    name: 'D7: every grouping adds up to the whole, orders by time, then cost, then keys, and names what has none as null',
    async run(harness) {
      const store = await openFresh(harness)
      const inputs = Array.from({ length: 60 }, (_, index) =>
        newCost({
          agentId: `a${index % 4}`,
          taskId: index % 3 === 0 ? null : `t${index % 5}`,
          planId: index % 7 === 0 ? 'p1' : null,
          project: index % 2 === 0 ? 'alpha' : null,
          provider: index % 5 === 0 ? 'other' : 'acme',
          model: `m${index % 3}`,
          callCategory: index % 4 === 0 ? 'productive' : null,
          cost: `0.${index + 1}`,
          timestamp: new Date(Date.UTC(2026, 0, 1, index)),
        }),
      )
      await store.costRecords.appendMany(inputs)
      const whole = await addUp(store, {})
      const pairs = costGroupings.flatMap((first) => [
        [first],
        [first, 'model' as const],
        ['model' as const, first],
      ])
      for (const by of pairs.filter((pair) => new Set(pair).size === pair.length)) {
        for (const filter of [{}, { since: new Date(0) }]) {
          const totals = await store.costRecords.aggregate(filter, { by })
          const about = `${by.join()} ${JSON.stringify(filter)}`
          const sum = totals.reduce((total, group) => total + BigInt(parseMoney(group.cost)), 0n)
          assert.equal(formatMoney(sum), whole.cost, about)
          assert.equal(
            totals.reduce((total, group) => total + group.records, 0),
            60,
            about,
          )
          const keys = totals.map((group) => JSON.stringify(by.map((grouping) => group[grouping])))
          assert.equal(new Set(keys).size, totals.length, about)
          assert.ok(
            totals.every((group) => by.every((grouping) => group[grouping] !== '')),
            about,
          )
          const times = by.filter((grouping) => grouping === 'day' || grouping === 'hour')
          const placed = totals.map((group) => ({
            time: times.map((time) => group[time]).join(),
            cost: BigInt(parseMoney(group.cost)),
            keys: by.map((grouping) => group[grouping] ?? '').join('\0'),
          }))
          const sorted = placed.toSorted(
            (a, b) =>
              (a.time < b.time ? -1 : a.time > b.time ? 1 : 0) ||
              (a.cost > b.cost ? -1 : a.cost < b.cost ? 1 : 0) ||
              (a.keys < b.keys ? -1 : 1),
          )
          assert.deepEqual(placed, sorted, about)
        }
      }
      const days = await store.costRecords.aggregate({}, { by: ['day'] })
      assert.deepEqual(
        days.map((group) => [group.day, group.records]),
        [
          ['2026-01-01', 24],
          ['2026-01-02', 24],
          ['2026-01-03', 12],
        ],
      )
      const hours = await store.costRecords.aggregate({}, { by: ['hour'] })
      assert.deepEqual(
        [hours.length, hours[0]?.hour, hours.at(-1)?.hour],
        [60, '2026-01-01T00', '2026-01-03T11'],
      )
      for (const by of [['colour'], ['agent', 'agent'], 'colour', [5]]) {
        const options = { by: by as never }
        await rejection(InvalidRecordError, () => store.costRecords.aggregate({}, options), String(by))
      }
    },
  },
  {
    id: 'K9',
    name: 'the total of a plan tree has every descendant, at any depth, and nothing else',
    needs: ['plans'],
    async run(harness) {
      const { insert } = feature(harness, 'plans')
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const parents: Readonly<Record<string, string | null>> = {
        root: null,
        left: 'root',
        right: 'root',
        leaf: 'left',
        deep: 'leaf',
        deeper: 'deep',
        other: null,
        'other-child': 'other',
      }
      for (const [planId, parentPlanId] of Object.entries(parents))
        await insert(place, { planId, parentPlanId })
      let bit = 0
      for (const planId of [...Object.keys(parents), null, 'unknown']) {
        const cost = String(2 ** bit)
        await store.costRecords.append(newCost({ planId, cost, agentId: bit % 2 === 0 ? 'even' : 'odd' }))
        bit += 1
      }
      const expected: Readonly<Record<string, string>> = {
        root: '63',
        left: '58',
        right: '4',
        leaf: '56',
        deeper: '32',
        other: '192',
        'other-child': '128',
        unknown: '512',
      }
      for (const [planId, cost] of Object.entries(expected)) {
        assert.equal(only(await store.costRecords.aggregate({ planId, tree: true })).cost, cost, planId)
      }
      assert.equal(only(await store.costRecords.aggregate({ planId: 'root' })).cost, '1')
      assert.equal(only(await store.costRecords.aggregate({ planId: 'root', tree: false })).cost, '1')
      const even = { planId: 'root', tree: true, agentId: 'even' }
      assert.equal(only(await store.costRecords.aggregate(even)).cost, '21')
      const below = { planId: 'left', tree: true }
      assert.equal((await store.costRecords.query(below)).items.length, 4)
      assert.equal(await store.costRecords.count(below), 4)
      assert.equal((await collect(store.costRecords.each(below))).length, 4)
      assert.deepEqual(
        (await store.costRecords.query(even)).items.map((record) => record.planId).toSorted(),
        ['deep', 'right', 'root'],
      )
      const plans = await store.costRecords.aggregate({ planId: 'left', tree: true }, { by: ['plan'] })
      assert.deepEqual(
        plans.map((total) => [total.plan, total.cost]),
        [
          ['deeper', '32'],
          ['deep', '16'],
          ['leaf', '8'],
          ['left', '2'],
        ],
      )
      const roots = await store.costRecords.aggregate({}, { by: ['rootPlan'] })
      assert.deepEqual(new Map(roots.map((total) => [total.rootPlan, total.cost])).get('root'), '63')
      assert.equal(roots.find((total) => total.rootPlan === 'other')?.cost, '192')
      assert.equal(roots.find((total) => total.rootPlan === null)?.cost, '768')
      const inside = await store.transaction((tx) => tx.costRecords.aggregate({ planId: 'root', tree: true }))
      assert.equal(only(inside).cost, '63')
    },
  },
]
