// T8 and T9: updates based on a version, and the status machine with its assignee rules.

import assert from 'node:assert/strict'
import {
  InvalidRecordError,
  InvalidTransitionError,
  PersistenceError,
  RecordNotFoundError,
  VersionConflictError,
} from '../../errors.ts'
import { type TakenOverTask, type TaskPatch, type TaskStatus, taskStatuses } from '../../index.ts'
import { type ConformanceCase, openAt, openFresh } from '../support/case.ts'
import { codesOf, rejection, tally } from '../support/expect.ts'
import { fullTask, newTask, takenOver } from '../support/samples.ts'

/** The table of the specification, written down a second time on purpose. */
const allowed: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  created: ['assigned', 'rejected', 'cancelled'],
  assigned: ['in_progress', 'blocked', 'cancelled', 'failed', 'interrupted', 'auth_required', 'suspended'],
  in_progress: ['in_review', 'blocked', 'cancelled', 'failed', 'interrupted', 'auth_required', 'suspended'],
  in_review: ['completed', 'in_progress', 'blocked', 'cancelled'],
  blocked: ['assigned', 'cancelled'],
  failed: ['assigned', 'cancelled'],
  interrupted: ['assigned', 'cancelled'],
  auth_required: ['assigned', 'cancelled'],
  suspended: ['assigned', 'cancelled'],
  completed: [],
  cancelled: [],
  rejected: [],
}
const needAssignee: readonly TaskStatus[] = [
  'assigned',
  'in_progress',
  'in_review',
  'completed',
  'auth_required',
]

function inStatus(status: TaskStatus, changes: Partial<TakenOverTask> = {}): TakenOverTask {
  return newTask({ status, assignedTo: status === 'created' ? null : 'ann', ...changes })
}

export const taskChangeCases: readonly ConformanceCase[] = [
  {
    id: 'T8',
    name: 'update with the right version changes what the patch names, and nothing else',
    async run(harness) {
      const store = await openFresh(harness)
      const made = await store.tasks.create(fullTask(), takenOver())
      const patch: TaskPatch = { title: 'New', reviewers: ['only'], budgetLimit: 0.5, parentTaskId: null }
      const updated = await store.tasks.update('task-full', patch, { version: 1 })
      assert.deepEqual(updated, {
        ...made,
        title: 'New',
        reviewers: ['only'],
        budgetLimit: '0.5',
        parentTaskId: null,
        version: 2,
        updatedAt: updated.updatedAt,
      })
      assert.ok(updated.updatedAt.getTime() >= made.updatedAt.getTime())
      assert.deepEqual(await store.tasks.get('task-full'), updated)
      const same = await store.tasks.update('task-full', {}, { version: 2 })
      assert.equal(same.version, 3)
      assert.equal((await store.tasks.update('task-full', { title: undefined }, { version: 3 })).title, 'New')
    },
  },
  {
    id: 'T8b',
    name: 'update with a stale version: VersionConflictError with both versions, and nothing changed',
    async run(harness) {
      const store = await openFresh(harness)
      await store.tasks.create(newTask({ id: 'a' }))
      const current = await store.tasks.update('a', { title: 'Second' }, { version: 1 })
      for (const version of [1, 3, 99]) {
        const stale = () => store.tasks.update('a', { title: 'Lost' }, { version })
        const error = await rejection(VersionConflictError, stale)
        assert.deepEqual([error.expected, error.actual, error.retryable], [version, 2, false])
        await rejection(VersionConflictError, () => store.tasks.transition('a', 'cancelled', { version }))
      }
      assert.deepEqual(await store.tasks.get('a'), current)
      const missing = () => store.tasks.update('nobody', { title: 'x' }, { version: 1 })
      const error = await rejection(RecordNotFoundError, missing)
      assert.deepEqual([error.table, error.id], ['tasks', 'nobody'])
      await rejection(RecordNotFoundError, () => store.tasks.transition('nobody', 'assigned', { version: 1 }))
      for (const version of [0, -1, 1.5, '2', null, undefined]) {
        const wrong = { version } as { version: number }
        await rejection(InvalidRecordError, () => store.tasks.update('a', { title: 'x' }, wrong))
        await rejection(InvalidRecordError, () => store.tasks.transition('a', 'cancelled', wrong))
      }
      const without = store.tasks.update.bind(store.tasks) as (id: string, patch: TaskPatch) => unknown
      await rejection(InvalidRecordError, () => without('a', { title: 'x' }))
      assert.deepEqual(await store.tasks.get('a'), current)
    },
  },
  {
    id: 'T8c',
    name: '50 concurrent updates from one version: exactly one wins, the others conflict',
    async run(harness) {
      const store = await openFresh(harness)
      await store.tasks.create(newTask({ id: 'a' }))
      const updates = Array.from({ length: 50 }, (_, index) =>
        store.tasks.update('a', { title: `Title ${index}` }, { version: 1 }),
      )
      const results = await Promise.allSettled(updates)
      assert.deepEqual(tally(codesOf(results)), { stored: 1, VERSION_CONFLICT: 49 })
      const winner = results.find((result) => result.status === 'fulfilled')
      assert.equal(winner?.status, 'fulfilled')
      assert.deepEqual(await store.tasks.get('a'), winner?.value)
      assert.equal(winner?.value.version, 2)
    },
  },
  {
    id: 'T8d',
    name: '50 concurrent updates from two stores: exactly one wins',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const stores = [await openAt(harness, place), await openAt(harness, place)] as const
      await stores[0].tasks.create(newTask({ id: 'a' }))
      const updates = Array.from({ length: 50 }, (_, index) =>
        stores[index % 2 === 0 ? 0 : 1].tasks.update('a', { title: `Title ${index}` }, { version: 1 }),
      )
      assert.deepEqual(tally(codesOf(await Promise.allSettled(updates))), { stored: 1, VERSION_CONFLICT: 49 })
      assert.equal((await stores[1].tasks.get('a'))?.version, 2)
    },
  },
  {
    id: 'T8e',
    name: 'an update that breaks a rule is refused, and nothing changed',
    async run(harness) {
      const store = await openFresh(harness)
      const made = await store.tasks.create(fullTask(), takenOver())
      const wrong: readonly unknown[] = [
        { title: '' },
        { title: '   ' },
        { title: 5 },
        { title: 'x'.repeat(256) },
        { description: null },
        { type: 'party' },
        { priority: null },
        { status: 'in_progress' },
        { id: 'b' },
        { version: 7 },
        { createdAt: new Date() },
        { updatedAt: new Date() },
        { colour: 'red' },
        { assignedTo: null },
        { assignedTo: 'deputy' },
        { parentTaskId: 'task-full' },
        { dependencies: ['task-full'] },
        { dependencies: ['x', 'x'] },
        { reviewers: ['ann', ' '] },
        { reviewers: 'ann' },
        { delegationChain: ['agent-7'] },
        { artifactsExpected: [{ type: 'poem', path: 'x' }] },
        { artifactsExpected: [{ type: 'code', path: 'x', more: 1 }] },
        { acceptanceCriteria: [{ description: 'x' }] },
        { budgetLimit: '-1' },
        { budgetLimit: '0.0000000001' },
        { maxRetries: -1 },
        { maxRetries: 1.5 },
        { maxRetries: 2 ** 53 },
        { metadata: [] },
        { metadata: { a: Number.NaN } },
        { metadata: { a: undefined } },
        { metadata: { a: new Date() } },
        { metadata: { a: 'x'.repeat(1_048_576) } },
      ]
      for (const patch of wrong) {
        const update = () => store.tasks.update('task-full', patch as TaskPatch, { version: 1 })
        const about = JSON.stringify(patch).slice(0, 80)
        const error = await rejection(InvalidRecordError, update, about)
        assert.ok(error.issues.length > 0, about)
      }
      assert.deepEqual(await store.tasks.get('task-full'), made)
      const several = { title: '', maxRetries: -1, budgetLimit: 'x' }
      const error = await rejection(InvalidRecordError, () =>
        store.tasks.update('task-full', several, { version: 1 }),
      )
      const paths = error.issues.map((issue) => issue.path.join('.')).toSorted()
      assert.deepEqual(paths, ['budgetLimit', 'maxRetries', 'title'])
    },
  },
  {
    id: 'T9',
    name: 'every allowed transition works, every other is refused and changes nothing',
    async run(harness) {
      const store = await openFresh(harness)
      for (const from of taskStatuses) {
        for (const to of taskStatuses) {
          const about = `${from} → ${to}`
          const made = await store.tasks.create(inStatus(from), takenOver())
          const patch = from === 'created' ? { assignedTo: 'ann' } : {}
          const move = () => store.tasks.transition(made.id, to, { version: 1, patch })
          if (allowed[from].includes(to)) {
            const moved = await move()
            assert.deepEqual(
              moved,
              { ...made, ...patch, status: to, version: 2, updatedAt: moved.updatedAt },
              about,
            )
            assert.deepEqual(await store.tasks.get(made.id), moved, about)
          } else {
            const error = await rejection(InvalidTransitionError, move, about)
            assert.deepEqual([error.from, error.to, error.allowed], [from, to, allowed[from]], about)
            assert.deepEqual(await store.tasks.get(made.id), made, about)
          }
        }
      }
    },
  },
  {
    id: 'T9b',
    name: 'assignee rules: created has none, five statuses need one, the others may',
    async run(harness) {
      const store = await openFresh(harness)
      for (const status of taskStatuses) {
        for (const assignedTo of ['ann', null]) {
          const create = () => store.tasks.create(inStatus(status, { assignedTo }), takenOver())
          const fits = assignedTo === null ? !needAssignee.includes(status) : status !== 'created'
          const about = `${status} with ${assignedTo}`
          if (fits) assert.equal((await create()).status, status, about)
          else await rejection(InvalidRecordError, create, about)
        }
      }
      const created = await store.tasks.create(newTask())
      await rejection(InvalidRecordError, () =>
        store.tasks.transition(created.id, 'assigned', { version: 1 }),
      )
      await rejection(InvalidRecordError, () =>
        store.tasks.update(created.id, { assignedTo: 'ann' }, { version: 1 }),
      )
      assert.deepEqual(await store.tasks.get(created.id), created)
      const patch = { assignedTo: 'ann', title: 'Taken', metadata: { by: 'lead' } }
      const assigned = await store.tasks.transition(created.id, 'assigned', { version: 1, patch })
      assert.deepEqual(
        [assigned.assignedTo, assigned.title, assigned.metadata],
        ['ann', 'Taken', { by: 'lead' }],
      )
      await rejection(InvalidRecordError, () =>
        store.tasks.transition(created.id, 'in_progress', { version: 2, patch: { assignedTo: null } }),
      )
      const blocked = await store.tasks.transition(created.id, 'blocked', {
        version: 2,
        patch: { assignedTo: null },
      })
      assert.equal(blocked.assignedTo, null)
      const invalid = 'done' as TaskStatus
      await rejection(InvalidRecordError, () => store.tasks.transition(created.id, invalid, { version: 3 }))
    },
  },
  {
    id: 'T9c',
    name: 'of concurrent transitions from one version exactly one happens',
    async run(harness) {
      const store = await openFresh(harness)
      const { id } = await store.tasks.create(inStatus('assigned'), takenOver())
      const targets = allowed.assigned
      const moves = targets.map((to) => store.tasks.transition(id, to, { version: 1 }))
      const results = await Promise.allSettled(moves)
      assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1)
      for (const result of results) {
        if (result.status === 'rejected') assert.ok(result.reason instanceof PersistenceError)
      }
      const won = results.findIndex((result) => result.status === 'fulfilled')
      const stored = await store.tasks.get(id)
      assert.deepEqual([stored?.status, stored?.version], [targets[won], 2])
    },
  },
]
