// T12, T13 and cursors: limits, pages while rows are inserted and deleted, and cursors of other
// lists. For every kind of list.

import assert from 'node:assert/strict'
import { InvalidRecordError } from '../../errors.ts'
import type { Page, PageRequest, Store } from '../../index.ts'
import { type ConformanceCase, openAt, openFresh } from '../support/case.ts'
import { idsOf, rejection } from '../support/expect.ts'
import { newAction, newCost, newEntry, newMessage, newPlan, newTask, ulid } from '../support/samples.ts'

type List = (store: Store, page: PageRequest) => Promise<Page<{ readonly id: string }>>

/** Every way to get a page. `history` takes its cursor as `before`. */
const lists: Readonly<Record<string, List>> = {
  'tasks.list': (store, page) => store.tasks.list({}, page),
  'tasks.list of a project': (store, page) => store.tasks.list({ project: 'purser' }, page),
  'tasks.list of two projects': (store, page) => store.tasks.list({ project: ['purser', 'x'] }, page),
  'costRecords.query': (store, page) => store.costRecords.query({}, page),
  'costRecords.query of an agent': (store, page) => store.costRecords.query({ agentId: 'agent-7' }, page),
  'costRecords.query of a plan': (store, page) => store.costRecords.query({ planId: 'plan-1' }, page),
  'costRecords.query of a tree': (store, page) =>
    store.costRecords.query({ planId: 'plan-1', tree: true }, page),
  'costRecords.query of another tree': (store, page) =>
    store.costRecords.query({ planId: 'plan-2', tree: true }, page),
  'messages.query': (store, page) => store.messages.query({}, page),
  'messages.query of a sender': (store, page) => store.messages.query({ sender: 'lead' }, page),
  'messages.thread': (store, page) => store.messages.thread({ taskId: 'task-1' }, page),
  'messages.search': (store, page) => store.messages.search('word', page),
  'messages.search for another word': (store, page) => store.messages.search('other', page),
  'messages.search in a channel': (store, page) =>
    store.messages.search('word', { ...page, channel: 'parser' }),
  'messages.history': (store, { limit, cursor }) =>
    store.messages.history('parser', { limit, before: cursor }),
  'plans.list': async (store, page) => byId(await store.plans.list({}, page), 'planId'),
  'plans.list of a name': async (store, page) =>
    byId(await store.plans.list({ name: 'local/*' }, page), 'planId'),
  'plans.children': async (store, page) => byId(await store.plans.children(ulid(1), page), 'planId'),
  'actions.list': async (store, page) => byId(await store.actions.list({}, page), 'name'),
  'audit.query': (store, page) => store.audit.query({}, page),
  'audit.query of an action': (store, page) => store.audit.query({ action: 'tool:*' }, page),
}

/** A page of records that are identified by another field than `id`. */
function byId<T extends { readonly [P in K]: string }, K extends string>(
  page: Page<T>,
  key: K,
): Page<{ readonly id: string }> {
  return { ...page, items: page.items.map((item) => ({ ...item, id: item[key] })) }
}

/** Rows that every list shows: `n` tasks, costs and messages, three with each timestamp. */
async function fill(store: Store, n: number): Promise<void> {
  const moment = (index: number) => new Date(Date.UTC(2026, 0, 1) + Math.floor(index / 3))
  const indexes = Array.from({ length: n }, (_, index) => index)
  await store.tasks.createMany(indexes.map((index) => newTask({ id: `row-${index}` })))
  for (const planId of ['plan-1', 'plan-2']) {
    await store.costRecords.appendMany(
      indexes.map((index) =>
        newCost({ timestamp: moment(index), planId, idempotencyKey: `${planId} ${index}` }),
      ),
    )
  }
  await store.plans.createMany([
    newPlan({ planId: ulid(1) }),
    ...indexes.map(() => newPlan()),
    ...indexes.map(() => newPlan({ parentPlanId: ulid(1) })),
  ])
  for (const index of indexes) await store.actions.create(newAction({ name: `local/row-${index}` }))
  await Promise.all(indexes.map(() => store.audit.append(newEntry())))
  await store.messages.appendMany(
    indexes.map((index) =>
      newMessage({
        id: `row-${index}`,
        timestamp: moment(index),
        content: `other word ${index}`,
        metadata: { taskId: 'task-1' },
      }),
    ),
  )
}

async function readAll(
  list: List,
  store: Store,
  limit: number,
  between: () => Promise<unknown>,
): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | undefined
  for (;;) {
    const page = await list(store, { limit, cursor })
    assert.ok(page.items.length <= limit)
    ids.push(...idsOf(page.items))
    if (page.nextCursor === null) return ids
    cursor = page.nextCursor
    await between()
  }
}

export const pagingCases: readonly ConformanceCase[] = [
  {
    id: 'T12',
    name: 'a limit that is no whole number from 1 to 1000 is InvalidRecordError, in every list',
    async run(harness) {
      const store = await openFresh(harness)
      await fill(store, 4)
      for (const [name, list] of Object.entries(lists)) {
        for (const limit of [0, -1, 1001, 1.5, '5', true, null, Number.NaN, Number.POSITIVE_INFINITY, [5]]) {
          const about = `${name} with limit ${String(limit)}`
          const error = await rejection(
            InvalidRecordError,
            () => list(store, { limit } as PageRequest),
            about,
          )
          assert.deepEqual(error.issues[0]?.path, ['limit'], about)
        }
        const one = await list(store, { limit: 1 })
        assert.equal(one.items.length, 1, name)
        assert.equal(typeof one.nextCursor, 'string', name)
        const all = await list(store, { limit: 1000 })
        assert.ok(all.items.length >= 4, name)
        assert.equal(all.nextCursor, null, name)
        assert.deepEqual(await list(store, { limit: undefined }), await list(store, { limit: 100 }), name)
      }
    },
  },
  {
    id: 'T12b',
    name: 'a page that ends exactly at the last row has no next one',
    async run(harness) {
      const store = await openFresh(harness)
      await fill(store, 6)
      for (const name of ['tasks.list', 'messages.history', 'costRecords.query of a plan']) {
        const list = lists[name] as List
        const first = await list(store, { limit: 3 })
        assert.ok(first.nextCursor, name)
        const second = await list(store, { limit: 3, cursor: first.nextCursor })
        assert.deepEqual([second.items.length, second.nextCursor], [3, null], name)
        assert.equal(new Set([...idsOf(first.items), ...idsOf(second.items)]).size, 6, name)
      }
      assert.deepEqual(await store.tasks.list({ project: 'none' }), {
        items: [],
        nextCursor: null,
        corrupt: [],
      })
    },
  },
  {
    id: 'T13',
    name: 'paging through 1,000 tasks while others come and go shows every untouched one exactly once',
    async run(harness) {
      const store = await openFresh(harness)
      await fill(store, 1000)
      const doomed = Array.from({ length: 200 }, (_, index) => `row-${index * 5}`)
      let round = 0
      const seen = await readAll(
        (where, page) => where.tasks.list({}, page),
        store,
        41,
        async () => {
          round += 1
          for (let count = 0; count < 10; count += 1) await store.tasks.delete(doomed.pop() ?? '')
          if (round <= 20) await store.tasks.create(newTask({ id: `new-${round}` }))
          // The row at which the last page ended may be deleted too.
          await store.tasks.update('row-1', { title: `Round ${round}` }, { version: round })
        },
      )
      const untouched = Array.from({ length: 1000 }, (_, index) => index).filter((index) => index % 5 !== 0)
      const shown = seen.filter((id) => !id.startsWith('new-') && Number(id.slice(4)) % 5 !== 0)
      assert.deepEqual(shown.toSorted(), untouched.map((index) => `row-${index}`).toSorted())
      assert.equal(new Set(seen).size, seen.length)
    },
  },
  {
    id: 'T13b',
    name: 'the same for cost records and messages, with inserts on both sides of the cursor',
    async run(harness) {
      const store = await openFresh(harness)
      await fill(store, 300)
      const { items } = await store.costRecords.query({ planId: 'plan-1' }, { limit: 1000 })
      const old = new Set([...idsOf(items), ...Array.from({ length: 300 }, (_, index) => `row-${index}`)])
      let round = 0
      const insert = async () => {
        round += 1
        for (const time of ['2025-12-31T00:00:00Z', '2026-01-01T00:00:00.050Z', '2027-01-01T00:00:00Z']) {
          await store.messages.append(newMessage({ id: `new-${round} ${time}`, timestamp: time }))
          await store.costRecords.append(newCost({ timestamp: time, planId: 'plan-1' }))
        }
      }
      for (const name of ['messages.history', 'costRecords.query of a plan', 'messages.search']) {
        const seen = await readAll(lists[name] as List, store, 29, insert)
        assert.equal(new Set(seen).size, seen.length, name)
        assert.equal(seen.filter((id) => old.has(id)).length, 300, name)
      }
    },
  },
  {
    id: 'T13c',
    name: 'a cursor stays good when the row it was made at is deleted',
    async run(harness) {
      const store = await openFresh(harness)
      await store.tasks.createMany(['a', 'b', 'c', 'd'].map((id) => newTask({ id })))
      const first = await store.tasks.list({}, { limit: 2 })
      const ids = idsOf((await store.tasks.list()).items)
      await store.tasks.delete(ids[1] as string)
      await store.tasks.delete(ids[2] as string)
      const second = await store.tasks.list({}, { limit: 2, cursor: first.nextCursor ?? undefined })
      assert.deepEqual([idsOf(second.items), second.nextCursor], [[ids[3]], null])
    },
  },
  {
    id: 'T16',
    name: 'a cursor that was changed, cut or made up is refused',
    async run(harness) {
      const store = await openFresh(harness)
      await fill(store, 4)
      const { nextCursor } = await store.tasks.list({}, { limit: 1 })
      assert.ok(nextCursor)
      const tampered = [...nextCursor].map((letter, index) => {
        const other = letter === 'A' ? 'B' : 'A'
        return `${nextCursor.slice(0, index)}${other}${nextCursor.slice(index + 1)}`
      })
      const madeUp: readonly unknown[] = [
        '',
        'abc',
        nextCursor.slice(0, -1),
        nextCursor.slice(1),
        `${nextCursor}A`,
        `${nextCursor}=`,
        ` ${nextCursor}`,
        nextCursor.repeat(2),
        'x'.repeat(10_000),
        Buffer.from('[1,2]').toString('base64url'),
        5,
        null,
        {},
        [nextCursor],
      ]
      for (const cursor of [...tampered, ...madeUp]) {
        for (const name of ['tasks.list', 'messages.query']) {
          const call = () => (lists[name] as List)(store, { cursor } as PageRequest)
          const error = await rejection(InvalidRecordError, call, `${name} at ${String(cursor).slice(0, 60)}`)
          assert.deepEqual(error.issues[0]?.path, ['cursor'])
        }
      }
      const before = 'abc'
      await rejection(InvalidRecordError, () => store.messages.history('parser', { before }))
    },
  },
  {
    id: 'T16b',
    name: 'a cursor of one list is refused by every other',
    async run(harness) {
      const store = await openFresh(harness)
      await fill(store, 4)
      for (const [from, list] of Object.entries(lists)) {
        const { nextCursor } = await list(store, { limit: 1 })
        assert.ok(nextCursor, from)
        for (const [to, other] of Object.entries(lists)) {
          const about = `from ${from} to ${to}`
          const call = (): ReturnType<List> => other(store, { limit: 1, cursor: nextCursor })
          if (from === to) assert.equal((await call()).items.length, 1, about)
          else await rejection(InvalidRecordError, call, about)
        }
      }
    },
  },
  {
    id: 'T16c',
    name: 'a cursor is good inside a transaction',
    async run(harness) {
      const store = await openFresh(harness)
      await fill(store, 4)
      const { nextCursor } = await store.tasks.list({}, { limit: 2 })
      const page = { limit: 2, cursor: nextCursor ?? undefined }
      const inside = await store.transaction((tx) => tx.tasks.list({}, page))
      assert.deepEqual(inside, await store.tasks.list({}, page))
    },
  },
  {
    id: 'T16d',
    name: 'a cursor is good after the store was closed and opened again',
    needs: ['persistent'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      await fill(store, 4)
      const { nextCursor } = await store.tasks.list({}, { limit: 2 })
      const page = { limit: 2, cursor: nextCursor ?? undefined }
      const before = await store.tasks.list({}, page)
      await store.close()
      assert.deepEqual(await (await openAt(harness, place)).tasks.list({}, page), before)
    },
  },
]
