// Renders the adoption migrations for MariaDB. Every statement is idempotent, as in ddl.ts.

import type { ColumnSpec, IndexSpec, MigrationStatement, TableSpec } from '../../engines/contract/schema.ts'
import { quoteName, quoteText } from '../../engines/mariadb/quoting.ts'
import {
  createWriter,
  defaultText,
  dropTableSql,
  indexColumns,
  type LongColumns,
  layOut,
  statement,
  typeName,
} from '../../engines/mariadb/schema/ddl.ts'
import type { AdoptionDialect } from '../dialect.ts'
import type { Rebuild } from '../expressions.ts'
import { expressions } from './expressions.ts'
import { jsonExpressions } from './json-expressions.ts'

export const dialect: AdoptionDialect = {
  writer: (now) => {
    const long: LongColumns = new Set()
    return {
      ...createWriter(now, long),
      ...expressions,
      ...jsonExpressions,
      rebuildTable: (change) => rebuildTable(change, long),
      renameTable: (from, to) => [statement(`rename ${from} to ${to}`, renameSql(from, to))],
      describeColumn: (column) => ({ type: typeName(column), default: defaultText(column) }),
    }
  },
  prepare: async () => {},
}

const renameSql = (from: string, to: string) =>
  `RENAME TABLE IF EXISTS ${quoteName(from)} TO ${quoteName(to)}`

function rebuildTable(
  { to, values, indexes, joins, orderBy }: Rebuild,
  long: LongColumns,
): readonly MigrationStatement[] {
  const { name } = to
  const fresh = `${name}__new`
  const columns = to.columns.filter((column) => !column.generated && values[column.name] !== undefined)
  const targets = columns.map((column) => quoteName(column.name)).join(', ')
  const sources = columns.map((column) => `  ${sourceOf(column, values)} AS ${quoteName(column.name)}`)
  const joined = joins === undefined ? '' : `\n${joins}`
  const order = orderBy === undefined ? '' : `\nORDER BY ${orderBy}`
  return [
    statement(`lay out ${name}`, layOut(to, fresh, long)),
    statement(
      `copy ${name}`,
      `INSERT INTO ${quoteName(fresh)} (${targets})\nSELECT\n${sources.join(',\n')}\nFROM ${quoteName(name)}${joined}${order}`,
    ),
    statement(`let go of what refers to columns of ${name} that go`, dropReferencesSql(to)),
    statement(`drop the old ${name}`, dropTableSql(name)),
    statement(`rename ${name}`, renameSql(fresh, name)),
    // One statement reads the table once for all of them.
    ...(indexes.length === 0 ? [] : [statement(`index ${name}`, addIndexesSql(indexes, long))]),
  ]
}

/**
 * Drops foreign keys to columns that the new layout lacks; otherwise the new table could not take
 * the name.
 */
function dropReferencesSql({ name, columns }: TableSpec): string {
  const kept = columns.map((column) => quoteText(column.name)).join(', ')
  return `BEGIN NOT ATOMIC
  FOR reference IN (SELECT TABLE_NAME AS source, CONSTRAINT_NAME AS name FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME = ${quoteText(name)} AND REFERENCED_COLUMN_NAME NOT IN (${kept})) DO
    EXECUTE IMMEDIATE CONCAT('ALTER TABLE "', reference.source, '" DROP FOREIGN KEY "', reference.name, '"');
  END FOR;
END`
}

/** Instants arrive as text in one of two forms, or as a column of their type. */
function sourceOf(column: ColumnSpec, values: Readonly<Record<string, string>>): string {
  const value = values[column.name] as string
  return column.type === 'instant' ? `CAST(REPLACE(LEFT(${value}, 23), 'T', ' ') AS DATETIME(3))` : value
}

function addIndexesSql(indexes: readonly IndexSpec[], long: LongColumns): string {
  const added = indexes.map(
    (index) =>
      `ADD ${index.unique ? 'UNIQUE ' : ''}INDEX IF NOT EXISTS ${quoteName(index.name)} (${indexColumns(index, long)})`,
  )
  return `ALTER TABLE ${quoteName(indexes[0]?.table ?? '')}\n  ${added.join(',\n  ')}`
}
