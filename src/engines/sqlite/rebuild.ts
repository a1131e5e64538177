// Rebuilds indexes and full-text indexes even if their pages cannot be read. REINDEX and DROP
// traverse the old tree and fail at such a page. So the schema is first pointed to an empty tree,
// and the old one is abandoned; VACUUM reclaims its pages (https://sqlite.org/lang_vacuum.html).
// Tables are not touched.

import type { WriteOperation } from '../contract/engine.ts'
import type { FullTextSpec, Rebuild } from '../contract/schema.ts'
import type { Connection } from './connection.ts'
import { classify } from './errors.ts'
import { quoteName } from './quoting.ts'
import { createFullText, fullTextTables } from './schema/full-text-tables.ts'
import { runWriteSet } from './write-set.ts'

/** A temporary table whose key index is an empty tree. */
const SPARE = 'purser_spare'

/** @param auditEntry is written in the same transaction */
export async function rebuild(
  connection: Connection,
  what: Rebuild,
  auditEntry: WriteOperation,
): Promise<void> {
  const { handle } = connection
  // Without unsafe mode no statement may change the schema table.
  handle.unsafeMode(true)
  try {
    await connection.whenFree(() => connection.run('BEGIN IMMEDIATE'))
    handle.pragma('writable_schema = on')
    if (what.kind === 'indexes') emptyIndexes(connection, what.table)
    else forgetFullText(connection, what.spec)
    handle.pragma('writable_schema = reset')
    const statements =
      what.kind === 'indexes'
        ? [`REINDEX ${quoteName(what.table)}`]
        : createFullText(what.spec).map(({ sql }) => sql)
    for (const sql of statements) handle.prepare(sql).run()
    for (const outcome of runWriteSet(connection, [auditEntry]))
      if (outcome.kind === 'failed') throw outcome.error
    await connection.whenFree(() => connection.run('COMMIT'))
  } catch (error) {
    throw classify(error)
  } finally {
    connection.rollback()
    handle.pragma('writable_schema = reset')
    handle.unsafeMode(false)
  }
  tidy(connection)
}

function emptyIndexes({ handle }: Connection, table: string): void {
  const names = handle
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND rootpage > 0")
    .pluck()
    .all(table)
  const root = handle.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck()
  for (const [index, name] of names.entries()) {
    const spare = `${SPARE}_${index}`
    handle.prepare(`CREATE TABLE ${spare} (a PRIMARY KEY) WITHOUT ROWID`).run()
    const place = root.get(spare)
    handle.prepare('DELETE FROM sqlite_schema WHERE name = ?').run(spare)
    handle.prepare('UPDATE sqlite_schema SET rootpage = ? WHERE name = ?').run(place, name)
  }
}

function forgetFullText({ handle }: Connection, { table }: FullTextSpec): void {
  const { index, pending } = fullTextTables(table)
  handle
    .prepare(
      'DELETE FROM sqlite_schema WHERE name IN (?, ?) OR (type = \'trigger\' AND name IN (?, ?)) OR tbl_name IN (SELECT ? || suffix.value FROM json_each(\'["_data","_idx","_content","_docsize","_config"]\') AS suffix)',
    )
    .run(index, pending, `${index}_insert`, `${index}_delete`, index)
}

/**
 * Reclaims abandoned pages. If that fails they do no harm, and remain until the file is vacuumed.
 */
function tidy({ handle }: Connection): void {
  try {
    handle.prepare('VACUUM').run()
  } catch {
    // Another table may be damaged, or a reader may have the file open.
  }
}
