// R1: a cost, a message and an audit entry that names a task but no plan belongs to the task's
// plan, and a cost or message to its project: as the task is at the call's position among the
// others.

import assert from 'node:assert/strict'
import { DuplicateRecordError } from '../../errors.ts'
import type { AuditEntry, CostRecord, Message, Store, Transaction } from '../../index.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { collect, idsOf, only, rejection } from '../support/expect.ts'
import { newCost, newEntry, newMessage, newPlan, newTask, ulid } from '../support/samples.ts'

type Books = Store | Transaction

const [P, Q] = [ulid(1), ulid(2)]

/** Two plans and a task of each, and a task without a plan, all in different projects. */
async function fill(store: Store): Promise<void> {
  await store.plans.createMany([newPlan({ planId: P }), newPlan({ planId: Q })])
  await store.tasks.createMany([
    newTask({ id: 'of-p', planId: P, project: 'web' }),
    newTask({ id: 'of-q', planId: Q, project: 'api' }),
    newTask({ id: 'free', project: 'own' }),
  ])
}

/** A record's plan and project. */
const linksOf = (record: CostRecord | Message | AuditEntry): readonly (string | null)[] => {
  if ('metadata' in record && 'channel' in record) return [record.metadata.planId, record.metadata.projectId]
  return 'project' in record ? [record.planId, record.project] : [record.planId]
}

/** Each way to append a record that names a task, and no other links unless given. */
async function appendAll(
  books: Books,
  taskId: string | null,
  named: { planId?: string; project?: string } = {},
) {
  const { planId, project: projectId } = named
  const message = newMessage({ metadata: { taskId, planId, projectId } })
  return {
    costs: [
      await books.costRecords.append(newCost({ taskId, ...named })),
      ...(await books.costRecords.appendMany([newCost({ taskId, ...named }), newCost({ taskId, ...named })])),
    ],
    messages: [
      await books.messages.append(message),
      ...(await books.messages.appendMany([message, message])),
    ],
    entries: [await books.audit.append(newEntry({ taskId, planId }))],
  }
}

async function assertStored(store: Store, appended: Awaited<ReturnType<typeof appendAll>>): Promise<void> {
  for (const cost of appended.costs) assert.deepEqual(await store.costRecords.get(cost.id), cost)
  for (const message of appended.messages) assert.deepEqual(await store.messages.get(message.id), message)
  for (const entry of appended.entries) assert.deepEqual(await store.audit.get(entry.id), entry)
}

/** The sums of the records, total by total. */
async function assertTotals(store: Store): Promise<void> {
  const records = await collect(store.costRecords.each())
  for (const [grouping, field] of [
    ['plan', 'planId'],
    ['project', 'project'],
  ] as const) {
    const counts = new Map<string | null, number>()
    for (const record of records) counts.set(record[field], (counts.get(record[field]) ?? 0) + 1)
    const totals = await store.costRecords.aggregate({}, { by: [grouping] })
    assert.deepEqual(new Map(totals.map((total) => [total[grouping] ?? null, total.records])), counts)
  }
}

export const taskLinkCases: readonly ConformanceCase[] = [
  {
    id: 'B1',
    name: 'R1: what names a task and no plan is stored with its plan and project, and counts for both',
    async run(harness) {
      const store = await openFresh(harness)
      await fill(store)
      const given = await store.costRecords.append(newCost({ taskId: 'of-p', cost: '7' }))
      assert.deepEqual(linksOf(given), [P, 'web'])
      assert.equal((await store.plans.cost(P, { tree: true })).cost, '7')
      const outside = await appendAll(store, 'of-p')
      const inside = await store.transaction((tx) => appendAll(tx, 'of-p'))
      for (const { costs, messages, entries } of [outside, inside]) {
        for (const record of [...costs, ...messages]) assert.deepEqual(linksOf(record), [P, 'web'])
        for (const entry of entries) assert.deepEqual(linksOf(entry), [P])
      }
      await assertStored(store, outside)
      await assertStored(store, inside)
      const thread = await store.messages.thread({ planId: P })
      assert.deepEqual(
        idsOf(thread.items),
        [...outside.messages, ...inside.messages].map(({ id }) => id).reverse(),
      )
      const about = await collect(store.audit.each({ planId: P, action: 'tool:call' }))
      assert.deepEqual(
        idsOf(about),
        [...inside.entries, ...outside.entries].map(({ id }) => id),
      )
      const { cost, records } = await store.plans.cost(P, { tree: true })
      assert.deepEqual([cost, records], ['7.007854', 7])
      const byProject = await store.costRecords.aggregate({}, { by: ['project'] })
      assert.deepEqual(
        byProject.map((total) => [total.project, total.cost]),
        [['web', '7.007854']],
      )
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
  {
    id: 'B1b',
    name: 'what a record names itself stays, plan and project each by itself',
    async run(harness) {
      const store = await openFresh(harness)
      await fill(store)
      for (const books of [store, undefined]) {
        const append = (...parts: [string | null, { planId?: string; project?: string }?]) =>
          books ? appendAll(books, ...parts) : store.transaction((tx) => appendAll(tx, ...parts))
        const links = async (...parts: [string | null, { planId?: string; project?: string }?]) => {
          const appended = await append(...parts)
          await assertStored(store, appended)
          const both = new Set(
            [...appended.costs, ...appended.messages].map((each) => linksOf(each).join('|')),
          )
          const plans = new Set(appended.entries.map(({ planId }) => planId))
          return [...both, ...plans]
        }
        assert.deepEqual(await links('of-p', { planId: Q }), [`${Q}|web`, Q])
        assert.deepEqual(await links('of-p', { project: 'mine' }), [`${P}|mine`, P])
        assert.deepEqual(await links('of-p', { planId: 'elsewhere', project: 'mine' }), [
          'elsewhere|mine',
          'elsewhere',
        ])
        assert.deepEqual(await links('free'), ['|own', null])
        assert.deepEqual(await links('nobody', { project: 'mine' }), ['|mine', null])
        assert.deepEqual(await links('nobody'), ['|', null])
        assert.deepEqual(await links(null, { planId: P }), [`${P}|`, P])
        assert.deepEqual(await links(null), ['|', null])
      }
      await assertTotals(store)
    },
  },
  {
    id: 'B1c',
    name: 'entries that the store writes about a task name its plan, that of its deletion too',
    async run(harness) {
      const store = await openFresh(harness)
      await fill(store)
      const moved = await store.tasks.update('of-p', { planId: Q }, { version: 1 })
      await store.tasks.transition('of-p', 'assigned', {
        version: moved.version,
        patch: { assignedTo: 'ann' },
      })
      await store.tasks.delete('of-p')
      await store.tasks.delete('free')
      await store.transaction(async (tx) => {
        await tx.tasks.update('of-q', { planId: P }, { version: 1 })
        await tx.tasks.delete('of-q')
      })
      const entries = await collect(store.audit.each({ action: 'task:*' }, { order: 'asc' }))
      assert.deepEqual(
        entries.map(({ action, taskId, planId }) => [action, taskId, planId]),
        [
          ['task:update', 'of-p', Q],
          ['task:transition', 'of-p', Q],
          ['task:delete', 'of-p', Q],
          ['task:delete', 'free', null],
          ['task:update', 'of-q', P],
          ['task:delete', 'of-q', P],
        ],
      )
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
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
      const entries = await again.audit.count({ planId: P, taskId: 'of-p' })
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
  {
    id: 'B4',
    name: 'while a task moves from plan to plan, each record has one of them, and totals agree with records',
    needs: ['shared'],
    async run(harness) {
      const place = harness.newPlace()
      const stores = [await openAt(harness, place), await openAt(harness, place)] as const
      const [store, mover] = stores
      await fill(store)
      let moving = true
      const moves = async () => {
        let task = await mover.tasks.get('of-p')
        for (let turn = 0; turn < 12; turn += 1) {
          assert.ok(task)
          const change = turn % 2 === 0 ? { planId: Q, project: 'api' } : { planId: P, project: 'web' }
          task = await mover.tasks.update('of-p', change, task)
        }
        moving = false
      }
      const appended: Awaited<ReturnType<typeof appendAll>>[] = []
      const appends = async (books: Store) => {
        do appended.push(await appendAll(books, 'of-p'))
        while (moving)
      }
      await Promise.all([moves(), ...stores.map(appends), appends(store)])
      const pairs = new Set<string>()
      for (const each of appended) {
        await assertStored(store, each)
        for (const record of [...each.costs, ...each.messages]) pairs.add(linksOf(record).join())
        for (const record of each.entries) assert.ok(record.planId === P || record.planId === Q)
      }
      for (const pair of pairs) assert.ok([`${P},web`, `${Q},api`].includes(pair), pair)
      await assertTotals(store)
      const after = await store.costRecords.append(newCost({ taskId: 'of-p' }))
      assert.deepEqual(linksOf(after), [P, 'web'])
      assert.equal((await store.audit.verify()).ok, true)
    },
  },
  {
    id: 'B5',
    name: 'the doctor counts records that name a task of a plan and no plan',
    needs: ['sql'],
    async run(harness) {
      const place = harness.newPlace()
      const store = await openAt(harness, place)
      await fill(store)
      const check = async () => only((await store.doctor({ only: ['task links'] })).checks)
      await appendAll(store, 'free')
      await appendAll(store, 'nobody')
      await appendAll(store, null)
      const { status, count } = await check()
      assert.deepEqual([status, count], ['ok', 0])
      await feature(harness, 'sql')(place, 'UPDATE tasks SET plan_id = ? WHERE id = ?', [P, 'free'])
      const found = await check()
      assert.deepEqual([found.status, found.count], ['warn', 7])
      assert.match(found.detail, /3 cost records, 3 messages, 1 audit entry /)
      assert.equal((await store.doctor()).ok, true)
    },
  },
]
