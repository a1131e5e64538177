// Z1–Z4: decisions are stored as they were made, number by number, each under one of its plan, and
// are never changed.

import assert from 'node:assert/strict'
import {
  ConstraintViolationError,
  DuplicateRecordError,
  InvalidRecordError,
  RecordNotFoundError,
} from '../../errors.ts'
import { events, type NewDecision, type Store } from '../../index.ts'
import { type ConformanceCase, openAt, openFresh } from '../support/case.ts'
import { fullDecision, newDecision } from '../support/decision-samples.ts'
import { collect, only, rejection } from '../support/expect.ts'
import { newPlan, ulid } from '../support/samples.ts'

/** Ids of decisions. */
function ids(decisions: readonly { readonly decisionId: string }[]): readonly string[] {
  return decisions.map(({ decisionId }) => decisionId)
}

/** A plan with a root and a choice under it. */
async function planWithChoice(store: Store) {
  const { planId } = await store.plans.create(newPlan())
  // An id before that of the choice: the two may have one time.
  const root = await store.decisions.record(newDecision(planId, { decisionId: ulid(1111) }))
  const choice = await store.decisions.record(fullDecision(planId, root.decisionId))
  return { planId, root, choice }
}

/** Callers record at once under one root; the numbers have no gap. */
async function recordAtOnce(stores: readonly [Store, Store]): Promise<void> {
  const [store] = stores
  const { planId } = await store.plans.create(newPlan())
  const { decisionId: root } = await store.decisions.record(newDecision(planId))
  const calls = Array.from({ length: 24 }, (_, index) =>
    (stores[index % 2] ?? store).decisions.record(
      newDecision(planId, {
        type: 'strategy_choice',
        parentDecisionId: root,
        chosenOption: `Option ${index}`,
      }),
    ),
  )
  const made = await Promise.all(calls)
  const numbers = made.map(({ sequence }) => sequence).toSorted((a, b) => a - b)
  assert.deepEqual(
    numbers,
    Array.from({ length: 24 }, (_, index) => index + 2),
  )
  const tree = await store.decisions.tree(planId)
  assert.deepEqual(
    tree?.root?.children.map(({ decision }) => decision.sequence),
    numbers,
  )
}

export const decisionCases: readonly ConformanceCase[] = [
  {
    id: 'Z1',
    name: 'a decision comes back as it was recorded, with its number and its audit entry, which has none of its content',
    async run(harness) {
      const store = await openFresh(harness)
      const { planId } = await store.plans.create(newPlan())
      const { decisions } = store.as('planner')
      const root = await decisions.record(newDecision(planId))
      const choice = await decisions.record(fullDecision(planId, root.decisionId))
      assert.deepEqual(await store.decisions.get(root.decisionId), root)
      assert.deepEqual(await store.decisions.get(choice.decisionId), choice)
      assert.deepEqual([root.sequence, choice.sequence], [1, 2])
      assert.deepEqual([root.rootPlanId, root.parentDecisionId, root.supersededBy], [planId, null, null])
      const { decisionId, ...given } = fullDecision(planId, root.decisionId)
      for (const [field, value] of Object.entries(given))
        assert.deepEqual(choice[field as keyof typeof choice], value, field)
      const entry = only((await store.audit.query({ subjectId: decisionId })).items)
      assert.deepEqual(
        [entry.action, entry.actor, entry.subjectType, entry.planId, entry.details],
        [
          'decision:record',
          'planner',
          'decision',
          planId,
          { type: 'strategy_choice', sequence: 2, parentDecisionId: root.decisionId },
        ],
      )
      await rejection(DuplicateRecordError, () => decisions.record(fullDecision(planId, root.decisionId)))
      assert.equal(await store.decisions.count(), 2)
    },
  },
  {
    id: 'Z1b',
    name: 'a plan points to its root as soon as that is recorded, by one change with its own entry, and has one root',
    async run(harness) {
      const store = await openFresh(harness)
      const told: unknown[] = []
      store.on(events.decisionRecorded, (payload) => told.push(payload))
      const plan = await store.plans.create(newPlan())
      const root = await store.decisions.record(newDecision(plan.planId))
      const after = await store.plans.get(plan.planId)
      assert.deepEqual([after?.decisionRootId, after?.version], [root.decisionId, 2])
      const { items } = await store.audit.query({ planId: plan.planId })
      assert.deepEqual(items.map(({ action, details }) => [action, details]).slice(0, 2), [
        ['decision:record', { type: 'prompt_definition', sequence: 1, parentDecisionId: null }],
        ['plan:update', { fields: ['decisionRootId'], version: 2 }],
      ])
      const error = await rejection(InvalidRecordError, () =>
        store.decisions.record(newDecision(plan.planId)),
      )
      assert.deepEqual(
        error.issues.map(({ path, code }) => [path[0], code]),
        [['type', 'rule']],
      )
      assert.deepEqual(told, [{ id: root.decisionId, planId: plan.planId }])
      // One that the plan names already is no change of the plan.
      const other = await store.plans.create(newPlan({ name: 'local/other', decisionRootId: ulid(31) }))
      await store.decisions.record(newDecision(other.planId, { decisionId: ulid(31) }))
      assert.deepEqual(await store.plans.get(other.planId), other)
    },
  },
  {
    id: 'Z2',
    name: 'what a decision refers to is there: its plan, a parent of the plan, influences of the tree, children of the plan',
    async run(harness) {
      const store = await openFresh(harness)
      const { planId, root, choice } = await planWithChoice(store)
      const child = await store.plans.create(newPlan({ name: null, parentPlanId: planId }))
      const stranger = await store.plans.create(newPlan({ name: 'local/stranger' }))
      const foreign = await store.decisions.record(newDecision(stranger.planId))
      const fieldOf = async (changes: Partial<NewDecision>): Promise<readonly string[]> => {
        const input = { type: 'strategy_choice' as const, parentDecisionId: root.decisionId, ...changes }
        const call = () => store.decisions.record(newDecision(planId, input))
        return (await rejection(ConstraintViolationError, call)).fields
      }
      await rejection(RecordNotFoundError, () => store.decisions.record(newDecision(ulid(1))))
      assert.deepEqual(await fieldOf({ parentDecisionId: ulid(1) }), ['parentDecisionId'])
      assert.deepEqual(await fieldOf({ parentDecisionId: foreign.decisionId }), ['parentDecisionId'])
      assert.deepEqual(await fieldOf({ influences: [ulid(1)] }), ['influences'])
      assert.deepEqual(await fieldOf({ influences: [foreign.decisionId] }), ['influences'])
      const spawn = { type: 'subplan_spawn' as const }
      assert.deepEqual(await fieldOf({ ...spawn, spawnedPlanIds: [stranger.planId] }), ['spawnedPlanIds'])
      assert.deepEqual(await fieldOf({ ...spawn, spawnedPlanIds: [child.planId, ulid(1)] }), [
        'spawnedPlanIds',
      ])
      await store.decisions.record(
        newDecision(planId, {
          ...spawn,
          parentDecisionId: choice.decisionId,
          spawnedPlanIds: [child.planId],
        }),
      )
      // A decision of a child may depend on one of its parent.
      const below = await store.decisions.record(
        newDecision(child.planId, { influences: [choice.decisionId] }),
      )
      assert.deepEqual([below.rootPlanId, below.sequence], [planId, 1])
      assert.equal(await store.decisions.count({ rootPlanId: planId }), 4)
    },
  },
  {
    id: 'Z2b',
    name: 'a decision that breaks a rule is refused, and nothing is written',
    async run(harness) {
      const store = await openFresh(harness)
      const { planId } = await store.plans.create(newPlan())
      const entries = await store.audit.count()
      const wrong: readonly (readonly [changes: object, field: string])[] = [
        [{ type: 'strategy_choice' }, 'parentDecisionId'],
        [{ parentDecisionId: ulid(1) }, 'parentDecisionId'],
        [{ spawnedPlanIds: [planId] }, 'spawnedPlanIds'],
        [{ type: 'guess' }, 'type'],
        [{ question: ' ' }, 'question'],
        [{ chosenOption: '' }, 'chosenOption'],
        [{ confidence: 1.01 }, 'confidence'],
        [{ confidence: -0.01 }, 'confidence'],
        [{ confidence: Number.NaN }, 'confidence'],
        [{ alternatives: [{ option: '' }] }, 'alternatives'],
        [{ influences: [ulid(1), ulid(1)] }, 'influences'],
        [{ decisionId: 'x' }, 'decisionId'],
        [{ contextSnapshot: { time: new Date() } }, 'contextSnapshot'],
        [{ supersededBy: ulid(1) }, 'supersededBy'],
        [{ sequence: 7 }, 'sequence'],
      ]
      for (const [changes, field] of wrong) {
        const input = { ...newDecision(planId), ...changes } as NewDecision
        const error = await rejection(InvalidRecordError, () => store.decisions.record(input), field)
        assert.ok(
          error.issues.some(({ path, message }) => path[0] === field || message.includes(field)),
          `${field}: ${error.message}`,
        )
      }
      assert.deepEqual([await store.decisions.count(), await store.audit.count()], [0, entries])
      for (const confidence of [0, 1, 0.333333333333])
        assert.equal(
          (
            await store.decisions.record({
              ...newDecision((await store.plans.create(newPlan({ name: `local/c${confidence}` }))).planId),
              confidence,
            })
          ).confidence,
          confidence,
        )
    },
  },
  {
    id: 'Z3',
    name: 'the tree of a plan has its decisions by their numbers, and what depends on one is found at any depth',
    async run(harness) {
      const store = await openFresh(harness)
      const { planId, root, choice } = await planWithChoice(store)
      const under = (parent: string, more: Partial<NewDecision> = {}) =>
        store.decisions.record(
          newDecision(planId, { type: 'error_recovery', parentDecisionId: parent, ...more }),
        )
      const first = await under(choice.decisionId)
      const second = await under(root.decisionId)
      const third = await under(second.decisionId, { influences: [first.decisionId] })
      const fourth = await under(choice.decisionId)
      const tree = await store.decisions.tree(planId)
      assert.deepEqual(
        [...(tree?.nodes.values() ?? [])].map(({ decision, level }) => [decision.sequence, level]),
        [
          [1, 1],
          [2, 2],
          [3, 3],
          [6, 3],
          [4, 2],
          [5, 3],
        ],
      )
      assert.deepEqual(tree?.root?.decision, root)
      assert.equal(tree?.nodes.get(third.decisionId)?.parent?.decision.decisionId, second.decisionId)
      assert.deepEqual(ids(await store.decisions.influenced(choice.decisionId)), ids([first, third, fourth]))
      assert.deepEqual(ids(await store.decisions.influenced(second.decisionId)), ids([third]))
      assert.deepEqual(await store.decisions.influenced(fourth.decisionId), [])
      assert.equal((await store.decisions.influenced(root.decisionId)).length, 5)
      assert.equal(await store.decisions.tree(ulid(1)), null)
      await rejection(RecordNotFoundError, () => store.decisions.influenced(ulid(1)))
    },
  },
  {
    id: 'Z3b',
    name: 'lists of decisions are in the order of recording, by plan, tree, parent, type, and whether they count',
    async run(harness) {
      const store = await openFresh(harness)
      const { planId, root, choice } = await planWithChoice(store)
      const all = ids([root, choice])
      assert.deepEqual(ids((await store.decisions.list()).items), all)
      assert.deepEqual(ids((await store.decisions.list({}, { order: 'desc' })).items), all.toReversed())
      for (const [filter, expected] of [
        [{ planId }, all],
        [{ rootPlanId: planId }, all],
        [{ parentDecisionId: root.decisionId }, all.slice(1)],
        [{ parentDecisionId: null }, all.slice(0, 1)],
        [{ type: ['strategy_choice', 'reversion'] }, all.slice(1)],
        [{ live: true }, all],
        [{ live: false }, []],
        [{ planId: ulid(1) }, []],
      ] as const) {
        assert.deepEqual(ids((await store.decisions.list(filter)).items), expected, JSON.stringify(filter))
        assert.deepEqual(ids(await collect(store.decisions.each(filter))), expected)
        assert.equal(await store.decisions.count(filter), expected.length)
      }
      for (const filter of [{ live: 'yes' }, { question: 'x' }, { type: 'guess' }])
        await rejection(InvalidRecordError, () => store.decisions.list(filter as object))
    },
  },
  {
    id: 'Z4',
    name: 'of decisions that are recorded at once each has its own number, without a gap, in one store',
    async run(harness) {
      const store = await openFresh(harness)
      await recordAtOnce([store, store])
    },
  },
  {
    id: 'Z4b',
    name: 'of decisions that are recorded at once each has its own number, without a gap, in two stores',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      await recordAtOnce([await openAt(harness, place), await openAt(harness, place)])
    },
  },
  {
    id: 'Z4c',
    name: 'a decision of a transaction that is rolled back leaves no gap, and decisions outlive their plan',
    async run(harness) {
      const store = await openFresh(harness)
      const { planId, root } = await planWithChoice(store)
      const next = newDecision(planId, { type: 'strategy_choice', parentDecisionId: root.decisionId })
      const failing = store.transaction(async (tx) => {
        assert.equal((await tx.decisions.record(next)).sequence, 3)
        throw new RangeError('over')
      })
      await assert.rejects(failing, RangeError)
      assert.equal((await store.decisions.record(next)).sequence, 3)
      await store.plans.delete(planId)
      assert.equal((await store.decisions.tree(planId))?.nodes.size, 3)
      await rejection(RecordNotFoundError, () => store.decisions.record(next))
    },
  },
]
