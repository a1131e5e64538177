// T5: lists of tasks by every filter, their order, and filters that are refused. Pages and cursors
// are in paging.ts.

import assert from 'node:assert/strict'
import { InvalidRecordError } from '../../errors.ts'
import type { Store, TaskFilter } from '../../index.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { collect, idsOf, rejection } from '../support/expect.ts'
import { newTask, takenOver } from '../support/samples.ts'

/** Six tasks that differ in what lists can be filtered by; created in the order of their ids. */
async function seed(store: Store): Promise<void> {
  const tasks = [
    { id: 't1', project: 'alpha' },
    { id: 't2', project: 'alpha', status: 'assigned', assignedTo: 'ann' },
    { id: 't3', project: 'beta', status: 'assigned', assignedTo: 'ann', priority: 'high' },
    { id: 't4', project: 'beta', status: 'in_progress', assignedTo: 'bob', parentTaskId: 't1' },
    { id: 't5', project: 'Alpha', createdBy: 'owner', type: 'review', estimatedComplexity: 'epic' },
    { id: 't6', project: 'gamma', status: 'cancelled', type: 'admin', priority: 'low' },
  ] as const
  for (const task of tasks) await store.tasks.create(newTask(task), takenOver())
}

const filters: readonly (readonly [TaskFilter, readonly string[]])[] = [
  [{}, ['t1', 't2', 't3', 't4', 't5', 't6']],
  [{ project: 'alpha' }, ['t1', 't2']],
  [{ project: 'Alpha' }, ['t5']],
  [{ project: 'nothing' }, []],
  [{ status: 'assigned' }, ['t2', 't3']],
  [{ assignedTo: 'ann' }, ['t2', 't3']],
  [{ assignedTo: null }, ['t1', 't5', 't6']],
  [{ parentTaskId: 't1' }, ['t4']],
  [{ parentTaskId: null, project: 'beta' }, ['t3']],
  [{ createdBy: 'owner' }, ['t5']],
  [{ type: 'review' }, ['t5']],
  [{ priority: 'high' }, ['t3']],
  [{ estimatedComplexity: 'epic' }, ['t5']],
  [{ project: 'alpha', status: 'assigned' }, ['t2']],
  [{ project: 'beta', status: 'assigned', assignedTo: 'ann', priority: 'high' }, ['t3']],
  [{ project: 'alpha', assignedTo: 'bob' }, []],
  [{ status: ['assigned', 'in_progress'] }, ['t2', 't3', 't4']],
  [{ status: ['assigned'] }, ['t2', 't3']],
  [{ status: ['assigned', 'assigned', 'cancelled'] }, ['t2', 't3', 't6']],
  [{ project: ['alpha', 'gamma'], status: ['created', 'cancelled'] }, ['t1', 't6']],
  [{ project: ['alpha', 'beta', 'gamma', 'delta', 'epsilon'] }, ['t1', 't2', 't3', 't4', 't6']],
  [{ project: undefined, status: 'cancelled' }, ['t6']],
]

export const taskListCases: readonly ConformanceCase[] = [
  {
    id: 'T5',
    name: 'lists: no filter, each filter, several (AND), lists of values (OR), null (has none); count and each agree',
    async run(harness) {
      const store = await openFresh(harness)
      await seed(store)
      for (const [filter, expected] of filters) {
        const about = JSON.stringify(filter)
        const page = await store.tasks.list(filter)
        assert.deepEqual(idsOf(page.items), expected, about)
        assert.deepEqual([page.nextCursor, page.corrupt], [null, []], about)
        assert.equal(await store.tasks.count(filter), expected.length, about)
        assert.deepEqual(idsOf(await collect(store.tasks.each(filter))), expected, about)
      }
      const assignees = (await store.tasks.list({ assignedTo: ['bob', null] })).items
      assert.deepEqual(idsOf(assignees), ['t1', 't4', 't5', 't6'])
    },
  },
  {
    id: 'T5b',
    name: 'a filter by an unknown field, a wrong value or an empty list is refused',
    async run(harness) {
      const store = await openFresh(harness)
      const wrong: readonly unknown[] = [
        { colour: 'red' },
        { description: 'x' },
        { status: 'done' },
        { status: [] },
        { status: ['created', 'done'] },
        { project: 5 },
        { project: '' },
        { project: { $ne: 'x' } },
        { project: Array.from({ length: 501 }, (_, index) => `p${index}`) },
        { __proto__: null, constructor: 'x' },
      ]
      for (const filter of wrong) {
        const about = JSON.stringify(filter).slice(0, 60)
        await rejection(InvalidRecordError, () => store.tasks.list(filter as TaskFilter), about)
        await rejection(InvalidRecordError, () => store.tasks.count(filter as TaskFilter), about)
        await rejection(InvalidRecordError, () => collect(store.tasks.each(filter as TaskFilter)), about)
      }
    },
  },
  {
    id: 'T5c',
    name: 'lists are ordered by creation time, then id; each reads all of them',
    async run(harness) {
      const store = await openFresh(harness)
      const ids = Array.from({ length: 1203 }, (_, index) => `t${(index * 7919) % 1203}`)
      const made = await store.tasks.createMany(ids.map((id) => newTask({ id })))
      const sorted = [...made].sort(
        (a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1),
      )
      assert.deepEqual(idsOf(await collect(store.tasks.each())), idsOf(sorted))
      const page = await store.tasks.list()
      assert.deepEqual(idsOf(page.items), idsOf(sorted).slice(0, 100))
      assert.ok(page.nextCursor)
    },
  },
]
