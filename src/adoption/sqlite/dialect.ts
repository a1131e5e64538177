// Renders the adoption migrations for SQLite. SQLite cannot change a column in place, so a layout
// change is a rebuild: create the new table, copy the rows, drop the old table, rename
// (https://sqlite.org/lang_altertable.html#otheralter).

import type { MigrationStatement } from '../../engines/contract/schema.ts'
import { quoteName } from '../../engines/sqlite/quoting.ts'
import {
  createIndexSql,
  createTableSql,
  createWriter,
  defaultText,
  statement,
  typeName,
} from '../../engines/sqlite/schema/ddl.ts'
import type { AdoptionDialect } from '../dialect.ts'
import type { Rebuild } from '../expressions.ts'
import { expressions } from './expressions.ts'
import { defineFunctions } from './functions.ts'
import { jsonExpressions } from './json-expressions.ts'

export const dialect: AdoptionDialect = {
  writer: (now) => ({
    ...createWriter(now),
    ...expressions,
    ...jsonExpressions,
    rebuildTable,
    renameTable,
    describeColumn: (column) => ({ type: typeName(column.type), default: defaultText(column) }),
  }),
  prepare: async (session) => defineFunctions(session),
}

function rebuildTable(change: Rebuild): readonly MigrationStatement[] {
  const { to, values, indexes, joins, orderBy } = change
  const { name } = to
  const fresh = `${name}__new`
  const columns = to.columns.filter((column) => !column.generated && values[column.name] !== undefined)
  const targets = columns.map((column) => quoteName(column.name)).join(', ')
  const sources = columns.map((column) => `  ${values[column.name]} AS ${quoteName(column.name)}`).join(',\n')
  const joined = joins === undefined ? '' : `\n${joins}`
  const order = orderBy === undefined ? '' : `\nORDER BY ${orderBy}`
  return [
    statement(`lay out ${name}`, createTableSql(to, fresh)),
    statement(
      `copy ${name}`,
      `INSERT INTO ${quoteName(fresh)} (${targets})\nSELECT\n${sources}\nFROM ${quoteName(name)}${joined}${order}`,
    ),
    statement(`drop the old ${name}`, `DROP TABLE ${quoteName(name)}`),
    statement(`rename ${name}`, `ALTER TABLE ${quoteName(fresh)} RENAME TO ${quoteName(name)}`),
    ...indexes.map((index) => statement(`index ${index.name}`, createIndexSql(index))),
  ]
}

/**
 * References to the table follow only without legacy_alter_table, which migrations otherwise set
 * (schema-driver.ts). With a writable schema, another program's view of a missing table does not
 * make the rename fail.
 */
function renameTable(from: string, to: string): readonly MigrationStatement[] {
  return [
    statement('let references follow a new name', 'PRAGMA legacy_alter_table = 0'),
    statement('pass over views that look at nothing', 'PRAGMA writable_schema = 1'),
    statement(`rename ${from} to ${to}`, `ALTER TABLE ${quoteName(from)} RENAME TO ${quoteName(to)}`),
    statement('look at views again', 'PRAGMA writable_schema = 0'),
    statement('leave references as they are', 'PRAGMA legacy_alter_table = 1'),
  ]
}
