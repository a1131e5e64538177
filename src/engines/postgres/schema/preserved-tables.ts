// Tables that the database maintains alongside a record's table: running totals, and the rows that
// the full-text index has yet to include. Each is maintained by one statement-level trigger, for
// all rows that the statement wrote.

import type { FullTextSpec, MigrationStatement, TotalsSpec } from '../../contract/schema.ts'
import { totalColumns } from '../../contract/total-columns.ts'
import { TOTAL_SLOTS } from '../capabilities.ts'
import { hourOf } from '../dialect.ts'
import { quoteName, quoteText } from '../quoting.ts'
import { fullTextTables } from './full-text.ts'

type Statements = readonly MigrationStatement[]

function statement(label: string, sql: string): MigrationStatement {
  return { label, sql }
}

function memberOf(dimension: TotalsSpec['dimensions'][number], row: string): string {
  const column = `${row}.${quoteName(dimension.column)}`
  return dimension.by === 'hour' ? hourOf(column) : `coalesce(${column}, '')`
}

/**
 * Rows are locked in a fixed order, so that no two statements deadlock. A connection adds to its
 * own slot.
 */
function totalsBody(totals: TotalsSpec): string {
  const partitionBy = quoteName(totals.partitionBy)
  const kept = totalColumns(totals, quoteName, 'added.')
  const sums = kept.map(({ name }) => quoteName(name))
  const target = quoteName(totals.target)
  const members = totals.dimensions.map(
    (dimension) => `(${quoteText(dimension.name)}, ${memberOf(dimension, 'added')})`,
  )
  const columns = ['dimension', 'member', partitionBy, 'slot', ...sums, 'records']
  const values = [
    'kept.dimension',
    'kept.member',
    `added.${partitionBy}`,
    `pg_backend_pid() % ${TOTAL_SLOTS}`,
  ]
  const added = [...sums, 'records'].map((sum) => `${sum} = ${target}.${sum} + excluded.${sum}`)
  const records = totals.records === undefined ? 'count(*)' : `sum(added.${quoteName(totals.records)})`
  // A row that represents no records yet adds nothing.
  const only = totals.records === undefined ? '' : `\n  WHERE added.${quoteName(totals.records)} > 0`
  return `BEGIN
  INSERT INTO ${target} (${columns.join(', ')})
  SELECT ${[...values, ...kept.map(({ value }) => `sum(${value})`), records].join(', ')}
  FROM added CROSS JOIN LATERAL (VALUES ${members.join(', ')}) AS kept (dimension, member)${only}
  GROUP BY 1, 2, 3
  ORDER BY 1, 2, 3
  ON CONFLICT (dimension, member, ${partitionBy}, slot) DO UPDATE SET ${added.join(', ')};
  RETURN NULL;
END`
}

/** The table of running totals and the trigger that keeps it. */
export function createTotals(totals: TotalsSpec): Statements {
  const name = quoteName(totals.name)
  return [
    statement(`keep ${totals.target}`, triggerFunction(totals.name, totalsBody(totals))),
    statement(
      `keep ${totals.target}`,
      `CREATE TRIGGER ${name} AFTER INSERT ON ${quoteName(totals.source)} REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ${name}()`,
    ),
    // Totals change with every append: free space on each page allows updates in place.
    statement(
      `make room in ${totals.target}`,
      `ALTER TABLE ${quoteName(totals.target)} SET (fillfactor = 50)`,
    ),
  ]
}

/** Computes the totals of the rows that are stored into one slot. */
export function fillTotals(totals: TotalsSpec, where?: string, slot = 0): Statements {
  const kept = totalColumns(totals, quoteName, 'source.')
  const partitionBy = quoteName(totals.partitionBy)
  const records = totals.records === undefined ? 'count(*)' : `sum(source.${quoteName(totals.records)})`
  return totals.dimensions.map((dimension) =>
    statement(
      `total by ${dimension.name}`,
      `INSERT INTO ${quoteName(totals.target)} (dimension, member, ${partitionBy}, slot, ${kept.map(({ name }) => quoteName(name)).join(', ')}, records)
SELECT ${quoteText(dimension.name)}, ${memberOf(dimension, 'source')}, source.${partitionBy}, ${slot}, ${kept.map(({ value }) => `sum(${value})`).join(', ')}, ${records}
FROM ${quoteName(totals.source)} AS source${where === undefined ? '' : ` WHERE ${where}`} GROUP BY 2, 3`,
    ),
  )
}

/** Removes the trigger, its function and the table. */
export function dropTotals(totals: TotalsSpec): Statements {
  return [statement(`stop ${totals.target}`, `DROP FUNCTION ${quoteName(totals.name)}() CASCADE`)]
}

/** The tables, index and triggers of a full-text search. */
export function createFullText(spec: FullTextSpec): Statements {
  const { index, pending } = fullTextTables(spec.table)
  const { table, serial } = spec
  const [noted, removed] = [`${table}_fts_insert`, `${table}_fts_delete`]
  // "C" compares bytes, whatever the locale of the database.
  const [words, type] = spec.tokens ? ['tokens', 'text[] COLLATE "C"'] : ['words', 'tsvector']
  // A search that is indexing the row holds a lock on its pending entry; once that is released, the
  // row's tokens exist and can be deleted.
  const emptied = spec.tokens ? [pending, index] : [index, pending]
  return [
    statement(
      `full-text index of ${table}`,
      `CREATE TABLE ${index} (\n  serial bigint NOT NULL,\n  ${words} ${type} NOT NULL,\n  CONSTRAINT ${index}_pkey PRIMARY KEY (serial)\n)`,
    ),
    statement(`words of ${index}`, `CREATE INDEX ${index}_words ON ${index} USING gin (${words})`),
    statement(
      `pending rows of ${index}`,
      `CREATE TABLE ${pending} (\n  serial bigint NOT NULL,\n  CONSTRAINT ${pending}_pkey PRIMARY KEY (serial)\n)`,
    ),
    statement(
      `note new rows for ${index}`,
      triggerFunction(
        noted,
        `BEGIN\n  INSERT INTO ${pending} SELECT ${serial} FROM added;\n  RETURN NULL;\nEND`,
      ),
    ),
    statement(
      `note new rows for ${index}`,
      `CREATE TRIGGER ${noted} AFTER INSERT ON ${table} REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ${noted}()`,
    ),
    statement(
      `drop deleted rows from ${index}`,
      triggerFunction(
        removed,
        `BEGIN\n${emptied.map((name) => `  DELETE FROM ${name} WHERE serial IN (SELECT ${serial} FROM removed);\n`).join('')}  RETURN NULL;\nEND`,
      ),
    ),
    statement(
      `drop deleted rows from ${index}`,
      `CREATE TRIGGER ${removed} AFTER DELETE ON ${table} REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION ${removed}()`,
    ),
    statement(
      `note the rows that are there for ${index}`,
      `INSERT INTO ${pending} SELECT ${serial} FROM ${table}`,
    ),
  ]
}

/** Removes what `createFullText` made. */
export function dropFullText(spec: FullTextSpec): Statements {
  const { index, pending } = fullTextTables(spec.table)
  return [
    statement('stop noting new rows', `DROP FUNCTION ${spec.table}_fts_insert() CASCADE`),
    statement('stop noting deleted rows', `DROP FUNCTION ${spec.table}_fts_delete() CASCADE`),
    statement(`drop ${pending}`, `DROP TABLE ${pending}`),
    statement(`drop ${index}`, `DROP TABLE ${index}`),
  ]
}

/** A trigger function with this body, which may refer to NEW and OLD. */
export function triggerFunction(name: string, body: string): string {
  return `CREATE OR REPLACE FUNCTION ${quoteName(name)}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $purser$\n${body}\n$purser$`
}
