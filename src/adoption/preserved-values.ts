// Keeps what a migration cannot carry over as it is. A value that had to be replaced becomes a finding, which people see; a
// value whose meaning is kept but whose text changes (a time in another zone) is set aside. Going down puts both back.

import type { MigrationStatement } from '../engines/contract/schema.ts'
import { FINDINGS, ORIGINALS } from '../migrations/preserved-tables.ts'
import type { AdoptionWriter } from './expressions.ts'

/** Where a value stands: `rowId` is an expression for the row's key in the new layout. */
export interface ValuePlace {
  readonly migration: number
  readonly table: string
  readonly rowId: string
  readonly column: string
  /** What the row is read from, where that is not the table alone. */
  readonly from?: string
}

/** Records a finding for every row of the old table in which `where` holds. */
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

/** Sets the text of a value aside for every row of the old table in which `where` holds. */
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

/** The text of a place before the migration, as an expression over the new table; NULL when it was carried over. */
export function original(writer: AdoptionWriter, place: ValuePlace): string {
  return `coalesce(${lookUp(writer, place, ORIGINALS, 'value')}, ${lookUp(writer, place, FINDINGS, 'original_value')})`
}

/** Only what was set aside there. */
export function setAsideValue(writer: AdoptionWriter, place: ValuePlace): string {
  return lookUp(writer, place, ORIGINALS, 'value')
}

/** Only what a finding of the place holds. */
export function foundValue(writer: AdoptionWriter, place: ValuePlace): string {
  return lookUp(writer, place, FINDINGS, 'original_value')
}

function lookUp(writer: AdoptionWriter, place: ValuePlace, source: string, value: string): string {
  const { migration, table, rowId, column } = place
  return `(SELECT kept.${value} FROM ${source} AS kept WHERE kept.migration = ${migration} AND kept.table_name = ${writer.text(table)} AND kept.row_id = ${rowId} AND kept.column_name = ${writer.text(column)})`
}

/** Forgets what a migration kept, once its `down` has put it back. */
export function forgetKept(writer: AdoptionWriter, migration: number): readonly MigrationStatement[] {
  return [ORIGINALS, FINDINGS].map((table) =>
    writer.run(`forget what ${migration} kept`, `DELETE FROM ${table} WHERE migration = ${migration}`),
  )
}
