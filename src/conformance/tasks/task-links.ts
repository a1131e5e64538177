// R1: a cost, a message and an audit entry that names a task but no plan belongs to the task's
// plan, and a cost or message to its project: as the task is at the call's position among the
// others.

import assert from 'node:assert/strict'
import type { Store } from '../../index.ts'
import { type ConformanceCase, feature, openAt, openFresh } from '../support/case.ts'
import { collect, idsOf, only } from '../support/expect.ts'
import { newCost } from '../support/samples.ts'

import { appendAll, assertStored, assertTotals, fill, linksOf, P, Q } from './task-link-samples.ts'

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
          ['task:create', 'of-p', P],
          ['task:create', 'of-q', Q],
          ['task:create', 'free', null],
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
