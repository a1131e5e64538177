// S21–S27: steps of plans are recorded, the last completed step follows, what puts a plan back
// drops those that no longer count, and a plan says where it can be resumed.

import assert from 'node:assert/strict'
import { InvalidRecordError, InvalidTransitionError, RecordNotFoundError } from '../../errors.ts'
import { events, type NewPlan, type Plan, type PlanStepStatus, type Store } from '../../index.ts'
import { type ConformanceCase, openAt, openFresh } from '../support/case.ts'
import { newDecision } from '../support/decision-samples.ts'
import { rejection } from '../support/expect.ts'
import { newPlan, takenOver, ulid } from '../support/samples.ts'

const inExecute = { phase: 'execute', state: 'processing' } as const

function planIn(store: Store, place: Partial<Plan> = inExecute): Promise<Plan> {
  const input = newPlan({ automationProfile: 'ci', ...place } as Partial<NewPlan>)
  return store.plans.create(input, takenOver())
}

async function now(store: Store, planId: string): Promise<Plan> {
  const plan = await store.plans.get(planId)
  assert.ok(plan)
  return plan
}

/** Records steps one after the other, each with the last completed step that follows. */
async function recorded(
  store: Store,
  planId: string,
  steps: readonly (readonly [index: number, status: PlanStepStatus, last: number])[],
): Promise<void> {
  for (const [index, status, last] of steps) {
    await store.plans.step(planId, { index, status })
    assert.equal((await now(store, planId)).lastCompletedStep, last, `after ${index} ${status}`)
  }
}

const indexes = async (store: Store, planId: string) =>
  (await store.plans.steps(planId)).map(({ planPhase, index }) => `${planPhase} ${index}`)

export const planStepCases: readonly ConformanceCase[] = [
  {
    id: 'S21',
    name: 'a step is recorded with its times, keeps what is left out, and has its audit entry and event',
    async run(harness) {
      const store = await openFresh(harness)
      const { planId, version } = await planIn(store)
      const heard: object[] = []
      store.on(events.stepRecorded, (payload) => heard.push(payload))
      const running = await store.plans.step(planId, {
        ...{ index: 0, total: 3, name: 'Read the schema', status: 'running' },
      })
      assert.deepEqual([running.planPhase, running.planAttempt, running.version], ['execute', 1, 1])
      assert.ok(running.startedAt)
      assert.equal(running.endedAt, null)
      assert.equal((await now(store, planId)).version, version)
      const done = await store.plans.step(planId, { index: 0, status: 'completed' })
      assert.deepEqual([done.total, done.name, done.version], [3, 'Read the schema', 2])
      assert.deepEqual(done.startedAt, running.startedAt)
      assert.ok(done.endedAt)
      const plan = await now(store, planId)
      assert.deepEqual([plan.lastCompletedStep, plan.version], [0, version + 1])
      // As it is already: nothing is stored.
      assert.deepEqual(await store.plans.step(planId, { index: 0, status: 'completed' }), done)
      assert.deepEqual(await now(store, planId), plan)
      assert.deepEqual(await store.plans.steps(planId), [done])
      assert.deepEqual(await store.planSteps.get(done.stepId), done)
      assert.deepEqual(
        heard,
        ['running', 'completed'].map((status) => ({ id: done.stepId, planId, index: 0, status })),
      )
      const entries = (await store.audit.query({ action: 'step:record', planId })).items
      assert.deepEqual(
        entries.map(({ subjectId, details }) => [
          subjectId,
          (details as { readonly to?: string } | null)?.to,
        ]),
        [
          [done.stepId, 'completed'],
          [done.stepId, 'running'],
        ],
      )
      assert.ok(!JSON.stringify(entries).includes('Read the schema'))
    },
  },
  {
    id: 'S22',
    name: 'the last completed step is the greatest one that is done before the first that is not',
    async run(harness) {
      const store = await openFresh(harness)
      const { planId } = await planIn(store)
      await recorded(store, planId, [
        [0, 'pending', -1],
        [1, 'running', -1],
        [1, 'completed', -1],
        [0, 'completed', 1],
        [2, 'skipped', 2],
        // Steps that were never recorded count as done.
        [5, 'completed', 5],
        [3, 'running', 2],
        [3, 'failed', 2],
        [3, 'completed', 5],
        [1, 'running', 0],
      ])
      // A caller may say it too; steps follow from there.
      const other = await planIn(store, { ...inExecute, name: 'local/other', lastCompletedStep: 4 })
      await recorded(store, other.planId, [
        [2, 'completed', 4],
        [5, 'running', 4],
        [5, 'completed', 5],
        [3, 'running', 2],
      ])
    },
  },
  {
    id: 'S23',
    name: 'steps are counted in each phase anew, and a retried plan keeps them',
    async run(harness) {
      const store = await openFresh(harness)
      const { planId } = await planIn(store, { phase: 'strategize', state: 'processing' })
      await recorded(store, planId, [
        [0, 'completed', 0],
        [1, 'completed', 1],
      ])
      await store.plans.complete(planId, await now(store, planId))
      await store.plans.advance(planId, await now(store, planId))
      const ready = await store.plans.resumable(planId)
      assert.deepEqual(ready.resumable && [ready.move, ready.step, ready.total], ['start', 0, null])
      await store.plans.start(planId, await now(store, planId))
      await recorded(store, planId, [
        [0, 'running', -1],
        [0, 'completed', 0],
        [1, 'running', 0],
      ])
      await store.plans.fail(planId, { message: 'no disk' }, await now(store, planId))
      await store.plans.retry(planId, await now(store, planId))
      await store.plans.start(planId, await now(store, planId))
      const again = await store.plans.step(planId, { index: 1, status: 'running' })
      assert.deepEqual([again.planAttempt, again.version], [2, 2])
      assert.deepEqual(await indexes(store, planId), [
        ...['strategize 0', 'strategize 1', 'execute 0', 'execute 1'],
      ])
    },
  },
  {
    id: 'S24',
    name: 'a reversion drops every step, the restoration of a checkpoint those after it, a deletion all',
    async run(harness) {
      const store = await openFresh(harness)
      const { planId } = await planIn(store)
      const heard: object[] = []
      store.on(events.stepsDropped, (payload) => heard.push(payload))
      for (const index of [0, 1, 2]) await store.plans.step(planId, { index, status: 'completed' })
      const { checkpointId } = await store.planCheckpoints.create({ planId, step: 1 })
      await store.plans.step(planId, { index: 3, status: 'failed' })
      const before = await now(store, planId)
      const restored = await store.planCheckpoints.restore(checkpointId, { reason: 'again' }, before)
      assert.equal(restored.plan.lastCompletedStep, 1)
      assert.deepEqual(await indexes(store, planId), ['execute 0', 'execute 1'])
      await store.plans.start(planId, restored.plan)
      await recorded(store, planId, [[2, 'completed', 2]])
      await store.plans.revert(planId, 'another way', await now(store, planId))
      assert.deepEqual(await store.plans.steps(planId), [])
      assert.deepEqual(heard, [
        { planId, steps: 2 },
        { planId, steps: 3 },
      ])
      assert.equal((await store.audit.query({ action: 'step:drop', planId })).items.length, 2)
      await recorded(store, planId, [[0, 'completed', 0]])
      await store.plans.delete(planId)
      assert.equal(await store.planSteps.count(), 0)
    },
  },
  {
    id: 'S25',
    name: 'what a step cannot be is refused, and a plan that has ended or is not there has none',
    async run(harness) {
      const store = await openFresh(harness)
      const { planId } = await planIn(store)
      const step = (report: object) => () => store.plans.step(planId, report as never)
      await rejection(InvalidRecordError, step({ index: 3, total: 3, status: 'running' }))
      await rejection(InvalidRecordError, step({ index: -1, status: 'running' }))
      await rejection(InvalidRecordError, step({ index: 10_000, status: 'running' }))
      await rejection(InvalidRecordError, step({ index: 0, status: 'done' }))
      await rejection(InvalidRecordError, step({ index: 0 }))
      await rejection(InvalidRecordError, step({ index: 0, status: 'running', extra: 1 }))
      await store.plans.step(planId, { index: 0, total: 1, status: 'running' })
      await store.plans.cancel(planId, null, await now(store, planId))
      await rejection(InvalidTransitionError, step({ index: 0, status: 'completed' }))
      await rejection(RecordNotFoundError, () => store.plans.step(ulid(1), { index: 0, status: 'running' }))
      await rejection(RecordNotFoundError, () => store.plans.steps(ulid(1)))
      await rejection(RecordNotFoundError, () => store.plans.resumable(ulid(1)))
      assert.equal(await store.planSteps.count({ status: 'running' }), 1)
    },
  },
  {
    id: 'S26',
    name: 'a plan says whether it can be resumed, and from which step, checkpoint and decision',
    async run(harness) {
      const store = await openFresh(harness)
      const { planId } = await planIn(store)
      const decision = await store.decisions.record(newDecision(planId))
      const checkpoint = await store.planCheckpoints.create({ planId, alias: 'before' })
      await store.plans.step(planId, { index: 0, total: 2, status: 'completed' })
      const next = await store.plans.step(planId, { index: 1, name: 'Write', status: 'running' })
      const answer = await store.plans.resumable(planId)
      const { state: _, ...summary } = checkpoint
      const expected = { move: null, step: 1, total: 2, recorded: next, checkpoint: summary, decision }
      assert.deepEqual(answer, { resumable: true, plan: await now(store, planId), ...expected })
      await store.plans.fail(planId, { message: 'no disk' }, await now(store, planId))
      const failed = await store.plans.resumable(planId)
      assert.deepEqual(failed.resumable && [failed.move, failed.step], ['retry', 1])
      const reasons = [
        [{ phase: 'action', state: 'queued' }, 'not_begun'],
        [{ phase: 'execute', state: 'complete' }, 'phase_complete'],
        [{ phase: 'apply', state: 'constrained' }, 'constrained'],
        [{ phase: 'apply', state: 'applied' }, 'ended'],
        [{ phase: 'execute', state: 'cancelled' }, 'ended'],
      ] as const
      for (const [index, [place, reason]] of reasons.entries()) {
        const plan = await planIn(store, { ...place, name: `local/other-${index}` })
        const refused = await store.plans.resumable(plan.planId)
        assert.deepEqual(!refused.resumable && refused.reason, reason)
      }
    },
  },
  {
    id: 'S27',
    name: 'steps that are recorded at once in two stores are all stored, and the last one is right',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const stores = [await openAt(harness, place), await openAt(harness, place)] as const
      const { planId } = await planIn(stores[0])
      await Promise.all(
        Array.from({ length: 16 }, (_, index) =>
          stores[index % 2 === 0 ? 0 : 1].plans.step(planId, { index, status: 'completed' }),
        ),
      )
      assert.equal((await now(stores[0], planId)).lastCompletedStep, 15)
      assert.equal((await stores[1].plans.steps(planId)).length, 16)
    },
  },
]
