// Writes that look at rows of other tables: how far a set goes before one of them, what is read for
// it, and that nothing is read for writes that look at none. What comes of it on a database is in
// the conformance cases B1 to B5.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newCost, newEntry, newMessage, newPlan, newTask } from '../../src/conformance/support/samples.ts'
import type { Query, TableShape, WriteOperation, WriteOutcome } from '../../src/engines/contract/engine.ts'
import {
  completeWrites,
  type DependentWrite,
  independentCount,
  type QueuedWrite,
} from '../../src/engines/core/dependent-writes.ts'
import { WriteQueue } from '../../src/engines/core/write-queue.ts'
import { createSqliteEngine } from '../../src/engines/sqlite/index.ts'
import { InvalidRecordError, type PersistenceError } from '../../src/errors.ts'
import { openStore } from '../../src/index.ts'
import { sqliteDefaults } from '../support/driver.ts'

const shapeOf = (table: string): TableShape => ({
  table,
  columns: ['id', 'value'],
  kinds: ['text', 'text'],
  key: 'id',
  references: [],
})
const [goals, notes] = [shapeOf('goals'), shapeOf('notes')]

const insert = (shape: TableShape, key: string, value: string | null = null): WriteOperation => ({
  kind: 'insert',
  shape,
  row: [key, value],
})
const change = (shape: TableShape, key: string): WriteOperation => ({
  kind: 'compareAndSet',
  shape,
  key,
  columns: ['value'],
  values: ['changed'],
  expect: { column: 'value', value: null },
})
const remove = (shape: TableShape, key: string): WriteOperation => ({ kind: 'delete', shape, key })
const execute: WriteOperation = { kind: 'execute', query: { sql: 'anything', parameters: [] } }
/** A note about a goal, with the goal's value. */
const note = (goal: string, changes = false): DependentWrite => ({
  kind: 'dependent',
  on: { shape: goals, key: goal },
  changes,
  complete: (row) => insert(notes, `on ${goal}`, row === null ? 'none' : String(row[1])),
})

describe('how many writes go together', () => {
  test.each<readonly [string, readonly QueuedWrite[], number]>([
    ['none', [], 0],
    ['none that looks at anything', [insert(goals, 'a'), remove(goals, 'a'), execute], 3],
    ['a look, then changes of its row', [note('a'), change(goals, 'a'), remove(goals, 'a')], 3],
    ['a look after the row is made', [insert(goals, 'a'), note('a')], 1],
    ['a look after the row is changed', [note('b'), change(goals, 'a'), note('b'), note('a')], 3],
    ['a look after the row is deleted', [remove(goals, 'a'), note('a')], 1],
    ['a look after a look that changes', [note('a'), note('a', true), note('a')], 2],
    ['a look after whatever statement', [execute, note('a')], 1],
    ['another row, another table', [insert(goals, 'b'), insert(notes, 'a'), note('b', true), note('a')], 2],
  ])('%s', (_, writes, count) => {
    expect(independentCount(writes)).toBe(count)
  })
})

/** An engine of one table of goals, and what was asked of it. */
function goalKeeper() {
  const values = new Map<string, string | null>()
  const written: string[] = []
  const reads: (readonly unknown[])[] = []
  const queue = new WriteQueue({
    readRows: async (_, keys) => {
      reads.push(keys)
      return keys.flatMap((key) => (values.has(String(key)) ? [[key, values.get(String(key)) ?? null]] : []))
    },
    runSet: async (writes) =>
      writes.map((write): WriteOutcome => {
        if (write.kind === 'insert' && write.shape === notes) written.push(write.row.join(': '))
        else if (write.kind === 'insert') values.set(String(write.row[0]), String(write.row[1]))
        else if (write.kind === 'compareAndSet') values.set(String(write.key), String(write.values[0]))
        else if (write.kind === 'delete') values.delete(String(write.key))
        return { kind: 'stored' }
      }),
    maxSetSize: 512,
    classify: (error) => error as PersistenceError,
  })
  return { queue, written, reads }
}

describe('what is read', () => {
  test('every row once, for all writes of a set, and nothing where none looks at any', async () => {
    const { queue, written, reads } = goalKeeper()
    await queue.add(insert(goals, 'a', 'one'), 'ada')
    await Promise.all([queue.add(insert(goals, 'b', 'two'), 'ada'), queue.add(remove(goals, 'c'), 'ada')])
    expect(reads).toEqual([])
    await Promise.all(['a', 'b', 'a', 'c', 'a'].map((goal) => queue.add(note(goal), 'ada')))
    expect(reads).toEqual([['a', 'b', 'c']])
    expect(written).toEqual(['on a: one', 'on b: two', 'on a: one', 'on c: none', 'on a: one'])
  })

  test('many rows in several reads', async () => {
    const asked: number[] = []
    const writes = Array.from({ length: 1300 }, (_, index) => note(String(index)))
    const complete = await completeWrites(writes, async (_, keys) => {
      asked.push(keys.length)
      return keys.map((key) => [key, `value ${String(key)}`])
    })
    expect(asked).toEqual([512, 512, 276])
    expect(complete[1299]).toEqual(insert(notes, 'on 1299', 'value 1299'))
  })

  test('every write sees what those before it have made, and nothing of those after it', async () => {
    const key = fc.constantFrom('a', 'b', 'c')
    const step = fc.oneof(
      key.map((name) => ({ name, write: note(name) })),
      key.map((name) => ({ name, write: change(goals, name) })),
      key.map((name) => ({ name, write: remove(goals, name) })),
      key.map((name) => ({ name, write: insert(goals, name, 'made') })),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { queue, written } = goalKeeper()
        const now = new Map<string, string>()
        const expected: string[] = []
        for (const { name, write } of steps) {
          if (write.kind === 'dependent') expected.push(`on ${name}: ${now.get(name) ?? 'none'}`)
          else if (write.kind === 'delete') now.delete(name)
          else now.set(name, write.kind === 'insert' ? 'made' : 'changed')
        }
        await Promise.all(steps.map(({ write }) => queue.add(write, 'ada')))
        expect(written).toEqual(expected)
      }),
    )
  })

  test('a write that cannot be completed fails alone', async () => {
    const { queue, written } = goalKeeper()
    const fault = new InvalidRecordError('note', [{ path: [], code: 'too_long', message: 'is too long' }])
    const failing: DependentWrite = {
      ...note('a'),
      complete: () => {
        throw fault
      },
    }
    const settled = await Promise.allSettled(
      [note('a'), failing, note('b')].map((write) => queue.add(write, 'ada')),
    )
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(settled[1]).toMatchObject({ reason: fault })
    expect(written).toEqual(['on a: none', 'on b: none'])
  })
})

test('R1: a record that names no task, or all that a task gives, reads nothing; a set that names tasks reads once', async () => {
  const engine = createSqliteEngine({ ...sqliteDefaults, path: ':memory:' })
  const reads: string[] = []
  const { read } = engine
  engine.read = (query: Query) => {
    reads.push(query.sql)
    return read.call(engine, query)
  }
  await using store = await openStore({ engine })
  const { planId } = await store.plans.create(newPlan())
  await store.tasks.createMany([newTask({ id: 'a', planId }), newTask({ id: 'b', planId })])
  const { costRecords, messages, audit } = store
  const during = async (...calls: readonly Promise<unknown>[]) => {
    reads.length = 0
    await Promise.all(calls)
    // An append asks at most four times a second whether there are budgets.
    return reads.filter((sql) => !sql.includes('from budgets')).length
  }
  const all = { taskId: 'a', planId, project: 'web' }
  expect(await during(costRecords.append(newCost()))).toBe(0)
  expect(await during(costRecords.append(newCost(all)))).toBe(0)
  expect(await during(messages.append(newMessage({ metadata: { planId } })))).toBe(0)
  expect(await during(audit.append(newEntry({ taskId: 'a', planId })))).toBe(0)
  const taskIds = ['a', 'b', 'a', 'c']
  expect(
    await during(
      ...taskIds.map((taskId) => costRecords.append(newCost({ taskId }))),
      ...taskIds.map((taskId) => messages.append(newMessage({ metadata: { taskId } }))),
      ...taskIds.map((taskId) => audit.append(newEntry({ taskId }))),
    ),
  ).toBe(1)
})
