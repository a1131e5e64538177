// Converts every error of the SQLite driver to one of Purser's, by its extended result code
// (https://sqlite.org/rescode.html), never by its text.

import { PersistenceConnectionError, PersistenceError, QueryError, TimeoutError } from '../../errors.ts'
import { type Refusal, refusals, refused } from '../core/refusals.ts'

/** The driver's code, if the error came from the driver. */
export function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  const { code } = error
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined
}

/** True if another connection holds the lock; the statement can be repeated. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error)
  return code !== undefined && (code.startsWith('SQLITE_BUSY') || code === 'SQLITE_LOCKED')
}

/** True for errors caused by a single row: the rest of its batch can be stored without it. */
export function isRowFault(error: unknown): boolean {
  const code = sqliteCode(error)
  if (code === undefined) return error instanceof RangeError || error instanceof TypeError
  return code.startsWith('SQLITE_CONSTRAINT') || code === 'SQLITE_MISMATCH' || code === 'SQLITE_TOOBIG'
}

const constraints: Readonly<Record<string, Refusal>> = {
  SQLITE_CONSTRAINT_FOREIGNKEY: refusals.foreignKey,
  SQLITE_CONSTRAINT_NOTNULL: refusals.notNull,
  SQLITE_CONSTRAINT_CHECK: refusals.check,
  SQLITE_CONSTRAINT_UNIQUE: refusals.unique,
  SQLITE_CONSTRAINT_PRIMARYKEY: refusals.primaryKey,
  SQLITE_CONSTRAINT_TRIGGER: refusals.trigger,
}

const causes: Record<string, string> = {
  SQLITE_FULL: 'the disk is full; nothing of this write was stored. Free some space and repeat it',
  SQLITE_READONLY:
    'the database is read-only; nothing was written. Check the permissions of the file and its folder',
  SQLITE_CORRUPT: 'the database file is damaged. Stop writing to it, copy it, and restore a backup',
  SQLITE_TOOBIG: 'a value is larger than SQLite stores',
  SQLITE_ERROR:
    'SQLite refused the statement. A database at another version has other tables: see purser status, then run purser migrate',
  SQLITE_NOMEM: 'SQLite ran out of memory',
}

/** Converts an error of the driver; one of Purser's is returned unchanged. */
export function classify(error: unknown): PersistenceError {
  if (error instanceof PersistenceError) return error
  const code = sqliteCode(error)
  if (code === undefined) {
    const what = error instanceof Error ? error.name : typeof error
    return new QueryError(`the SQLite driver refused the call (${what})`, { cause: error })
  }
  if (code.startsWith('SQLITE_CONSTRAINT')) return refused(constraints[code] ?? code, error)
  if (isBusy(error)) {
    return new TimeoutError(
      'another process held the lock of the database for longer than busyTimeout; try again',
      { cause: error },
    )
  }
  if (code === 'SQLITE_READONLY_DBMOVED') {
    return new PersistenceConnectionError(
      'the database file was deleted, moved or replaced while it was open; nothing of this call was written. Close the store and open it again',
      { cause: error, retryable: false },
    )
  }
  if (code === 'SQLITE_READONLY_ROLLBACK' || code === 'SQLITE_READONLY_RECOVERY') {
    return new QueryError(
      'a write was interrupted, and the file beside the database that can complete or undo it (-wal or -journal) may not be written here. Open the database once as a user who may write it',
      { cause: error },
    )
  }
  const primary = primaryCode(code)
  if (primary === 'SQLITE_CANTOPEN' || primary === 'SQLITE_NOTADB') {
    return new PersistenceConnectionError('the database file cannot be opened', {
      cause: error,
      retryable: false,
    })
  }
  if (primary === 'SQLITE_IOERR') {
    return new QueryError(`the disk reported an error (${code}); check the disk`, {
      cause: error,
      retryable: true,
    })
  }
  return new QueryError(causes[primary] ?? `SQLite refused the statement (${code})`, { cause: error })
}

/**
 * The primary code of an extended one: `SQLITE_READONLY_DIRECTORY` is a kind of `SQLITE_READONLY`.
 */
export function primaryCode(code: string): string {
  return code.split('_').slice(0, 2).join('_')
}
