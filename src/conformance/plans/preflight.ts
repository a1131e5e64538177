// G10–G15: what is looked at before a plan is put to use and before each phase starts: all findings
// at once, and what becomes of them.

import assert from 'node:assert/strict'
import { InvalidRecordError, PreflightError, RecordNotFoundError } from '../../errors.ts'
import { events, type Plan, type PlanPatch, type RuleName, type Store } from '../../index.ts'
import { type ConformanceCase, openFresh, openStrict } from '../support/case.ts'
import { only, rejection } from '../support/expect.ts'
import {
  newBudget,
  newCost,
  newPlan,
  newProfile,
  readyAction,
  readyPlan,
  takenOver,
  ulid,
} from '../support/samples.ts'
import { inPlace, placeOf } from './plan-moves.ts'

async function openReady(harness: Parameters<ConformanceCase['run']>[0]): Promise<Store> {
  const store = await openStrict(harness)
  await store.actions.create(readyAction)
  return store
}

async function rulesOf(store: Store, { planId }: Plan): Promise<readonly string[]> {
  return (await store.plans.preflight(planId)).findings.map(({ rule }) => rule)
}

export const preflightCases: readonly ConformanceCase[] = [
  {
    id: 'G10',
    name: 'a plan is put to use and starts each phase only if nothing is found; what is found is named at once, and shown without moving',
    async run(harness) {
      const store = await openReady(harness)
      const { plans } = store.as('human:ada')
      const ready = await plans.create(readyPlan())
      assert.deepEqual(await store.plans.preflight(ready.planId), {
        planId: ready.planId,
        ...{ version: 1, next: 'use', findings: [] },
      })
      for (const place of ['action/queued', 'strategize/queued', 'execute/queued', 'apply/queued']) {
        const move = place === 'action/queued' ? 'use' : 'start'
        const right = await plans.create(readyPlan(inPlace(place)), takenOver())
        await plans[move](right.planId, right)
        const wrong = await plans.create(newPlan(inPlace(place)), takenOver())
        const error = await rejection(PreflightError, () => plans[move](wrong.planId, wrong), place)
        assert.equal(error.code, 'PREFLIGHT_FAILED')
        assert.deepEqual(
          error.findings.map(({ rule }) => rule),
          ['action', 'actors'],
        )
        assert.match(only(error.findings.slice(1)).message, /no strategy and no execution actor/)
        assert.deepEqual(await store.plans.get(wrong.planId), wrong, place)
        const { findings, next, version } = await store.plans.preflight(wrong.planId)
        assert.deepEqual([findings, next, version], [error.findings, move, 1])
      }
      const ended = await plans.create(newPlan(inPlace('apply/applied')), takenOver())
      const { next, findings } = await store.plans.preflight(ended.planId)
      assert.deepEqual([next, findings], [null, []])
      await rejection(RecordNotFoundError, () => store.plans.preflight(ulid(1)))
    },
  },
  {
    id: 'G11',
    name: 'actors, arguments and projects of the plan, its action and its parent: each is found, and is found no more once it is right',
    async run(harness) {
      const store = await openReady(harness)
      const argument = { name: 'target', type: 'string', required: true } as const
      const parent = await store.plans.create(readyPlan())
      let plan = await store.plans.create(
        readyPlan({ parentPlanId: parent.planId, projects: [{ name: 'parser' }], actors: {} }),
      )
      const change = async (patch: PlanPatch) => {
        plan = await store.plans.update(plan.planId, patch, plan)
      }
      assert.deepEqual(await rulesOf(store, plan), [])
      await change({ actors: { strategy: null } })
      assert.deepEqual(await rulesOf(store, plan), ['actors'])
      await change({ actors: { strategy: 'planner' } })
      let action = await store.actions.update(readyAction.name, { state: 'archived' }, { version: 1 })
      assert.deepEqual(await rulesOf(store, plan), ['action'])
      action = await store.actions.update(action.name, { state: 'available', arguments: [argument] }, action)
      assert.deepEqual(await rulesOf(store, plan), ['arguments'])
      await change({ arguments: [{ name: 'target', value: 'web' }] })
      await store.projects.create({ name: 'other' })
      assert.deepEqual(await rulesOf(store, plan), ['projects'])
      await store.projects.create({ name: 'parser' })
      assert.deepEqual(await rulesOf(store, plan), [])
      const spent = await store.actions.create({ ...readyAction, name: 'local/once', reusable: false })
      const once = await store.plans.create(readyPlan({ actionName: spent.name }))
      assert.equal((await store.actions.get(spent.name))?.state, 'archived')
      assert.deepEqual(await rulesOf(store, once), [])
    },
  },
  {
    id: 'G11b',
    name: 'a plan below one that has ended does not start',
    async run(harness) {
      const store = await openReady(harness)
      const [parent, child] = await store.plans.createMany(
        [
          readyPlan({ planId: ulid(1) }),
          readyPlan({ planId: ulid(2), parentPlanId: ulid(1), ...inPlace('execute/queued') }),
        ],
        takenOver(),
      )
      assert.ok(parent && child)
      assert.deepEqual(await rulesOf(store, child), [])
      await store.transaction(async (tx) => {
        await tx.plans.cancel(parent.planId, 'over', { ...parent, override: ['children'] })
        assert.deepEqual(
          (await tx.plans.preflight(child.planId)).findings.map(({ rule }) => rule),
          ['parent'],
        )
        await rejection(PreflightError, () => tx.plans.start(child.planId, child))
      })
    },
  },
  {
    id: 'G12',
    name: 'a budget or a guard of the plan, of one above it or of its project with nothing left is found; one that warns, or of another, is not',
    async run(harness) {
      const store = await openReady(harness)
      const guards = { maxTokens: 100, maxCostUsd: 2 }
      const { name } = await store.automationProfiles.create(newProfile({ guards }))
      const parent = await store.plans.create(readyPlan({ automationProfile: name }))
      const plan = await store.plans.create(
        readyPlan({ parentPlanId: parent.planId, projects: [{ name: 'parser' }] }),
      )
      await store.budgets.create(newBudget({ name: 'warns', limit: '0', whenExceeded: 'warn' }))
      await store.budgets.create(newBudget({ name: 'other', scope: 'project', target: 'other', limit: '0' }))
      await store.budgets.create(newBudget({ name: 'agent', scope: 'agent', target: 'agent-7', limit: '0' }))
      assert.deepEqual(await rulesOf(store, plan), [])
      const spend = (more: object) =>
        store.costRecords.append(newCost({ planId: plan.planId, project: 'parser', taskId: null, ...more }))
      await store.budgets.create(
        newBudget({ name: 'parser', scope: 'project', target: 'parser', limit: '1' }),
      )
      const few = { inputTokens: 1, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 }
      await spend({ ...few, cost: '1' })
      const [first] = (await store.plans.preflight(plan.planId)).findings
      assert.equal(first?.rule, 'budget')
      assert.match(first?.message ?? '', /"parser"/)
      await store.budgets.delete('parser')
      assert.deepEqual(await rulesOf(store, plan), [])
      await spend({ ...few, cost: '1' })
      assert.deepEqual(await rulesOf(store, plan), ['budget'])
      const other = await store.plans.create(readyPlan({ automationProfile: name }))
      assert.deepEqual(await rulesOf(store, other), [])
      const tokens = { ...few, planId: other.planId, inputTokens: 100, cost: '0' }
      await spend(tokens)
      assert.deepEqual(await rulesOf(store, other), ['budget'])
      await rejection(PreflightError, () => store.as('human:ada').plans.use(other.planId, other))
    },
  },
  {
    id: 'G13',
    name: 'pre-flight is overridden as a whole, or rule by rule, with a reason; the entry has both',
    async run(harness) {
      const store = await openReady(harness)
      const { plans } = store.as('human:ada')
      const plan = await plans.create(newPlan())
      const { planId, version } = plan
      const override = ['preflight'] as const
      await rejection(InvalidRecordError, () => plans.use(planId, { version, override }))
      const left = await rejection(PreflightError, () =>
        plans.use(planId, { version, override: ['action', 'gate'], reason: 'A label will do' }),
      )
      assert.equal(only(left.findings).rule, 'actors')
      const entries = async (matchedRule: RuleName) =>
        (await store.audit.query({ planId, matchedRule })).items
      const used = await plans.use(planId, { version, override, reason: 'A trial' })
      const entry = only(await entries('preflight'))
      assert.deepEqual([entry.verdict, entry.reason, entry.action], ['allow', 'A trial', 'plan:use'])
      assert.deepEqual(entry.matchedRules, ['preflight', 'action', 'actors'])
      assert.deepEqual((entry.details as { overridden: unknown }).overridden, [
        'preflight',
        'action',
        'actors',
      ])
      await plans.start(planId, { ...used, override: ['actors', 'action'], reason: 'A trial' })
      assert.equal((await entries('actors')).length, 2)
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
  {
    id: 'G14',
    name: 'where rules are recorded the plan moves on, and its entry escalates with each finding',
    async run(harness) {
      const store = await openFresh(harness, { enforce: 'record' })
      const said: unknown[] = []
      store.on(events.ruleRecorded, (payload) => said.push(payload))
      const plan = await store.plans.create(newPlan({ automationProfile: 'full-auto' }))
      assert.deepEqual(await rulesOf(store, plan), ['action', 'actors'])
      assert.deepEqual(said, [])
      assert.equal(placeOf(await store.plans.use(plan.planId, plan)), 'strategize/queued')
      const [entry] = (await store.audit.query({ planId: plan.planId }, { limit: 1 })).items
      assert.deepEqual([entry?.verdict, entry?.matchedRules], ['escalate', ['action', 'actors']])
      assert.deepEqual(said, [{ rule: 'action' }, { rule: 'actors' }])
    },
  },
  {
    id: 'G15',
    name: 'no human is asked about a plan that may not move yet',
    async run(harness) {
      const store = await openReady(harness)
      const agent = store.as('agent-7')
      const step = { step: 'decomposeTask' } as const
      const wrong = await agent.plans.create(newPlan({ automationProfile: 'manual' }))
      const error = await rejection(PreflightError, () => agent.plans.use(wrong.planId, wrong))
      assert.equal(error.findings.length, 2)
      await rejection(PreflightError, () => agent.plans.proceed(wrong.planId, step, wrong))
      assert.equal(await store.approvals.count(), 0)
      const right = await agent.plans.create(readyPlan({ automationProfile: 'manual' }))
      assert.equal((await agent.plans.proceed(right.planId, step, right)).outcome, 'waiting')
    },
  },
]
