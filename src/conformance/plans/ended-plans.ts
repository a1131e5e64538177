// P21: no live plan below one that has ended: who makes a plan below it, who ends it, and both at
// once, in one store, in two, and in two processes.

import assert from 'node:assert/strict'
import { InvalidRecordError, PlanEndedError, PlanHasChildrenError } from '../../errors.ts'
import type { Plan, Store } from '../../index.ts'
import { type ConformanceCase, feature, openAt, openStrict } from '../support/case.ts'
import { codesOf, only, rejection, tally } from '../support/expect.ts'
import { newPlan, takenOver } from '../support/samples.ts'
import { placeOf } from './plan-moves.ts'

const ROUNDS = 12
const applying = { phase: 'apply', state: 'processing' } as const

/** A plan that is being applied, and a live one below it. */
async function pair(store: Store): Promise<readonly [Plan, Plan]> {
  const parent = await store.plans.create(newPlan(applying), takenOver())
  return [parent, await store.plans.create(newPlan({ parentPlanId: parent.planId }))]
}

async function placesOf(store: Store, plans: readonly Plan[]): Promise<readonly string[]> {
  const found = await Promise.all(plans.map(({ planId }) => store.plans.get(planId)))
  return found.map((plan) => (plan === null ? 'gone' : placeOf(plan)))
}

/** Ends plans while children are made below them; of both, one is refused each time. */
async function raceIn(stores: readonly [Store, Store], end: 'cancel' | 'complete'): Promise<void> {
  const [one, other] = stores
  for (let round = 0; round < ROUNDS; round += 1) {
    const parent = await one.plans.create(newPlan(applying), takenOver())
    const { planId } = parent
    const make = () => one.plans.create(newPlan({ parentPlanId: planId }))
    const finish = () =>
      end === 'cancel' ? other.plans.cancel(planId, 'over', parent) : other.plans.complete(planId, parent)
    const calls = round % 2 === 0 ? [make(), finish()] : [finish(), make()]
    const { stored, ...others } = tally(codesOf(await Promise.allSettled(calls)))
    assert.equal(stored, 1, JSON.stringify(others))
    const ended = (await one.plans.get(planId))?.version === 2
    assert.deepEqual(others, ended ? { PLAN_ENDED: 1 } : { PLAN_HAS_CHILDREN: 1 })
    assert.equal((await other.plans.children(planId)).items.length, ended ? 0 : 1)
  }
}

/** Cancels trees while plans are made below their leaves; in the end none of them is live. */
async function treesIn([one, other]: readonly [Store, Store]): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const root = await one.plans.create(newPlan())
    const leaves = await one.plans.createMany(
      Array.from({ length: 5 }, () => newPlan({ parentPlanId: root.planId })),
    )
    const making = leaves.map(({ planId }) => one.plans.create(newPlan({ parentPlanId: planId })))
    const cancelling = other.plans.cancel(root.planId, 'over', { ...root, tree: true })
    const codes = tally(codesOf(await Promise.allSettled(making)))
    assert.equal((await cancelling).state, 'cancelled')
    const { stored = 0, PLAN_ENDED = 0, ...others } = codes
    assert.deepEqual([stored + PLAN_ENDED, others], [leaves.length, {}])
    const all = await other.plans.count({ rootPlanId: root.planId })
    const cancelled = await other.plans.count({ rootPlanId: root.planId, state: 'cancelled' })
    assert.deepEqual([all, cancelled], [6 + stored, 6 + stored])
  }
}

export const endedPlanCases: readonly ConformanceCase[] = [
  {
    id: 'P21',
    name: 'a plan with a live plan below it is neither applied nor cancelled alone; nothing is written',
    async run(harness) {
      const store = await openStrict(harness)
      const [parent, child] = await pair(store)
      const head = await store.audit.head()
      for (const end of [
        () => store.plans.complete(parent.planId, parent),
        () => store.plans.cancel(parent.planId, 'over', parent),
        () => store.plans.cancel(parent.planId, 'over', { ...parent, tree: false }),
      ]) {
        const error = await rejection(PlanHasChildrenError, end)
        assert.deepEqual([error.code, error.count], ['PLAN_HAS_CHILDREN', 1])
      }
      assert.deepEqual(await placesOf(store, [parent, child]), ['apply/processing', 'action/queued'])
      assert.deepEqual(await store.audit.head(), head)
      await store.plans.cancel(child.planId, null, child)
      assert.equal(placeOf(await store.plans.complete(parent.planId, parent)), 'apply/applied')
      await rejection(PlanEndedError, () => store.plans.create(newPlan({ parentPlanId: parent.planId })))
      await rejection(PlanEndedError, () =>
        store.plans.createMany([newPlan({ parentPlanId: parent.planId })]),
      )
    },
  },
  {
    id: 'P21b',
    name: 'with its tree a plan is applied, and everything live below it cancelled, or nothing happens',
    async run(harness) {
      const store = await openStrict(harness)
      const [parent, child] = await pair(store)
      const below = await store.plans.create(newPlan({ parentPlanId: child.planId }))
      await rejection(InvalidRecordError, () =>
        store.plans.complete(parent.planId, { ...parent, tree: 'yes' as never }),
      )
      const failing = store.transaction(async (tx) => {
        await tx.plans.complete(parent.planId, { ...parent, tree: true })
        throw new RangeError('on purpose')
      })
      await assert.rejects(failing, RangeError)
      assert.equal((await placesOf(store, [parent]))[0], 'apply/processing')
      const applied = await store.plans.complete(parent.planId, { ...parent, tree: true })
      assert.equal(placeOf(applied), 'apply/applied')
      assert.deepEqual(await placesOf(store, [child, below]), ['action/cancelled', 'action/cancelled'])
      const reason = `plan ${parent.planId} is applied`
      assert.equal((await store.plans.get(below.planId))?.cancelReason, reason)
      const entries = (await store.audit.query({ action: 'plan:cancel' })).items
      assert.deepEqual(
        entries.map((entry) => entry.reason),
        [reason, reason],
      )
      const other = await store.plans.create(
        newPlan({ phase: 'strategize', state: 'processing' }),
        takenOver(),
      )
      await rejection(InvalidRecordError, () => store.plans.complete(other.planId, { ...other, tree: true }))
    },
  },
  {
    id: 'P21c',
    name: 'the rule is overridden by its name, and recorded where a database only records',
    async run(harness) {
      const store = await openStrict(harness)
      const [parent, child] = await pair(store)
      const overriding = { ...parent, override: ['children'], reason: 'They go on alone' } as const
      await store.plans.complete(parent.planId, overriding)
      const entry = only((await store.audit.query({ matchedRule: 'children' })).items)
      assert.deepEqual(
        [entry.action, entry.verdict, entry.reason],
        ['plan:complete', 'allow', 'They go on alone'],
      )
      assert.deepEqual(await placesOf(store, [parent, child]), ['apply/applied', 'action/queued'])
      const place = harness.newPlace()
      const lax = await openAt(harness, place, { enforce: 'record' })
      const [above] = await pair(lax)
      await lax.plans.cancel(above.planId, null, above)
      const recorded = only((await lax.audit.query({ matchedRule: 'children' })).items)
      assert.deepEqual([recorded.action, recorded.verdict], ['plan:cancel', 'escalate'])
    },
  },
  {
    id: 'P21d',
    name: 'of a creation below a plan and its end at the same time one is refused, in one store',
    async run(harness) {
      const store = await openStrict(harness)
      await raceIn([store, store], 'cancel')
      await raceIn([store, store], 'complete')
      await treesIn([store, store])
    },
  },
  {
    id: 'P21e',
    name: 'of a creation below a plan and its end at the same time one is refused, in two stores',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const stores = [
        await openAt(harness, place, { enforce: 'refuse' }),
        await openAt(harness, place, { enforce: 'refuse' }),
      ] as const
      await raceIn(stores, 'cancel')
      await raceIn(stores, 'complete')
      await treesIn(stores)
    },
  },
  {
    id: 'P21f',
    name: 'of a creation below a plan and its end by another process one is refused',
    needs: ['processes'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place, { enforce: 'refuse' })
      const plans = await store.plans.createMany(Array.from({ length: 40 }, () => newPlan()))
      const ids = plans.map(({ planId }) => planId)
      const { perform } = feature(harness, 'processes')
      const [made, ended] = (await Promise.all([
        perform(place, { do: 'make-children', ids }),
        perform(place, { do: 'cancel-plans', ids, tree: false }),
      ])) as readonly (readonly string[])[]
      for (const [index, id] of ids.entries()) {
        const isEnded = ended?.[index] === 'cancelled'
        assert.ok(isEnded || ended?.[index] === 'PLAN_HAS_CHILDREN', ended?.[index])
        assert.equal(made?.[index] === 'PLAN_ENDED', isEnded)
        assert.equal((await store.plans.children(id)).items.length, isEnded ? 0 : 1)
      }
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
]
