// Renders the vocabulary of migrations as SQLite statements. SQLite cannot change a column in
// place, so a layout change is a rebuild: create the new table, copy the rows, drop the old table,
// rename (https://sqlite.org/lang_altertable.html#otheralter).

import type {
  ColumnSpec,
  ColumnType,
  IndexSpec,
  MigrationStatement,
  SchemaWriter,
  TableChange,
  TableSpec,
  TotalsSpec,
} from '../../contract/schema.ts'
import { totalColumns } from '../../contract/total-columns.ts'
import { quoteName, quoteText } from '../quoting.ts'
import { createFullText, dropFullText } from './full-text-tables.ts'
import { guardTrigger } from './guards.ts'
import { periodTotalsTrigger } from './period-totals.ts'
import { createWorkQueue, dropWorkQueue, fillWorkQueue } from './work-queue.ts'

/**
 * Renders the vocabulary of migrations as this engine's SQL. `now` becomes the time of every
 * migration of a run.
 */
export function createWriter(now: Date): SchemaWriter {
  return {
    now: quoteText(now.toISOString()),
    createTable: (table) => [statement(`create ${table.name}`, createTableSql(table, table.name))],
    changeTable,
    dropTable: (name) => [statement(`drop ${name}`, `DROP TABLE ${quoteName(name)}`)],
    addColumns,
    dropColumns,
    createIndex: (index) => [statement(`index ${index.name}`, createIndexSql(index))],
    rebuildIndexes: (table) => [statement(`rebuild the indexes of ${table}`, `REINDEX ${quoteName(table)}`)],
    dropIndex: (index) => [statement(`drop index ${index.name}`, `DROP INDEX ${quoteName(index.name)}`)],
    createGuard: (guard) => [statement(`guard ${guard.table}`, guardTrigger(guard))],
    dropGuard: ({ name }) => [statement(`lift the guard ${name}`, `DROP TRIGGER ${quoteName(name)}`)],
    createTotals: (totals) => [statement(`keep ${totals.target}`, totalsTrigger(totals))],
    fillTotals,
    dropTotals: (totals) => [statement(`stop ${totals.target}`, `DROP TRIGGER ${quoteName(totals.name)}`)],
    createPeriodTotals: (totals) => [statement(`keep ${totals.target}`, periodTotalsTrigger(totals))],
    dropPeriodTotals: (totals) => [
      statement(`stop ${totals.target}`, `DROP TRIGGER ${quoteName(totals.name)}`),
    ],
    createWorkQueue,
    fillWorkQueue,
    dropWorkQueue,
    createFullText,
    dropFullText,
    setLayoutMark: (version) => [statement('mark the layout', `PRAGMA user_version = ${version}`)],
    run: statement,
  }
}

/** A step of a migration: what progress and errors call it, and its SQL. */
export function statement(label: string, sql: string): MigrationStatement {
  return { label, sql }
}

/** The type of a column as the engine reports it, which is what drift compares. */
export function typeName(type: ColumnType): string {
  if (typeof type === 'object') return `VARCHAR(${type.legacy})`
  switch (type) {
    case 'id':
    case 'name':
    case 'text':
    case 'json':
    case 'instant':
      return 'TEXT'
    case 'integer':
    case 'boolean':
    case 'money':
    case 'serial':
      return 'INTEGER'
    case 'real':
      return 'REAL'
    case 'bytes':
      return 'BLOB'
    default:
      return type satisfies never
  }
}

/** The default as SQL, quoted if it is text; null for a column without one. */
export function defaultText(column: ColumnSpec): string | null {
  if (column.default === undefined) return null
  return typeof column.default === 'string' ? quoteText(column.default) : column.default.number
}

/**
 * The statement that creates a table.
 * @param name the table's name for now; a rebuild gives it a temporary one
 */
export function createTableSql(table: TableSpec, name: string): string {
  const serial = table.columns.find((column) => column.type === 'serial')
  const parts = table.columns.map((column) => `  ${columnSql(column)}`)
  if (!serial) parts.push(`  PRIMARY KEY (${table.primaryKey.map(quoteName).join(', ')})`)
  const clustered = table.clustered ? ' WITHOUT ROWID' : ''
  return `CREATE TABLE ${quoteName(name)} (\n${parts.join(',\n')}\n)${clustered}`
}

/**
 * SQLite writes a new column into the table's text before the primary key, where a new table has
 * it. With a writable schema, another program's view of a missing table does not stop the change.
 */
function addColumns({ name }: Pick<TableSpec, 'name'>, columns: readonly ColumnSpec[]) {
  return overBrokenViews(
    columns.map((column) =>
      statement(
        `add ${name}.${column.name}`,
        `ALTER TABLE ${quoteName(name)} ADD COLUMN ${columnSql(column)}`,
      ),
    ),
  )
}

function dropColumns(table: string, columns: readonly ColumnSpec[]): readonly MigrationStatement[] {
  return overBrokenViews(
    columns.map(({ name }) =>
      statement(`drop ${table}.${name}`, `ALTER TABLE ${quoteName(table)} DROP COLUMN ${quoteName(name)}`),
    ),
  )
}

function overBrokenViews(statements: readonly MigrationStatement[]): readonly MigrationStatement[] {
  return [
    statement('pass over views that look at nothing', 'PRAGMA writable_schema = 1'),
    ...statements,
    statement('look at views again', 'PRAGMA writable_schema = 0'),
  ]
}

function columnSql(column: ColumnSpec): string {
  const name = quoteName(column.name)
  const parts = [name, typeName(column.type)]
  if (column.type === 'serial') parts.push('PRIMARY KEY AUTOINCREMENT')
  else if (!column.nullable) parts.push('NOT NULL')
  const value = defaultText(column)
  if (value !== null) parts.push(`DEFAULT ${value}`)
  if (column.generated) parts.push(generatedSql(column.generated))
  if (column.references) {
    const { table, column: target, onDelete } = column.references
    parts.push(`REFERENCES ${quoteName(table)} (${quoteName(target)}) ON DELETE ${onDelete.toUpperCase()}`)
  }
  if (column.oneOf) {
    parts.push(
      `CONSTRAINT ${quoteName(column.oneOf.name)} CHECK (${name} IN (${column.oneOf.values.map(quoteText).join(', ')}))`,
    )
  }
  if (column.type === 'json')
    parts.push(`CHECK (${column.nullable ? `${name} IS NULL OR ` : ''}json_valid(${name}))`)
  // Otherwise SQLite would convert a sum that overflows 64 bits to a floating-point number.
  if (column.type === 'money') parts.push(`CHECK (typeof(${name}) IN ('integer', 'null'))`)
  return parts.join(' ')
}

function generatedSql(generated: { from: string; key: string }): string {
  const from = quoteName(generated.from)
  const value = `json_extract(${from}, ${quoteText(`$.${generated.key}`)})`
  return `GENERATED ALWAYS AS (CASE WHEN json_valid(${from}) THEN ${value} END) VIRTUAL`
}

/** The statement that creates an index; partial where the specification has a condition. */
export function createIndexSql(index: IndexSpec): string {
  const unique = index.unique ? 'UNIQUE ' : ''
  const where = index.whereNotNull === undefined ? '' : ` WHERE ${quoteName(index.whereNotNull)} IS NOT NULL`
  const columns = index.columns.map(quoteName).join(', ')
  return `CREATE ${unique}INDEX ${quoteName(index.name)} ON ${quoteName(index.table)} (${columns})${where}`
}

/** Indexes and triggers go with the old table. */
function changeTable(change: TableChange): readonly MigrationStatement[] {
  const { from, to, values = {}, indexes, guards = [] } = change
  const { name } = to
  const fresh = `${name}__new`
  const kept = new Set(from.columns.map((column) => column.name))
  const copied = to.columns.flatMap(({ name: column, generated }) => {
    if (generated) return []
    if (kept.has(column)) return [{ column, value: quoteName(column) }]
    const value = values[column]
    if (value === undefined) return []
    return [{ column, value: typeof value === 'number' ? String(value) : quoteText(value) }]
  })
  const targets = copied.map(({ column }) => quoteName(column)).join(', ')
  const sources = copied.map(({ value }) => value).join(', ')
  return [
    statement(`lay out ${name}`, createTableSql(to, fresh)),
    statement(
      `copy ${name}`,
      `INSERT INTO ${quoteName(fresh)} (${targets}) SELECT ${sources} FROM ${quoteName(name)}`,
    ),
    statement(`drop the old ${name}`, `DROP TABLE ${quoteName(name)}`),
    statement(`rename ${name}`, `ALTER TABLE ${quoteName(fresh)} RENAME TO ${quoteName(name)}`),
    ...indexes.map((index) => statement(`index ${index.name}`, createIndexSql(index))),
    ...guards.map((guard) => statement(`guard ${name}`, guardTrigger(guard))),
  ]
}

// ---- running totals ------------------------------------------------------------------------

function memberOf(dimension: TotalsSpec['dimensions'][number], row: string): string {
  const column = `${row}${quoteName(dimension.column)}`
  return dimension.by === 'hour' ? `substr(${column}, 1, 13)` : `coalesce(${column}, '')`
}

function totalsTrigger(totals: TotalsSpec): string {
  const rows = totals.dimensions.map(
    (dimension) => `(${quoteText(dimension.name)}, ${memberOf(dimension, 'NEW.')})`,
  )
  const kept = totalColumns(totals, quoteName, 'NEW.')
  const sums = kept.map(({ name }) => quoteName(name))
  const columns = ['dimension', 'member', quoteName(totals.partitionBy), 'slot', ...sums, 'records']
  const values = [
    'column1',
    'column2',
    `NEW.${quoteName(totals.partitionBy)}`,
    '0',
    ...kept.map(({ value }) => value),
    totals.records === undefined ? '1' : `NEW.${quoteName(totals.records)}`,
  ]
  const added = [...sums, 'records'].map((sum) => `${sum} = ${sum} + excluded.${sum}`)
  // A row that represents no records yet adds nothing.
  const only = totals.records === undefined ? '' : ` WHEN NEW.${quoteName(totals.records)} > 0`
  return `CREATE TRIGGER ${quoteName(totals.name)} AFTER INSERT ON ${quoteName(totals.source)}${only} BEGIN
  INSERT INTO ${quoteName(totals.target)} (${columns.join(', ')})
  SELECT ${values.join(', ')} FROM (VALUES ${rows.join(', ')}) WHERE true
  ON CONFLICT (dimension, member, ${quoteName(totals.partitionBy)}, slot) DO UPDATE SET ${added.join(', ')};
END`
}

function fillTotals(totals: TotalsSpec, where?: string, slot = 0): readonly MigrationStatement[] {
  const kept = totalColumns(totals, quoteName)
  const partitionBy = quoteName(totals.partitionBy)
  const records = totals.records === undefined ? 'count(*)' : `sum(${quoteName(totals.records)})`
  return totals.dimensions.map((dimension) =>
    statement(
      `total by ${dimension.name}`,
      `INSERT INTO ${quoteName(totals.target)} (dimension, member, ${partitionBy}, slot, ${kept.map(({ name }) => quoteName(name)).join(', ')}, records)
SELECT ${quoteText(dimension.name)}, ${memberOf(dimension, '')}, ${partitionBy}, ${slot}, ${kept.map(({ value }) => `sum(${value})`).join(', ')}, ${records}
FROM ${quoteName(totals.source)}${where === undefined ? '' : ` WHERE ${where}`} GROUP BY 2, 3`,
    ),
  )
}
