// W1–W2: which tasks are ready, in which order, and what the others wait for.

import assert from 'node:assert/strict'
import { InvalidRecordError, RecordNotFoundError } from '../../errors.ts'
import { taskStatuses } from '../../index.ts'
import { type ConformanceCase, openFresh } from '../support/case.ts'
import { idsOf, rejection } from '../support/expect.ts'
import { newPlan, newTask, takenOver } from '../support/samples.ts'
import { claimOne, readyIds, stored, until } from './claim-samples.ts'

export const readyCases: readonly ConformanceCase[] = [
  {
    id: 'W1',
    name: 'tasks are ready by status and assignee, critical ones first, then the oldest',
    async run(harness) {
      const store = await openFresh(harness)
      for (const [index, status] of taskStatuses.entries()) {
        const assignedTo = status === 'created' ? null : 'agent-1'
        const asOf = new Date(Date.now() - 60_000 + index)
        await store.tasks.create(newTask({ id: status, status, assignedTo }), { asOf })
      }
      await store.tasks.create(newTask({ id: 'low', priority: 'low' }))
      await store.tasks.create(newTask({ id: 'high', priority: 'high' }))
      await store.tasks.create(newTask({ id: 'critical', priority: 'critical' }))
      await store.tasks.create(newTask({ id: 'high-2', priority: 'high' }))
      const anyone = ['critical', 'high', 'high-2', 'created', 'interrupted', 'low']
      assert.deepEqual(await readyIds(store), anyone)
      assert.deepEqual(await readyIds(store, 'agent-2'), anyone)
      const mine = ['critical', 'high', 'high-2', 'created', 'assigned', 'interrupted', 'low']
      assert.deepEqual(await readyIds(store, 'agent-1'), mine)
      const claimed = await store.tasks.claim({ agent: 'agent-1', limit: 10 })
      assert.deepEqual(idsOf(claimed), mine)
      assert.deepEqual(await readyIds(store, 'agent-1'), [])
    },
  },
  {
    id: 'W1b',
    name: 'pages of ready tasks have each of them once, in the order of claims',
    async run(harness) {
      const store = await openFresh(harness)
      const priorities = ['low', 'critical', 'medium', 'high'] as const
      const made = await store.tasks.createMany(
        Array.from({ length: 23 }, (_, index) =>
          newTask({ id: `t-${index}`, priority: priorities[index % 4] as 'low' }),
        ),
      )
      const pages: string[] = []
      let cursor: string | undefined
      do {
        const page = await store.tasks.ready({}, { limit: 5, cursor })
        pages.push(...idsOf(page.items))
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined)
      assert.equal(new Set(pages).size, made.length)
      const claimed: string[] = []
      for (const _ of made) claimed.push((await claimOne(store)).id)
      assert.deepEqual(pages, claimed)
      await rejection(InvalidRecordError, () => store.tasks.ready({}, { cursor: 'x' }))
    },
  },
  {
    id: 'W1c',
    name: 'ready tasks and claims can be limited to a project, a type, a plan and its tree',
    async run(harness) {
      const store = await openFresh(harness)
      const root = await store.plans.create(newPlan())
      const { planId: below } = await store.plans.create(newPlan({ parentPlanId: root.planId }))
      await store.tasks.create(newTask({ id: 'web', project: 'web' }))
      await store.tasks.create(newTask({ id: 'review', type: 'review' }))
      await store.tasks.create(newTask({ id: 'a-root', planId: root.planId }))
      await store.tasks.create(newTask({ id: 'b-below', planId: below }))
      const filters = [
        [{ project: 'web' }, ['web']],
        [{ type: 'review' }, ['review']],
        [{ planId: root.planId }, ['a-root']],
        [{ planId: root.planId, tree: true }, ['a-root', 'b-below']],
        [{ project: 'web', type: 'review' }, []],
        [{ project: 'none' }, []],
      ] as const
      for (const [filter, expected] of filters) {
        assert.deepEqual(idsOf((await store.tasks.ready(filter)).items), expected)
      }
      for (const [filter, expected] of filters) {
        const claimed = await store.tasks.claim({ agent: 'agent-1', limit: 9, ...filter })
        assert.deepEqual(
          idsOf(claimed),
          expected.filter((id) => id !== 'a-root' || !('tree' in filter)),
        )
      }
      await rejection(InvalidRecordError, () => store.tasks.ready({ tree: true }))
      await rejection(InvalidRecordError, () => store.tasks.ready({ status: 'created' } as object))
    },
  },
  {
    id: 'W1d',
    name: 'a task that failed is ready again when its delay has passed, and not before',
    async run(harness) {
      const store = await openFresh(harness)
      const { id } = await store.tasks.create(newTask({ maxRetries: 5 }))
      const first = await claimOne(store)
      await store.tasks.fail(id, first.claimId, { error: 'later', retryIn: '1h' })
      assert.deepEqual(await readyIds(store), [])
      assert.deepEqual(await store.tasks.claim({ agent: 'agent-1' }), [])
      assert.deepEqual(await store.tasks.waiting(id), [])
      const soon = await store.tasks.create(newTask({ id: 'soon', maxRetries: 5 }))
      const second = await claimOne(store)
      const { availableAt } = await store.tasks.fail(soon.id, second.claimId, { error: 'x', retryIn: 40 })
      assert.ok(availableAt)
      await until('the end of the delay', async () => (await readyIds(store)).length > 0)
      const again = await claimOne(store)
      assert.deepEqual([again.id, again.attempt, again.availableAt], ['soon', 2, null])
    },
  },
  {
    id: 'W2',
    name: 'a task waits for every dependency, and for an id that names no task',
    async run(harness) {
      const store = await openFresh(harness)
      const { tasks } = store
      await tasks.create(newTask({ id: 'a' }))
      await tasks.create(newTask({ id: 'b' }))
      await tasks.create(newTask({ id: 'waits', dependencies: ['b', 'none', 'a'], priority: 'critical' }))
      assert.deepEqual(await readyIds(store), ['a', 'b'])
      assert.deepEqual(await tasks.waiting('waits'), [
        { id: 'b', status: 'created' },
        { id: 'none', status: null },
        { id: 'a', status: 'created' },
      ])
      const a = await claimOne(store)
      await tasks.complete('a', a.claimId)
      const b = await claimOne(store)
      assert.deepEqual(await tasks.waiting('waits'), [
        { id: 'b', status: 'in_progress' },
        { id: 'none', status: null },
      ])
      await tasks.complete('b', b.claimId)
      assert.deepEqual(await readyIds(store), [])
      // Taken over as completed: named before it existed.
      await tasks.create(newTask({ id: 'none', status: 'completed', assignedTo: 'x' }), takenOver())
      assert.deepEqual(await tasks.waiting('waits'), [])
      assert.deepEqual(await readyIds(store), ['waits'])
      await rejection(RecordNotFoundError, () => tasks.waiting('missing'))
    },
  },
  {
    id: 'W2b',
    name: 'dependencies are met by people too, change with an update, and are missed when they are deleted',
    async run(harness) {
      const store = await openFresh(harness)
      const { tasks } = store
      const done = { status: 'in_review', assignedTo: 'ada' } as const
      const review = await tasks.create(newTask({ id: 'review', ...done }), takenOver())
      const other = await tasks.create(newTask({ id: 'early' }))
      const first = await tasks.create(newTask({ id: 'first', dependencies: ['review'] }))
      await tasks.create(newTask({ id: 'second', dependencies: ['review', 'early'] }))
      assert.deepEqual(await readyIds(store), ['early'])
      const completed = await tasks.transition('review', 'completed', review)
      assert.deepEqual(await readyIds(store), ['early', 'first'])
      const more = await tasks.update('first', { dependencies: ['early'] }, first)
      assert.deepEqual(await readyIds(store), ['early'])
      await tasks.update('first', { dependencies: [] }, more)
      assert.deepEqual(await readyIds(store), ['early', 'first'])
      await tasks.transition('early', 'cancelled', other)
      assert.deepEqual(await tasks.waiting('second'), [{ id: 'early', status: 'cancelled' }])
      await tasks.update('second', { dependencies: ['review'] }, await stored(store, 'second'))
      assert.deepEqual(await readyIds(store), ['first', 'second'])
      await tasks.delete(completed.id)
      assert.deepEqual(await readyIds(store), ['first'])
      assert.deepEqual(await tasks.waiting('second'), [{ id: 'review', status: null }])
      await tasks.create(newTask({ id: 'review', ...done, status: 'completed' }), takenOver())
      assert.deepEqual(await readyIds(store), ['first', 'second'])
    },
  },
  {
    id: 'W2c',
    name: 'tasks of one call that depend on each other are ready in turn, whatever their order',
    async run(harness) {
      const store = await openFresh(harness)
      const chain = Array.from({ length: 12 }, (_, index) =>
        newTask({ id: `t-${index}`, dependencies: index === 11 ? [] : [`t-${index + 1}`] }),
      )
      await store.tasks.createMany(chain)
      const order: string[] = []
      for (const _ of chain) {
        assert.equal((await readyIds(store)).length, 1)
        const { id, claimId } = await claimOne(store)
        assert.deepEqual(await readyIds(store), [])
        await store.tasks.complete(id, claimId)
        order.push(id)
      }
      assert.deepEqual(order, chain.map(({ id }) => id ?? '').reverse())
    },
  },
  {
    id: 'W2d',
    name: 'a task with thousands of dependencies is ready after the last one',
    large: true,
    async run(harness) {
      const store = await openFresh(harness)
      const ids = Array.from({ length: 10_000 }, (_, index) => `t-${index}`)
      for (let start = 0; start < ids.length; start += 1000)
        await store.tasks.createMany(ids.slice(start, start + 1000).map((id) => newTask({ id })))
      await store.tasks.create(newTask({ id: 'last', dependencies: ids, priority: 'critical' }))
      assert.equal((await store.tasks.waiting('last')).length, ids.length)
      for (let done = 0; done < ids.length; ) {
        const claimed = await store.tasks.claim({ agent: 'agent-1', limit: 500, lease: '1h' })
        assert.ok(!idsOf(claimed).includes('last'), 'not before the others')
        await Promise.all(claimed.map(({ id, claimId }) => store.tasks.complete(id, claimId)))
        done += claimed.length
      }
      assert.deepEqual(await readyIds(store), ['last'])
    },
  },
]
