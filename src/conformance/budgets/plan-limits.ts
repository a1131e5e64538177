// Q17–Q19, V15–V16: the guards of frozen profiles act as budgets of the plan with its tree, for any
// number of callers; and a cost that was incurred is recorded whatever they say.

import assert from 'node:assert/strict'
import { BudgetExceededError, InvalidRecordError } from '../../errors.ts'
import type { NewAutomationProfile, Plan, Store } from '../../index.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { only, outcome, rejection } from '../support/expect.ts'
import { newBudget, newCost, newPlan, newProfile, ulid } from '../support/samples.ts'

const agentId = 'agent-1'

/** A plan whose frozen profile has these guards; the profile itself is gone. */
async function guarded(
  store: Store,
  guards: NewAutomationProfile['guards'],
  changes: Parameters<typeof newPlan>[0] = {},
): Promise<Plan> {
  const { name } = await store.automationProfiles.create(newProfile({ guards }))
  const plan = await store.plans.create(newPlan({ automationProfile: name, ...changes }))
  await store.automationProfiles.delete(name)
  return plan
}

/** A plan below it, whose profile limits nothing. */
function below(store: Store, { planId }: Plan, changes: Parameters<typeof newPlan>[0] = {}): Promise<Plan> {
  return store.plans.create(
    newPlan({ name: null, parentPlanId: planId, automationProfile: 'manual', ...changes }),
  )
}

/** How many of reservations at once are held; all others must be refused by a budget. */
async function held(stores: readonly Store[], planId: string, callers: number): Promise<number> {
  const results = await Promise.allSettled(
    Array.from({ length: callers }, (_, index) =>
      (stores[index % stores.length] as Store).budgets.reserve({ agentId, planId, estimate: '0.01' }),
    ),
  )
  for (const result of results)
    if (result.status === 'rejected' && !(result.reason instanceof BudgetExceededError)) throw result.reason
  return results.filter(({ status }) => status === 'fulfilled').length
}

export const planLimitCases: readonly ConformanceCase[] = [
  {
    id: 'Q17',
    name: 'maxCostUsd of a frozen profile is a budget of the plan with its tree, which nobody changes',
    async run(harness) {
      const store = await openFresh(harness)
      const { budgets } = store
      const plan = await guarded(store, { maxCostUsd: 1 })
      const child = await below(store, plan)
      const name = `guard:${plan.planId}`
      const call = { agentId, planId: child.planId }
      const first = await budgets.reserve({ ...call, estimate: '0.6' })
      assert.deepEqual(first.budgets, [name])
      const error = await rejection(BudgetExceededError, () =>
        budgets.reserve({ agentId, planId: plan.planId, estimate: '0.5' }),
      )
      const { budget, limit, currency, spent, held: holding, asked, period } = error
      assert.deepEqual(
        { budget, limit, currency, spent, held: holding, asked, period },
        {
          ...{ budget: name, limit: '1', currency: 'USD', spent: '0', held: '0.6', asked: '0.5' },
          period: { begin: null, end: null },
        },
      )
      const status = only(await budgets.status({ scope: 'plan', target: plan.planId }))
      assert.deepEqual([status.budget.name, status.held, status.remaining], [name, '0.6', '0.4'])
      const [entry] = (await store.audit.query({ subjectId: name })).items
      assert.deepEqual([entry?.action, entry?.planId], ['budget:create', plan.planId])
      const refusals = [
        () => budgets.create(newBudget({ name: 'guard:mine' })),
        () => budgets.update(name, { limit: '100' }, { version: 1 }),
        () => budgets.update(name, { active: false }, { version: 1 }),
        () => budgets.delete(name),
      ]
      for (const refused of refusals) {
        const { issues } = await rejection(InvalidRecordError, refused)
        assert.deepEqual(
          issues.map(({ path, code }) => [path, code]),
          [[['name'], 'guard']],
        )
      }
      const other = await budgets.reserve({ ...call, estimate: '100', currency: 'EUR' })
      assert.deepEqual(other.budgets, [])
      const unrelated = await below(store, await guarded(store, { maxCostUsd: null }, { name: 'local/free' }))
      assert.deepEqual(
        (await budgets.reserve({ ...call, planId: unrelated.planId, estimate: '9' })).budgets,
        [],
      )
    },
  },
  {
    id: 'Q17b',
    name: 'a cost below a plan is recorded beyond its maxCostUsd, and told; nothing more is held then',
    async run(harness) {
      const store = await openFresh(harness)
      const plan = await guarded(store, { maxCostUsd: 0.5 })
      const { planId } = await below(store, plan)
      const { id } = await store.budgets.reserve({ agentId, planId, estimate: '0.4' })
      const cost = await store.costRecords.append(newCost({ planId, cost: '0.7', reservationId: id }))
      assert.equal((await store.costRecords.get(cost.id))?.cost, '0.7')
      assert.deepEqual(
        cost.budgets?.map(({ budget, level }) => [budget, level]),
        [[`guard:${plan.planId}`, 'exceeded']],
      )
      await rejection(BudgetExceededError, () => store.budgets.reserve({ agentId, planId, estimate: '0' }))
    },
  },
  {
    id: 'Q17c',
    name: 'the budget of a guard goes with its plan, of the tree too; a plan of the same id has its own limit',
    async run(harness) {
      const store = await openFresh(harness)
      const planId = ulid(1)
      const parent = await store.plans.create(newPlan({ automationProfile: 'manual' }))
      const plan = await guarded(
        store,
        { maxCostUsd: 1 },
        { planId, name: null, parentPlanId: parent.planId },
      )
      const { budgets } = await store.budgets.reserve({ agentId, planId: plan.planId, estimate: '1' })
      assert.deepEqual(budgets, [`guard:${planId}`])
      await store.plans.delete(parent.planId, { tree: true })
      assert.equal(await store.budgets.count(), 0)
      const entry = only((await store.audit.query({ action: 'budget:delete' })).items)
      assert.equal(entry.subjectId, budgets[0])
      const again = await guarded(store, { maxCostUsd: 2 }, { planId })
      await store.budgets.reserve({ agentId, planId: again.planId, estimate: '2' })
      const { limit } = await rejection(BudgetExceededError, () =>
        store.budgets.reserve({ agentId, planId: again.planId, estimate: '0.01' }),
      )
      assert.equal(limit, '2')
    },
  },
  {
    id: 'Q17d',
    name: 'a reservation that is undone leaves no budget of a guard behind',
    async run(harness) {
      const store = await openFresh(harness)
      const { planId } = await guarded(store, { maxCostUsd: 1 })
      const undone = await outcome(() =>
        store.transaction(async (tx) => {
          const { budgets } = await tx.budgets.reserve({ agentId, planId, estimate: '1' })
          assert.deepEqual(budgets, [`guard:${planId}`])
          throw new Error('undone')
        }),
      )
      assert.equal((undone as Error).message, 'undone')
      assert.equal(await store.budgets.count(), 0)
      assert.equal(await held([store], planId, 1), 1)
    },
  },
  {
    id: 'Q18',
    name: 'of 64 callers in four stores that reserve 0.01 each under a maxCostUsd of 0.5 exactly 50 get a hold, the first ones together too',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const stores = [await openAt(harness, place)]
      for (let index = 1; index < 4; index += 1) stores.push(await openAt(harness, place))
      const [store] = stores as [Store]
      const plan = await guarded(store, { maxCostUsd: 0.5 })
      const child = await below(store, plan)
      const counts = await Promise.all([held(stores, plan.planId, 32), held(stores, child.planId, 32)])
      assert.equal(counts[0] + counts[1], 50)
      assert.equal(only(await store.budgets.status()).held, '0.5')
    },
  },
  {
    id: 'Q18b',
    name: '64 callers in four processes hold exactly what the guard of a plan allows',
    needs: ['processes'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const { planId } = await guarded(store, { maxCostUsd: 1 })
      const reservation = { agentId, planId, estimate: '0.01', ttl: '1h' }
      const job = { do: 'reserve', reservation, callers: 16 } as const
      const { perform } = feature(harness, 'processes')
      const holds = await Promise.all([1, 2, 3, 4].map(() => perform(place, job, { waitForLocks: 60_000 })))
      assert.equal(
        holds.reduce<number>((sum, count) => sum + Number(count), 0),
        100,
      )
    },
  },
  {
    id: 'Q19',
    name: 'once the recorded costs of a tree have maxTokens, nothing is reserved and no tool is used in it; costs are recorded all the same',
    async run(harness) {
      const store = await openFresh(harness)
      const plan = await guarded(store, { maxTokens: 100 })
      const child = await below(store, plan)
      const call = { agentId, planId: child.planId, estimate: '1' }
      const tokens = { cacheReadTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0, cacheWrite1hTokens: 0 }
      const spend = (planId: string, inputTokens: number, cacheReadTokens: number, currency = 'USD') =>
        store.costRecords.append(
          newCost({ ...tokens, planId, inputTokens, outputTokens: 9, cacheReadTokens, currency }),
        )
      await spend(plan.planId, 50, 0)
      await spend(child.planId, 20, 11, 'EUR')
      await store.budgets.reserve(call)
      assert.equal(await store.plans.mayUse(child.planId, 'editor'), true)
      await spend(child.planId, 0, 0)
      const error = await rejection(BudgetExceededError, () => store.budgets.reserve(call))
      const { budget, limit, spent, currency } = error
      assert.match(
        error.message,
        /: limit 100 tokens in total, spent 108 tokens; it is a guard of the frozen profile/,
      )
      assert.deepEqual(
        { budget, limit, spent, currency },
        { budget: `guard:${plan.planId}`, limit: '100', spent: '108', currency: 'tokens' },
      )
      for (const { planId } of [plan, child]) assert.equal(await store.plans.mayUse(planId, 'editor'), false)
      const [entry] = (await store.audit.query({ action: 'tool:use' })).items
      assert.deepEqual([entry?.verdict, entry?.matchedRules], ['deny', ['maxTokens']])
      await spend(child.planId, 1, 1)
      const elsewhere = await store.plans.create(newPlan({ name: 'local/else', automationProfile: 'manual' }))
      await store.budgets.reserve({ ...call, planId: elsewhere.planId })
      assert.equal(await store.plans.mayUse(elsewhere.planId, 'editor'), true)
    },
  },
  {
    id: 'V15',
    name: 'a plan with its tree uses tools maxToolCalls times; each is written down, and further ones are denied',
    async run(harness) {
      const store = await openFresh(harness)
      const plan = await guarded(store, { maxToolCalls: 3, deniedTools: ['shell'] })
      const child = await below(store, plan)
      const { plans } = store.as('agent-7')
      assert.equal(await plans.mayUse(plan.planId, 'shell'), false)
      for (const [planId, tool] of [
        [plan.planId, 'editor'],
        [child.planId, 'shell'],
      ] as const)
        assert.equal(await plans.mayUse(planId, tool), true)
      const undone = await outcome(() =>
        store.transaction(async (tx) => {
          assert.equal(await tx.plans.mayUse(plan.planId, 'editor'), true)
          assert.equal(await tx.plans.mayUse(plan.planId, 'editor'), false)
          throw new Error('undone')
        }),
      )
      assert.equal((undone as Error).message, 'undone')
      assert.equal(await plans.mayUse(child.planId, 'editor'), true)
      for (const { planId } of [child, plan]) assert.equal(await plans.mayUse(planId, 'editor'), false)
      const { items } = await store.audit.query({ action: 'tool:use' })
      assert.deepEqual(
        items
          .toReversed()
          .map(({ planId, verdict, matchedRules, actor }) => [
            planId === child.planId ? 'child' : 'plan',
            verdict,
            ...matchedRules,
            actor,
          ]),
        [
          ['plan', 'deny', 'deniedTools', 'agent-7'],
          ['plan', 'allow', 'maxToolCalls', 'agent-7'],
          ['child', 'allow', 'maxToolCalls', 'agent-7'],
          ['child', 'allow', 'maxToolCalls', 'agent-7'],
          ['child', 'deny', 'maxToolCalls', 'agent-7'],
          ['plan', 'deny', 'maxToolCalls', 'agent-7'],
        ],
      )
      const none = await guarded(store, { maxToolCalls: 0 }, { name: 'local/none' })
      assert.equal(await plans.mayUse(none.planId, 'editor'), false)
    },
  },
  {
    id: 'V15b',
    name: 'the tightest maxToolCalls of a plan and those above it holds, and a denied call counts in none of them',
    async run(harness) {
      const store = await openFresh(harness)
      const root = await guarded(store, { maxToolCalls: 4 })
      const { name } = await store.automationProfiles.create(newProfile({ guards: { maxToolCalls: 2 } }))
      const tight = await below(store, root, { automationProfile: name })
      const loose = await below(store, root)
      const ask = (plan: Plan) => store.plans.mayUse(plan.planId, 'editor')
      const asked = [await ask(tight), await ask(tight), await ask(tight), await ask(loose), await ask(loose)]
      assert.deepEqual(asked, [true, true, false, true, true])
      assert.deepEqual([await ask(loose), await ask(root)], [false, false])
    },
  },
  {
    id: 'V16',
    name: 'of callers at once, in one store and several, exactly as many use a tool as maxToolCalls says',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const stores = [await openAt(harness, place), await openAt(harness, place)] as const
      const plan = await guarded(stores[0], { maxToolCalls: 20 })
      const child = await below(stores[0], plan)
      const asking = Array.from({ length: 40 }, (_, index) =>
        (stores[index % 2] as Store).plans.mayUse(index % 3 === 0 ? child.planId : plan.planId, 'editor'),
      )
      assert.equal((await Promise.all(asking)).filter(Boolean).length, 20)
      const { items } = await stores[0].audit.query({ action: 'tool:use', verdict: 'allow' }, { limit: 100 })
      assert.equal(items.length, 20)
    },
  },
  {
    id: 'V16b',
    name: 'the same in three processes',
    needs: ['processes'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const { planId } = await guarded(store, { maxToolCalls: 25 })
      const job = { do: 'use-tool', planId, times: 12 } as const
      const { perform } = feature(harness, 'processes')
      const counts = await Promise.all([1, 2, 3].map(() => perform(place, job, { waitForLocks: 60_000 })))
      assert.equal(
        counts.reduce<number>((sum, count) => sum + Number(count), 0),
        25,
      )
    },
  },
]
