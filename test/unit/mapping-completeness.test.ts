// Every field of every record reaches a column of its own and comes back: by create, and for what updates may change by an update
// of that field alone. The values are made from the definitions, so a field that is added without a column, or whose kind has no
// generator here, fails.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  costRecordDefinition,
  messageDefinition,
  openStore,
  type Store,
  type TaskPatch,
  taskDefinition,
} from '../../src/index.ts'

const definitions = [taskDefinition, costRecordDefinition, messageDefinition]
type Definition = (typeof definitions)[number]
type Column = Definition['columns'][number]
type Values = Record<string, unknown>

const folder = mkdtempSync(join(tmpdir(), 'purser-mapping-'))
const path = join(folder, 'purser.db')
let store: Store

beforeAll(async () => {
  store = await openStore(`sqlite:${path}`)
})

afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Values of a column's kind, differing with `n`; the first that the field accepts is taken. */
function candidates({ field, kind, spec }: Column, n: number): readonly unknown[] {
  switch (kind) {
    case 'text': {
      if (spec.values) return spec.values.toReversed()
      const ulid = `01J${String(n).padStart(23, '0')}`
      const day = String((n % 28) + 1).padStart(2, '0')
      return [`${field} ${n}`, ulid, `2026-01-${day}`, ['EUR', 'CHF', 'GBP'][n % 3]]
    }
    case 'integer':
      return [1000 + n]
    case 'boolean':
      return [n % 2 === 0, n % 2 !== 0]
    case 'money':
      return [`${n}.00000000${(n % 9) + 1}`]
    case 'instant':
      return [new Date(Date.UTC(2020, 0, 1, 0, 0, n, n))]
    case 'json':
      return [
        [`${field} ${n}`, `${field} first`],
        [{ type: 'code', path: `${field} ${n}` }],
        [{ type: 'file', ref: `${field} ${n}` }],
        [{ description: `${field} ${n}`, met: true }],
        [
          { kind: 'text', text: `${field} ${n}` },
          { kind: 'uri', uri: `urn:${n}` },
        ],
        {
          taskId: `task ${n}`,
          projectId: `project ${n}`,
          planId: `plan ${n}`,
          tokensUsed: n,
          costUsd: `${n}.5`,
          extra: [[`key ${n}`, `value ${n}`]],
        },
        { [field]: n, nested: [n, { deep: true }] },
      ]
    default:
      return kind satisfies never
  }
}

/** A value that the field accepts, and that is neither its default nor, where there is a choice, `other`. */
function generate(column: Column, n: number, other?: unknown): unknown {
  for (const candidate of candidates(column, n)) {
    const parsed = column.spec.schema.safeParse(candidate)
    if (!parsed.success) continue
    if (isSame(parsed.data, column.spec.initial) || isSame(parsed.data, other)) continue
    return parsed.data
  }
  throw new Error(`no generator for ${column.field} (${column.kind}); add one to candidates()`)
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function givenColumns(definition: Definition): readonly Column[] {
  return definition.columns.filter(({ spec }) => spec.given !== 'managed')
}

/** An input with a value of its own for every field that callers may give. */
function fullInput(definition: Definition, from: number): Values {
  return Object.fromEntries(
    givenColumns(definition).map((column, index) => [column.field, generate(column, from + index)]),
  )
}

function raw<T>(work: (handle: Database.Database) => T): T {
  const handle = new Database(path)
  try {
    return work(handle)
  } finally {
    handle.close()
  }
}

/** Tasks name plans that exist. */
function insertPlan(planId: unknown): void {
  raw((handle) => {
    handle
      .prepare(
        "INSERT OR IGNORE INTO plans (plan_id, root_plan_id, action_name, description, automation_profile_name, automation_profile_provenance, effective_profile_snapshot, created_at, updated_at) VALUES (?, ?, 'a/b', '', 'balanced', 'global', '{}', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')",
      )
      .run(planId, planId)
  })
}

async function write(definition: Definition, input: Values): Promise<Values> {
  if (definition === taskDefinition) return store.tasks.create(input as never)
  if (definition === costRecordDefinition) return store.costRecords.append(input as never)
  return store.messages.append(input as never)
}

/** The record as another store, with nothing in mind of the first, reads it. */
async function readAnew(definition: Definition, id: string): Promise<Values | null> {
  await using other = await openStore(`sqlite:${path}`)
  if (definition === taskDefinition) return other.tasks.get(id)
  if (definition === costRecordDefinition) return other.costRecords.get(id)
  return other.messages.get(id)
}

function storedRow(definition: Definition, id: unknown): Values {
  const { table, key } = definition.shape
  return raw((handle) => handle.prepare(`SELECT * FROM "${table}" WHERE "${key}" = ?`).get(id) as Values)
}

describe.each(definitions.map((definition) => [definition.name, definition] as const))(
  '%s',
  (_, definition) => {
    test('create writes every field and reads it back', async () => {
      const input = fullInput(definition, 100)
      if ('planId' in input) insertPlan(input.planId)
      const written = await write(definition, input)
      expect(written).toMatchObject(input)
      const read = await readAnew(definition, String(input[definition.key.field]))
      expect(read).toEqual(written)
      expect(Object.keys(read ?? {}).toSorted()).toEqual(
        [...Object.keys(definition.fields), 'unreadable'].toSorted(),
      )
    })

    test('each field stands in the column of its name', async () => {
      const input = fullInput(definition, 200)
      if ('planId' in input) insertPlan(input.planId)
      await write(definition, input)
      const row = storedRow(definition, input[definition.key.field])
      const plain = givenColumns(definition).filter(({ kind }) => kind === 'text' || kind === 'integer')
      expect(plain.length).toBeGreaterThan(5)
      for (const { field, name } of plain) expect(row[name], name).toBe(input[field])
      for (const { field, name, kind } of givenColumns(definition)) {
        if (kind === 'json')
          expect(String(row[name]), name).toContain(JSON.stringify(input[field]).match(/\d{3}/)?.[0])
        if (kind === 'instant') expect(row[name], name).toBe((input[field] as Date).toISOString())
      }
    })

    test('every column is in the schema, and the schema has no column without a field', () => {
      const live = raw(
        (handle) =>
          handle
            .prepare('SELECT name, hidden, pk, type FROM pragma_table_xinfo(?)')
            .all(definition.shape.table) as {
            name: string
            hidden: number
            pk: number
            type: string
          }[],
      )
      const columns = definition.columns.map(({ name }) => name)
      expect(new Set(columns).size).toBe(columns.length)
      const names = new Set(live.map(({ name }) => name))
      expect(columns.filter((name) => !names.has(name))).toEqual([])
      // Computed columns, and the serial that numbers rows in the order of their insertion.
      const own = live.filter(({ hidden, pk, type }) => hidden === 0 && !(pk === 1 && type === 'INTEGER'))
      expect(own.map(({ name }) => name).filter((name) => !columns.includes(name))).toEqual([])
    })

    test('every field differs from its default and from the other fields in the generated record', () => {
      const input = fullInput(definition, 300)
      const columns = givenColumns(definition)
      expect(Object.keys(input)).toEqual(columns.map(({ field }) => field))
      for (const { field, spec } of columns) expect(isSame(input[field], spec.initial), field).toBe(false)
      const free = columns.filter(({ kind, spec }) => kind !== 'boolean' && !spec.values)
      expect(new Set(free.map(({ field }) => JSON.stringify(input[field]))).size).toBe(free.length)
    })
  },
)

describe('updates of tasks', () => {
  const updatable = taskDefinition.columns.filter(({ spec }) => spec.updatable)

  test('there are fields that an update may change', () => {
    expect(updatable.length).toBeGreaterThan(10)
  })

  test.each(updatable.map((column, index) => [column.field, column, index] as const))(
    '%s changes alone',
    async (field, column, index) => {
      const input = { ...fullInput(taskDefinition, 400 + index * 40) }
      insertPlan(input.planId)
      const made = (await write(taskDefinition, input)) as { id: string; version: number }
      const value = generate(column, 900 + index, input[field])
      if (field === 'planId') insertPlan(value)
      const updated = await store.tasks.update(made.id, { [field]: value } as TaskPatch, { version: 1 })
      expect(updated).toEqual({ ...made, [field]: value, version: 2, updatedAt: updated.updatedAt })
      expect(await readAnew(taskDefinition, made.id)).toEqual(updated)
    },
  )

  test.each(updatable.filter(({ spec }) => spec.nullable).map((column) => [column.field, column] as const))(
    '%s can be cleared',
    async (field) => {
      const input = fullInput(
        taskDefinition,
        2000 + updatable.findIndex((column) => column.field === field) * 40,
      )
      insertPlan(input.planId)
      const made = await write(taskDefinition, input)
      const patch = { [field]: null } as TaskPatch
      const updated: Values = await store.tasks.update(String(made.id), patch, { version: 1 })
      expect(updated[field]).toBeNull()
      expect(await readAnew(taskDefinition, String(made.id))).toEqual(updated)
    },
  )
})
