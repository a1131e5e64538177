// T11: unreadable key columns. The row cannot be returned, lists skip and report it, and it stays
// unchanged.

import assert from 'node:assert/strict'
import { CorruptRecordError, DuplicateRecordError } from '../../errors.ts'
import { events } from '../../index.ts'
import type { ConformanceCase } from '../support/case.ts'
import { openForDamage, taskCell } from '../support/damage.ts'
import { collect, idsOf, rejection } from '../support/expect.ts'
import { newCost, newMessage, newTask, ulid } from '../support/samples.ts'

export const corruptRowCases: readonly ConformanceCase[] = [
  {
    id: 'T11',
    name: 'a broken enum: get throws CorruptRecordError, lists skip the row and report it, the row stays',
    needs: ['cells'],
    async run(harness) {
      const { store, write, read, warnings } = await openForDamage(harness)
      await write(taskCell('status'), 'hunter2')
      const fault = { table: 'tasks', id: 'b', column: 'status' }
      const calls: readonly (() => unknown)[] = [
        () => store.tasks.get('b'),
        () => store.tasks.update('b', { title: 'x' }, { version: 1 }),
        () => store.tasks.transition('b', 'cancelled', { version: 1 }),
        () => store.tasks.save({ ...newTask(), id: 'b' }),
        () => store.transaction((tx) => tx.tasks.get('b')),
      ]
      for (const call of calls) {
        const error = await rejection(CorruptRecordError, call, String(call))
        assert.deepEqual({ table: error.table, id: error.id, column: error.column }, fault)
        assert.ok(!error.message.includes('hunter2'))
      }
      for (let round = 0; round < 2; round += 1) {
        const page = await store.tasks.list()
        assert.deepEqual([idsOf(page.items), page.corrupt], [['a', 'c'], [fault]])
        assert.deepEqual(idsOf(await collect(store.tasks.each())), ['a', 'c'])
        assert.deepEqual([...(await store.tasks.getMany(['a', 'b'])).keys()], ['a'])
      }
      const rowWarnings = warnings.filter(
        ({ fields }) => (fields as { event: string }).event === events.rowCorrupt,
      )
      assert.equal(rowWarnings.length, 1)
      assert.equal(await read(taskCell('status')), 'hunter2')
      assert.equal(await read(taskCell('title')), 'Write the parser')
      await rejection(DuplicateRecordError, () => store.tasks.create(newTask({ id: 'b' })))
      assert.equal(await store.tasks.delete('b'), true)
      assert.deepEqual((await store.tasks.list()).corrupt, [])
    },
  },
  {
    id: 'T11b',
    name: 'corrupt rows do not end paging: a page may hold nothing but them',
    needs: ['cells'],
    async run(harness) {
      const { store, write } = await openForDamage(harness)
      await write(taskCell('type', 'a'), 'party')
      await write(taskCell('priority', 'b'), 'no hurry')
      const items: string[] = []
      const corrupt: string[] = []
      let cursor: string | undefined
      for (let pages = 1; ; pages += 1) {
        const page = await store.tasks.list({}, { limit: 1, cursor })
        items.push(...idsOf(page.items))
        corrupt.push(...page.corrupt.map((row) => `${row.id} ${row.column}`))
        if (page.nextCursor === null) {
          assert.equal(pages, 3)
          break
        }
        cursor = page.nextCursor
      }
      assert.deepEqual([items, corrupt], [['c'], ['a type', 'b priority']])
    },
  },
  {
    id: 'T11c',
    name: 'broken times, counts and flags make the row corrupt, in every record',
    needs: ['cells', 'looseCells'],
    async run(harness) {
      const { store, write } = await openForDamage(harness)
      const cells: readonly (readonly [string, string])[] = [
        ['created_at', 'yesterday'],
        ['updated_at', '31 January 2026'],
        ['version', 'two'],
        ['max_retries', '1.5'],
      ]
      for (const [column, value] of cells) {
        const id = `t-${column}`
        await store.tasks.create(newTask({ id }))
        await write(taskCell(column, id), value)
        const error = await rejection(CorruptRecordError, () => store.tasks.get(id), column)
        assert.equal(error.column, column)
      }
      const page = await store.tasks.list()
      assert.deepEqual(idsOf(page.items), ['a', 'b', 'c'])
      assert.equal(page.corrupt.length, cells.length)

      await store.costRecords.append(newCost({ id: ulid(1) }))
      await store.costRecords.append(newCost({ id: ulid(2) }))
      await write({ table: 'cost_records', id: ulid(2), column: 'timestamp' }, '2026-13-40T00:00:00.000Z')
      const costs = await store.costRecords.query()
      assert.deepEqual([idsOf(costs.items), costs.corrupt.length], [[ulid(1)], 1])
      await rejection(CorruptRecordError, () => store.costRecords.get(ulid(2)))

      await store.messages.append(newMessage({ id: 'good' }))
      await store.messages.append(newMessage({ id: 'bad' }))
      await write({ table: 'messages', id: 'bad', column: 'priority' }, 'extreme')
      const history = await store.messages.history('parser')
      assert.deepEqual([idsOf(history.items), history.corrupt.length], [['good'], 1])
      await rejection(CorruptRecordError, () => store.messages.get('bad'))
    },
  },
]
