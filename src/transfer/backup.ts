// Backs a store up: to a file where the database is one, and otherwise by telling the call of the database's own tool.

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
  /** A file that is there is replaced, once the backup is whole. */
  readonly force?: boolean | undefined
  /** Ends the backup: it throws the signal's reason, and no file is left. */
  readonly signal?: AbortSignal | undefined
  /** Is told the share that is copied, from 0 to 1. */
  readonly progress?: ((share: number) => void) | undefined
}

const backupOptions = {
  force: z.boolean(),
  signal: anAbortSignal,
  progress: aFunction,
} satisfies Record<keyof BackupStoreOptions, unknown>

/** A file was written, whole and found sound. */
export interface FileBackup {
  readonly kind: 'file'
  readonly path: string
  readonly bytes: number
  /** Rows in the backup, by table. */
  readonly rows: Readonly<Record<string, number>>
  readonly durationMs: number
}

/** Nothing was written: the database's own tool has to be called. */
export interface ToolBackup extends BackupCommand {
  readonly kind: 'tool'
}

/**
 * Copies a store's database to a file, consistent and while others go on writing, or says which call of which tool does it.
 *
 * The file has mode 0600, is on disk, and passed the database's own check of integrity before it gets its name; it can be opened as a
 * store, and restored by copying it to where the database was, while nobody has that open.
 * @throws QueryError when the file is there already (see `force`) or cannot be written; there is no half file then
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

  /** A database at another version has other tables, and is backed up all the same. */
  async function countTables(copy: Pick<EngineSnapshot, 'read'>): Promise<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (const kind of recordKinds) {
      const count = await countRows(engine, copy, kind).catch(() => undefined)
      if (count !== undefined) counts[kind.shape.table] = count
    }
    return counts
  }
}
