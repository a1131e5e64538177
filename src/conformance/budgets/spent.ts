// Q10–Q14: what a budget has spent is the sum of the costs of its period, at every moment: while a
// period begins, with records that arrive late, in time zones, in trees of plans, after pruning.

import assert from 'node:assert/strict'
import { BudgetExceededError } from '../../errors.ts'
import type { NewBudget, Store } from '../../index.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { only, rejection } from '../support/expect.ts'
import { newBudget, newCost, newPlan, ulid } from '../support/samples.ts'

const ask = { agentId: 'agent-1', estimate: '0' }

async function spentOf({ budgets }: Pick<Store, 'budgets'>, name = 'all', at?: Date): Promise<string> {
  return only(await budgets.status({ name }, at ? { at } : {})).spent
}

export const budgetSpentCases: readonly ConformanceCase[] = [
  {
    id: 'Q10',
    name: 'costs appended while the totals of a period begin are counted once each',
    async run(harness) {
      const store = await openFresh(harness)
      const scopes: readonly Partial<NewBudget>[] = [
        { scope: 'everything' },
        { scope: 'agent', target: 'agent-1' },
        { scope: 'model', target: 'large-1' },
      ]
      const work: Promise<unknown>[] = []
      for (let round = 0; round < 8; round += 1) {
        for (const [index, changes] of scopes.entries()) {
          for (let caller = 0; caller < 6; caller += 1)
            work.push(store.costRecords.append(newCost({ agentId: 'agent-1', cost: '0.001' })))
          const name = `${round} ${index}`
          // A zone for each round, so that its periods are others.
          const timeZone = `Etc/GMT+${round + 1}`
          work.push(
            store.budgets
              .create(newBudget({ name, ...changes, period: 'week', timeZone, limit: '100' }))
              .then(() => store.budgets.reserve({ ...ask, model: 'large-1' })),
          )
        }
        work.push(
          store.costRecords.appendMany([1, 2, 3].map(() => newCost({ agentId: 'agent-1', cost: '0.001' }))),
        )
      }
      await Promise.all(work)
      const total = only(await store.costRecords.aggregate()).cost
      assert.equal(total, '0.168')
      for (const { budget, spent } of await store.budgets.status()) assert.equal(spent, total, budget.name)
    },
  },
  {
    id: 'Q10b',
    name: 'the same with several stores, and with transactions that commit later than the period began',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const stores = [
        await openAt(harness, place),
        await openAt(harness, place),
        await openAt(harness, place),
      ]
      const [first, second, third] = stores as [Store, Store, Store]
      for (let round = 0; round < 5; round += 1) {
        const name = `round ${round}`
        await first.budgets.create(
          newBudget({ name, period: 'month', timeZone: `Etc/GMT-${round + 1}`, limit: '100' }),
        )
        const append = (store: Store, count: number) =>
          Promise.all(
            Array.from({ length: count }, () => store.costRecords.append(newCost({ cost: '0.01' }))),
          )
        await Promise.all([
          append(first, 12),
          first.budgets.reserve(ask),
          append(second, 12),
          second.budgets.reserve(ask),
          third.transaction(
            async (tx) => {
              await tx.costRecords.append(newCost({ cost: '0.01' }))
              await tx.costRecords.append(newCost({ cost: '0.01' }))
            },
            { retry: true },
          ),
        ])
        const total = only(await first.costRecords.aggregate()).cost
        assert.equal(await spentOf(first, name), total)
        assert.equal(await spentOf(third, 'round 0'), total)
      }
    },
  },
  {
    id: 'Q11',
    name: 'a record counts in the period of its own time, however late it comes, and another currency counts nowhere else',
    async run(harness) {
      const store = await openFresh(harness)
      const at = (text: string) => new Date(text)
      await store.budgets.create(
        newBudget({ name: 'berlin', period: 'day', timeZone: 'Europe/Berlin', limit: '5' }),
      )
      await store.budgets.create(
        newBudget({ name: 'kolkata', period: 'hour', timeZone: 'Asia/Kolkata', limit: '5' }),
      )
      const times: readonly (readonly [string, string])[] = [
        // The day of 23 hours, from 23:00 to 22:00 UTC.
        ['2026-03-28T22:59:59.999Z', '1'],
        ['2026-03-28T23:00:00.000Z', '0.1'],
        ['2026-03-29T21:59:59.999Z', '0.02'],
        ['2026-03-29T22:00:00.000Z', '10'],
        // The day of 25 hours, from 22:00 to 23:00 UTC.
        ['2026-10-24T22:00:00.000Z', '0.3'],
        ['2026-10-25T22:59:59.999Z', '0.04'],
        ['2026-10-25T23:00:00.000Z', '10'],
      ]
      for (const [timestamp, cost] of times) await store.costRecords.append(newCost({ timestamp, cost }))
      await store.costRecords.append(newCost({ timestamp: times[1]?.[0], cost: '7', currency: 'EUR' }))
      const spring = at('2026-03-29T10:00:00Z')
      const autumn = at('2026-10-25T10:00:00Z')
      const check = async () => {
        assert.equal(await spentOf(store, 'berlin', spring), '0.12')
        assert.equal(await spentOf(store, 'berlin', autumn), '0.34')
        assert.equal(await spentOf(store, 'kolkata', at('2026-03-28T22:45:00Z')), '1.1')
        assert.equal(await spentOf(store, 'kolkata', at('2026-03-28T23:30:00Z')), '0')
      }
      await check()
      const { period } = only(await store.budgets.status({ name: 'berlin' }, { at: spring }))
      assert.deepEqual(period, { begin: at('2026-03-28T23:00:00Z'), end: at('2026-03-29T22:00:00Z') })
      // The present period has totals from here on; the others are sums of records as before.
      await store.budgets.reserve(ask)
      await check()
      await store.costRecords.append(newCost({ cost: '0.5' }))
      await store.costRecords.append(newCost({ timestamp: times[1]?.[0], cost: '0.7' }))
      assert.equal(await spentOf(store, 'berlin'), '0.5')
      assert.equal(await spentOf(store, 'berlin', spring), '0.82')
    },
  },
  {
    id: 'Q12',
    name: 'a plan is counted with everything below it, also with plans and costs that come later',
    async run(harness) {
      const store = await openFresh(harness)
      const root = await store.plans.create(newPlan())
      const other = await store.plans.create(newPlan())
      const child = await store.plans.create(newPlan({ parentPlanId: root.planId }))
      await store.costRecords.append(newCost({ planId: root.planId, cost: '1' }))
      await store.costRecords.append(newCost({ planId: child.planId, cost: '0.1' }))
      await store.costRecords.append(newCost({ planId: other.planId, cost: '50' }))
      await store.costRecords.append(newCost({ cost: '70' }))
      // A cost may name a plan before there is one.
      await store.costRecords.append(newCost({ planId: ulid(77), cost: '0.01' }))
      await store.budgets.create(newBudget({ name: 'all', scope: 'plan', target: root.planId, limit: '2' }))
      const check = async (spent: string) => {
        assert.equal(await spentOf(store), spent)
        assert.equal(only(await store.costRecords.aggregate({ planId: root.planId, tree: true })).cost, spent)
      }
      await check('1.1')
      const { budgets } = await store.budgets.reserve({ ...ask, planId: child.planId })
      assert.deepEqual(budgets, ['all'])
      await check('1.1')
      await store.plans.create(newPlan({ planId: ulid(77), parentPlanId: child.planId }))
      await check('1.11')
      const deep = await store.plans.create(newPlan({ parentPlanId: ulid(77) }))
      await store.costRecords.append(newCost({ planId: deep.planId, cost: '0.001' }))
      await check('1.111')
      assert.deepEqual((await store.budgets.reserve({ ...ask, planId: deep.planId })).budgets, ['all'])
      assert.deepEqual((await store.budgets.reserve({ ...ask, planId: other.planId })).budgets, [])
    },
  },
  {
    id: 'Q13',
    name: 'pruning changes nothing of what is spent, whether the totals of a period began before it or after it',
    async run(harness) {
      const store = await openFresh(harness)
      await store.budgets.create(newBudget({ name: 'before', limit: '100' }))
      await store.budgets.create(
        newBudget({ name: 'agent', scope: 'agent', target: 'agent-7', period: 'month', limit: '100' }),
      )
      const old = new Date('2026-01-31T09:30:00Z')
      for (let index = 0; index < 5; index += 1)
        await store.costRecords.append(newCost({ agentId: 'agent-7', cost: '0.2', timestamp: old }))
      await store.costRecords.append(newCost({ agentId: 'agent-7', cost: '3' }))
      await store.budgets.reserve({ ...ask, agentId: 'agent-7' })
      const [pruned] = await store.retention.prune({ costs: '1d' })
      assert.equal(pruned?.rows, 5)
      assert.equal(await store.costRecords.count(), 1)
      await store.budgets.create(
        newBudget({ name: 'after', limit: '100', scope: 'agent', target: 'agent-7' }),
      )
      const check = async () => {
        assert.equal(await spentOf(store, 'before'), '4')
        assert.equal(await spentOf(store, 'after'), '4')
        assert.equal(await spentOf(store, 'agent', old), '1')
        assert.equal(await spentOf(store, 'agent'), '3')
      }
      await check()
      await store.budgets.reserve({ ...ask, agentId: 'agent-7' })
      await check()
      await store.costRecords.append(newCost({ agentId: 'agent-7', cost: '0.5', timestamp: old }))
      assert.equal(await spentOf(store, 'after'), '4.5')
      await store.retention.prune({ costs: '1d' })
      assert.equal(await spentOf(store, 'after'), '4.5')
      assert.equal(await spentOf(store, 'before'), '4.5')
    },
  },
  {
    id: 'Q14',
    name: 'the doctor finds a total of a period that is not the sum of its records, and repairing sums it up anew',
    needs: ['sql'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const scopes: readonly Partial<NewBudget>[] = [
        { name: 'all', period: 'day' },
        { name: 'agent', scope: 'agent', target: 'agent-1', period: 'week', timeZone: 'Asia/Kolkata' },
        { name: 'plan', scope: 'plan', target: (await store.plans.create(newPlan())).planId },
      ]
      for (const changes of scopes) await store.budgets.create(newBudget({ ...changes, limit: '100' }))
      for (const { budget } of await store.budgets.status()) {
        const planId = budget.scope === 'plan' ? budget.target : null
        await store.budgets.reserve({ ...ask, planId })
        await store.costRecords.append(newCost({ agentId: 'agent-1', planId, cost: '0.5' }))
      }
      const totals = () => store.doctor({ only: ['cost totals'] })
      assert.ok((await totals()).ok)
      await feature(harness, 'sql')(place, 'UPDATE budget_spent SET cost = cost + 7')
      const report = await totals()
      assert.equal(report.ok, false)
      assert.match(only(report.checks).detail, /1 of periods by everything, 1 of periods by agent/)
      const plan = await store.repairPlan()
      const { done, failed } = await store.as('mender').repair(plan)
      assert.deepEqual([done.length, failed], [3, []])
      assert.ok((await totals()).ok)
      assert.deepEqual(
        (await store.budgets.status()).map(({ spent }) => spent),
        ['1.5', '1.5', '0.5'],
      )
      await store.budgets.reserve({ ...ask, planId: scopes[2]?.target })
      await store.costRecords.append(newCost({ agentId: 'agent-1', cost: '0.5' }))
      assert.equal(await spentOf(store, 'agent'), '2')
      assert.ok((await totals()).ok)
      assert.equal(await store.audit.count({ actor: 'mender', action: 'doctor:fix' }), 3)
    },
  },
  {
    id: 'Q20',
    name: 'costs that are priced later count in every budget of their periods, at every moment, and settle nothing again',
    async run(harness) {
      const store = await openFresh(harness)
      const known = { provider: 'openai', model: 'gpt-4o', cost: null, costStatus: 'unpriced' } as const
      const plan = await store.plans.create(newPlan())
      const scopes: readonly Partial<NewBudget>[] = [
        { scope: 'everything', period: 'day' },
        { scope: 'agent', target: 'agent-1' },
        { scope: 'plan', target: plan.planId, period: 'month' },
        { scope: 'project', target: 'other', period: 'week' },
      ]
      for (const [index, changes] of scopes.entries())
        await store.budgets.create(newBudget({ name: `budget ${index}`, ...changes, limit: '1' }))
      const call = { agentId: 'agent-1', planId: plan.planId, project: null }
      const { id } = await store.budgets.reserve({ ...call, estimate: '0.5' })
      const one = { ...known, ...call, inputTokens: 100_000, outputTokens: 0, timestamp: new Date() }
      await store.costRecords.append(newCost({ ...one, reservationId: id }))
      await store.costRecords.appendMany([
        ...Array.from({ length: 3 }, () => newCost(one)),
        // Of another period than those of the day, the week and the month.
        newCost({ ...one, timestamp: new Date(Date.now() - 70 * 24 * 3_600_000) }),
      ])
      const held = await store.budgets.reserve({ ...call, estimate: '0.1' })
      const standing = async () =>
        (await store.budgets.status()).map(({ spent, held: holding, unpriced }) => [spent, holding, unpriced])
      assert.deepEqual(await standing(), [
        ['0', '0.1', 4],
        ['0', '0.1', 5],
        ['0', '0.1', 4],
        ['0', '0', 0],
      ])
      const { priced } = await store.costRecords.applyPrices()
      assert.equal(priced, 5)
      // 0.25 for each.
      assert.deepEqual(await standing(), [
        ['1', '0.1', 0],
        ['1.25', '0.1', 0],
        ['1', '0.1', 0],
        ['0', '0', 0],
      ])
      assert.equal(only(await store.costRecords.aggregate({ agentId: 'agent-1' })).cost, '1.25')
      await rejection(BudgetExceededError, () => store.budgets.reserve({ ...call, estimate: '0.01' }))
      await store.costRecords.append(
        newCost({ ...one, cost: '0', costStatus: 'reported', reservationId: held.id }),
      )
      assert.deepEqual((await standing())[0], ['1', '0', 0])
      // A budget whose totals begin only now agrees.
      await store.budgets.create(newBudget({ name: 'later', scope: 'model', target: 'gpt-4o', limit: '9' }))
      await store.budgets.reserve({ agentId: 'agent-9', model: 'gpt-4o', estimate: '0' })
      assert.equal(await spentOf(store, 'later'), '1.25')
    },
  },
]
