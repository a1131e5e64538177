// Renders the vocabulary of migrations as PostgreSQL statements. Foreign keys are recorded while a
// migration runs and created at its end (schema-driver.ts), because tables are replaced, renamed
// and created in any order, and broken references are counted first.

import type {
  ColumnSpec,
  ColumnType,
  IndexSpec,
  MigrationStatement,
  SchemaWriter,
  TableChange,
  TableSpec,
} from '../../contract/schema.ts'
import { columnChanges } from '../../core/column-changes.ts'
import { quoteName, quoteText } from '../quoting.ts'
import { createGuard, dropGuard } from './guards.ts'
import { createPeriodTotals, dropPeriodTotals } from './period-totals.ts'
import { createFullText, createTotals, dropFullText, dropTotals, fillTotals } from './preserved-tables.ts'
import { createWorkQueue, dropWorkQueue, fillWorkQueue } from './work-queue.ts'

/**
 * Renders the vocabulary of migrations as this engine's SQL. `now` becomes the time of every
 * migration of a run.
 */
export function createWriter(now: Date): SchemaWriter {
  return {
    now: `TIMESTAMPTZ ${quoteText(now.toISOString())}`,
    createTable: (table) => createTable(table, table.name),
    changeTable,
    dropTable: (name) => [
      releaseReferences,
      statement(`drop ${name}`, `SELECT pg_temp.purser_drop_table(${quoteText(name)})`),
      forgetReferences(name),
    ],
    addColumns: ({ name }, columns) => [
      statement(
        `add to ${name}: ${namesOf(columns)}`,
        `ALTER TABLE ${quoteName(name)} ${columns.map((column) => `ADD COLUMN ${columnSql(name, column)}`).join(', ')}`,
      ),
    ],
    dropColumns: (table, columns) => [
      statement(
        `drop from ${table}: ${namesOf(columns)}`,
        `ALTER TABLE ${quoteName(table)} ${columns.map(({ name }) => `DROP COLUMN ${quoteName(name)}`).join(', ')}`,
      ),
    ],
    createIndex: (index) => [statement(`index ${index.name}`, createIndexSql(index))],
    rebuildIndexes: (table) => [
      statement(`rebuild the indexes of ${table}`, `REINDEX TABLE ${quoteName(table)}`),
    ],
    dropIndex: (index) => [statement(`drop index ${index.name}`, `DROP INDEX ${quoteName(index.name)}`)],
    createGuard,
    dropGuard,
    createTotals,
    fillTotals,
    dropTotals,
    createPeriodTotals,
    dropPeriodTotals,
    createWorkQueue,
    fillWorkQueue,
    dropWorkQueue,
    createFullText,
    dropFullText,
    // The ancestors' layout version is a field of their files; there is none here.
    setLayoutMark: () => [],
    run: statement,
  }
}

/** A step of a migration: what progress and errors call it, and its SQL. */
export function statement(label: string, sql: string): MigrationStatement {
  return { label, sql }
}

/** The type of a column as the engine reports it, which is what drift compares. */
export function typeName(type: ColumnType): string {
  if (typeof type === 'object') return `character varying(${type.legacy})`
  switch (type) {
    case 'id':
    case 'name':
    case 'text':
    case 'json':
      return 'text'
    case 'instant':
      return 'timestamp(3) with time zone'
    case 'integer':
    case 'money':
    case 'serial':
      return 'bigint'
    case 'boolean':
      return 'boolean'
    case 'bytes':
      return 'bytea'
    case 'real':
      return 'double precision'
    default:
      return type satisfies never
  }
}

function isText(type: ColumnType): boolean {
  return typeof type === 'object' || ['id', 'name', 'text', 'json'].includes(type)
}

/** The default as SQL, quoted if it is text; null for a column without one. */
export function defaultText(column: ColumnSpec): string | null {
  if (column.default === undefined) return null
  return typeof column.default === 'string' ? quoteText(column.default) : column.default.number
}

export const releaseReferences = statement(
  'let go of references between tables',
  'SELECT pg_temp.purser_release_references()',
)

/** Drops what was noted of a table's references, so that they are not created again. */
export function forgetReferences(table: string): MigrationStatement {
  return statement(
    `forget what ${table} refers to`,
    `DELETE FROM pg_temp.purser_references WHERE source = ${quoteText(table)}`,
  )
}

/** @param name the table's current name; references are created under its final name */
export function createTable(table: TableSpec, name: string): readonly MigrationStatement[] {
  return [
    statement(`create ${table.name}`, createTableSql(table, name)),
    ...table.columns.flatMap(({ name: column, references }) => {
      if (!references) return []
      const values = [table.name, column, references.table, references.column, references.onDelete]
      return [
        statement(
          `refer from ${table.name}.${column}`,
          `SELECT pg_temp.purser_refer(${values.map(quoteText).join(', ')})`,
        ),
      ]
    }),
  ]
}

function createTableSql(table: TableSpec, name: string): string {
  const parts = table.columns.map((column) => `  ${columnSql(table.name, column)}`)
  parts.push(`  ${primaryKey(table, name)}`)
  return `CREATE TABLE ${quoteName(name)} (\n${parts.join(',\n')}\n)`
}

/**
 * The primary key. Text of unlimited length does not fit into a b-tree page, so a hash index
 * enforces its uniqueness.
 */
function primaryKey(table: TableSpec, name: string): string {
  const keyTypes = table.primaryKey.map((key) => table.columns.find((column) => column.name === key)?.type)
  const columns = table.primaryKey.map(quoteName)
  if (
    keyTypes.length === 1 &&
    keyTypes[0] === 'text' &&
    !table.columns.some(({ nullable, name: column }) => nullable && column === table.primaryKey[0])
  ) {
    return `CONSTRAINT ${quoteName(`${name}_pkey`)} EXCLUDE USING hash (${columns[0]} WITH =)`
  }
  return `CONSTRAINT ${quoteName(`${name}_pkey`)} PRIMARY KEY (${columns.join(', ')})`
}

function namesOf(columns: readonly ColumnSpec[]): string {
  return columns.map(({ name }) => name).join(', ')
}

function columnSql(table: string, column: ColumnSpec): string {
  const name = quoteName(column.name)
  const parts = [name, typeName(column.type)]
  if (isText(column.type)) parts.push('COLLATE "C"')
  if (column.type === 'serial') parts.push('GENERATED BY DEFAULT AS IDENTITY')
  else if (!column.nullable) parts.push('NOT NULL')
  const value = defaultText(column)
  if (value !== null) parts.push(`DEFAULT ${value}`)
  if (column.generated) {
    const from = `${quoteName(column.generated.from)}::json`
    const key = quoteText(column.generated.key)
    parts.push(
      `GENERATED ALWAYS AS (CASE WHEN json_typeof(${from}) = 'object' THEN ${from} ->> ${key} END) STORED`,
    )
  }
  if (column.oneOf) {
    const words = column.oneOf.values.map(quoteText).join(', ')
    parts.push(`CONSTRAINT ${quoteName(column.oneOf.name)} CHECK (${name} IN (${words}))`)
  }
  // Casting text that is not JSON fails, which rejects the row.
  if (column.type === 'json')
    parts.push(
      `CONSTRAINT ${quoteName(`${table}_${column.name}_json`)} CHECK ((${name})::json IS NOT NULL OR ${name} IS NULL)`,
    )
  return parts.join(' ')
}

/** The statement that creates an index; partial where the specification has a condition. */
export function createIndexSql(index: IndexSpec): string {
  const unique = index.unique ? 'UNIQUE ' : ''
  const where = index.whereNotNull === undefined ? '' : ` WHERE ${quoteName(index.whereNotNull)} IS NOT NULL`
  const columns = index.columns.map(quoteName).join(', ')
  return `CREATE ${unique}INDEX ${quoteName(index.name)} ON ${quoteName(index.table)} (${columns})${where}`
}

/** The rows are not rewritten: the server keeps the value of an added column for older rows. */
function changeTable(change: TableChange): readonly MigrationStatement[] {
  const { name } = change.to
  const { dropped, added, altered, withoutDefault } = columnChanges(change)
  const actions = [
    ...dropped.map((column) => `DROP COLUMN ${quoteName(column)}`),
    ...added.map((column) => `ADD COLUMN ${columnSql(name, column)}`),
    ...altered.map(
      (column) => `ALTER COLUMN ${quoteName(column.name)} ${column.nullable ? 'DROP' : 'SET'} NOT NULL`,
    ),
  ]
  const afterwards = withoutDefault.map((column) => `ALTER COLUMN ${quoteName(column)} DROP DEFAULT`)
  return [actions, afterwards]
    .filter(({ length }) => length > 0)
    .map((parts) =>
      statement(`change the columns of ${name}`, `ALTER TABLE ${quoteName(name)}\n  ${parts.join(',\n  ')}`),
    )
}
