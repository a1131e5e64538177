// Adoption: recognises the ancestors' tables in a database, compares them column by column, and
// reports what is missing. It decides and reports, but changes nothing.

import type { Query, Row } from '../engines/contract/engine.ts'
import type {
  IndexSpec,
  LiveSchema,
  LiveTable,
  MigrationStatement,
  TableSpec,
} from '../engines/contract/schema.ts'
import { MigrationError } from '../errors.ts'
import { ledgerTable } from '../migrations/ledger.ts'
import {
  type AncestorHalf,
  OPERATIONS_LAYOUT_MARK,
  operationsHalf,
  PLANS_REVISION,
  plansHalf,
} from './ancestor-layouts.ts'
import type { AdoptionWriter } from './expressions.ts'

/** What adoption found, and the statements that complete the baseline. */
export interface Adoption {
  /** The halves whose tables exist. */
  readonly adopted: readonly AncestorHalf['name'][]
  readonly statements: readonly MigrationStatement[]
}

/**
 * Compares a database without a ledger with the baseline.
 * @throws MigrationError with every difference; the database is not changed
 */
export async function planAdoption(
  live: LiveSchema,
  writer: AdoptionWriter,
  read: (query: Query) => Promise<readonly Row[]>,
): Promise<Adoption> {
  const present = [operationsHalf, plansHalf].filter((half) =>
    half.tables.some((table) => find(live, table.name)),
  )
  if (present.length === 0 && live.tables.length > 0) {
    const names = live.tables.map((table) => table.name)
    throw new MigrationError(
      `the database has tables that are not Purser's (${shorten(names)}); it was left as it is. Give Purser a database of its own`,
      { details: names },
    )
  }
  const differences = present.flatMap((half) => differencesOf(half, live, writer))
  for (const { name } of live.tables) {
    if (ownNames.test(name))
      differences.push(`the table ${name} is not the ancestor's, and Purser needs the name`)
  }
  if (present.includes(operationsHalf) && live.layoutMark !== OPERATIONS_LAYOUT_MARK) {
    differences.push(`the version mark is ${live.layoutMark}, expected ${OPERATIONS_LAYOUT_MARK}`)
  }
  if (present.includes(plansHalf)) differences.push(...(await revisionDifferences(live, read)))
  if (differences.length === 0) {
    for (const half of present) differences.push(...(await missingKeys(half, writer, read)))
  }
  if (differences.length > 0) {
    throw new MigrationError(
      `the database is not laid out as expected, and was left as it is: ${shorten(differences)}`,
      { details: differences },
    )
  }
  return {
    adopted: present.map((half) => half.name),
    statements: [
      ...writer.createTable(ledgerTable),
      ...[operationsHalf, plansHalf].flatMap((half) =>
        present.includes(half) ? missingIndexes(half, live, writer) : createHalf(half, writer),
      ),
    ],
  }
}

/**
 * Table names that later migrations create. Another program's table with such a name would stop the
 * chain halfway.
 */
const ownNames =
  /^(?:purser_.*|cost_totals|messages_fts.*|plans|plans__.*|automation_profiles|audit_entries|audit_cuts|cost_rollups|budgets|budget_.*|agents|approvals|parked_runs|projects|decisions|corrections|plan_checkpoints|plan_steps|settings|tokens|task_queue|task_dependencies|.*__new)$/

/** Every statement of the baseline on an empty database. */
export function createBaseline(writer: AdoptionWriter): readonly MigrationStatement[] {
  return [
    ...writer.createTable(ledgerTable),
    ...createHalf(operationsHalf, writer),
    ...createHalf(plansHalf, writer),
  ]
}

function createHalf(half: AncestorHalf, writer: AdoptionWriter): readonly MigrationStatement[] {
  const mark =
    half === operationsHalf
      ? writer.setLayoutMark(OPERATIONS_LAYOUT_MARK)
      : [
          writer.run(
            'mark the revision',
            `INSERT INTO alembic_version (version_num) VALUES (${writer.text(PLANS_REVISION)})`,
          ),
        ]
  return [
    ...half.tables.flatMap((table) => writer.createTable(table)),
    ...half.indexes.flatMap((index) => writer.createIndex(index)),
    ...mark,
  ]
}

function missingIndexes(
  half: AncestorHalf,
  live: LiveSchema,
  writer: AdoptionWriter,
): readonly MigrationStatement[] {
  const exists = (index: IndexSpec) =>
    find(live, index.table)?.indexes.some((candidate) => candidate.name === index.name)
  return half.indexes.filter((index) => !exists(index)).flatMap((index) => writer.createIndex(index))
}

function differencesOf(half: AncestorHalf, live: LiveSchema, writer: AdoptionWriter): string[] {
  return half.tables.flatMap((expected) => {
    const table = find(live, expected.name)
    return table ? tableDifferences(expected, table, writer) : [`the table ${expected.name} is missing`]
  })
}

function tableDifferences(expected: TableSpec, live: LiveTable, writer: AdoptionWriter): string[] {
  const differences: string[] = []
  for (const column of expected.columns) {
    const place = `${expected.name}.${column.name}`
    const found = live.columns.find((candidate) => candidate.name === column.name)
    if (!found) {
      differences.push(`the column ${place} is missing`)
      continue
    }
    const { type, default: value } = writer.describeColumn(column)
    const keyPosition = expected.primaryKey.indexOf(column.name) + 1
    const compare = (what: string, is: unknown, should: unknown) => {
      if (is !== should)
        differences.push(`${place} has the ${what} ${String(is)}, expected ${String(should)}`)
    }
    compare('type', found.type, type)
    compare('nullability', found.nullable, column.nullable ?? false)
    compare('default', normalise(found.default), normalise(value))
    compare('place in the primary key', found.keyPosition, keyPosition)
  }
  for (const { name } of live.columns) {
    if (!expected.columns.some((column) => column.name === name)) {
      differences.push(`the column ${expected.name}.${name} is not known`)
    }
  }
  // A rebuild would silently drop the trigger and its effect.
  for (const { name } of live.triggers)
    differences.push(`the trigger ${name} on ${expected.name} is not known`)
  return differences
}

/** Treats `0` and `0.0` as the same default. */
function normalise(value: string | null): string | null {
  return value !== null && /^-?\d+(\.\d+)?$/.test(value) ? String(Number(value)) : value
}

async function revisionDifferences(
  live: LiveSchema,
  read: (query: Query) => Promise<readonly Row[]>,
): Promise<string[]> {
  if (!find(live, 'alembic_version')) return []
  const rows = await read({ sql: 'SELECT version_num FROM alembic_version', parameters: [] })
  const revisions = rows.map(([revision]) => String(revision))
  if (revisions.length === 1 && revisions[0] === PLANS_REVISION) return []
  const found = revisions.length === 0 ? 'none' : revisions.join(', ')
  return [
    `the Alembic revision is ${found}, expected ${PLANS_REVISION}; bring the database to that revision with the ancestor's own tools first`,
  ]
}

/**
 * The ancestors' keys are nullable, which no later layout allows. Rejecting nulls now is better
 * than failing in the migration that encounters one.
 */
async function missingKeys(
  half: AncestorHalf,
  writer: AdoptionWriter,
  read: (query: Query) => Promise<readonly Row[]>,
): Promise<string[]> {
  const differences: string[] = []
  for (const { name, columns, primaryKey } of half.tables) {
    for (const column of columns) {
      if (!column.nullable || column.type === 'serial' || !primaryKey.includes(column.name)) continue
      const sql = `SELECT count(*) FROM ${writer.column(name)} WHERE ${writer.column(column.name)} IS NULL`
      const [row] = await read({ sql, parameters: [] })
      const count = Number(row?.[0] ?? 0)
      if (count > 0) {
        differences.push(
          `${count} ${count === 1 ? 'row' : 'rows'} of ${name} have no ${column.name}; give them one`,
        )
      }
    }
  }
  return differences
}

function find(live: LiveSchema, name: string): LiveTable | undefined {
  return live.tables.find((table) => table.name === name)
}

function shorten(items: readonly string[]): string {
  const shown = items.slice(0, 10).join('; ')
  return items.length > 10 ? `${shown}; and ${items.length - 10} more` : shown
}
