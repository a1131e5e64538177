// P6: concurrent callers with one version of a plan: one wins, and the others get an error that
// says so. In one store and in two.

import assert from 'node:assert/strict'
import { InvalidTransitionError, RecordNotFoundError, VersionConflictError } from '../../errors.ts'
import type { Plan, Store } from '../../index.ts'
import { type ConformanceCase, openAt, openFresh } from '../support/case.ts'
import { codesOf, only, rejection, tally } from '../support/expect.ts'
import { newPlan, takenOver } from '../support/samples.ts'
import { makeMove } from './plan-moves.ts'

const ROUNDS = 8

/** All callers start one plan at once, repeatedly. */
async function startAtOnce(stores: readonly Store[]): Promise<void> {
  const [store] = stores as readonly [Store]
  for (let round = 0; round < ROUNDS; round += 1) {
    const plan = await store.plans.create(newPlan({ phase: 'strategize', state: 'queued' }), takenOver())
    const starts = [...stores, ...stores].map((each) => each.plans.start(plan.planId, plan))
    const codes = tally(codesOf(await Promise.allSettled(starts)))
    const { stored, VERSION_CONFLICT = 0, INVALID_TRANSITION = 0, ...others } = codes
    assert.deepEqual([stored, others], [1, {}], JSON.stringify(codes))
    assert.equal(VERSION_CONFLICT + INVALID_TRANSITION, starts.length - 1)
    const after = await store.plans.get(plan.planId)
    assert.deepEqual([after?.state, after?.version], ['processing', 2])
    const entries = await store.audit.query({ planId: plan.planId, action: 'plan:start' })
    assert.equal(entries.items.length, 1)
  }
  assert.equal((await store.audit.verify()).checked, 2 * ROUNDS)
}

/** Of different moves that are all allowed from one state, one is made. */
async function moveAtOnce(stores: readonly [Store, Store]): Promise<void> {
  const moves = ['complete', 'fail', 'cancel', 'revert'] as const
  for (let round = 0; round < ROUNDS; round += 1) {
    const plan = await stores[0].plans.create(newPlan({ phase: 'execute', state: 'processing' }), takenOver())
    const calls = moves.map((move, index) =>
      makeMove(stores[index % 2] ?? stores[0], move, plan.planId, plan),
    )
    const results = await Promise.allSettled(calls)
    const won = only(results.filter((result) => result.status === 'fulfilled')).value
    for (const result of results) {
      if (result.status === 'fulfilled') continue
      const { reason } = result
      assert.ok(reason instanceof VersionConflictError || reason instanceof InvalidTransitionError)
    }
    assert.deepEqual(await stores[1].plans.get(plan.planId), won)
    const entries = (await stores[0].audit.query({ planId: plan.planId })).items
    assert.equal(entries.length, 2)
  }
}

async function updateAtOnce(stores: readonly [Store, Store]): Promise<void> {
  const plan = await stores[0].plans.create(newPlan())
  const updates = Array.from({ length: 50 }, (_, index) =>
    stores[index % 2 === 0 ? 0 : 1].plans.update(plan.planId, { description: `Text ${index}` }, plan),
  )
  const results = await Promise.allSettled(updates)
  assert.deepEqual(tally(codesOf(results)), { stored: 1, VERSION_CONFLICT: 49 })
  const won = results.find((result) => result.status === 'fulfilled')
  assert.deepEqual(await stores[1].plans.get(plan.planId), won?.value)
  assert.equal(won?.value.version, 2)
}

export const planRaceCases: readonly ConformanceCase[] = [
  {
    id: 'P6',
    name: 'of concurrent starts of one plan exactly one happens, with one entry, in one store',
    async run(harness) {
      const store = await openFresh(harness)
      await startAtOnce([store, store, store, store])
    },
  },
  {
    id: 'P6b',
    name: 'of concurrent starts of one plan exactly one happens, with one entry, in two stores',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      await startAtOnce([await openAt(harness, place), await openAt(harness, place)])
    },
  },
  {
    id: 'P6c',
    name: 'of different moves from one version exactly one happens, in one store',
    async run(harness) {
      const store = await openFresh(harness)
      await moveAtOnce([store, store])
    },
  },
  {
    id: 'P6d',
    name: 'of different moves from one version exactly one happens, in two stores',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      await moveAtOnce([await openAt(harness, place), await openAt(harness, place)])
    },
  },
  {
    id: 'P6e',
    name: 'of fifty concurrent updates from one version exactly one succeeds, in one store',
    async run(harness) {
      const store = await openFresh(harness)
      await updateAtOnce([store, store])
    },
  },
  {
    id: 'P6f',
    name: 'of fifty concurrent updates from one version exactly one succeeds, in two stores',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      await updateAtOnce([await openAt(harness, place), await openAt(harness, place)])
    },
  },
  {
    id: 'P6g',
    name: 'an update of a stale version, or of a plan that is gone, is refused and changes nothing',
    async run(harness) {
      const store = await openFresh(harness)
      const made = await store.plans.create(newPlan())
      const { planId } = made
      const second = await store.plans.update(planId, { metadata: { by: 'first' } }, made)
      for (const version of [1, 3]) {
        const error = await rejection(VersionConflictError, () =>
          store.plans.update(planId, { metadata: {} }, { version }),
        )
        assert.deepEqual([error.expected, error.actual], [version, 2])
        assert.ok(error.message.includes(planId))
      }
      const moved: Plan = await store.plans.use(planId, second)
      await rejection(VersionConflictError, () => store.plans.update(planId, { metadata: {} }, second))
      assert.deepEqual(await store.plans.get(planId), moved)
      assert.equal(await store.plans.delete(planId), true)
      await rejection(RecordNotFoundError, () => store.plans.update(planId, { metadata: {} }, moved))
      await rejection(RecordNotFoundError, () => store.plans.start(planId, moved))
    },
  },
]
