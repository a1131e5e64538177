// Renders the adoption migrations for PostgreSQL.

import type { MigrationStatement } from '../../engines/contract/schema.ts'
import { quoteName, quoteText } from '../../engines/postgres/quoting.ts'
import {
  createIndexSql,
  createTable,
  createWriter,
  defaultText,
  forgetReferences,
  releaseReferences,
  statement,
  typeName,
} from '../../engines/postgres/schema/ddl.ts'
import type { AdoptionDialect } from '../dialect.ts'
import type { Rebuild } from '../expressions.ts'
import { expressions } from './expressions.ts'
import { temporaryFunctions } from './functions.ts'
import { jsonExpressions } from './json-expressions.ts'

export const dialect: AdoptionDialect = {
  writer: (now) => ({
    ...createWriter(now),
    ...expressions,
    ...jsonExpressions,
    rebuildTable,
    renameTable,
    describeColumn: (column) => ({
      type: column.type === 'serial' ? 'bigint identity' : typeName(column.type),
      default: defaultText(column),
    }),
  }),
  prepare: (session) => session.execute(temporaryFunctions),
}

function rebuildTable(change: Rebuild): readonly MigrationStatement[] {
  const { to, values, indexes, joins, orderBy } = change
  const { name } = to
  const fresh = `${name}__new`
  const columns = to.columns.filter((column) => !column.generated && values[column.name] !== undefined)
  const targets = columns.map((column) => quoteName(column.name)).join(', ')
  const sources = columns
    .map(({ name: column, type }) => `  CAST(${values[column]} AS ${typeName(type)}) AS ${quoteName(column)}`)
    .join(',\n')
  const joined = joins === undefined ? '' : `\n${joins}`
  const order = orderBy === undefined ? '' : `\nORDER BY ${orderBy}`
  const serial = to.columns.find((column) => column.type === 'serial')
  const [laidOut, ...references] = createTable(to, fresh)
  return [
    releaseReferences,
    statement(`lay out ${name}`, laidOut?.sql ?? ''),
    statement(
      `copy ${name}`,
      `INSERT INTO ${quoteName(fresh)} (${targets})\nSELECT\n${sources}\nFROM ${quoteName(name)}${joined}${order}`,
    ),
    statement(`drop the old ${name}`, `SELECT pg_temp.purser_drop_table(${quoteText(name)})`),
    forgetReferences(name),
    statement(`rename ${name}`, `ALTER TABLE ${quoteName(fresh)} RENAME TO ${quoteName(name)}`),
    statement(
      `rename the key of ${name}`,
      `ALTER TABLE ${quoteName(name)} RENAME CONSTRAINT ${quoteName(`${fresh}_pkey`)} TO ${quoteName(`${name}_pkey`)}`,
    ),
    ...(serial ? continueSerial(name, fresh, serial.name) : []),
    ...references,
    ...indexes.map((index) => statement(`index ${index.name}`, createIndexSql(index))),
    statement(`count ${name}`, `ANALYZE ${quoteName(name)}`),
  ]
}

/** Continues the numbering after the highest copied number. */
function continueSerial(name: string, fresh: string, column: string): readonly MigrationStatement[] {
  const sequence = `${name}_${column}_seq`
  return [
    statement(
      `rename the numbers of ${name}`,
      `ALTER SEQUENCE ${quoteName(`${fresh}_${column}_seq`)} RENAME TO ${quoteName(sequence)}`,
    ),
    statement(
      `go on with the numbers of ${name}`,
      `SELECT setval(${quoteText(quoteName(sequence))}, coalesce(max(${quoteName(column)}), 0) + 1, false) FROM ${quoteName(name)}`,
    ),
  ]
}

function renameTable(from: string, to: string): readonly MigrationStatement[] {
  return [
    releaseReferences,
    statement(`rename ${from} to ${to}`, `ALTER TABLE ${quoteName(from)} RENAME TO ${quoteName(to)}`),
    statement(
      `rename the key of ${to}`,
      `ALTER TABLE ${quoteName(to)} RENAME CONSTRAINT ${quoteName(`${from}_pkey`)} TO ${quoteName(`${to}_pkey`)}`,
    ),
    statement(
      `let references follow ${to}`,
      `UPDATE pg_temp.purser_references SET target = CASE WHEN target = ${quoteText(from)} THEN ${quoteText(to)} ELSE target END, source = CASE WHEN source = ${quoteText(from)} THEN ${quoteText(to)} ELSE source END, name = CASE WHEN source = ${quoteText(from)} THEN ${quoteText(to)} || substr(name, ${from.length + 1}) ELSE name END WHERE ${quoteText(from)} IN (source, target)`,
    ),
  ]
}
