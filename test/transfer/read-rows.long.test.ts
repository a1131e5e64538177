// The order in which rows are moved: the same on every engine, whatever the size of a batch;
// parents first, however deep and wide trees are; nothing left out where parents are damaged.

import { describe, expect, test } from 'vitest'
import type { Row } from '../../src/engines/contract/engine.ts'
import type { Store } from '../../src/index.ts'
import { internalsOf } from '../../src/store/store-internals.ts'
import { readRows } from '../../src/transfer/rows/read-rows.ts'
import { type RecordKind, recordKinds } from '../../src/transfer/rows/record-kind.ts'
import { withDatabase } from '../support/database-content.ts'
import { damage } from '../support/organisation.ts'
import { scratchFile } from '../support/scratch.ts'
import { opened, placeNames, source } from '../support/transfer/places.ts'

const kindOf = (type: string): RecordKind => {
  const kind = recordKinds.find((one) => one.type === type)
  if (!kind) throw new TypeError(`there is no kind ${type}`)
  return kind
}

async function keys(store: Store, type: string, batchRows?: number): Promise<readonly string[]> {
  const kind = kindOf(type)
  const { engine } = internalsOf(store)
  const snapshot = await engine.snapshot()
  const index = kind.shape.columns.indexOf(kind.shape.key)
  try {
    const found: string[] = []
    for await (const rows of readRows(engine, snapshot, kind, batchRows)) {
      expect(rows.length).toBeLessThanOrEqual(batchRows ?? 1000)
      for (const row of rows) found.push(String(row[index]))
    }
    return found
  } finally {
    await snapshot.close()
  }
}

/** Inserts plans as they are: each is its name, and its parent's. */
async function insertPlans(store: Store, parents: Readonly<Record<string, string | null>>): Promise<void> {
  const { engine } = internalsOf(store)
  const { shape } = kindOf('plan')
  const sample = await store.plans.create({ name: 'local/sample', actionName: 'local/act', description: 'x' })
  const { sql, parameters } = engine.builder
    .selectFrom('plans')
    .select([...shape.columns])
    .where('plan_id', '=', sample.planId)
    .compile()
  const [row = []] = await engine.read({ sql, parameters: parameters as never })
  await store.plans.delete(sample.planId)
  const rootOf = (id: string): string => {
    const parent = parents[id] ?? null
    return parent === null ? id : rootOf(parent)
  }
  const set = (changes: Readonly<Record<string, string | null>>): Row =>
    shape.columns.map((column, index) =>
      column in changes ? (changes[column] ?? null) : (row[index] ?? null),
    )
  const rows = Object.entries(parents).map(([id, parent]) =>
    set({ plan_id: id, parent_plan_id: parent, root_plan_id: rootOf(id), name: parent === null ? id : null }),
  )
  for (let start = 0; start < rows.length; start += 500) {
    await engine.writeSet(
      rows.slice(start, start + 500).map((each) => ({ kind: 'insert', shape, row: each })),
    )
  }
}

const number = (value: number) => String(value).padStart(5, '0')

describe.each(placeNames)('on %s', (place) => {
  test('rows come in the order of their keys, compared by bytes, in batches of any size', async () => {
    const store = await source(place)
    const ids = ['a', 'A', 'á', 'b', 'B', 'ab', 'a ', '_', '%', '0', '10', '9', '😀', '\uffee', 'ä', 'Z']
    await Promise.all(
      ids.map((id) =>
        store.tasks.create({ id, title: 't', description: 'd', project: 'p', createdBy: 'x', type: 'admin' }),
      ),
    )
    const ordered = ids.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
    for (const batchRows of [undefined, 1, 3, 16, 17]) {
      expect(await keys(store, 'task', batchRows)).toEqual(ordered)
    }
    expect(await keys(store, 'message')).toEqual([])
  })

  test('parents come before their children: families of five hundred, what is below them before the next', async () => {
    const store = await source(place)
    const parents: Record<string, string | null> = {}
    for (let index = 0; index < 1203; index += 1) parents[`r${number(index)}`] = null
    // Below two roots of the first family, and one of the last.
    for (let index = 0; index < 501; index += 1) parents[`c${number(index)}`] = `r${number(index % 2)}`
    parents.d00000 = 'c00500'
    parents.d00001 = 'r01202'
    await insertPlans(store, parents)
    const roots = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => `r${number(from + index)}`)
    const children = Array.from({ length: 501 }, (_, index) => `c${number(index)}`)
    const expected = [...roots(0, 500), ...children, 'd00000', ...roots(500, 1203), 'd00001']
    expect(await keys(store, 'plan')).toEqual(expected)
    expect(await keys(store, 'plan', 7)).toEqual(expected)
  })

  test('a chain comes from its top to its end', async () => {
    const store = await source(place)
    const depth = 600
    const parents = Object.fromEntries(
      Array.from({ length: depth }, (_, index) => [
        `p${number(depth - index)}`,
        index === 0 ? null : `p${number(depth - index + 1)}`,
      ]),
    )
    await insertPlans(store, parents)
    expect(await keys(store, 'plan')).toEqual(Object.keys(parents))
  })
})

test('plans on a cycle, below one, and below a parent that is missing come last, in the order of their keys', async () => {
  const path = scratchFile()
  const store = await opened(`sqlite:${path}`)
  await insertPlans(store, { b: null, c: 'b', z: null, y: 'z', x: 'y', w: 'x', a: 'b' })
  await store.close()
  damage(
    path,
    "UPDATE plans SET parent_plan_id = 'x' WHERE plan_id = 'z'",
    "UPDATE plans SET parent_plan_id = 'gone' WHERE plan_id = 'c'",
  )
  const again = await opened(`sqlite:${path}`)
  for (const batchRows of [1, 2, 1000]) {
    expect(await keys(again, 'plan', batchRows)).toEqual(['b', 'a', 'c', 'w', 'x', 'y', 'z'])
  }
})

test('a chain of 100,000 plans is read with the memory of a few', { timeout: 300_000 }, async () => {
  const path = scratchFile()
  const store = await opened(`sqlite:${path}`)
  await insertPlans(store, { p000000: null })
  await store.close()
  const depth = 100_000
  withDatabase(
    path,
    (handle) => {
      handle.pragma('synchronous = off')
      const columns = kindOf('plan').shape.columns.filter(
        (column) => !['plan_id', 'parent_plan_id', 'name'].includes(column),
      )
      const list = columns.map((column) => `"${column}"`).join(', ')
      handle.exec(`WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ${depth - 1})
INSERT INTO plans (plan_id, parent_plan_id, ${list})
SELECT printf('p%06d', n), printf('p%06d', n - 1), ${list} FROM number, plans WHERE plans.plan_id = 'p000000' ORDER BY n`)
    },
    false,
  )
  const again = await opened(`sqlite:${path}`)
  const { engine } = internalsOf(again)
  const snapshot = await engine.snapshot()
  const before = process.memoryUsage().heapUsed
  let [rows, last] = [0, '']
  for await (const batch of readRows(engine, snapshot, kindOf('plan'))) {
    for (const [id] of batch) {
      expect(String(id) > last).toBe(true)
      last = String(id)
    }
    rows += batch.length
  }
  await snapshot.close()
  expect(rows).toBe(depth)
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(150_000_000)
})

test('findings come in the order in which they were noted, originals in that of their places', async () => {
  for (const place of placeNames) {
    const store = await source(place)
    const { engine } = internalsOf(store)
    const put = (table: string, rows: readonly Readonly<Record<string, unknown>>[]) => {
      const { sql, parameters } = engine.builder.insertInto(table).values(rows).compile()
      return engine.writeSet([{ kind: 'execute', query: { sql, parameters: parameters as never } }])
    }
    const at = engine.codec.encode.instant(new Date('2026-01-31T00:00:00Z'))
    const finding = (row: string) => ({
      migration: 3,
      table_name: 'tasks',
      row_id: row,
      column_name: 'title',
      problem: 'odd',
      original_value: 'x',
      created_at: at,
    })
    await put('purser_findings', ['b', 'a', 'c', 'a'].map(finding))
    const original = (migration: number, row: string, column: string) => ({
      migration,
      table_name: 'tasks',
      row_id: row,
      column_name: column,
      value: 'x',
    })
    await put('purser_originals', [
      original(4, 'a', 'a'),
      original(3, 'b', 'a'),
      original(3, 'a', 'b'),
      original(3, 'a', 'a'),
      original(10, 'B', 'a'),
    ])
    const { shape } = kindOf('original')
    const snapshot = await engine.snapshot()
    const seen: string[] = []
    for await (const rows of readRows(engine, snapshot, kindOf('original'), 2)) {
      for (const row of rows) seen.push([row[0], row[2], row[3]].map(String).join(' '))
    }
    await snapshot.close()
    expect(shape.columns.slice(0, 4)).toEqual(['migration', 'table_name', 'row_id', 'column_name'])
    expect(seen).toEqual(['3 a a', '3 a b', '3 b a', '4 a a', '10 B a'])
    expect(await keys(store, 'finding', 3)).toEqual(['b', 'a', 'c', 'a'])
  }
})
