// Renders the vocabulary of migrations as MariaDB statements. Each schema change commits by itself,
// so every statement is idempotent (`IF EXISTS`): an interrupted migration resumes with the step it
// had reached.

import type {
  ColumnSpec,
  ColumnType,
  FullTextSpec,
  IndexSpec,
  MigrationStatement,
  SchemaWriter,
  TableChange,
  TableSpec,
} from '../../contract/schema.ts'
import { columnChanges } from '../../core/column-changes.ts'
import { dateTimeOf } from '../codec.ts'
import { quoteName, quoteText } from '../quoting.ts'
import { COLLATION } from '../session-settings.ts'
import { fullTextTables } from './full-text.ts'
import { guardTrigger } from './guards.ts'
import { jsonValid } from './json-check.ts'
import { periodTotalsTrigger } from './period-totals.ts'
import { fillTotals, totalsTrigger } from './totals.ts'
import { createWorkQueue, dropWorkQueue, fillWorkQueue } from './work-queue.ts'

/**
 * The invisible column that records insertion order in tables whose key does not; `SELECT *` omits
 * it.
 */
export const INSERTION_ORDER = 'insertion_order'

/** Text columns without a length limit, by `table.column`: only a prefix of them can be indexed. */
export type LongColumns = Set<string>

/**
 * Renders the vocabulary of migrations as this engine's SQL. `now` becomes the time of every
 * migration of a run.
 * @param long columns that are indexed by their first characters; tables add theirs when they are
 * created
 */
export function createWriter(now: Date, long: LongColumns = new Set()): SchemaWriter {
  const createIndex = (index: IndexSpec) => statement(`index ${index.name}`, createIndexSql(index, long))
  return {
    now: quoteText(dateTimeOf(now)),
    createTable: (table) => [statement(`create ${table.name}`, layOut(table, table.name, long))],
    changeTable: (change) => changeTable(change, long),
    dropTable: (name) => [statement(`drop ${name}`, dropTableSql(name))],
    addColumns: (table, columns) => [addColumns(table, columns, long)],
    dropColumns: (table, columns) => [dropColumns(table, columns)],
    createIndex: (index) => [createIndex(index)],
    rebuildIndexes: (table) => [
      statement(`rebuild the indexes of ${table}`, `ALTER TABLE ${quoteName(table)} FORCE`),
    ],
    dropIndex: (index) => [
      statement(
        `drop index ${index.name}`,
        `DROP INDEX IF EXISTS ${quoteName(index.name)} ON ${quoteName(index.table)}`,
      ),
    ],
    createGuard: (guard) => [statement(`guard ${guard.table}`, guardTrigger(guard))],
    dropGuard: ({ name }) => [statement(`lift the guard ${name}`, dropTriggerSql(name))],
    createTotals: (totals) => [statement(`keep ${totals.target}`, totalsTrigger(totals))],
    fillTotals,
    dropTotals: (totals) => [statement(`stop ${totals.target}`, dropTriggerSql(totals.name))],
    createPeriodTotals: (totals) => [statement(`keep ${totals.target}`, periodTotalsTrigger(totals))],
    dropPeriodTotals: (totals) => [statement(`stop ${totals.target}`, dropTriggerSql(totals.name))],
    createWorkQueue,
    fillWorkQueue,
    dropWorkQueue,
    createFullText,
    dropFullText,
    // There is no field for the ancestors' layout version, because they never ran on a server.
    setLayoutMark: () => [],
    run: statement,
  }
}

/** A step of a migration: what progress and errors call it, and its SQL. */
export function statement(label: string, sql: string): MigrationStatement {
  return { label, sql }
}

/** Drops a table, if it exists: a step may have run before its process died. */
export const dropTableSql = (name: string) => `DROP TABLE IF EXISTS ${quoteName(name)}`
const dropTriggerSql = (name: string) => `DROP TRIGGER IF EXISTS ${quoteName(name)}`
/** @param name the table's current name; its columns are recorded under its final name */
export function layOut(table: TableSpec, name: string, long: LongColumns): string {
  for (const column of table.columns) {
    if (isLong(table, column)) long.add(`${table.name}.${column.name}`)
  }
  return createTableSql(table, name)
}

/** The type of a column as the engine reports it, which is what drift compares. */
export function typeName({ type }: Pick<ColumnSpec, 'type'>): string {
  if (typeof type === 'object') return `varchar(${type.legacy})`
  return typeNames[type]
}

const typeNames: Readonly<Record<Extract<ColumnType, string>, string>> = {
  // Long enough for an id, and short enough for three of them to fit into one index.
  id: 'varchar(255)',
  name: 'varchar(255)',
  text: 'longtext',
  json: 'longtext',
  bytes: 'longblob',
  integer: 'bigint(20)',
  serial: 'bigint(20)',
  money: 'bigint(20)',
  boolean: 'tinyint(1)',
  instant: 'datetime(3)',
  real: 'double',
}

/**
 * The type of a column. A nullable text key is an ancestor's id and has the length of one; any
 * other text has no length limit.
 */
export function keyType(table: TableSpec, column: ColumnSpec): string {
  const isKey = column.type === 'text' && column.nullable === true && table.primaryKey.includes(column.name)
  return isKey ? typeNames.id : typeName(column)
}

function isLong(table: TableSpec, column: ColumnSpec): boolean {
  return keyType(table, column) === 'longtext'
}

/** The default as SQL, quoted if it is text; null for a column without one. */
export function defaultText(column: ColumnSpec): string | null {
  if (column.default === undefined) return null
  return typeof column.default === 'string' ? quoteText(column.default) : column.default.number
}

/** Rows with a composite key have no order except the key's, unless one is stored. */
function keepsInsertionOrder(table: TableSpec): boolean {
  return table.primaryKey.length > 1 && table.clustered !== true
}

function createTableSql(table: TableSpec, name: string): string {
  const key = table.columns.filter((column) => table.primaryKey.includes(column.name))
  const isHashed = key.some((column) => isLong(table, column))
  const keyColumns = table.primaryKey.map(quoteName).join(', ')
  const parts = [
    ...table.columns.map((column) => columnSql(table, column)),
    ...(keepsInsertionOrder(table)
      ? [
          `${quoteName(INSERTION_ORDER)} bigint(20) NOT NULL INVISIBLE AUTO_INCREMENT`,
          `UNIQUE KEY ${quoteName(INSERTION_ORDER)} (${quoteName(INSERTION_ORDER)})`,
        ]
      : []),
    // Text without a length limit is unique by its hash; a primary key cannot be.
    isHashed ? `UNIQUE KEY (${keyColumns})` : `PRIMARY KEY (${keyColumns})`,
    ...table.columns.flatMap(referenceSql),
    ...table.columns.flatMap(choiceSql),
  ]
  return `CREATE TABLE IF NOT EXISTS ${quoteName(name)} (\n  ${parts.join(',\n  ')}\n) ${TABLE_OPTIONS}`
}

function addColumns(
  { name, primaryKey }: Pick<TableSpec, 'name' | 'primaryKey'>,
  columns: readonly ColumnSpec[],
  long: LongColumns,
): MigrationStatement {
  const table = { name, primaryKey, columns }
  for (const column of columns) if (isLong(table, column)) long.add(`${name}.${column.name}`)
  const parts = [
    ...columns.map((column) => `ADD COLUMN IF NOT EXISTS ${columnSql(table, column)}`),
    ...columns.flatMap(choiceSql).map((choice) => `ADD ${choice.replace('CONSTRAINT', '$& IF NOT EXISTS')}`),
  ]
  return statement(
    `add to ${name}: ${columns.map((column) => column.name).join(', ')}`,
    `ALTER TABLE ${quoteName(name)} ${parts.join(', ')}`,
  )
}

function dropColumns(table: string, columns: readonly ColumnSpec[]): MigrationStatement {
  const parts = [
    ...columns.flatMap(({ oneOf }) => (oneOf ? [`DROP CONSTRAINT IF EXISTS ${quoteName(oneOf.name)}`] : [])),
    ...columns.map(({ name }) => `DROP COLUMN IF EXISTS ${quoteName(name)}`),
  ]
  return statement(
    `drop from ${table}: ${columns.map(({ name }) => name).join(', ')}`,
    `ALTER TABLE ${quoteName(table)} ${parts.join(', ')}`,
  )
}

/**
 * Persistent statistics lag by seconds, so a table that was recently empty is still treated as
 * empty: a tree of 100,000 plans would be read by a full scan of all plans for each level.
 * Transient statistics are current at once.
 */
const TABLE_OPTIONS = `ENGINE = InnoDB ROW_FORMAT = DYNAMIC STATS_PERSISTENT = 0 CHARACTER SET utf8mb4 COLLATE ${COLLATION}`

function columnSql(table: TableSpec, column: ColumnSpec): string {
  const name = quoteName(column.name)
  const parts = [name, keyType(table, column)]
  if (column.generated) {
    parts.push(`GENERATED ALWAYS AS (${generatedSql(column.generated)}) STORED`)
    return parts.join(' ')
  }
  const isKey = table.primaryKey.includes(column.name)
  parts.push(column.nullable && !isKey ? 'NULL' : 'NOT NULL')
  if (column.type === 'serial') parts.push('AUTO_INCREMENT')
  const value = defaultText(column)
  if (value !== null) parts.push(`DEFAULT ${value}`)
  if (column.type === 'json') parts.push(`CHECK (${jsonValid(name)})`)
  return parts.join(' ')
}

/** The expression of a column that is computed from a member of a JSON column. */
export function generatedSql({ from, key }: { readonly from: string; readonly key: string }): string {
  return `json_value(${quoteName(from)},${quoteText(`$.${key}`)})`
}

function referenceSql({ name, references }: ColumnSpec): readonly string[] {
  if (!references) return []
  const { table, column, onDelete } = references
  return [
    `FOREIGN KEY (${quoteName(name)}) REFERENCES ${quoteName(table)} (${quoteName(column)}) ON DELETE ${onDelete.toUpperCase()}`,
  ]
}

function choiceSql({ name, oneOf }: ColumnSpec): readonly string[] {
  if (!oneOf) return []
  return [`CONSTRAINT ${quoteName(oneOf.name)} CHECK (${choiceCondition(name, oneOf.values)})`]
}

/** The condition of a check that allows only these values, as the server reports it. */
export function choiceCondition(name: string, values: readonly string[]): string {
  return `${quoteName(name)} in (${values.map(quoteText).join(',')})`
}

/** Nulls are distinct in a unique index, so no index needs a condition. */
function createIndexSql(index: IndexSpec, long: LongColumns): string {
  const { name, table, unique } = index
  return `CREATE ${unique ? 'UNIQUE ' : ''}INDEX IF NOT EXISTS ${quoteName(name)} ON ${quoteName(table)} (${indexColumns(index, long)})`
}

/** The columns of an index as SQL; long ones with the number of characters that are indexed. */
export function indexColumns({ table, columns }: IndexSpec, long: LongColumns): string {
  return columns
    .map((column) => `${quoteName(column)}${long.has(`${table}.${column}`) ? '(255)' : ''}`)
    .join(', ')
}

/** Adding a column rewrites no row. */
function changeTable(change: TableChange, long: LongColumns): readonly MigrationStatement[] {
  const { to } = change
  const { dropped, added, altered, withoutDefault } = columnChanges(change)
  for (const column of added) if (isLong(to, column)) long.add(`${to.name}.${column.name}`)
  const actions = [
    ...dropped.map((column) => `DROP COLUMN IF EXISTS ${quoteName(column)}`),
    ...added.map((column) => `ADD COLUMN IF NOT EXISTS ${columnSql(to, column)}`),
    ...altered.map((column) => `MODIFY COLUMN ${columnSql(to, column)}`),
  ]
  const afterwards = withoutDefault.map((column) => `ALTER COLUMN ${quoteName(column)} DROP DEFAULT`)
  return [actions, afterwards]
    .filter(({ length }) => length > 0)
    .map((parts) =>
      statement(
        `change the columns of ${to.name}`,
        `ALTER TABLE ${quoteName(to.name)}\n  ${parts.join(',\n  ')}`,
      ),
    )
}

// ---- full text -----------------------------------------------------------------------------

function createFullText(spec: FullTextSpec): readonly MigrationStatement[] {
  const { index, pending, onInsert, onDelete } = fullTextTables(spec)
  return [
    statement(`full-text index of ${spec.table}`, createTableSql(index, index.name)),
    statement(
      `rows of ${index.name}`,
      createIndexSql({ name: `${index.name}_seq`, table: index.name, columns: ['seq'] }, new Set()),
    ),
    statement(`pending rows of ${index.name}`, createTableSql(pending, pending.name)),
    statement(
      `note new rows for ${index.name}`,
      `CREATE TRIGGER IF NOT EXISTS ${quoteName(onInsert.name)} AFTER INSERT ON ${quoteName(spec.table)} FOR EACH ROW ${onInsert.body(spec.serial)}`,
    ),
    statement(
      `drop deleted rows from ${index.name}`,
      `CREATE TRIGGER IF NOT EXISTS ${quoteName(onDelete.name)} AFTER DELETE ON ${quoteName(spec.table)} FOR EACH ROW ${onDelete.body(spec.serial)}`,
    ),
    statement(
      `note the rows of ${spec.table} for ${index.name}`,
      `INSERT INTO ${quoteName(pending.name)} (seq) SELECT ${quoteName(spec.serial)} FROM ${quoteName(spec.table)}`,
    ),
  ]
}

function dropFullText(spec: FullTextSpec): readonly MigrationStatement[] {
  const { index, pending, onInsert, onDelete } = fullTextTables(spec)
  return [
    statement('stop noting new rows', dropTriggerSql(onInsert.name)),
    statement('stop noting deleted rows', dropTriggerSql(onDelete.name)),
    statement(`drop ${pending.name}`, dropTableSql(pending.name)),
    statement(`drop ${index.name}`, dropTableSql(index.name)),
  ]
}
