// R1: appends that take links from a task keep their position among all calls, and a repeated
// append is the stored record, whatever has happened to its task since.

import assert from 'node:assert/strict'
import { DuplicateRecordError } from '../../errors.ts'
import { type ConformanceCase, openAt, openFresh } from '../support/case.ts'
import { rejection } from '../support/expect.ts'
import { newCost, newEntry, newMessage, newTask } from '../support/samples.ts'

import { assertTotals, type Books, fill, linksOf, P, Q } from './task-link-samples.ts'

export const taskLinkOrderCases: readonly ConformanceCase[] = [
  {
    id: 'B2',
    name: 'calls made together are stored in their order, each with what the task was at its place',
    async run(harness) {
      const store = await openFresh(harness)
      await fill(store)
      const together = async (books: Books, beginning: string) => {
        const taskId = `${beginning}-new`
        const task = newTask({ id: taskId, planId: P, project: 'web' })
        const append = () => [
          books.costRecords.append(newCost({ taskId })),
          books.messages.append(newMessage({ metadata: { taskId } })),
          books.audit.append(newEntry({ taskId })),
        ]
        const calls = [
          ...append(),
          books.tasks.create(task),
          ...append(),
          books.tasks.delete(taskId),
          ...append(),
          books.tasks.create({ ...task, planId: Q, project: 'api' }),
          ...append(),
        ] as const
        const appended = (await Promise.all(calls)).flatMap((answer) =>
          typeof answer === 'object' && !('title' in answer) ? [answer] : [],
        )
        assert.deepEqual(appended.map(linksOf), [
          ...[[null, null], [null, null], [null]],
          ...[[P, 'web'], [P, 'web'], [P]],
          ...[[null, null], [null, null], [null]],
          ...[[Q, 'api'], [Q, 'api'], [Q]],
        ])
        return appended
      }
      const outside = await together(store, 'out')
      const inside = await store.transaction((tx) => together(tx, 'in'))
      for (const record of [...outside, ...inside]) {
        const stored =
          (await store.costRecords.get(record.id)) ??
          (await store.messages.get(record.id)) ??
          (await store.audit.get(record.id))
        assert.deepEqual(stored, record)
      }
      await assertTotals(store)
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
  {
    id: 'B2d',
    name: 'appendMany takes the links of a task whose creation was called right before, and is not stopped by one that is refused',
    async run(harness) {
      const store = await openFresh(harness)
      await fill(store)
      for (const [taskId, books] of [
        ['own', store],
        ['of-ada', store.as('ada')],
      ] as const) {
        const [, costs, messages, again] = await Promise.all([
          books.tasks.create(newTask({ id: taskId, planId: P, project: 'web' })),
          store.costRecords.appendMany([newCost({ taskId }), newCost({ taskId, idempotencyKey: taskId })]),
          store.messages.appendMany([newMessage({ metadata: { taskId } })]),
          store.messages.appendMany([newMessage({ id: taskId, metadata: { taskId } })], { idempotent: true }),
          ...Array.from({ length: 20 }, () => store.costRecords.append(newCost())),
        ])
        const expected = Array.from({ length: 4 }, () => [P, 'web'])
        assert.deepEqual([...costs, ...messages, ...again].map(linksOf), expected)
      }
      const refused = store.tasks.create(newTask({ id: 'of-p' }))
      const appended = store.costRecords.appendMany([newCost({ taskId: 'of-p' })])
      await rejection(DuplicateRecordError, () => refused)
      assert.deepEqual((await appended).map(linksOf), [[P, 'web']])
      await assertTotals(store)
    },
  },
  {
    id: 'B2b',
    name: 'a call that names a task and one that does not keep their order: keys, numbers of entries, times',
    async run(harness) {
      const store = await openFresh(harness)
      await fill(store)
      const together = async (books: Books, key: string) => {
        const costs = [{ taskId: 'of-p' }, { project: 'other' }, { taskId: 'of-p' }, { taskId: 'of-q' }].map(
          (links) => books.costRecords.append(newCost({ idempotencyKey: key, ...links })),
        )
        const entries = Array.from({ length: 12 }, (_, index) =>
          books.audit.append(newEntry({ details: index, taskId: index % 3 === 0 ? null : 'of-p' })),
        )
        const [first, other, again, third] = await Promise.allSettled(costs)
        assert.ok(first?.status === 'fulfilled' && again?.status === 'fulfilled')
        assert.deepEqual(again.value, first.value)
        assert.deepEqual(linksOf(first.value), [P, 'web'])
        assert.deepEqual([other?.status, third?.status], ['rejected', 'rejected'])
        const written = await Promise.all(entries)
        const begin = written[0]?.sequence ?? 0
        assert.deepEqual(
          written.map(({ sequence, details }) => [sequence - begin, details]),
          written.map((_, index) => [index, index]),
        )
        const times = written.map(({ timestamp }) => timestamp.getTime())
        assert.deepEqual(
          times,
          times.toSorted((one, two) => one - two),
        )
      }
      await together(store, 'call-1')
      await store.transaction((tx) => together(tx, 'call-2'))
      const deletion = store.tasks.delete('of-q')
      // The entry of the deletion has the time of its call, not that of its execution.
      const called = Date.now()
      while (Date.now() < called + 3);
      await Promise.all([deletion, store.audit.append(newEntry({ action: 'after:deletion' }))])
      const [last, before] = (await store.audit.query({}, { limit: 2 })).items
      assert.deepEqual([before?.action, before?.planId, last?.action], ['task:delete', Q, 'after:deletion'])
      assert.ok(before && last && before.timestamp <= last.timestamp)
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
  {
    id: 'B2c',
    name: 'close waits for appends that name a task, and they are stored',
    needs: ['persistent'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      await fill(store)
      const writes = Array.from({ length: 40 }, (_, index) => [
        store.costRecords.append(newCost({ taskId: 'of-p' })),
        store.messages.append(newMessage({ metadata: { taskId: 'of-p' } })),
        store.audit.append(newEntry({ taskId: 'of-p', details: index })),
      ]).flat()
      await store.close()
      await Promise.all(writes)
      const again = await openAt(harness, place)
      const { records } = await again.plans.cost(P)
      const entries = await again.audit.count({ planId: P, taskId: 'of-p', action: 'tool:call' })
      assert.deepEqual([records, await again.messages.count({ planId: P }), entries], [40, 40, 40])
    },
  },
  {
    id: 'B3',
    name: 'a repeated append is the stored record, also after its task has moved or gone',
    async run(harness) {
      const store = await openFresh(harness)
      await fill(store)
      const cost = newCost({ idempotencyKey: 'call-1', taskId: 'of-p' })
      const message = newMessage({ id: 'm-1', timestamp: new Date(0), metadata: { taskId: 'of-p' } })
      const early = newCost({ idempotencyKey: 'call-2', taskId: 'late' })
      const [first, told, before] = [
        await store.costRecords.append(cost),
        await store.messages.append(message),
        await store.costRecords.append(early),
      ]
      const assertSame = async () => {
        for (const books of [store, undefined]) {
          const run = <T>(work: (each: Books) => Promise<T>) =>
            books ? work(books) : store.transaction(work)
          assert.deepEqual(await run((each) => each.costRecords.append(cost)), first)
          assert.deepEqual(await run((each) => each.costRecords.append(early)), before)
          assert.deepEqual(await run((each) => each.costRecords.appendMany([cost, cost])), [first, first])
          const once = { idempotent: true }
          assert.deepEqual(await run((each) => each.messages.append(message, once)), told)
          assert.deepEqual(await run((each) => each.messages.appendMany([message], once)), [told])
        }
      }
      await assertSame()
      const moved = await store.tasks.update('of-p', { planId: Q, project: 'api' }, { version: 1 })
      await store.tasks.create(newTask({ id: 'late', planId: Q }))
      await assertSame()
      await store.tasks.update('of-p', { planId: null }, moved)
      await assertSame()
      await store.tasks.delete('of-p')
      await assertSame()
      const named = { ...cost, planId: P, project: 'web' }
      assert.deepEqual(await store.costRecords.append(named), first)
      for (const [change, fields] of [
        [{ planId: Q }, ['planId']],
        [{ project: 'api' }, ['project']],
        [{ taskId: null }, ['taskId', 'planId', 'project']],
      ] as const) {
        const error = await rejection(DuplicateRecordError, () =>
          store.costRecords.append({ ...cost, ...change }),
        )
        assert.deepEqual(error.fields, fields)
      }
      for (const metadata of [{ taskId: 'of-p', planId: Q }, { taskId: 'of-q' }, {}]) {
        const error = await rejection(DuplicateRecordError, () =>
          store.messages.append({ ...message, metadata }, { idempotent: true }),
        )
        assert.deepEqual(error.fields, ['metadata'])
      }
      assert.deepEqual([await store.costRecords.count(), await store.messages.count()], [2, 1])
      await assertTotals(store)
    },
  },
]
