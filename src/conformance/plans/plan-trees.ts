// P7, P8: operations on a plan together with everything below it: cancelling and deleting, all or
// none. Depth is in plan-depth.ts.

import assert from 'node:assert/strict'
import {
  ConstraintViolationError,
  CorruptRecordError,
  InvalidTransitionError,
  PlanHasChildrenError,
  VersionConflictError,
} from '../../errors.ts'
import type { Plan, PlanState, Store, TakenOverPlan } from '../../index.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { collect, rejection } from '../support/expect.ts'
import { newCost, newMessage, newPlan, newTask, takenOver, ulid } from '../support/samples.ts'
import { placeOf } from './plan-moves.ts'

type Books = Pick<Store, 'plans'>

/** A root and below it plans in several states, final or not, on three levels. */
async function family(store: Books): Promise<readonly Plan[]> {
  const live = { phase: 'execute', state: 'processing' } as const
  const root = await store.plans.create(newPlan({ phase: 'strategize', state: 'complete' }), takenOver())
  const below = (parent: Plan, more: Partial<TakenOverPlan>) =>
    store.plans.create(newPlan({ parentPlanId: parent.planId, ...more }), takenOver())
  const left = await below(root, live)
  const right = await below(root, { phase: 'apply', state: 'processing' })
  return [
    root,
    left,
    right,
    await below(left, { phase: 'action', state: 'cancelled', cancelReason: 'earlier' }),
    await below(left, { phase: 'apply', state: 'constrained' }),
    await below(right, live),
    await below(right, { phase: 'strategize', state: 'errored' }),
  ]
}

const ended: readonly PlanState[] = ['applied', 'cancelled']

async function statesOf(store: Books): Promise<readonly string[]> {
  return (await collect(store.plans.each())).map((plan) => `${plan.planId} ${placeOf(plan)} ${plan.version}`)
}

export const planTreeCases: readonly ConformanceCase[] = [
  {
    id: 'P7',
    name: 'cancelling a tree ends every live plan of it, and nothing outside',
    async run(harness) {
      const store = await openFresh(harness)
      const outside = await store.plans.create(newPlan())
      const plans = await family(store)
      const [root] = plans as readonly [Plan]
      const cancelled = await store.plans.cancel(root.planId, 'Nobody needs it', { ...root, tree: true })
      assert.deepEqual([placeOf(cancelled), cancelled.version], ['strategize/cancelled', 2])
      assert.deepEqual(await store.plans.get(root.planId), cancelled)
      for (const before of plans) {
        const after = await store.plans.get(before.planId)
        assert.ok(after)
        if (ended.includes(before.state)) {
          assert.deepEqual(after, before)
          continue
        }
        assert.ok(after.cancelledAt && after.cancelledAt >= before.updatedAt)
        const { cancelledAt, updatedAt } = after
        const changes = { state: 'cancelled', cancelReason: 'Nobody needs it', version: 2 }
        assert.deepEqual(after, { ...before, ...changes, cancelledAt, updatedAt })
      }
      assert.deepEqual(await store.plans.get(outside.planId), outside)
      const entries = await collect(store.audit.each({ action: 'plan:cancel' }))
      const live = plans.filter((plan) => !ended.includes(plan.state)).map((plan) => plan.planId)
      assert.deepEqual(entries.map((entry) => entry.planId).toSorted(), live.toSorted())
      assert.ok(entries.every((entry) => entry.reason === 'Nobody needs it'))
      assert.equal((await store.audit.verify()).ok, true)
      const again = () => store.plans.cancel(root.planId, null, { ...cancelled, tree: true })
      assert.deepEqual((await rejection(InvalidTransitionError, again)).allowed, [])
    },
  },
  {
    id: 'P7b',
    name: 'cancelling a part of a tree leaves the plans above and beside it',
    async run(harness) {
      const store = await openFresh(harness)
      const [root, left, right, ...rest] = (await family(store)) as [Plan, Plan, Plan, ...Plan[]]
      await store.plans.cancel(left.planId, null, { ...left, tree: true })
      for (const plan of [root, right, rest[0], rest[2], rest[3]]) {
        assert.deepEqual(await store.plans.get(plan?.planId ?? ''), plan)
      }
      assert.equal((await store.plans.get(rest[1]?.planId ?? ''))?.state, 'cancelled')
      await rejection(VersionConflictError, () =>
        store.plans.cancel(root.planId, null, { version: 9, tree: true }),
      )
      const [over] = rest
      assert.ok(over)
      await rejection(InvalidTransitionError, () =>
        store.plans.cancel(over.planId, null, { ...over, tree: true }),
      )
    },
  },
  {
    id: 'P7c',
    name: 'a tree is cancelled whole or not at all: a transaction that fails afterwards, a part of one, an unreadable plan',
    needs: ['cells', 'looseCells'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const plans = await family(store)
      const [root] = plans as readonly [Plan]
      const before = await statesOf(store)
      const head = await store.audit.head()
      const failing = store.transaction(async (tx) => {
        await tx.plans.cancel(root.planId, 'lost', { ...root, tree: true })
        assert.equal(await tx.plans.count({ state: 'cancelled' }), 7)
        throw new RangeError('on purpose')
      })
      await assert.rejects(failing, RangeError)
      assert.deepEqual(await statesOf(store), before)
      await store.transaction(async (tx) => {
        const part = tx.transaction(async (inner) => {
          await inner.plans.cancel(root.planId, 'lost', { ...root, tree: true })
          throw new RangeError('on purpose')
        })
        await assert.rejects(part, RangeError)
        assert.deepEqual(await statesOf(tx), before)
      })
      assert.deepEqual(await store.audit.head(), head)
      const last = plans.at(-1)?.planId ?? ''
      const cell = { table: 'plans', id: last, column: 'created_at' }
      const stored = await feature(harness, 'cells').read(place, cell)
      await feature(harness, 'cells').write(place, cell, 'yesterday')
      const error = await rejection(CorruptRecordError, () =>
        store.plans.cancel(root.planId, 'lost', { ...root, tree: true }),
      )
      assert.deepEqual([error.table, error.id, error.column], ['plans', last, 'created_at'])
      await feature(harness, 'cells').write(place, cell, stored ?? '')
      assert.deepEqual(await statesOf(store), before)
      assert.deepEqual(await store.audit.head(), head)
    },
  },
  {
    id: 'P7d',
    name: 'plans that others move while their tree is cancelled are moved before or not at all',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const [one, other] = [await openAt(harness, place), await openAt(harness, place)]
      for (let round = 0; round < 4; round += 1) {
        const root = await one.plans.create(newPlan())
        const children = await one.plans.createMany(
          Array.from({ length: 450 }, () =>
            newPlan({ parentPlanId: root.planId, phase: 'execute', state: 'queued' }),
          ),
          takenOver(),
        )
        const cancelling = one.plans.cancel(root.planId, 'over', { ...root, tree: true })
        const starts = await Promise.allSettled(
          children.slice(0, 40).map((plan) => other.plans.start(plan.planId, plan)),
        )
        await cancelling
        for (const [index, start] of starts.entries()) {
          const plan = await one.plans.get(children[index]?.planId ?? '')
          assert.equal(plan?.state, 'cancelled')
          assert.equal(plan?.version, start.status === 'fulfilled' ? 3 : 2)
          if (start.status === 'rejected') assert.ok(start.reason instanceof VersionConflictError)
        }
        assert.equal(await other.plans.count({ rootPlanId: root.planId, state: 'cancelled' }), 451)
        await one.plans.delete(root.planId, { tree: true })
      }
      assert.equal((await one.audit.verify()).ok, true)
    },
  },
  {
    id: 'P8',
    name: 'a plan with children is not deleted without its tree; one without is',
    async run(harness) {
      const store = await openFresh(harness)
      const plans = await family(store)
      const [root, left, , leaf] = plans as [Plan, Plan, Plan, Plan]
      const before = await statesOf(store)
      const head = await store.audit.head()
      for (const [plan, count] of [
        [root, 2],
        [left, 2],
      ] as const) {
        for (const options of [undefined, {}, { tree: false }]) {
          const error = await rejection(PlanHasChildrenError, () => store.plans.delete(plan.planId, options))
          assert.equal(error.count, count)
          assert.ok(error.message.includes(plan.planId))
        }
      }
      assert.deepEqual(await statesOf(store), before)
      assert.deepEqual(await store.audit.head(), head)
      assert.equal(await store.plans.delete(leaf.planId), true)
      assert.equal(await store.plans.get(leaf.planId), null)
      assert.equal(await store.plans.delete(leaf.planId), false)
      assert.equal(await store.plans.delete(ulid(404), { tree: true }), false)
      const lone = await store.plans.create(newPlan({ name: 'local/lone' }))
      assert.equal(await store.plans.delete(lone.planId), true)
      assert.equal((await store.plans.create(newPlan({ name: 'local/lone' }))).version, 1)
      assert.equal(await store.plans.delete(left.planId, { tree: true }), true)
      assert.equal(await store.plans.count({ rootPlanId: root.planId }), 4)
    },
  },
  {
    id: 'P8b',
    name: 'a tree of 10,000 plans is deleted, or stays whole when the transaction fails',
    large: true,
    async run(harness) {
      const store = await openFresh(harness)
      const other = await store.plans.create(newPlan())
      const root = await store.plans.create(newPlan())
      const parents = [root.planId]
      for (let made = 0; made < 9_999; made += 1_111) {
        const batch = await store.plans.createMany(
          Array.from({ length: 1_111 }, (_, index) =>
            newPlan({ parentPlanId: parents[index % parents.length] ?? root.planId }),
          ),
        )
        parents.push(...batch.slice(0, 50).map((plan) => plan.planId))
      }
      assert.equal(await store.plans.count({ rootPlanId: root.planId }), 10_000)
      assert.equal((await store.plans.tree(root.planId))?.nodes.size, 10_000)
      const failing = store.transaction(async (tx) => {
        assert.equal(await tx.plans.delete(root.planId, { tree: true }), true)
        assert.equal(await tx.plans.count(), 1)
        throw new RangeError('on purpose')
      })
      await assert.rejects(failing, RangeError)
      assert.equal(await store.plans.count(), 10_001)
      assert.equal(await store.plans.delete(root.planId, { tree: true }), true)
      assert.deepEqual((await store.plans.list()).items, [other])
      // R6: each deleted plan has its entry.
      const entries = (await collect(store.audit.each({ action: 'plan:delete' }))).toReversed()
      assert.deepEqual(entries[0]?.details, { plans: 10_000, tree: true })
      assert.deepEqual([entries[0]?.planId, entries[0]?.subjectId], [root.planId, root.planId])
      assert.equal(new Set(entries.map(({ planId }) => planId)).size, 10_000)
      assert.deepEqual(entries.at(-1)?.details, { deletedWith: root.planId })
      assert.equal(entries.at(-1)?.planId, entries.at(-1)?.subjectId)
    },
  },
  {
    id: 'P8c',
    name: 'a plan that tasks belong to is not deleted; its costs, messages and entries outlive it',
    async run(harness) {
      const store = await openFresh(harness)
      const root = await store.plans.create(newPlan())
      const child = await store.plans.create(newPlan({ parentPlanId: root.planId }))
      const { planId } = child
      const task = await store.tasks.create(newTask({ planId }))
      const cost = await store.costRecords.append(newCost({ planId, cost: '1.5' }))
      const message = await store.messages.append(newMessage({ metadata: { planId } }))
      const entry = await store.audit.append({ action: 'plan:note', subjectType: 'plan', planId })
      const before = await statesOf(store)
      for (const [id, options] of [
        [planId, {}],
        [planId, { tree: true }],
        [root.planId, { tree: true }],
      ] as const) {
        const error = await rejection(ConstraintViolationError, () => store.plans.delete(id, options))
        assert.match(error.message, /1 task/)
      }
      assert.deepEqual(await statesOf(store), before)
      await store.tasks.update(task.id, { planId: null }, task)
      assert.equal(await store.plans.delete(root.planId, { tree: true }), true)
      assert.equal(await store.plans.count(), 0)
      assert.deepEqual(await store.costRecords.get(cost.id), cost)
      assert.deepEqual(await store.messages.get(message.id), message)
      assert.deepEqual(await store.audit.get(entry.id), entry)
      assert.equal((await store.plans.cost(planId)).cost, '1.5')
      assert.ok((await store.audit.query({ planId })).items.length >= 2)
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
]
