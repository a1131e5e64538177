// P5: every move from every state, with what it sets, counts and clears. Races are in
// plan-races.ts, the entries that moves write in audit-moves.ts.

import assert from 'node:assert/strict'
import {
  InvalidRecordError,
  InvalidTransitionError,
  RecordNotFoundError,
  ReversionLimitError,
  VersionConflictError,
} from '../../errors.ts'
import type { Plan, PlanMove, PlanPhase, PlanState, Store } from '../../index.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { only, rejection } from '../support/expect.ts'
import { newPlan, takenOver, ulid } from '../support/samples.ts'

/** Every state that a plan may be in. */
const places = [
  'action/queued',
  'action/cancelled',
  ...['strategize', 'execute'].flatMap((phase) =>
    ['queued', 'processing', 'complete', 'errored', 'cancelled'].map((state) => `${phase}/${state}`),
  ),
  ...['queued', 'processing', 'applied', 'constrained', 'errored', 'cancelled'].map(
    (state) => `apply/${state}`,
  ),
]

const inEach = (phases: readonly string[], from: string, to: string) =>
  Object.fromEntries(phases.map((phase) => [`${phase}/${from}`, `${phase}/${to}`]))
const working = ['strategize', 'execute', 'apply']

/** From where to where each move leads, as in the specification's table. */
const table: Readonly<Record<PlanMove, Readonly<Record<string, string>>>> = {
  use: { 'action/queued': 'strategize/queued' },
  start: inEach(working, 'queued', 'processing'),
  complete: {
    ...inEach(['strategize', 'execute'], 'processing', 'complete'),
    'apply/processing': 'apply/applied',
  },
  advance: { 'strategize/complete': 'execute/queued', 'execute/complete': 'apply/queued' },
  constrain: { 'apply/processing': 'apply/constrained' },
  fail: inEach(working, 'processing', 'errored'),
  retry: inEach(working, 'errored', 'queued'),
  redo: { 'strategize/complete': 'strategize/queued' },
  revert: Object.fromEntries(
    [
      'execute/queued',
      'execute/processing',
      'execute/complete',
      'execute/errored',
      'apply/queued',
      'apply/processing',
      'apply/constrained',
      'apply/errored',
    ].map((from) => [from, 'strategize/queued']),
  ),
  cancel: Object.fromEntries(
    places
      .filter((place) => !/\/(applied|cancelled)$/.test(place))
      .map((place) => [place, `${place.split('/')[0]}/cancelled`]),
  ),
}

/** The time that a move sets, by the move and its start. */
const stamps: Readonly<Record<string, keyof Plan>> = {
  'start strategize/queued': 'strategizeStartedAt',
  'start execute/queued': 'executeStartedAt',
  'start apply/queued': 'applyStartedAt',
  'complete strategize/processing': 'strategizeCompletedAt',
  'complete execute/processing': 'executeCompletedAt',
  'complete apply/processing': 'appliedAt',
}

const failure = { message: 'The disk was full', details: { free: 0 } }

/** Phase and state as one text, such as `execute/queued`. */
export function placeOf(plan: Pick<Plan, 'phase' | 'state'>): string {
  return `${plan.phase}/${plan.state}`
}

/** Phase and state of such a text, as an input has them. */
export function inPlace(place: string) {
  const [phase, state] = place.split('/') as [PlanPhase, PlanState]
  return { phase, state }
}

/** Makes any of the moves, with the arguments it needs. */
export function makeMove(
  books: Pick<Store, 'plans'>,
  move: PlanMove,
  id: string,
  base: { readonly version: number },
): Promise<Plan> {
  const { plans } = books
  switch (move) {
    case 'fail':
      return plans.fail(id, failure, base)
    case 'redo':
    case 'revert':
      return plans[move](id, 'The strategy was wrong', base)
    case 'cancel':
      return plans.cancel(id, 'Nobody needs it', base)
    default:
      return plans[move](id, base)
  }
}

/** What a move changes besides version and time of the last change. */
function effect(move: PlanMove, before: Plan, after: Plan): Partial<Plan> {
  const stamp = move === 'cancel' ? 'cancelledAt' : stamps[`${move} ${placeOf(before)}`]
  return {
    ...(stamp === undefined ? {} : { [stamp]: after[stamp] }),
    ...(move === 'fail' ? { error: failure } : {}),
    ...(move === 'retry' ? { attempt: before.attempt + 1 } : {}),
    // The root of the decisions, to which a reversion adds its own.
    ...(move === 'revert'
      ? { reversionCount: before.reversionCount + 1, decisionRootId: after.decisionRootId }
      : {}),
    ...(move === 'retry' || move === 'revert' ? { error: null } : {}),
    ...(move === 'cancel' ? { cancelReason: 'Nobody needs it' } : {}),
  }
}

function assertStamped(move: PlanMove, before: Plan, after: Plan): void {
  const stamp = move === 'cancel' ? 'cancelledAt' : stamps[`${move} ${placeOf(before)}`]
  if (stamp === undefined) return
  const time = after[stamp]
  assert.ok(time instanceof Date, `${move} sets ${stamp}`)
  assert.ok(time >= before.updatedAt && time <= after.updatedAt, `${stamp} is the time of the move`)
}

export const planMoveCases: readonly ConformanceCase[] = [
  {
    id: 'P5',
    name: 'each move from each place: it goes where the table says and changes that alone, or is refused',
    async run(harness) {
      const store = await openFresh(harness)
      for (const move of Object.keys(table) as PlanMove[]) {
        for (const place of places) {
          const about = `${move} from ${place}`
          const before = await store.plans.create(
            newPlan({ ...inPlace(place), error: { message: 'Earlier', details: null }, reversionCount: 1 }),
            takenOver(),
          )
          const { planId } = before
          const call = () => makeMove(store, move, planId, before)
          const to = table[move][place]
          if (to === undefined) {
            const error = await rejection(InvalidTransitionError, call, about)
            const allowed = Object.values(table).flatMap((moves) => moves[place] ?? [])
            assert.equal(error.from, place, about)
            assert.match(error.to, /^(action|strategize|execute|apply)\/[a-z]+$/, about)
            assert.deepEqual(error.allowed.toSorted(), [...new Set(allowed)].toSorted(), about)
            assert.ok(error.message.includes(planId), about)
            assert.deepEqual(await store.plans.get(planId), before, about)
            continue
          }
          const after = await call()
          assertStamped(move, before, after)
          const { updatedAt } = after
          const expected = {
            ...before,
            ...inPlace(to),
            ...effect(move, before, after),
            version: 2,
            updatedAt,
          }
          assert.deepEqual(after, expected, about)
          assert.deepEqual(await store.plans.get(planId), after, about)
        }
      }
    },
  },
  {
    id: 'P5b',
    name: 'a whole life: times are stamped, attempts and reversions counted, errors set and cleared',
    async run(harness) {
      const store = await openFresh(harness)
      let plan = await store.plans.create(newPlan())
      const { planId } = plan
      const go = async (...moves: readonly PlanMove[]) => {
        for (const move of moves) plan = await makeMove(store, move, planId, plan)
      }
      await go('use', 'start', 'fail')
      assert.deepEqual([placeOf(plan), plan.error, plan.attempt], ['strategize/errored', failure, 1])
      await go('retry')
      assert.deepEqual([placeOf(plan), plan.error, plan.attempt], ['strategize/queued', null, 2])
      const firstStart = plan.strategizeStartedAt
      await go('start', 'complete', 'advance', 'start', 'fail', 'revert')
      assert.deepEqual([placeOf(plan), plan.error, plan.reversionCount], ['strategize/queued', null, 1])
      assert.ok(firstStart && plan.strategizeStartedAt && plan.strategizeStartedAt >= firstStart)
      assert.equal(plan.attempt, 2)
      await go('start', 'complete', 'advance', 'start', 'complete', 'advance', 'start', 'constrain')
      assert.equal(placeOf(plan), 'apply/constrained')
      await go('revert', 'start', 'complete', 'advance', 'start', 'complete', 'advance', 'start', 'complete')
      assert.deepEqual([placeOf(plan), plan.reversionCount, plan.cancelledAt], ['apply/applied', 2, null])
      assert.deepEqual(await store.plans.get(planId), plan)
      const times = [
        plan.createdAt,
        plan.strategizeStartedAt,
        plan.strategizeCompletedAt,
        plan.executeStartedAt,
        plan.executeCompletedAt,
        plan.applyStartedAt,
        plan.appliedAt,
        plan.updatedAt,
      ]
      assert.deepEqual(
        times,
        times.toSorted((a, b) => Number(a) - Number(b)),
      )
      assert.ok(times.every((time) => time !== null))
    },
  },
  {
    id: 'P5c',
    name: 'a fourth reversion is ReversionLimitError, changes nothing, and leaves the other moves open',
    async run(harness) {
      const store = await openFresh(harness)
      let plan = await store.plans.create(newPlan({ phase: 'execute', state: 'complete' }), takenOver())
      const { planId } = plan
      for (let times = 1; times <= 3; times += 1) {
        plan = await store.plans.revert(planId, `Reason ${times}`, plan)
        assert.equal(plan.reversionCount, times)
        for (const move of ['start', 'complete', 'advance', 'start'] as const) {
          plan = await makeMove(store, move, planId, plan)
        }
      }
      const head = await store.audit.head()
      const error = await rejection(ReversionLimitError, () => store.plans.revert(planId, 'Again', plan))
      assert.equal(error.limit, 3)
      assert.ok(error.message.includes(planId))
      assert.deepEqual(await store.plans.get(planId), plan)
      assert.deepEqual(await store.audit.head(), head)
      assert.equal(placeOf(await store.plans.complete(planId, plan)), 'execute/complete')
    },
  },
  {
    id: 'P5f',
    name: 'R3: a reversion drops what the execution came to; its entry keeps what that was',
    async run(harness) {
      const store = await openFresh(harness)
      let plan = await store.plans.create(newPlan())
      const { planId } = plan
      for (const move of ['use', 'start', 'complete', 'advance', 'start'] as const)
        plan = await makeMove(store, move, planId, plan)
      const reached = {
        lastCompletedStep: 5,
        lastCheckpointId: 'checkpoint-1',
        changesetId: 'changeset-1',
        validationSummary: { passed: 3 },
        decisionRootId: ulid(5),
        sandboxRefs: ['sandbox-a'],
      }
      plan = await store.plans.update(planId, reached, plan)
      // A retry resumes where the execution stopped.
      plan = await store.plans.fail(planId, { message: 'The disk was full' }, plan)
      plan = await store.plans.retry(planId, plan)
      assert.deepEqual([plan.lastCompletedStep, plan.lastCheckpointId], [5, 'checkpoint-1'])
      plan = await makeMove(store, 'start', planId, plan)
      plan = await store.plans.revert(planId, 'Wrong way', plan)
      assert.deepEqual(await store.plans.get(planId), plan)
      const { lastCompletedStep, lastCheckpointId, changesetId, validationSummary } = plan
      assert.deepEqual(
        { lastCompletedStep, lastCheckpointId, changesetId, validationSummary },
        { lastCompletedStep: -1, lastCheckpointId: null, changesetId: null, validationSummary: null },
      )
      assert.deepEqual([plan.decisionRootId, plan.sandboxRefs], [ulid(5), ['sandbox-a']])
      const { details } = only((await store.audit.query({ action: 'plan:revert' })).items)
      assert.deepEqual((details as { discarded: unknown }).discarded, {
        lastCompletedStep: 5,
        lastCheckpointId: 'checkpoint-1',
        changesetId: 'changeset-1',
        validationSummary: true,
      })
    },
  },
  {
    id: 'P5d',
    name: 'a move needs the version, a plan that is there, and what belongs to it',
    async run(harness) {
      const store = await openFresh(harness)
      const plan = await store.plans.create(
        newPlan({ phase: 'strategize', state: 'processing' }),
        takenOver(),
      )
      const { planId } = plan
      const head = await store.audit.head()
      for (const move of Object.keys(table) as PlanMove[]) {
        const stale = await rejection(
          VersionConflictError,
          () => makeMove(store, move, planId, { version: 7 }),
          move,
        )
        assert.deepEqual([stale.expected, stale.actual], [7, 1])
        await rejection(RecordNotFoundError, () => makeMove(store, move, ulid(404), { version: 1 }), move)
        for (const version of [0, 1.5, '1', undefined, null]) {
          const invalid = { version } as unknown as { version: number }
          await rejection(
            InvalidRecordError,
            () => makeMove(store, move, planId, invalid),
            `${move} ${version}`,
          )
        }
        await rejection(InvalidRecordError, () => makeMove(store, move, planId, undefined as never), move)
      }
      const { plans } = store
      const wrong: readonly (() => unknown)[] = [
        () => plans.fail(planId, null as never, plan),
        () => plans.fail(planId, undefined as never, plan),
        () => plans.fail(planId, 'text' as never, plan),
        () => plans.fail(planId, {} as never, plan),
        () => plans.fail(planId, { message: 'x', code: 5 } as never, plan),
        () => plans.fail(planId, { message: 'x', details: [] as never }, plan),
        () => plans.fail(planId, { message: 'x', details: { at: new Date() as never } }, plan),
        () => plans.revert(planId, '', plan),
        () => plans.revert(planId, ' \n', plan),
        () => plans.revert(planId, null as never, plan),
        () => plans.cancel(planId, '', plan),
        () => plans.cancel(planId, undefined as never, plan),
        () => plans.cancel(planId, ' ', { ...plan, tree: true }),
      ]
      for (const call of wrong) await rejection(InvalidRecordError, call, String(call))
      assert.deepEqual(await store.plans.get(planId), plan)
      assert.deepEqual(await store.audit.head(), head)
    },
  },
  {
    id: 'P5e',
    name: 'an error may have no details or a blank message; a cancelled plan needs no reason',
    async run(harness) {
      const store = await openFresh(harness)
      const made = await store.plans.create(newPlan({ phase: 'apply', state: 'processing' }), takenOver())
      const failed = await store.plans.fail(made.planId, { message: '' }, made)
      assert.deepEqual(failed.error, { message: '', details: null })
      assert.deepEqual(await store.plans.get(made.planId), failed)
      assert.equal(only((await store.audit.query({ action: 'plan:fail' })).items).reason, null)
      const cancelled = await store.plans.cancel(made.planId, null, failed)
      assert.deepEqual([cancelled.cancelReason, placeOf(cancelled)], [null, 'apply/cancelled'])
      assert.deepEqual(cancelled.error, failed.error)
    },
  },
]
