// Removes rows in batches: short transactions, so that writers are not held up, with a pause after each in which others have their turn.
// How long a batch may take is fixed; how many rows that are is found out on the way.

import type { Along, PruneRun } from '../records/pruning.ts'

/** Milliseconds that a transaction aims at. */
const AIM = 15
const FIRST_ROWS = 64
const FEWEST_ROWS = 16
const MOST_ROWS = 2000
/** The longest pause, in milliseconds. */
const LONGEST_PAUSE = 50

export interface BatchOptions {
  /** Rows that may go altogether. */
  readonly limit: number
  /** Goes with the first batch. */
  readonly along: Along
  /** Throws where the work is to end. */
  readonly proceed: () => void
  readonly removed: (rows: number) => void
}

/** @returns how many rows went, and how many had to stay because they cannot be read */
export async function removeInBatches(
  run: PruneRun,
  { limit, along, proceed, removed }: BatchOptions,
): Promise<{ readonly removed: number; readonly skipped: number }> {
  let [size, gone, skipped, isTold] = [FIRST_ROWS, 0, 0, false]
  while (gone < limit) {
    proceed()
    const rows = Math.min(size, limit - gone)
    const started = performance.now()
    const batch = await run.remove(rows, isTold ? undefined : along)
    const took = performance.now() - started
    isTold ||= batch.told
    gone += batch.removed
    skipped += batch.skipped
    removed(gone)
    if (batch.ended) break
    if (batch.removed > 0) size = nextSize(rows, took)
    // As long as it took: a process that waits for the lock of a file asks for it now and then only.
    await new Promise((resolve) => setTimeout(resolve, Math.min(took, LONGEST_PAUSE)))
  }
  return { removed: gone, skipped }
}

function nextSize(rows: number, took: number): number {
  const fitting = Math.round((rows * AIM) / Math.max(took, 1))
  return Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, rows * 2, fitting))
}
