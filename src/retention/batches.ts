// Removes rows in batches: short transactions, so that writers are not held up, with a pause after each in which others have their turn.
// How long a batch may take is fixed; how many rows that are is found out on the way.

import type { FirstBatchExtras, PruneRun } from '../records/repository/pruning.ts'

/** What a batch aims at. */
interface Aim {
  readonly milliseconds: number
  readonly fewestRows: number
}

/** In this process: the event loop, and whoever else writes to the file, wait for the whole of a transaction. */
const here: Aim = { milliseconds: 15, fewestRows: 16 }
/** On a server: most of a transaction are round trips, and it locks nothing but the rows that go. */
const remote: Aim = { milliseconds: 100, fewestRows: 128 }

const FIRST_ROWS = 128
const MOST_ROWS = 2000
/** The longest pause, in milliseconds. */
const LONGEST_PAUSE = 50

export interface BatchOptions {
  /** Rows that may go altogether. */
  readonly limit: number
  /** Every statement is a round trip. */
  readonly isRemote: boolean
  /** Goes with the first batch. */
  readonly along: FirstBatchExtras
  /** Throws where the work is to end. */
  readonly proceed: () => void
  readonly removed: (rows: number) => void
}

/** @returns how many rows went, and how many had to stay because they cannot be read */
export async function removeInBatches(
  run: PruneRun,
  { limit, isRemote, along, proceed, removed }: BatchOptions,
): Promise<{ readonly removed: number; readonly skipped: number }> {
  const aim = isRemote ? remote : here
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
    if (batch.removed > 0) size = nextSize(aim, rows, took)
    // As long as it took: a process that waits for the lock of a file asks for it now and then only.
    await new Promise((resolve) => setTimeout(resolve, Math.min(took, LONGEST_PAUSE)))
  }
  return { removed: gone, skipped }
}

function nextSize({ milliseconds, fewestRows }: Aim, rows: number, took: number): number {
  const fitting = Math.round((rows * milliseconds) / Math.max(took, 1))
  return Math.max(fewestRows, Math.min(MOST_ROWS, rows * 2, fitting))
}
