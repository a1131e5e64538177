// Renders the vocabulary of migrations as SQLite statements. SQLite cannot change a column in
// place, so a layout change is a rebuild: create the new table, copy the rows, drop the old table,
// rename (https://sqlite.org/lang_altertable.html#otheralter).

import type {
  ColumnSpec,
  ColumnType,
  IndexSpec,
  MigrationStatement,
  SchemaWriter,
  TableSpec,
  TotalsSpec,
} from '../../contract/schema.ts'
import { quoteName, quoteText } from '../quoting.ts'
import { createFullText, dropFullText } from './full-text-tables.ts'
import { guardTrigger } from './guards.ts'

export function createWriter(now: Date): SchemaWriter {
  return {
    now: quoteText(now.toISOString()),
    createTable: (table) => [statement(`create ${table.name}`, createTableSql(table, table.name))],
    dropTable: (name) => [statement(`drop ${name}`, `DROP TABLE ${quoteName(name)}`)],
    createIndex: (index) => [statement(`index ${index.name}`, createIndexSql(index))],
    rebuildIndexes: (table) => [statement(`rebuild the indexes of ${table}`, `REINDEX ${quoteName(table)}`)],
    dropIndex: (index) => [statement(`drop index ${index.name}`, `DROP INDEX ${quoteName(index.name)}`)],
    createGuard: (guard) => [statement(`guard ${guard.table}`, guardTrigger(guard))],
    dropGuard: ({ name }) => [statement(`lift the guard ${name}`, `DROP TRIGGER ${quoteName(name)}`)],
    createTotals: (totals) => [statement(`keep ${totals.target}`, totalsTrigger(totals))],
    fillTotals,
    dropTotals: (totals) => [statement(`stop ${totals.target}`, `DROP TRIGGER ${quoteName(totals.name)}`)],
    createFullText,
    dropFullText,
    setLayoutMark: (version) => [statement('mark the layout', `PRAGMA user_version = ${version}`)],
    run: statement,
  }
}

export function statement(label: string, sql: string): MigrationStatement {
  return { label, sql }
}

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
    default:
      return type satisfies never
  }
}

export function defaultText(column: ColumnSpec): string | null {
  if (column.default === undefined) return null
  return typeof column.default === 'string' ? quoteText(column.default) : column.default.number
}

export function createTableSql(table: TableSpec, name: string): string {
  const serial = table.columns.find((column) => column.type === 'serial')
  const parts = table.columns.map((column) => `  ${columnSql(column)}`)
  if (!serial) parts.push(`  PRIMARY KEY (${table.primaryKey.map(quoteName).join(', ')})`)
  const clustered = table.clustered ? ' WITHOUT ROWID' : ''
  return `CREATE TABLE ${quoteName(name)} (\n${parts.join(',\n')}\n)${clustered}`
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

export function createIndexSql(index: IndexSpec): string {
  const unique = index.unique ? 'UNIQUE ' : ''
  const where = index.whereNotNull === undefined ? '' : ` WHERE ${quoteName(index.whereNotNull)} IS NOT NULL`
  const columns = index.columns.map(quoteName).join(', ')
  return `CREATE ${unique}INDEX ${quoteName(index.name)} ON ${quoteName(index.table)} (${columns})${where}`
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
  const sums = totals.sums.map(quoteName)
  const columns = ['dimension', 'member', quoteName(totals.partitionBy), 'slot', ...sums, 'records']
  const values = [
    'column1',
    'column2',
    `NEW.${quoteName(totals.partitionBy)}`,
    '0',
    ...sums.map((sum) => `NEW.${sum}`),
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

function fillTotals(totals: TotalsSpec, where?: string): readonly MigrationStatement[] {
  const sums = totals.sums.map(quoteName)
  const partitionBy = quoteName(totals.partitionBy)
  const records = totals.records === undefined ? 'count(*)' : `sum(${quoteName(totals.records)})`
  return totals.dimensions.map((dimension) =>
    statement(
      `total by ${dimension.name}`,
      `INSERT INTO ${quoteName(totals.target)} (dimension, member, ${partitionBy}, slot, ${sums.join(', ')}, records)
SELECT ${quoteText(dimension.name)}, ${memberOf(dimension, '')}, ${partitionBy}, 0, ${sums.map((sum) => `sum(${sum})`).join(', ')}, ${records}
FROM ${quoteName(totals.source)}${where === undefined ? '' : ` WHERE ${where}`} GROUP BY 2, 3`,
    ),
  )
}
