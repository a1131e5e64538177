// Preserves what a migration cannot carry over unchanged. A value that had to be replaced becomes a
// finding, which is shown to users. A value whose text changes but not its meaning (a time in
// another zone) is set aside. Migrating down restores both.

import type { MigrationStatement } from '../engines/contract/schema.ts'
import { FINDINGS, ORIGINALS } from '../migrations/preserved-tables.ts'
import type { AdoptionWriter } from './expressions.ts'

/** The location of a value. `rowId` is an expression for the row's key in the new layout. */
export interface ValuePlace {
  readonly migration: number
  readonly table: string
  readonly rowId: string
  readonly column: string
  /** The tables to read the row from, if it is not the table alone. */
  readonly from?: string
}

/** Records a finding for every row of the old table that matches `where`. */
export function noteFinding(
  writer: AdoptionWriter,
  place: ValuePlace,
  problem: string,
  value: string,
  where: string,
): MigrationStatement {
  const { migration, table, rowId, column, from = table } = place
  return writer.run(
    `check ${table}.${column}`,
    `INSERT INTO ${FINDINGS} (migration, table_name, row_id, column_name, problem, original_value, created_at)
SELECT ${migration}, ${writer.text(table)}, ${rowId}, ${writer.text(column)}, ${writer.text(problem)}, ${value}, ${writer.now}
FROM ${from} WHERE ${where}`,
  )
}

/** Sets aside the text of a value for every row of the old table that matches `where`. */
export function setAside(
  writer: AdoptionWriter,
  place: ValuePlace,
  value: string,
  where: string,
): MigrationStatement {
  const { migration, table, rowId, column, from = table } = place
  return writer.run(
    `set aside ${table}.${column}`,
    `INSERT INTO ${ORIGINALS} (migration, table_name, row_id, column_name, value)
SELECT ${migration}, ${writer.text(table)}, ${rowId}, ${writer.text(column)}, ${value}
FROM ${from} WHERE ${where}`,
  )
}

/**
 * The original text of a value, as an expression over the new table; NULL if it was carried over
 * unchanged.
 */
export function original(writer: AdoptionWriter, place: ValuePlace): string {
  return `coalesce(${lookUp(writer, place, ORIGINALS, 'value')}, ${lookUp(writer, place, FINDINGS, 'original_value')})`
}

/** The value that was set aside, ignoring findings. */
export function setAsideValue(writer: AdoptionWriter, place: ValuePlace): string {
  return lookUp(writer, place, ORIGINALS, 'value')
}

/** The value of a finding, ignoring values that were set aside. */
export function foundValue(writer: AdoptionWriter, place: ValuePlace): string {
  return lookUp(writer, place, FINDINGS, 'original_value')
}

function lookUp(writer: AdoptionWriter, place: ValuePlace, source: string, value: string): string {
  const { migration, table, rowId, column } = place
  return `(SELECT kept.${value} FROM ${source} AS kept WHERE kept.migration = ${migration} AND kept.table_name = ${writer.text(table)} AND kept.row_id = ${rowId} AND kept.column_name = ${writer.text(column)})`
}

/** Deletes the values that a migration preserved, once its `down` has restored them. */
export function forgetPreserved(writer: AdoptionWriter, migration: number): readonly MigrationStatement[] {
  return [ORIGINALS, FINDINGS].map((table) =>
    writer.run(`forget what ${migration} kept`, `DELETE FROM ${table} WHERE migration = ${migration}`),
  )
}
