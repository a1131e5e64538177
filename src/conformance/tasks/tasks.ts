// T1–T4, T6, T7: creating, reading, saving and deleting tasks. Lists are in task-lists.ts, versions
// and transitions in task-changes.ts, damaged rows in damaged-rows.ts, text and ids in
// divergence.ts.

import assert from 'node:assert/strict'
import {
  ConstraintViolationError,
  DuplicateRecordError,
  InvalidRecordError,
  InvalidTransitionError,
} from '../../errors.ts'
import type { WholeTask } from '../../index.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { idsOf, only, rejection } from '../support/expect.ts'
import { fullTask, neverClaimed, newTask, takenOver } from '../support/samples.ts'

const defaults = {
  ...neverClaimed,
  priority: 'medium',
  assignedTo: null,
  parentTaskId: null,
  planId: null,
  reviewers: [],
  dependencies: [],
  delegationChain: [],
  artifactsExpected: [],
  acceptanceCriteria: [],
  estimatedComplexity: 'medium',
  budgetLimit: '0',
  maxRetries: 1,
  deadline: null,
  taskStructure: null,
  coordinationTopology: 'auto',
  status: 'created',
  metadata: {},
  version: 1,
  unreadable: [],
}

export const taskCases: readonly ConformanceCase[] = [
  {
    id: 'T1',
    name: 'create, then get: every field is equal, given or left out',
    async run(harness) {
      const store = await openFresh(harness)
      const before = Date.now()
      const full = await store.tasks.create(fullTask(), takenOver())
      const { createdAt, updatedAt, version, unreadable, ...given } = full
      assert.deepEqual(given, { ...fullTask(), ...neverClaimed, planId: null })
      assert.deepEqual([version, unreadable], [1, []])
      assert.equal(createdAt.getTime(), updatedAt.getTime())
      assert.ok(createdAt.getTime() >= before && createdAt.getTime() <= Date.now())
      assert.deepEqual(await store.tasks.get('task-full'), full)

      const least = await store.tasks.create(newTask())
      assert.match(least.id, /^[0-9A-HJKMNP-TV-Z]{26}$/)
      const { id, createdAt: _, updatedAt: __, ...rest } = least
      assert.deepEqual(rest, { ...newTask(), ...defaults })
      assert.deepEqual(await store.tasks.get(id), least)
    },
  },
  {
    id: 'T1b',
    name: 'a plan that exists can be named, one that does not is ConstraintViolationError',
    needs: ['plans'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      await feature(harness, 'plans').insert(place, { planId: 'plan-1' })
      const task = await store.tasks.create(newTask({ id: 'a', planId: 'plan-1' }))
      assert.equal((await store.tasks.get('a'))?.planId, 'plan-1')
      assert.deepEqual(idsOf((await store.tasks.list({ planId: 'plan-1' })).items), ['a'])
      const refused = () => store.tasks.create(newTask({ id: 'b', planId: 'plan-2' }))
      const error = await rejection(ConstraintViolationError, refused)
      assert.equal(error.retryable, false)
      assert.ok(error.constraint.length > 0)
      assert.equal(await store.tasks.get('b'), null)
      await rejection(ConstraintViolationError, () =>
        store.tasks.update('a', { planId: 'plan-2' }, { version: 1 }),
      )
      assert.deepEqual(await store.tasks.get('a'), task)
    },
  },
  {
    id: 'T2',
    name: 'an id that nobody has gives null, and is not in getMany’s map',
    async run(harness) {
      const store = await openFresh(harness)
      assert.equal(await store.tasks.get('nobody'), null)
      assert.equal(await store.tasks.get(''), null)
      await store.tasks.create(newTask({ id: 'a' }))
      await store.tasks.create(newTask({ id: 'b' }))
      const found = await store.tasks.getMany(['b', 'nobody', 'a', 'b'])
      assert.deepEqual([...found.keys()].sort(), ['a', 'b'])
      assert.deepEqual(found.get('b'), await store.tasks.get('b'))
      assert.equal((await store.tasks.getMany([])).size, 0)
      await rejection(InvalidRecordError, () => store.tasks.get(5 as unknown as string))
    },
  },
  {
    id: 'T2b',
    name: 'getMany takes more ids than one statement or page holds',
    async run(harness) {
      const store = await openFresh(harness)
      const ids = Array.from({ length: 1100 }, (_, index) => `t${index}`)
      await store.tasks.createMany(ids.map((id) => newTask({ id })))
      const found = await store.tasks.getMany([...ids, 'nobody'])
      assert.equal(found.size, 1100)
      assert.ok(ids.every((id) => found.get(id)?.id === id))
    },
  },
  {
    id: 'T3',
    name: 'creating an id that exists: DuplicateRecordError, the row as it was',
    async run(harness) {
      const store = await openFresh(harness)
      const first = await store.tasks.create(fullTask(), takenOver())
      const again = () => store.tasks.create(newTask({ id: 'task-full', title: 'Another' }))
      const error = await rejection(DuplicateRecordError, again)
      assert.deepEqual([error.table, error.id, error.retryable], ['tasks', 'task-full', false])
      assert.deepEqual(await store.tasks.get('task-full'), first)
      assert.equal(await store.tasks.count(), 1)
    },
  },
  {
    id: 'T3c',
    name: 'createMany stores all, in order, or none',
    async run(harness) {
      const store = await openFresh(harness)
      const made = await store.tasks.createMany([newTask({ id: 'b' }), newTask({ id: 'a' }), newTask()])
      assert.deepEqual(idsOf(made).slice(0, 2), ['b', 'a'])
      assert.deepEqual(await store.tasks.get('a'), made[1])
      assert.deepEqual(await store.tasks.createMany([]), [])
      const withDuplicate = [newTask({ id: 'c' }), newTask({ id: 'a' }), newTask({ id: 'd' })]
      const error = await rejection(DuplicateRecordError, () => store.tasks.createMany(withDuplicate))
      assert.equal(error.id, 'a')
      const twice = [newTask({ id: 'e' }), newTask({ id: 'e' })]
      await rejection(DuplicateRecordError, () => store.tasks.createMany(twice))
      const invalid = [newTask({ id: 'f' }), newTask({ id: 'g', title: ' ' })]
      await rejection(InvalidRecordError, () => store.tasks.createMany(invalid))
      const unplanned = [newTask({ id: 'h' }), newTask({ id: 'i', planId: 'no-plan' })]
      await rejection(ConstraintViolationError, () => store.tasks.createMany(unplanned))
      assert.equal(await store.tasks.count(), 3)
    },
  },
  {
    id: 'T4',
    name: 'save stores a new task, then replaces it whole: version + 1, creation time kept',
    async run(harness) {
      const store = await openFresh(harness)
      const made = await store.tasks.save({ ...newTask(), id: 'a' })
      assert.equal(made.version, 1)
      assert.deepEqual(await store.tasks.get('a'), made)
      const full = fullTask({ id: 'a' }) as WholeTask
      const saved = await store.tasks.save(full)
      assert.equal(saved.version, 2)
      assert.equal(saved.createdAt.getTime(), made.createdAt.getTime())
      assert.equal(saved.status, 'assigned')
      assert.deepEqual(await store.tasks.get('a'), saved)
      const { createdAt, updatedAt, version, unreadable, ...fields } = saved
      assert.deepEqual(fields, { ...full, ...neverClaimed, planId: null })
      assert.ok(updatedAt.getTime() >= createdAt.getTime() && version === 2 && unreadable.length === 0)
      // Fields that a whole task omits are reset to their defaults.
      const least = await store.tasks.save({ ...newTask(), id: 'a', status: 'assigned', assignedTo: 'ann' })
      assert.equal(least.version, 3)
      assert.deepEqual([least.reviewers, least.budgetLimit, least.metadata], [[], '0', {}])
      assert.deepEqual(await store.tasks.get('a'), least)
      assert.equal(await store.tasks.count(), 1)
    },
  },
  {
    id: 'T4b',
    name: 'save takes a task as it was read, and neither its version nor its times',
    async run(harness) {
      const store = await openFresh(harness)
      const made = await store.tasks.create(fullTask(), takenOver())
      const saved = await store.tasks.save({ ...made, title: 'Saved', version: 99, createdAt: new Date(0) })
      assert.deepEqual(saved, { ...made, title: 'Saved', version: 2, updatedAt: saved.updatedAt })
      assert.deepEqual(await store.tasks.get('task-full'), saved)
      const jump = () => store.tasks.save({ ...saved, status: 'completed' })
      const error = await rejection(InvalidTransitionError, jump)
      assert.deepEqual([error.from, error.to], ['assigned', 'completed'])
      await rejection(InvalidRecordError, () => store.tasks.save({ ...saved, title: '' }))
      await rejection(InvalidRecordError, () => store.tasks.save({ ...saved, assignedTo: null }))
      const unknown = { ...saved, colour: 'red' } as unknown as WholeTask
      await rejection(InvalidRecordError, () => store.tasks.save(unknown))
      assert.deepEqual(await store.tasks.get('task-full'), saved)
    },
  },
  {
    id: 'T4c',
    name: 'concurrent saves of one id all succeed, one after the other',
    async run(harness) {
      const store = await openFresh(harness)
      const saves = Array.from({ length: 8 }, (_, index) =>
        store.tasks.save({ ...newTask({ title: `Title ${index}` }), id: 'a' }),
      )
      const saved = await Promise.all(saves)
      assert.deepEqual(
        saved.map((task) => task.version).sort((a, b) => a - b),
        [1, 2, 3, 4, 5, 6, 7, 8],
      )
      const last = saved.find((task) => task.version === 8)
      assert.deepEqual(await store.tasks.get('a'), last)
    },
  },
  {
    id: 'T6',
    name: 'delete is true, then get is null, then delete is false; the id can be used again',
    async run(harness) {
      const store = await openFresh(harness)
      await store.tasks.create(newTask({ id: 'a' }))
      await store.tasks.create(newTask({ id: 'b' }))
      assert.equal(await store.tasks.delete('a'), true)
      assert.equal(await store.tasks.get('a'), null)
      assert.equal(await store.tasks.delete('a'), false)
      assert.deepEqual(idsOf((await store.tasks.list()).items), ['b'])
      assert.equal((await store.tasks.create(newTask({ id: 'a' }))).version, 1)
      const both = await Promise.all([store.tasks.delete('a'), store.tasks.delete('a')])
      assert.deepEqual(both.toSorted(), [false, true])
      await store.tasks.create(newTask({ id: '5' }))
      await rejection(InvalidRecordError, () => store.tasks.delete(5 as unknown as string))
      assert.equal((await store.tasks.get('5'))?.id, '5')
    },
  },
  {
    id: 'T7',
    name: 'order of lists, nested lists, exact budgets and the text of deadlines are kept',
    async run(harness) {
      const store = await openFresh(harness)
      const deadlines = [
        '2023-12-28',
        '2023-12-28T09:30',
        '2023-12-28T09:30:15',
        '2023-12-28 09:30:15',
        '2023-12-28T09:30:15.123456',
        '2023-12-28T09:30:15Z',
        '2023-12-28T09:30:15+08:00',
        '2023-12-28T09:30:15-0330',
        '2024-02-29',
      ]
      for (const deadline of deadlines) {
        const { id } = await store.tasks.create(newTask({ deadline }))
        assert.equal((await store.tasks.get(id))?.deadline, deadline)
      }
      for (const deadline of ['2023-02-29', '28.12.2023', 'tomorrow', '2023-13-01', '', '2023-12-28T']) {
        await rejection(InvalidRecordError, () => store.tasks.create(newTask({ deadline })), deadline)
      }
      const budgets = ['0.000000001', '0.1', '12.345678901', '9007199.254740993', '9223372036.854775807']
      for (const budgetLimit of budgets) {
        const { id } = await store.tasks.create(newTask({ budgetLimit }))
        assert.equal((await store.tasks.get(id))?.budgetLimit, budgetLimit)
      }
      const words = Array.from({ length: 40 }, (_, index) => `agent-${(index * 17) % 40}`)
      const { id } = await store.tasks.create(
        fullTask({ reviewers: words, dependencies: words, delegationChain: words, assignedTo: 'ann' }),
        takenOver(),
      )
      const task = only((await store.tasks.list({ assignedTo: 'ann' })).items)
      assert.deepEqual(
        [task.id, task.reviewers, task.dependencies, task.delegationChain],
        [id, words, words, words],
      )
      assert.deepEqual(task.artifactsExpected, fullTask().artifactsExpected)
      assert.deepEqual(task.acceptanceCriteria, fullTask().acceptanceCriteria)
      assert.deepEqual(task.metadata, fullTask().metadata)
    },
  },
]
