// Backs up a store: to a file if the database is one, otherwise by returning the command of the
// database's own tool.

import { z } from 'zod'
import type { BackupCommand, EngineSnapshot } from '../engines/contract/engine.ts'
import { QueryError } from '../errors.ts'
import { parseOrThrow } from '../records/model/issues.ts'
import { aFunction, anAbortSignal, readOptions } from '../records/repository/arguments.ts'
import type { Store } from '../store/store.ts'
import { internalsOf } from '../store/store-internals.ts'
import { countRows } from './rows/read-rows.ts'
import { recordKinds } from './rows/record-kind.ts'

export interface BackupStoreOptions {
  /** Replaces an existing file once the backup is complete. */
  readonly force?: boolean | undefined
  /** Aborts the backup: it rejects with the signal's reason, and leaves no file. */
  readonly signal?: AbortSignal | undefined
  /** Receives the fraction copied, from 0 to 1. */
  readonly progress?: ((share: number) => void) | undefined
}

const backupOptions = {
  force: z.boolean(),
  signal: anAbortSignal,
  progress: aFunction,
} satisfies Record<keyof BackupStoreOptions, unknown>

/** A file was written completely and passed verification. */
export interface FileBackup {
  readonly kind: 'file'
  readonly path: string
  readonly bytes: number
  /** Rows in the backup, by table. */
  readonly rows: Readonly<Record<string, number>>
  readonly durationMs: number
}

/** Nothing was written: the database's own tool must be run. */
export interface ToolBackup extends BackupCommand {
  readonly kind: 'tool'
}

/**
 * Copies a store's database to a file, consistently and while others keep writing, or says which
 * command of which tool does it.
 *
 * The file has mode 0600, is synced to disk, and passes the database's integrity check before it
 * gets its name. It can be opened as a store. To restore it, copy it to the path of the database
 * while no process has that open.
 * @throws QueryError if the file exists already (see `force`), cannot be written, or has the name
 * of a file that SQLite keeps beside a database (`-wal`, `-shm`, `-journal`); no partial file is
 * left
 * @example
 * const backup = await backupStore(store, '/backups/purser-2026-01-31.db')
 * if (backup.kind === 'tool') console.log(backup.command)
 */
export async function backupStore(
  store: Store,
  path: string,
  given: BackupStoreOptions = {},
): Promise<FileBackup | ToolBackup> {
  const options = readOptions('backupStore', backupOptions, given)
  parseOrThrow('backupStore', z.string().min(1), path, ['path'])
  const { engine, assertUsable } = internalsOf(store)
  assertUsable()
  if (engine.backupCommand) return { kind: 'tool', ...engine.backupCommand(path) }
  if (!engine.backup) {
    throw new QueryError(
      'Purser knows no backup of this database; use its own tools, or copy the store to a file with purser copy',
    )
  }
  const started = performance.now()
  const { bytes, inspected } = await engine.backup(path, {
    ...options,
    inspect: (copy) => countTables(copy),
  })
  return { kind: 'file', path, bytes, rows: inspected, durationMs: performance.now() - started }

  /** A database at another version has other tables, but is backed up all the same. */
  async function countTables(copy: Pick<EngineSnapshot, 'read'>): Promise<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (const kind of recordKinds) {
      const count = await countRows(engine, copy, kind).catch(() => undefined)
      if (count !== undefined) counts[kind.shape.table] = count
    }
    return counts
  }
}
