// Z5–Z8: guidance takes the place of a decision and of all that depended on it, or is put under it;
// all of it or nothing, and once.

import assert from 'node:assert/strict'
import {
  DecisionSupersededError,
  InvalidRecordError,
  InvalidTransitionError,
  type PersistenceError,
  RecordNotFoundError,
  ReversionLimitError,
} from '../../errors.ts'
import { events, type NewDecision, type Plan, type Store } from '../../index.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { newDecision } from '../support/decision-samples.ts'
import { codesOf, only, rejection, tally } from '../support/expect.ts'
import { newPlan, takenOver, ulid } from '../support/samples.ts'

const ROUNDS = 6
/** Decisions that two processes correct. */
const SEVERAL = 12
const guidance = 'Generate it: the grammar will grow'
const inExecute = { phase: 'execute', state: 'processing', lastCompletedStep: 4 } as const

/** A plan in execute with a root, a choice and two decisions that depend on it, one in a child. */
async function decidedPlan(store: Store, changes: Parameters<typeof newPlan>[0] = inExecute) {
  const plan = await store.plans.create(newPlan(changes), takenOver())
  const { planId } = plan
  const record = (more: Partial<NewDecision>, of = planId) => store.decisions.record(newDecision(of, more))
  const root = await record({})
  const under = { type: 'strategy_choice', parentDecisionId: root.decisionId } as const
  const choice = await record(under)
  const other = await record({ ...under, chosenOption: 'Tests first' })
  // Below a plan that has ended every plan has.
  const end = changes.state === 'applied' ? ({ phase: 'apply', state: 'applied' } as const) : {}
  const spawned = (parentPlanId: string) =>
    store.plans.create(newPlan({ name: null, parentPlanId, ...end }), takenOver())
  const child = await spawned(planId)
  const grandchild = await spawned(child.planId)
  const spawn = await record({
    type: 'subplan_spawn',
    parentDecisionId: choice.decisionId,
    spawnedPlanIds: [child.planId],
  })
  const below = await record({ influences: [choice.decisionId] }, child.planId)
  return { planId, root, choice, other, spawn, below, child, grandchild }
}

async function supersededBy(store: Store, id: string): Promise<string | null | undefined> {
  return (await store.decisions.get(id))?.supersededBy
}

async function correctAtOnce(stores: readonly [Store, Store]): Promise<void> {
  const [store] = stores
  for (let round = 0; round < ROUNDS; round += 1) {
    const { planId, choice } = await decidedPlan(store, { ...inExecute, name: `local/round-${round}` })
    const calls = Array.from({ length: 4 }, (_, index) =>
      (stores[index % 2] ?? store).decisions.correct(choice.decisionId, { mode: 'revert', guidance }),
    )
    assert.deepEqual(tally(codesOf(await Promise.allSettled(calls))), {
      stored: 1,
      DECISION_SUPERSEDED: 3,
    })
    const { items } = await store.corrections.list({ planId })
    assert.deepEqual(tally(items.map(({ state, failure }) => `${state} ${failure}`)), {
      'completed null': 1,
      'failed DECISION_SUPERSEDED': 3,
    })
    const won = items.find(({ state }) => state === 'completed')
    assert.equal(await supersededBy(store, choice.decisionId), won?.resultDecisionId)
    assert.equal((await store.plans.get(planId))?.reversionCount, 1)
  }
}

export const correctionCases: readonly ConformanceCase[] = [
  {
    id: 'Z5',
    name: 'a correction that reverts supersedes what depended on the decision, cancels the plans that it spawned, and puts the plan back',
    async run(harness) {
      const store = await openFresh(harness)
      const { planId, root, choice, other, spawn, below, child, grandchild } = await decidedPlan(store)
      const told: unknown[] = []
      for (const name of [events.correctionRequested, events.correctionCompleted, events.planMoved])
        store.on(name, (payload) => told.push([name, Reflect.get(payload, 'move')]))
      const correction = await store.as('ada').decisions.correct(choice.decisionId, {
        mode: 'revert',
        guidance,
      })
      const { correctionId, resultDecisionId } = correction
      assert.deepEqual(await store.corrections.get(correctionId), correction)
      assert.deepEqual(
        [correction.state, correction.requestedBy, correction.guidance, correction.superseded],
        ['completed', 'ada', guidance, 3],
      )
      assert.deepEqual(correction.cancelledPlanIds.toSorted(), [child.planId, grandchild.planId].toSorted())
      const result = await store.decisions.get(resultDecisionId ?? '')
      assert.deepEqual(
        [result?.type, result?.parentDecisionId, result?.sequence, result?.question, result?.chosenOption],
        ['user_intervention', root.decisionId, 5, choice.question, guidance],
      )
      for (const id of [choice, spawn, below])
        assert.equal(await supersededBy(store, id.decisionId), resultDecisionId)
      for (const id of [root, other]) assert.equal(await supersededBy(store, id.decisionId), null)
      const plan = await store.plans.get(planId)
      assert.deepEqual(
        [plan?.phase, plan?.state, plan?.reversionCount, plan?.lastCompletedStep, plan?.decisionRootId],
        ['strategize', 'queued', 1, -1, root.decisionId],
      )
      for (const each of [child, grandchild]) {
        const cancelled = await store.plans.get(each.planId)
        assert.deepEqual(
          [cancelled?.state, cancelled?.cancelReason],
          ['cancelled', `correction ${correctionId}`],
        )
      }
      assert.deepEqual(told, [
        [events.correctionRequested, undefined],
        [events.planMoved, 'revert'],
        [events.planMoved, 'cancel'],
        [events.planMoved, 'cancel'],
        [events.correctionCompleted, undefined],
      ])
      const { items } = await store.audit.query({ subjectId: correctionId })
      assert.deepEqual(
        items.map(({ action, actor }) => [action, actor]),
        ['complete', 'execute', 'request'].map((verb) => [`correction:${verb}`, 'ada']),
      )
      assert.ok(!JSON.stringify(items).includes(guidance))
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
  {
    id: 'Z5b',
    name: 'a correction puts a plan back from any phase, and counts as a reversion where it has an execution to drop',
    async run(harness) {
      const store = await openFresh(harness)
      const from: readonly (readonly [Partial<Plan>, expected: string, count: number, versions: number])[] = [
        [{ phase: 'action', state: 'queued' }, 'action/queued', 0, 0],
        [{ phase: 'strategize', state: 'queued' }, 'strategize/queued', 0, 0],
        [{ phase: 'strategize', state: 'processing' }, 'strategize/queued', 0, 1],
        [{ phase: 'strategize', state: 'complete' }, 'strategize/queued', 0, 1],
        [
          { phase: 'strategize', state: 'errored', error: { message: 'x', details: null } },
          'strategize/queued',
          0,
          1,
        ],
        [{ phase: 'execute', state: 'complete' }, 'strategize/queued', 1, 1],
        [{ phase: 'apply', state: 'constrained' }, 'strategize/queued', 1, 1],
      ]
      for (const [index, [at, expected, count, versions]] of from.entries()) {
        const { planId, choice } = await decidedPlan(store, { ...at, name: `local/p${index}` } as object)
        const before = await store.plans.get(planId)
        await store.decisions.correct(choice.decisionId, { mode: 'revert', guidance })
        const plan = await store.plans.get(planId)
        assert.deepEqual(
          [`${plan?.phase}/${plan?.state}`, plan?.reversionCount, plan?.error],
          [expected, count, null],
        )
        assert.equal(plan?.version, (before?.version ?? 0) + versions, JSON.stringify(at))
      }
    },
  },
  {
    id: 'Z5c',
    name: 'a corrected root is another root, to which the plan points',
    async run(harness) {
      const store = await openFresh(harness)
      const { planId, root } = await decidedPlan(store)
      const { resultDecisionId, superseded } = await store.decisions.correct(root.decisionId, {
        mode: 'revert',
        guidance,
      })
      assert.equal(superseded, 5)
      const tree = await store.decisions.tree(planId)
      assert.equal(tree?.root?.decision.decisionId, resultDecisionId)
      assert.deepEqual([tree?.root?.decision.type, tree?.roots.length], ['prompt_definition', 2])
      assert.equal((await store.plans.get(planId))?.decisionRootId, resultDecisionId)
    },
  },
  {
    id: 'Z6',
    name: 'a correction that appends puts the guidance under the decision, and changes nothing else',
    async run(harness) {
      const store = await openFresh(harness)
      const { planId, choice } = await decidedPlan(store)
      const plan = await store.plans.get(planId)
      const correction = await store.decisions.correct(choice.decisionId, { mode: 'append', guidance })
      assert.deepEqual(
        [correction.state, correction.superseded, correction.cancelledPlanIds],
        ['completed', 0, []],
      )
      const result = await store.decisions.get(correction.resultDecisionId ?? '')
      assert.deepEqual(
        [result?.type, result?.parentDecisionId, result?.chosenOption],
        ['user_intervention', choice.decisionId, guidance],
      )
      assert.deepEqual(await store.plans.get(planId), plan)
      assert.equal(await store.decisions.count({ live: false }), 0)
    },
  },
  {
    id: 'Z7',
    name: 'a correction that is refused does nothing, and is kept with the code of its error',
    async run(harness) {
      const store = await openFresh(harness)
      const { choice, spawn } = await decidedPlan(store)
      const ended = await decidedPlan(store, { phase: 'apply', state: 'applied', name: 'local/ended' })
      const limit = await decidedPlan(store, { ...inExecute, reversionCount: 3, name: 'local/limit' })
      await store.decisions.correct(choice.decisionId, { mode: 'revert', guidance })
      const trees = () =>
        Promise.all([spawn, ended.choice, limit.choice].map((at) => store.decisions.tree(at.planId)))
      const before = await trees()
      for (const [decision, mode, kind] of [
        [choice, 'revert', DecisionSupersededError],
        [spawn, 'append', DecisionSupersededError],
        [ended.choice, 'revert', InvalidTransitionError],
        [limit.choice, 'revert', ReversionLimitError],
      ] as const) {
        const { decisionId } = decision
        const error = await rejection<PersistenceError>(kind, () =>
          store.decisions.correct(decisionId, { mode, guidance }),
        )
        const { items } = await store.corrections.list({ decisionId, state: 'failed' })
        const failed = only(items)
        assert.deepEqual(
          [failed.failure, failed.guidance, failed.resultDecisionId],
          [error.code, guidance, null],
        )
        const trail = await store.audit.query({ subjectId: failed.correctionId, verdict: 'deny' })
        assert.equal(only(trail.items).action, 'correction:fail')
        await rejection(InvalidTransitionError, () => store.corrections.execute(failed.correctionId))
      }
      assert.deepEqual(await trees(), before)
      await store.decisions.correct(ended.choice.decisionId, { mode: 'append', guidance })
      const count = await store.corrections.count()
      await rejection(RecordNotFoundError, () =>
        store.decisions.correct(ulid(1), { mode: 'append', guidance }),
      )
      for (const request of [
        { mode: 'revert' },
        { mode: 'undo', guidance },
        { guidance },
        { mode: 'append', guidance: ' ' },
      ])
        await rejection(InvalidRecordError, () =>
          store.decisions.correct(choice.decisionId, request as never),
        )
      await rejection(RecordNotFoundError, () => store.corrections.execute(ulid(1)))
      assert.equal(await store.corrections.count(), count)
    },
  },
  {
    id: 'Z7b',
    name: 'nothing is recorded under a decision that was superseded, or influenced by one',
    async run(harness) {
      const store = await openFresh(harness)
      const { planId, root, choice } = await decidedPlan(store)
      const { resultDecisionId } = await store.decisions.correct(choice.decisionId, {
        mode: 'revert',
        guidance,
      })
      for (const more of [
        { parentDecisionId: choice.decisionId },
        { parentDecisionId: root.decisionId, influences: [choice.decisionId] },
      ]) {
        const error = await rejection(DecisionSupersededError, () =>
          store.decisions.record(newDecision(planId, { type: 'strategy_choice', ...more })),
        )
        assert.deepEqual([error.id, error.by], [choice.decisionId, resultDecisionId])
      }
    },
  },
  {
    id: 'Z8',
    name: 'of corrections of one decision at once one is carried out, and the others are refused, in one store',
    async run(harness) {
      const store = await openFresh(harness)
      await correctAtOnce([store, store])
    },
  },
  {
    id: 'Z8b',
    name: 'of corrections of one decision at once one is carried out, and the others are refused, in two stores',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      await correctAtOnce([await openAt(harness, place), await openAt(harness, place)])
    },
  },
  {
    id: 'Z8c',
    name: 'of two processes that correct decisions each decision is corrected by one of them',
    needs: ['processes', 'persistent'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const decisions: string[] = []
      for (let index = 0; index < SEVERAL; index += 1) {
        const { choice } = await decidedPlan(store, { ...inExecute, name: `local/p${index}` })
        decisions.push(choice.decisionId)
      }
      const { perform } = feature(harness, 'processes')
      const [one, other] = (await Promise.all(
        ['ada', 'zoe'].map((actor) => perform(place, { do: 'correct-decisions', actor, decisions })),
      )) as readonly (readonly string[])[]
      for (const [index, id] of decisions.entries()) {
        assert.deepEqual([one?.[index], other?.[index]].toSorted(), ['DECISION_SUPERSEDED', 'completed'])
        const won = only((await store.corrections.list({ decisionId: id, state: 'completed' })).items)
        assert.equal(won.requestedBy, one?.[index] === 'completed' ? 'ada' : 'zoe')
        assert.equal(await supersededBy(store, id), won.resultDecisionId)
      }
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
]
