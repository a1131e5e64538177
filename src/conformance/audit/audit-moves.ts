// A7, R7: the entries that other verbs append: each change of a plan, task, action or profile
// writes one in its own transaction, and a failed change writes none.

import assert from 'node:assert/strict'
import { PersistenceError, VersionConflictError } from '../../errors.ts'
import type { AuditEntry, NewAuditEntry, PlanMove, Store } from '../../index.ts'
import { makeMove, placeOf } from '../plans/plan-moves.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { collect, only, outcome, rejection } from '../support/expect.ts'
import {
  newAction,
  newEntry,
  newPlan,
  newProfile,
  newTask,
  readyAction,
  readyPlan,
  takenOver,
  ulid,
} from '../support/samples.ts'

type Books = Pick<Store, 'audit'>

/** The newest entry, without the values that are generated anew each time. */
async function newest(store: Books) {
  const entry = only((await store.audit.query({}, { limit: 1 })).items)
  const { id: _, sequence: __, timestamp: ___, previousHash: ____, hash: _____, ...rest } = entry
  return rest
}

const base: Partial<AuditEntry> = {
  actor: 'lead',
  subjectId: null,
  planId: null,
  taskId: null,
  verdict: 'record',
  riskLevel: 'low',
  reason: null,
  matchedRules: [],
  argumentsHash: null,
  details: null,
  unreadable: [],
}

async function assertNewest(store: Books, expected: Partial<AuditEntry>, count: number): Promise<void> {
  assert.deepEqual(await newest(store), { ...base, ...expected })
  assert.equal(await store.audit.count(), count)
}

export const auditMoveCases: readonly ConformanceCase[] = [
  {
    id: 'A7',
    name: 'creating, moving and deleting a plan each write one entry, with where from, where to and why',
    async run(harness) {
      const store = await openFresh(harness)
      const lead = store.as('lead')
      await lead.actions.create(readyAction)
      const profile = { automationProfile: 'full-auto' }
      let plan = await lead.plans.create(readyPlan(profile))
      const { planId } = plan
      const of = { subjectType: 'plan', subjectId: planId, planId }
      let count = 2
      await assertNewest(
        store,
        {
          ...of,
          action: 'plan:create',
          details: { parentPlanId: null, automationProfile: plan.automationProfile as never, version: 1 },
        },
        count,
      )
      const path: readonly PlanMove[] = [
        ...(['use', 'start', 'fail', 'retry', 'start', 'complete', 'advance'] as const),
        ...(['start', 'complete', 'advance', 'start', 'constrain', 'revert', 'cancel'] as const),
      ]
      const reasons: Partial<Record<PlanMove, string>> = {
        fail: 'The disk was full',
        revert: 'The strategy was wrong',
        cancel: 'Nobody needs it',
      }
      for (const move of path) {
        const before = plan
        plan = await makeMove(lead, move, planId, before)
        count += 1
        const { attempt, reversionCount, version } = plan
        const decisions = (await store.decisions.list({ planId, type: 'reversion' })).items
        const details = {
          ...{ from: placeOf(before), to: placeOf(plan), attempt, reversionCount, version },
          ...(move === 'revert' && { decision: only(decisions).decisionId, superseded: 0 }),
        }
        const expected = { ...of, action: `plan:${move}`, reason: reasons[move] ?? null, details }
        await assertNewest(store, expected, count)
      }
      await lead.plans.delete(planId)
      await assertNewest(
        store,
        { ...of, action: 'plan:delete', riskLevel: 'medium', details: { plans: 1, tree: false } },
        count + 1,
      )
      const child = await store.plans.createMany([
        newPlan({ planId: ulid(1) }),
        newPlan({ planId: ulid(2), parentPlanId: ulid(1) }),
      ])
      assert.equal(child.length, 2)
      const { action, details } = await newest(store)
      assert.deepEqual([action, (details as { parentPlanId: string }).parentPlanId], ['plan:create', ulid(1)])
      assert.equal((await store.audit.verify()).checked, count + 3)
    },
  },
  {
    id: 'A7b',
    name: 'each change of a task, also by save, and its deletion write one entry',
    async run(harness) {
      const store = await openFresh(harness)
      const lead = store.as('lead')
      const plan = await lead.plans.create(newPlan())
      const task = await lead.tasks.create(newTask({ planId: plan.planId }))
      const of = { subjectType: 'task', subjectId: task.id, taskId: task.id }
      const created = { ...of, action: 'task:create', planId: plan.planId, details: { version: 1 } }
      await assertNewest(store, created, 2)
      await lead.tasks.update(task.id, { title: 'Another' }, task)
      const updated = { ...of, action: 'task:update', planId: plan.planId }
      await assertNewest(store, { ...updated, details: { fields: ['title'], version: 2 } }, 3)
      const patch = { assignedTo: 'ann' }
      await lead.tasks.transition(task.id, 'assigned', { version: 2, patch })
      await assertNewest(
        store,
        {
          ...of,
          action: 'task:transition',
          planId: plan.planId,
          details: { from: 'created', to: 'assigned', version: 3, assignedTo: 'ann' },
        },
        4,
      )
      const read = await store.tasks.get(task.id)
      assert.ok(read)
      const saved = await lead.tasks.save({ ...read, status: 'in_progress', title: 'Saved' })
      await assertNewest(
        store,
        {
          ...of,
          action: 'task:transition',
          planId: plan.planId,
          details: { from: 'assigned', to: 'in_progress', version: 4, assignedTo: 'ann' },
        },
        5,
      )
      await lead.tasks.save({ ...saved, title: 'Saved again' })
      await assertNewest(store, { ...updated, details: { fields: ['title'], version: 5 } }, 6)
      assert.equal(await lead.tasks.delete(task.id), true)
      await assertNewest(store, { ...of, action: 'task:delete', planId: plan.planId }, 7)
      assert.equal(await lead.tasks.delete(task.id), false)
      assert.equal(await store.audit.count(), 7)
    },
  },
  {
    id: 'A7h',
    name: 'updates of tasks, plans and actions, and actions made and deleted, write entries with names of fields, never content',
    async run(harness) {
      const store = await openFresh(harness)
      const lead = store.as('lead')
      const action = await lead.actions.create(newAction())
      const of = { subjectType: 'action', subjectId: action.name }
      const { automationProfile } = action
      await assertNewest(
        store,
        { ...of, action: 'action:create', details: { automationProfile, version: 1 } },
        1,
      )
      await lead.actions.update(action.name, { automationProfile: 'manual' }, action)
      const changed = { fields: ['automationProfile'], version: 2 }
      await assertNewest(store, { ...of, action: 'action:update', details: changed }, 2)

      const plan = await lead.plans.create(newPlan())
      const { planId } = plan
      await lead.plans.update(
        planId,
        { invariants: [{ text: 'SECRET' }], actors: { review: 'SECRET' } },
        plan,
      )
      const fields = { fields: ['actors', 'invariants'], version: 2 }
      const ofPlan = { subjectType: 'plan', subjectId: planId, planId }
      await assertNewest(store, { ...ofPlan, action: 'plan:update', details: fields }, 4)

      const task = await lead.tasks.create(newTask({ status: 'assigned', assignedTo: 'ann' }), takenOver())
      const ofTask = { subjectType: 'task', subjectId: task.id, taskId: task.id, action: 'task:update' }
      await lead.tasks.update(task.id, { budgetLimit: '7' }, task)
      await assertNewest(store, { ...ofTask, details: { fields: ['budgetLimit'], version: 2 } }, 6)
      await store.as('mallory').tasks.update(task.id, { assignedTo: 'bo' }, { version: 2 })
      const handed = { fields: ['assignedTo'], version: 3, assignedTo: 'bo' }
      await assertNewest(store, { ...ofTask, actor: 'mallory', details: handed }, 7)

      await store
        .transaction(async (tx) => {
          await tx.as('ada').tasks.update(task.id, { title: 'Inside' }, { version: 3 })
          throw new Error('undone')
        })
        .catch(() => undefined)
      assert.equal(await store.audit.count(), 7)
      await lead.plans.cancel(planId, null, { version: 2 })
      assert.equal(await lead.actions.delete(action.name), true)
      await assertNewest(store, { ...of, action: 'action:delete' }, 9)
      assert.equal(await lead.actions.delete(action.name), false)
      assert.equal((await store.audit.verify()).checked, 9)
      const text = JSON.stringify((await store.audit.query()).items)
      assert.ok(!text.includes('SECRET'))
    },
  },
  {
    id: 'A7c',
    name: 'each change of a profile writes one entry',
    async run(harness) {
      const store = await openFresh(harness)
      const lead = store.as('lead')
      const { name } = await lead.automationProfiles.create(newProfile())
      const of = { subjectType: 'profile', subjectId: name, riskLevel: 'medium' } as const
      await assertNewest(store, { ...of, action: 'profile:create', details: { version: 1 } }, 1)
      const patch = { editCode: 0, description: undefined, guards: {} }
      await lead.automationProfiles.update(name, patch, { version: 1 })
      const details = { version: 2, fields: ['editCode', 'guards'] }
      await assertNewest(store, { ...of, action: 'profile:update', details }, 2)
      await lead.automationProfiles.delete(name)
      await assertNewest(store, { ...of, action: 'profile:delete' }, 3)
      await lead.automationProfiles.delete(name)
      assert.equal(await store.audit.count(), 3)
    },
  },
  {
    id: 'A7d',
    name: 'what is refused, loses, repeats or is not there writes no entry',
    async run(harness) {
      const store = await openFresh(harness)
      const plan = await store.plans.create(newPlan({ name: 'local/taken' }))
      const { planId } = plan
      const child = await store.plans.create(newPlan({ parentPlanId: planId }))
      const task = await store.tasks.create(newTask({ planId: child.planId }))
      await store.automationProfiles.create(newProfile())
      const head = await store.audit.head()
      const stale = { version: 9 }
      const calls: readonly (() => Promise<unknown>)[] = [
        () => store.plans.create(newPlan({ name: 'local/taken' })),
        () => store.plans.create(newPlan({ planId })),
        () => store.plans.create(newPlan({ parentPlanId: ulid(404) })),
        () => store.plans.createMany([newPlan(), newPlan({ planId })]),
        () => store.plans.use(planId, stale),
        () => store.plans.start(planId, plan),
        () => store.plans.cancel(planId, null, { ...stale, tree: true }),
        () => store.plans.delete(planId),
        () => store.plans.delete(planId, { tree: true }),
        () => store.tasks.transition(task.id, 'completed', task),
        () => store.tasks.transition(task.id, 'cancelled', stale),
        () => store.tasks.update(task.id, { title: 'Another' }, stale),
        () => store.plans.update(planId, { description: 'Another' }, stale),
        () => store.automationProfiles.create(newProfile()),
        () => store.automationProfiles.update('local/careful', { editCode: 0 }, stale),
      ]
      for (const call of calls) {
        assert.ok((await outcome(call)) instanceof PersistenceError, String(call))
        assert.deepEqual(await store.audit.head(), head, String(call))
      }
      assert.equal(await store.plans.delete(ulid(404)), false)
      assert.equal(await store.tasks.delete('nobody'), false)
      assert.deepEqual(await store.audit.head(), head)
    },
  },
  {
    id: 'A7e',
    name: 'a move that loses inside a transaction writes no entry, and the transaction goes on',
    async run(harness) {
      const store = await openFresh(harness)
      const plan = await store.plans.create(newPlan())
      const other = await store.plans.create(newPlan())
      await store.transaction(async (tx) => {
        await tx.plans.use(plan.planId, plan)
        await rejection(VersionConflictError, () => tx.plans.use(plan.planId, plan))
        const moves = [1, 2, 3].map(() => tx.plans.use(other.planId, other))
        const results = await Promise.allSettled(moves)
        assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
        await tx.audit.append(newEntry())
      })
      const actions = (await collect(store.audit.each())).map((entry) => entry.action)
      assert.deepEqual(actions.toReversed(), [
        ...['plan:create', 'plan:create', 'plan:use', 'plan:use', 'tool:call'],
      ])
      assert.equal((await store.audit.verify()).checked, 5)
    },
  },
  {
    id: 'A7f',
    name: 'where the entry cannot be written the move is not made, nor anything else of its kind',
    needs: ['sql'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      const sql = feature(harness, 'sql')
      const plan = await store.plans.create(newPlan())
      const { planId } = plan
      const task = await store.tasks.create(newTask())
      const profile = await store.automationProfiles.create(newProfile())
      await sql(place, 'ALTER TABLE audit_entries RENAME TO audit_entries_hidden')
      const calls: readonly (() => Promise<unknown>)[] = [
        () => store.plans.create(newPlan({ planId: ulid(2) })),
        () => store.plans.createMany([newPlan({ planId: ulid(2) }), newPlan()]),
        () => store.plans.use(planId, plan),
        () => store.plans.cancel(planId, null, plan),
        () => store.plans.cancel(planId, null, { ...plan, tree: true }),
        () => store.plans.delete(planId),
        () => store.tasks.create(newTask({ id: 'other' })),
        () => store.tasks.createMany([newTask({ id: 'other' })]),
        () => store.tasks.transition(task.id, 'cancelled', task),
        () => store.tasks.delete(task.id),
        () => store.automationProfiles.update(profile.name, { editCode: 0 }, { version: 1 }),
        () => store.automationProfiles.delete(profile.name),
        () => store.automationProfiles.create(newProfile({ name: 'local/other' })),
        () => store.audit.append(newEntry()),
      ]
      for (const call of calls) {
        assert.ok((await outcome(call)) instanceof PersistenceError, String(call))
      }
      await sql(place, 'ALTER TABLE audit_entries_hidden RENAME TO audit_entries')
      assert.deepEqual((await store.plans.list()).items, [plan])
      assert.deepEqual(await store.tasks.get(task.id), task)
      assert.deepEqual((await store.automationProfiles.list()).slice(9), [profile])
      assert.equal((await store.audit.verify()).checked, 3)
      assert.equal((await store.plans.use(planId, plan)).version, 2)
      assert.equal((await store.audit.verify()).checked, 4)
    },
  },
  {
    id: 'A7g',
    name: 'an entry and what it tells of come and go together with their transaction, in the name of its actor',
    async run(harness) {
      const store = await openFresh(harness)
      const plan = await store.plans.create(newPlan())
      const task = await store.tasks.create(newTask())
      const work = (fails: boolean) =>
        store.as('lead').transaction(async (tx) => {
          await tx.plans.use(plan.planId, plan)
          await tx.as('ann').tasks.transition(task.id, 'cancelled', task)
          await tx.as('bob').automationProfiles.create(newProfile())
          await tx.as('eve').plans.create(newPlan())
          if (fails) throw new RangeError('on purpose')
        })
      await assert.rejects(work(true), RangeError)
      assert.deepEqual(await store.plans.get(plan.planId), plan)
      assert.equal((await store.audit.head())?.sequence, 2)
      await work(false)
      const told = (await collect(store.audit.each())).toReversed().slice(2)
      assert.deepEqual(
        told.map((entry: NewAuditEntry) => `${entry.actor} ${entry.action}`),
        ['lead plan:use', 'ann task:transition', 'bob profile:create', 'eve plan:create'],
      )
    },
  },
]
