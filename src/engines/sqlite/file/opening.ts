// Helpers for opening and closing a file's connections: waiting for others, and removing a file
// that was created in vain.

import { statSync, unlinkSync } from 'node:fs'
import { PersistenceError } from '../../../errors.ts'
import { isOpenDatabase } from '../../core/open-files.ts'
import type { Connection } from '../connection.ts'
import { isBusy } from '../errors.ts'

/**
 * Retries while another process holds a lock, which it does briefly while it sets the journal mode.
 */
export async function retryOpening(open: () => Connection, busyTimeout: number): Promise<Connection> {
  const deadline = performance.now() + busyTimeout
  for (;;) {
    try {
      return open()
    } catch (error) {
      const retryable = error instanceof PersistenceError ? error.retryable : isBusy(error)
      if (!retryable || performance.now() >= deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 10))
    }
  }
}

/**
 * Closes a connection after an error, which is the one to report: an error of closing is dropped.
 */
export function closeQuietly(connection: Connection | undefined): void {
  try {
    connection?.close()
  } catch {
    // The original error is the one to report.
  }
}

/** Removes an empty file, unless another store has opened it in the meantime. */
export function removeIfUnused(path: string): void {
  if (isOpenDatabase(path)) return
  if (statSync(path, { throwIfNoEntry: false })?.size === 0) unlinkSync(path)
}

/** Bytes of a database file and its write-ahead log together; 0 if neither exists. */
export function sizeOnDisk(path: string): number {
  return [path, `${path}-wal`].reduce(
    (sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    0,
  )
}
