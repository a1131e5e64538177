// The raw driver by hand: the same file settings and schema as the store's, prepared statements,
// rows ready to bind. What a careful programmer would write without Purser.

import Database from 'better-sqlite3'
import { AUTO_CHECKPOINT_PAGES } from '../src/engines/sqlite/capabilities.ts'
import type { RecordDefinition } from '../src/records/model/define-record.ts'

export function openRaw(path: string): Database.Database {
  const handle = new Database(path)
  handle.pragma('journal_mode = wal')
  handle.pragma('synchronous = full')
  handle.pragma('foreign_keys = on')
  handle.pragma(`wal_autocheckpoint = ${AUTO_CHECKPOINT_PAGES}`)
  return handle
}

/** The driver with its own defaults: a rollback journal with synchronous = full. */
export function openAsItComes(path: string): Database.Database {
  return new Database(path)
}

/** An INSERT of every column of a record. */
export function insertStatement(
  handle: Database.Database,
  definition: Pick<RecordDefinition, 'shape'>,
): Database.Statement {
  const { table, columns } = definition.shape
  const names = columns.map((column) => `"${column}"`).join(', ')
  return handle.prepare(`INSERT INTO ${table} (${names}) VALUES (${columns.map(() => '?').join(', ')})`)
}

/** Inserts rows with a commit after every `perCommit` of them. */
export function insertRows(
  handle: Database.Database,
  statement: Database.Statement,
  rows: readonly (readonly unknown[])[],
  perCommit: number,
): void {
  if (perCommit === 1) {
    for (const row of rows) statement.run(...row)
    return
  }
  const insert = handle.transaction((part: readonly (readonly unknown[])[]) => {
    for (const row of part) statement.run(...row)
  })
  for (let start = 0; start < rows.length; start += perCommit)
    insert.immediate(rows.slice(start, start + perCommit))
}
