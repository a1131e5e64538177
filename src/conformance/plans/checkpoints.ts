// S11–S16: checkpoints of plans are kept byte for byte, and a plan is put back to one: all of it or
// nothing, if its profile or a human lets it.

import assert from 'node:assert/strict'
import {
  DuplicateRecordError,
  InvalidRecordError,
  InvalidTransitionError,
  RecordNotFoundError,
  VersionConflictError,
} from '../../errors.ts'
import { events, type NewPlan, type NewPlanCheckpoint, type Plan, type Store } from '../../index.ts'
import { type ConformanceCase, openAt, openFresh } from '../support/case.ts'
import { newDecision } from '../support/decision-samples.ts'
import { codesOf, only, rejection, tally } from '../support/expect.ts'
import { newPlan, takenOver, ulid } from '../support/samples.ts'

const ROUNDS = 6
const inExecute = { phase: 'execute', state: 'processing', lastCompletedStep: 4 } as const
const reason = 'the wrong table'
const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index)

/** Under `ci` plans approve themselves, under `manual` a human does. */
function planIn(
  store: Store,
  place: Partial<Plan> = inExecute,
  automationProfile: 'ci' | 'manual' = 'ci',
): Promise<Plan> {
  const input = newPlan({ automationProfile, ...place } as Partial<NewPlan>)
  return store.plans.create(input, takenOver())
}

async function now(store: Store, { planId }: Pick<Plan, 'planId'>): Promise<Plan> {
  const plan = await store.plans.get(planId)
  assert.ok(plan)
  return plan
}

/** A checkpoint, and the plan with it. */
async function kept(store: Store, planId: string, more: Partial<NewPlanCheckpoint> = {}) {
  const checkpoint = await store.planCheckpoints.create({ planId, ...more })
  return { checkpoint, plan: await now(store, { planId }) }
}

async function againstMoves(stores: readonly [Store, Store]): Promise<void> {
  const [store, other] = stores
  for (let round = 0; round < ROUNDS; round += 1) {
    const { planId } = await planIn(store, { ...inExecute, name: `local/round-${round}` })
    const { checkpoint, plan } = await kept(store, planId)
    const calls = [
      store.planCheckpoints.restore(checkpoint.checkpointId, { reason }, plan),
      other.plans.complete(planId, plan),
      other.planCheckpoints.restore(checkpoint.checkpointId, { reason }, plan),
      store.plans.cancel(planId, null, plan),
    ]
    assert.deepEqual(tally(codesOf(await Promise.allSettled(calls))), { stored: 1, VERSION_CONFLICT: 3 })
    assert.equal((await now(store, plan)).version, plan.version + 1)
  }
}

export const checkpointCases: readonly ConformanceCase[] = [
  {
    id: 'S11',
    name: 'a checkpoint keeps where the plan is and every byte of its state, and becomes the last one of the plan',
    async run(harness) {
      const store = await openFresh(harness)
      const plan = await planIn(store)
      const { planId, version } = plan
      await store.decisions.record(newDecision(planId))
      const { checkpoint, plan: after } = await kept(store, planId, { alias: 'first', state: everyByte })
      const { checkpointId } = checkpoint
      assert.deepEqual(await store.planCheckpoints.get(checkpointId), checkpoint)
      assert.deepEqual(checkpoint.state, everyByte)
      const { step, planPhase, planState, planAttempt, decisionSequence, stateSize } = checkpoint
      assert.deepEqual([planPhase, planState, planAttempt, step], ['execute', 'processing', 1, 4])
      assert.deepEqual([decisionSequence, stateSize], [1, 256])
      // The root of the decisions raised it too.
      assert.deepEqual([after.lastCheckpointId, after.version], [checkpointId, version + 2])
      const [, entry] = (await store.audit.query({ planId })).items
      assert.equal(entry?.action, 'checkpoint:create')
      const second = await store.planCheckpoints.create({ planId, step: 2 })
      assert.deepEqual([second.step, second.state, second.stateSize, second.alias], [2, null, 0, null])
      const { items } = await store.planCheckpoints.list({ planId })
      assert.deepEqual(
        items.map((item) => [item.checkpointId, 'state' in item, item.stateSize]),
        [
          [checkpointId, false, 256],
          [second.checkpointId, false, 0],
        ],
      )
    },
  },
  {
    id: 'S12',
    name: 'an alias names one checkpoint of a plan, and a plan that is not there has none',
    async run(harness) {
      const store = await openFresh(harness)
      const [one, two] = [await planIn(store), await planIn(store, { ...inExecute, name: 'local/two' })]
      await store.planCheckpoints.create({ planId: one.planId, alias: 'a' })
      await store.planCheckpoints.create({ planId: two.planId, alias: 'a' })
      const before = await now(store, one)
      await rejection(DuplicateRecordError, () =>
        store.planCheckpoints.create({ planId: one.planId, alias: 'a' }),
      )
      assert.deepEqual(await now(store, one), before)
      await rejection(RecordNotFoundError, () => store.planCheckpoints.create({ planId: ulid(1) }))
      await rejection(RecordNotFoundError, () =>
        store.planCheckpoints.restore(ulid(1), { reason }, { version: 1 }),
      )
      assert.equal(await store.planCheckpoints.count(), 2)
    },
  },
  {
    id: 'S13',
    name: 'a plan that is put back drops what it decided and spawned after the checkpoint, and keeps what was before',
    async run(harness) {
      const store = await openFresh(harness)
      const { planId } = await planIn(store)
      const child = (name: string, parentPlanId = planId) =>
        store.plans.create(newPlan({ parentPlanId, name: null, description: name, automationProfile: 'ci' }))
      const root = await store.decisions.record(newDecision(planId))
      const under = { type: 'strategy_choice', parentDecisionId: root.decisionId } as const
      const early = await store.decisions.record(newDecision(planId, under))
      const stays = await child('stays')
      const { checkpoint } = await kept(store, planId, { alias: 'before', step: 2 })
      const { checkpointId } = checkpoint
      const late = await store.decisions.record(newDecision(planId, under))
      const goes = await child('goes')
      const below = await child('below', goes.planId)
      const failed = await store.plans.fail(
        planId,
        { message: 'no such column' },
        await now(store, { planId }),
      )
      const told: unknown[] = []
      store.on(events.checkpointRestored, (payload) => told.push(payload))
      const result = await store.as('ada').planCheckpoints.restore(checkpointId, { reason }, failed)
      assert.deepEqual([result.outcome, result.approval], ['restored', null])
      assert.deepEqual(result.checkpoint, checkpoint)
      const plan = await now(store, { planId })
      assert.deepEqual(result.plan, plan)
      assert.deepEqual([plan.phase, plan.state, plan.error], ['execute', 'queued', null])
      assert.deepEqual([plan.lastCompletedStep, plan.lastCheckpointId], [2, checkpointId])
      assert.equal(plan.version, failed.version + 1)
      const states = [stays, goes, below].map(async (each) => (await now(store, each)).state)
      assert.deepEqual(await Promise.all(states), ['queued', 'cancelled', 'cancelled'])
      const live = (await store.decisions.list({ planId, live: true })).items
      const [, , recovery] = live
      assert.deepEqual(
        live.map(({ decisionId }) => decisionId),
        [root.decisionId, early.decisionId, recovery?.decisionId],
      )
      assert.deepEqual([recovery?.type, recovery?.rationale], ['error_recovery', reason])
      assert.equal((await store.decisions.get(late.decisionId))?.supersededBy, recovery?.decisionId)
      const { items } = await store.audit.query({ action: 'plan:restore' })
      const entry = only(items)
      assert.deepEqual([entry.actor, entry.reason, entry.matchedRules], ['ada', reason, ['approvePlan']])
      assert.deepEqual(told, [{ id: checkpointId, planId, version: plan.version }])
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
  {
    id: 'S14',
    name: 'where the profile asks a human, a restoration waits for the approval of this checkpoint, and uses it up',
    async run(harness) {
      const store = await openFresh(harness)
      const { planId } = await planIn(store, inExecute, 'manual')
      const first = await store.planCheckpoints.create({ planId, step: 1 })
      const { checkpoint: second, plan } = await kept(store, planId, { step: 2 })
      const agent = store.as('agent-7').planCheckpoints
      const ask = ({ checkpointId }: typeof first) => agent.restore(checkpointId, { reason }, plan)
      const [one, again, two] = [await ask(first), await ask(first), await ask(second)]
      assert.deepEqual([one.outcome, again.outcome, two.outcome], ['waiting', 'waiting', 'waiting'])
      assert.ok(one.approval && two.approval)
      assert.equal(again.approval?.id, one.approval.id)
      assert.notEqual(two.approval.id, one.approval.id)
      assert.deepEqual([one.approval.kind, one.approval.reason], ['plan:approvePlan', reason])
      await store.as('ada').approvals.reject(two.approval.id, undefined, two.approval)
      await store.as('ada').approvals.approve(one.approval.id, undefined, one.approval)
      assert.equal((await ask(second)).outcome, 'refused')
      const done = await ask(first)
      assert.equal(done.outcome, 'restored')
      assert.ok(done.approval?.usedAt)
      assert.equal((await now(store, plan)).lastCompletedStep, 1)
      await rejection(VersionConflictError, () => ask(first))
    },
  },
  {
    id: 'S15',
    name: 'a plan that has ended, or dropped the strategy of the checkpoint, is not put back, and a stale version is refused',
    async run(harness) {
      const store = await openFresh(harness)
      const { planId } = await planIn(store)
      const { checkpoint, plan } = await kept(store, planId)
      const restore = (base: Plan) => store.planCheckpoints.restore(checkpoint.checkpointId, { reason }, base)
      await rejection(VersionConflictError, () => restore({ ...plan, version: plan.version + 1 }))
      await rejection(InvalidRecordError, () =>
        store.planCheckpoints.restore(checkpoint.checkpointId, { reason: '' }, plan),
      )
      const reverted = await store.plans.revert(planId, 'another way', plan)
      await rejection(InvalidTransitionError, () => restore(reverted))
      const cancelled = await store.plans.cancel(planId, null, reverted)
      await rejection(InvalidTransitionError, () => restore(cancelled))
      assert.deepEqual(await now(store, plan), cancelled)
    },
  },
  {
    id: 'S15b',
    name: 'of restorations and moves at one version exactly one wins, in one store',
    async run(harness) {
      const store = await openFresh(harness)
      await againstMoves([store, store])
    },
  },
  {
    id: 'S15c',
    name: 'of restorations and moves at one version exactly one wins, in two stores',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      await againstMoves([await openAt(harness, place), await openAt(harness, place)])
    },
  },
  {
    id: 'S16',
    name: 'pruning keeps the newest checkpoints of a plan, young ones, and the one that the plan names',
    async run(harness) {
      const store = await openFresh(harness)
      const { planId } = await planIn(store)
      const other = await planIn(store, { ...inExecute, name: 'local/other' })
      await store.planCheckpoints.create({ planId: other.planId })
      const ids: string[] = []
      for (let step = 0; step < 5; step += 1)
        ids.push((await store.planCheckpoints.create({ planId, step })).checkpointId)
      const prune = store.planCheckpoints.prune.bind(store.planCheckpoints)
      await rejection(InvalidRecordError, () => prune({ planId }))
      assert.equal(await prune({ planId, keepLast: 2, olderThan: '1d' }), 0)
      assert.equal(await prune({ planId, keepLast: 2 }), 3)
      assert.equal(await prune({ planId, keepLast: 0 }), 1)
      const { items } = await store.planCheckpoints.list({ planId })
      assert.deepEqual(
        items.map(({ checkpointId }) => checkpointId),
        ids.slice(4),
      )
      assert.equal(await store.planCheckpoints.count(), 2)
      assert.equal((await store.audit.query({ action: 'checkpoint:delete' })).items.length, 4)
      await rejection(RecordNotFoundError, () => prune({ planId: ulid(1), keepLast: 1 }))
    },
  },
]
