// Every field of every record reaches a column of its own and comes back: by create, and for what
// updates may change by an update of that field alone. The values are made from the definitions, so
// a field that is added without a column, or whose kind has no generator here, fails.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newProfile, takenOver } from '../../src/conformance/support/samples.ts'
import {
  actionDefinition,
  approvalDefinition,
  auditEntryDefinition,
  automationProfileDefinition,
  budgetDefinition,
  costRecordDefinition,
  decisionDefinition,
  openStore,
  parkedRunDefinition,
  planCheckpointDefinition,
  planDefinition,
  projectDefinition,
  type Store,
  taskDefinition,
} from '../../src/index.ts'
import {
  type Column,
  type Definition,
  decidedPlan,
  definitions,
  dependent,
  fullInput,
  generate,
  givenColumns,
  isSame,
  spawnedPlan,
  storedValue,
  type Values,
} from '../support/records/generated-input.ts'

const folder = mkdtempSync(join(tmpdir(), 'purser-mapping-'))
const path = join(folder, 'purser.db')
let store: Store

beforeAll(async () => {
  store = await openStore(`sqlite:${path}`)
  await store.plans.create({ planId: decidedPlan.planId, name: 'a/b', actionName: 'x', description: 'd' })
  const { planId: parentPlanId } = decidedPlan
  await store.plans.create({ planId: spawnedPlan, parentPlanId, actionName: 'x', description: 'd' })
  await store.decisions.record({
    ...{ ...decidedPlan, type: 'prompt_definition', question: 'q', chosenOption: 'c' },
  } as const)
})

afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A change of one column alone. */
function patchOf({ field, member }: Column, value: unknown): Values {
  return { [field]: member === undefined ? value : { [member]: value } }
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
  if (definition === taskDefinition) return store.tasks.create(input as never, takenOver())
  if (definition === costRecordDefinition) return store.costRecords.append(input as never)
  if (definition === planDefinition) return store.plans.create(input as never, takenOver())
  if (definition === budgetDefinition) return store.budgets.create(input as never)
  if (definition === actionDefinition) return store.actions.create(input as never)
  if (definition === projectDefinition) return store.projects.create(input as never)
  if (definition === auditEntryDefinition) return store.audit.append(input as never)
  if (definition === approvalDefinition) return store.approvals.request(input as never)
  if (definition === parkedRunDefinition) return store.parkedRuns.park(input as never)
  if (definition === planCheckpointDefinition) return store.planCheckpoints.create(input as never)
  if (definition === decisionDefinition) return store.decisions.record(input as never)
  return store.messages.append(input as never)
}

/** The record as another store, with nothing in mind of the first, reads it. */
async function readAnew(definition: Definition, id: string): Promise<Values | null> {
  await using other = await openStore(`sqlite:${path}`)
  if (definition === taskDefinition) return other.tasks.get(id)
  if (definition === costRecordDefinition) return other.costRecords.get(id)
  if (definition === planDefinition) return other.plans.get(id)
  if (definition === budgetDefinition) return other.budgets.get(id)
  if (definition === actionDefinition) return other.actions.get(id)
  if (definition === projectDefinition) return other.projects.get(id)
  if (definition === auditEntryDefinition) return other.audit.get(id)
  if (definition === approvalDefinition) return await other.approvals.get(id)
  if (definition === parkedRunDefinition) return other.parkedRuns.get(id)
  if (definition === planCheckpointDefinition) return other.planCheckpoints.get(id)
  if (definition === decisionDefinition) return other.decisions.get(id)
  return other.messages.get(id)
}

async function update(definition: Definition, id: string, patch: Values): Promise<Values> {
  const base = { version: 1 }
  if (definition === taskDefinition) return store.tasks.update(id, patch as never, base)
  if (definition === planDefinition) return store.plans.update(id, patch as never, base)
  if (definition === projectDefinition) return store.projects.update(id, patch as never, base)
  return store.actions.update(id, patch as never, base)
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
      if (definition !== planDefinition && 'planId' in input) insertPlan(input.planId)
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
      if (definition !== planDefinition && 'planId' in input) insertPlan(input.planId)
      await write(definition, input)
      const row = storedRow(definition, input[definition.key.field])
      const plain = givenColumns(definition).filter(({ kind }) => kind === 'text' || kind === 'integer')
      expect(plain.length).toBeGreaterThan(5)
      for (const column of plain) expect(row[column.name], column.name).toBe(storedValue(input, column))
      for (const column of givenColumns(definition)) {
        const { name, kind } = column
        const value = storedValue(input, column)
        if (kind === 'json') {
          const text = JSON.stringify(value)
          expect(String(row[name]), name).toContain(text.match(/\d{3}/)?.[0] ?? text)
        }
        if (kind === 'instant') expect(row[name], name).toBe((value as Date).toISOString())
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
      expect(Object.keys(input)).toEqual([...new Set(columns.map(({ field }) => field))])
      const own = columns.filter(({ field }) => !dependent.get(definition)?.[field])
      for (const column of own) {
        expect(isSame(storedValue(input, column), column.spec.initial), column.name).toBe(false)
      }
      const free = own.filter(({ kind, spec }) => kind !== 'boolean' && !spec.values)
      expect(new Set(free.map((column) => JSON.stringify(storedValue(input, column)))).size).toBe(free.length)
    })
  },
)

const changing = [taskDefinition, planDefinition, actionDefinition] as const

describe.each(changing.map((definition) => [definition.name, definition] as const))(
  'updates of a %s',
  (_, definition) => {
    const updatable = (definition.columns as readonly Column[]).filter(({ spec }) => spec.updatable)

    const made = async (from: number) => {
      const input = fullInput(definition, from)
      if (definition === taskDefinition) insertPlan(input.planId)
      const record = await write(definition, input)
      return { input, record, id: String(input[definition.key.field]) }
    }

    test('there are fields that an update may change', () => {
      expect(updatable.length).toBeGreaterThan(8)
    })

    test.each(updatable.map((column, index) => [column.name, column, index] as const))(
      '%s changes alone',
      async (_name, column, index) => {
        const { input, record, id } = await made(10_000 + index * 100)
        const own = dependent.get(definition)?.[column.field]
        const value = own
          ? own(900 + index + Number(isSame(own(900 + index, input), input[column.field])), input)
          : generate(column, 900 + index, storedValue(input, column))
        expect(isSame(value, storedValue(input, column))).toBe(false)
        if (column.field === 'planId') insertPlan(value)
        const before = storedRow(definition, id)
        const patch = patchOf(column, value)
        const updated = await update(definition, id, patch)
        const { field, member } = column
        const expected = member === undefined ? value : { ...(record[field] as Values), [member]: value }
        expect(updated).toEqual({ ...record, [field]: expected, version: 2, updatedAt: updated.updatedAt })
        expect(await readAnew(definition, id)).toEqual(updated)
        const after = storedRow(definition, id)
        const changed = Object.keys(after).filter((name) => after[name] !== before[name])
        const expectedNames = [column.name, 'version', 'updated_at'].filter(
          (name) => name !== 'updated_at' || changed.includes(name),
        )
        expect(changed.toSorted()).toEqual(expectedNames.toSorted())
      },
    )

    // The name of a root is required although that of a child is null.
    const clearable = updatable.filter(
      ({ field, spec }) => spec.nullable && !(definition === planDefinition && field === 'name'),
    )
    test.each(clearable.map((column, index) => [column.name, column, index] as const))(
      '%s can be cleared',
      async (name, column, index) => {
        const { id } = await made(30_000 + index * 100)
        const updated = await update(definition, id, patchOf(column, null))
        expect(storedValue(updated, column)).toBeNull()
        expect(storedRow(definition, id)[name]).toBeNull()
        expect(await readAnew(definition, id)).toEqual(updated)
      },
    )
  },
)

test('the parent of a plan stands in its column, and in its root’s', async () => {
  const root = await store.plans.create(fullInput(planDefinition, 50_000) as never, takenOver())
  const input = { ...fullInput(planDefinition, 50_100), parentPlanId: root.planId, name: null }
  const child = await store.plans.create({ ...input, rootPlanId: undefined } as never, takenOver())
  expect(child).toMatchObject({ ...input, rootPlanId: root.planId })
  expect(await readAnew(planDefinition, child.planId)).toEqual(child)
  const row = storedRow(planDefinition, child.planId)
  expect([row.parent_plan_id, row.root_plan_id, row.name]).toEqual([root.planId, root.planId, null])
})

test('a profile of one’s own stands whole in its columns, by create and by update', async () => {
  const rowOf = (name: string) =>
    raw((handle) => handle.prepare('SELECT * FROM automation_profiles WHERE name = ?').get(name) as Values)
  const made = await store.automationProfiles.create(newProfile())
  const row = rowOf(made.name)
  expect(Object.keys(row).toSorted()).toEqual(
    automationProfileDefinition.columns.map(({ name }) => name).toSorted(),
  )
  expect(row).toEqual({
    name: 'local/careful',
    definition: JSON.stringify(made.profile),
    created_at: made.createdAt?.toISOString(),
    updated_at: made.updatedAt?.toISOString(),
    version: 1,
  })
  expect(made.profile).toEqual(newProfile())
  const updated = await store.automationProfiles.update(made.name, { editCode: 0.99 }, { version: 1 })
  expect(JSON.parse(String(rowOf(made.name).definition))).toEqual({ ...newProfile(), editCode: 0.99 })
  await using other = await openStore(`sqlite:${path}`)
  expect(await other.automationProfiles.get(made.name)).toEqual(updated)
})
