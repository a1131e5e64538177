// V10–V14: the gates of a plan act. It takes a step by itself, waits for the approval of a human,
// or is refused; an approval allows one move of the plan as it was.

import assert from 'node:assert/strict'
import {
  InvalidRecordError,
  InvalidTransitionError,
  RecordNotFoundError,
  ReversionLimitError,
  VersionConflictError,
} from '../../errors.ts'
import {
  type AutomationStep,
  automationSteps,
  events,
  type Plan,
  type PlanPhase,
  type PlanState,
  type Store,
} from '../../index.ts'
import { type ConformanceCase, openAt, openFresh } from '../support/case.ts'
import { only, outcome, rejection } from '../support/expect.ts'
import { newPlan, newProfile, readyAction, readyPlan, takenOver, ulid } from '../support/samples.ts'

/** A step, the state in which it means a move, and where that leads. */
const stepsThatMove: readonly (readonly [AutomationStep, PlanPhase, PlanState, string])[] = [
  ['decomposeTask', 'action', 'queued', 'strategize/queued'],
  ['decomposeTask', 'strategize', 'queued', 'strategize/processing'],
  ['createTool', 'strategize', 'complete', 'execute/queued'],
  ['selectTool', 'execute', 'complete', 'apply/queued'],
  ['deleteContent', 'execute', 'errored', 'strategize/queued'],
  ['accessNetwork', 'apply', 'constrained', 'strategize/queued'],
  ['modifyConfig', 'execute', 'errored', 'execute/queued'],
]

const agent = (store: Store) => store.as('agent-7')

function planAt(store: Store, profile: string, phase: PlanPhase, state: PlanState): Promise<Plan> {
  const changes = { automationProfile: profile, phase, state }
  return store.plans.create(readyPlan(changes), takenOver())
}

const complete = (store: Store, profile: string) => planAt(store, profile, 'strategize', 'complete')

async function actionsOf(store: Store, planId: string): Promise<readonly string[]> {
  const { items } = await store.audit.query({ planId })
  return items.map(({ action }) => action).toReversed()
}

/** Each caller proceeds from the same version. */
async function proceedAtOnce(stores: readonly [Store, Store]): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    const plan = await complete(stores[0], 'manual')
    const proceed = () =>
      Promise.allSettled(
        Array.from({ length: 6 }, (_, index) =>
          stores[index % 2 === 0 ? 0 : 1]
            .as(`worker-${index}`)
            .plans.proceed(plan.planId, { step: 'createTool' }, plan),
        ),
      )
    const asked = (await proceed()).map((result) => {
      assert.ok(result.status === 'fulfilled' && result.value.outcome === 'waiting')
      return result.value.approval.id
    })
    const [id, ...more] = new Set(asked)
    assert.deepEqual(more, [])
    const { items } = await stores[1].approvals.list({ planId: plan.planId })
    const approval = only(items)
    assert.equal(approval.id, id)
    await stores[1].as('ada').approvals.approve(approval.id, undefined, approval)
    const results = await proceed()
    const won = only(results.filter((result) => result.status === 'fulfilled')).value
    assert.equal(won.outcome, 'moved')
    for (const result of results) {
      if (result.status === 'rejected')
        assert.ok(result.reason instanceof VersionConflictError, String(result.reason))
    }
    assert.deepEqual(await stores[1].plans.get(plan.planId), won.plan)
    assert.deepEqual(await actionsOf(stores[0], plan.planId), [
      'plan:create',
      'approval:request',
      'approval:approve',
      'plan:advance',
      'approval:use',
    ])
  }
}

export const gateCases: readonly ConformanceCase[] = [
  {
    id: 'V10',
    name: 'a step that a profile leaves to the plan makes its move at once, and the entry names the gate',
    async run(harness) {
      const store = await openFresh(harness)
      await store.actions.create(readyAction)
      for (const [step, phase, state, to] of stepsThatMove) {
        const plan = await planAt(store, 'ci', phase, state)
        const {
          outcome: came,
          approval,
          plan: after,
        } = await agent(store).plans.proceed(plan.planId, { step }, plan)
        assert.deepEqual([came, approval, `${after.phase}/${after.state}`], ['moved', null, to], step)
        assert.deepEqual(await store.plans.get(plan.planId), after)
        const [entry] = (await store.audit.query({ planId: plan.planId })).items
        assert.deepEqual([entry?.verdict, entry?.matchedRules, entry?.actor], ['allow', [step], 'agent-7'])
        assert.ok(entry)
        assert.deepEqual((entry.details as { gate: unknown }).gate, {
          step,
          confidence: null,
          approvalId: null,
        })
      }
      assert.equal(await store.approvals.count(), 0)
    },
  },
  {
    id: 'V10b',
    name: 'a confidence that reaches the threshold lets a plan move by itself, one below it asks a human',
    async run(harness) {
      const store = await openFresh(harness)
      const profile = await store.automationProfiles.create(newProfile({ createTool: 0.7 }))
      for (const confidence of [0.69, undefined]) {
        const plan = await complete(store, profile.name)
        const asked = await store.plans.proceed(plan.planId, { step: 'createTool', confidence }, plan)
        assert.equal(asked.outcome, 'waiting')
        assert.deepEqual(asked.approval?.details, {
          step: 'createTool',
          planVersion: plan.version,
          move: 'advance',
          from: 'strategize/complete',
          confidence: confidence ?? null,
          threshold: 0.7,
        })
      }
      const plan = await complete(store, profile.name)
      const moved = await store.plans.proceed(plan.planId, { step: 'createTool', confidence: 0.7 }, plan)
      assert.equal(moved.outcome, 'moved')
    },
  },
  {
    id: 'V11',
    name: 'a plan waits for one approval, moves with it once approved, and uses it up',
    async run(harness) {
      const store = await openFresh(harness)
      const told: string[] = []
      for (const name of [
        events.approvalRequested,
        events.approvalDecided,
        events.approvalUsed,
        events.planMoved,
      ])
        store.on(name, () => told.push(name))
      const plan = await complete(store, 'manual')
      const next = { step: 'createTool', reason: 'The strategy is good' } as const
      const waiting = await agent(store).plans.proceed(plan.planId, next, plan)
      assert.equal(waiting.outcome, 'waiting')
      const asked = waiting.approval
      assert.ok(asked)
      assert.deepEqual(
        [asked.kind, asked.subjectType, asked.subjectId, asked.planId, asked.requestedBy, asked.reason],
        ['plan:createTool', 'plan', plan.planId, plan.planId, 'agent-7', 'The strategy is good'],
      )
      assert.deepEqual(await store.approvals.get(asked.id), asked)
      assert.deepEqual(await store.as('agent-8').plans.proceed(plan.planId, next, plan), waiting)
      assert.deepEqual(await store.plans.get(plan.planId), plan)
      const approved = await store.as('ada').approvals.approve(asked.id, { reason: 'Fine' }, asked)
      const {
        outcome: came,
        approval,
        plan: after,
      } = await agent(store).plans.proceed(plan.planId, next, plan)
      assert.deepEqual([came, `${after.phase}/${after.state}`, after.version], ['moved', 'execute/queued', 2])
      assert.ok(approval?.usedAt instanceof Date)
      assert.deepEqual(await store.approvals.get(asked.id), approval)
      assert.deepEqual([approval.status, approval.version], ['approved', approved.version + 1])
      await rejection(VersionConflictError, () => agent(store).plans.proceed(plan.planId, next, plan))
      assert.deepEqual(await actionsOf(store, plan.planId), [
        'plan:create',
        'approval:request',
        'approval:approve',
        'plan:advance',
        'approval:use',
      ])
      assert.deepEqual(told, [
        events.approvalRequested,
        events.approvalDecided,
        events.planMoved,
        events.approvalUsed,
      ])
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
  {
    id: 'V11b',
    name: 'a rejected approval refuses the step at that version; a changed plan asks anew',
    async run(harness) {
      const store = await openFresh(harness)
      const plan = await complete(store, 'manual')
      const next = { step: 'createTool' } as const
      const { approval: asked } = await agent(store).plans.proceed(plan.planId, next, plan)
      assert.ok(asked)
      const rejected = await store.as('ada').approvals.reject(asked.id, { reason: 'No' }, asked)
      for (let turn = 0; turn < 2; turn += 1) {
        assert.deepEqual(await agent(store).plans.proceed(plan.planId, next, plan), {
          outcome: 'refused',
          plan,
          approval: rejected,
        })
      }
      const changed = await store.plans.update(plan.planId, { description: 'Another strategy' }, plan)
      const again = await agent(store).plans.proceed(plan.planId, next, changed)
      assert.equal(again.outcome, 'waiting')
      assert.notEqual(again.approval?.id, asked.id)
      assert.equal(await store.approvals.count({ planId: plan.planId }), 2)
    },
  },
  {
    id: 'V11c',
    name: 'an approval for another version or another step does not move the plan; one that was withdrawn is asked for anew',
    async run(harness) {
      const store = await openFresh(harness)
      const plan = await planAt(store, 'manual', 'execute', 'errored')
      const revert = await agent(store).plans.proceed(plan.planId, { step: 'deleteContent' }, plan)
      assert.ok(revert.approval)
      await store.as('ada').approvals.approve(revert.approval.id, undefined, revert.approval)
      const retry = await agent(store).plans.proceed(plan.planId, { step: 'modifyConfig' }, plan)
      assert.equal(retry.outcome, 'waiting')
      assert.ok(retry.approval)
      await agent(store).approvals.withdraw(retry.approval.id, undefined, retry.approval)
      const again = await agent(store).plans.proceed(plan.planId, { step: 'modifyConfig' }, plan)
      assert.equal(again.outcome, 'waiting')
      assert.notEqual(again.approval?.id, retry.approval.id)
      const changed = await store.plans.update(plan.planId, { description: 'Another' }, plan)
      const late = await agent(store).plans.proceed(plan.planId, { step: 'deleteContent' }, changed)
      assert.equal(late.outcome, 'waiting')
      assert.deepEqual(await store.plans.get(plan.planId), changed)
    },
  },
  {
    id: 'V12',
    name: 'of those who proceed at once all find one approval, and one moves the plan, in one store',
    async run(harness) {
      const store = await openFresh(harness)
      await proceedAtOnce([store, store])
    },
  },
  {
    id: 'V12b',
    name: 'of those who proceed at once all find one approval, and one moves the plan, in two stores',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      await proceedAtOnce([await openAt(harness, place), await openAt(harness, place)])
    },
  },
  {
    id: 'V12c',
    name: 'a move that is undone gives its approval back',
    async run(harness) {
      const store = await openFresh(harness)
      const plan = await complete(store, 'manual')
      const { approval: asked } = await agent(store).plans.proceed(plan.planId, { step: 'createTool' }, plan)
      assert.ok(asked)
      const approved = await store.as('ada').approvals.approve(asked.id, undefined, asked)
      const undone = await outcome(() =>
        store.transaction(async (tx) => {
          const { outcome: came } = await tx.plans.proceed(plan.planId, { step: 'createTool' }, plan)
          assert.equal(came, 'moved')
          throw new Error('undone')
        }),
      )
      assert.equal((undone as Error).message, 'undone')
      assert.deepEqual(await store.plans.get(plan.planId), plan)
      assert.deepEqual(await store.approvals.get(asked.id), approved)
      assert.equal((await store.plans.proceed(plan.planId, { step: 'createTool' }, plan)).outcome, 'moved')
    },
  },
  {
    id: 'V13',
    name: 'what no gate could let pass is refused before anybody is asked',
    async run(harness) {
      const store = await openFresh(harness)
      const plan = await complete(store, 'manual')
      const { planId } = plan
      await rejection(RecordNotFoundError, () => store.plans.proceed(ulid(1), { step: 'createTool' }, plan))
      await rejection(VersionConflictError, () =>
        store.plans.proceed(planId, { step: 'createTool' }, { version: 2 }),
      )
      await rejection(InvalidTransitionError, () => store.plans.proceed(planId, { step: 'selectTool' }, plan))
      for (const step of automationSteps.filter((each) => stepsThatMove.every(([name]) => name !== each)))
        await rejection(InvalidRecordError, () => store.plans.proceed(planId, { step }, plan), step)
      for (const next of [
        { step: 'nothing' },
        { step: 'createTool', confidence: 1.1 },
        { step: 'createTool', confidence: Number.NaN },
        { step: 'createTool', reason: ' ' },
        { step: 'createTool', certain: true },
        {},
        undefined,
      ]) {
        await rejection(InvalidRecordError, () =>
          store.plans.proceed(planId, next as { step: 'createTool' }, plan),
        )
      }
      const often = await store.plans.create(
        newPlan({ automationProfile: 'manual', phase: 'execute', state: 'errored', reversionCount: 3 }),
        takenOver(),
      )
      await rejection(ReversionLimitError, () =>
        store.plans.proceed(often.planId, { step: 'deleteContent' }, often),
      )
      assert.equal(await store.approvals.count(), 0)
    },
  },
  {
    id: 'V14',
    name: 'a tool that the frozen profile denies may not be used, and the denial is written down',
    async run(harness) {
      const store = await openFresh(harness)
      const guards = { deniedTools: ['shell', 'Network'] }
      const { name } = await store.automationProfiles.create(newProfile({ guards }))
      const plan = await store.plans.create(newPlan({ automationProfile: name }))
      await store.automationProfiles.delete(name)
      for (const tool of ['editor', 'network', 'shell ', 'Shell'])
        assert.equal(await store.plans.mayUse(plan.planId, tool), true, tool)
      for (const tool of ['shell', 'Network']) {
        assert.equal(await agent(store).plans.mayUse(plan.planId, tool), false)
        const [entry] = (await store.audit.query({ planId: plan.planId })).items
        assert.deepEqual(
          [
            entry?.action,
            entry?.subjectType,
            entry?.subjectId,
            entry?.verdict,
            entry?.matchedRules,
            entry?.actor,
          ],
          ['tool:use', 'tool', tool, 'deny', ['deniedTools'], 'agent-7'],
        )
      }
      assert.equal((await store.audit.query({ planId: plan.planId, action: 'tool:use' })).items.length, 2)
      await rejection(RecordNotFoundError, () => store.plans.mayUse(ulid(1), 'shell'))
      for (const tool of ['', ' ', 7, undefined])
        await rejection(InvalidRecordError, () => store.plans.mayUse(plan.planId, tool as string))
    },
  },
]
