// Deletes rows in batches: short transactions, so that writers are not blocked, with a pause after
// each in which others run. The duration of a batch is fixed; the number of rows adapts to it.

import type { FirstBatchExtras, PruneRun } from '../records/repository/pruning.ts'

/** The target duration of a batch. */
interface Aim {
  readonly milliseconds: number
  readonly fewestRows: number
}

/** In process: the event loop, and all other writers of the file, wait for a whole transaction. */
const here: Aim = { milliseconds: 15, fewestRows: 16 }
/**
 * On a server: most of a transaction is round trips, and it locks only the rows that it deletes.
 */
const remote: Aim = { milliseconds: 100, fewestRows: 128 }

const FIRST_ROWS = 128
const MOST_ROWS = 2000
/** The longest pause, in milliseconds. */
const LONGEST_PAUSE = 50

export interface BatchOptions {
  /** The most rows to delete in total. */
  readonly limit: number
  /** Every statement is a round trip. */
  readonly isRemote: boolean
  /** Written with the first batch. */
  readonly along: FirstBatchExtras
  /** Throws if the work is to end. */
  readonly proceed: () => void
  readonly removed: (rows: number) => void
}

/** @returns how many rows were deleted, and how many were kept because they cannot be read */
export async function removeInBatches(
  run: PruneRun,
  { limit, isRemote, along, proceed, removed }: BatchOptions,
): Promise<{ readonly removed: number; readonly skipped: number }> {
  const aim = isRemote ? remote : here
  let [size, gone, skipped, isAuditWritten] = [FIRST_ROWS, 0, 0, false]
  while (gone < limit) {
    proceed()
    const rows = Math.min(size, limit - gone)
    const started = performance.now()
    const batch = await run.remove(rows, isAuditWritten ? undefined : along)
    const took = performance.now() - started
    isAuditWritten ||= batch.auditWritten
    gone += batch.removed
    skipped += batch.skipped
    removed(gone)
    if (batch.ended) break
    if (batch.removed > 0) size = nextSize(aim, rows, took)
    // As long as the batch took: a process that waits for a file lock polls it only occasionally.
    await new Promise((resolve) => setTimeout(resolve, Math.min(took, LONGEST_PAUSE)))
  }
  return { removed: gone, skipped }
}

function nextSize({ milliseconds, fewestRows }: Aim, rows: number, took: number): number {
  const fitting = Math.round((rows * milliseconds) / Math.max(took, 1))
  return Math.max(fewestRows, Math.min(MOST_ROWS, rows * 2, fitting))
}
