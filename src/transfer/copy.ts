// Copies a whole store into another one, of any engine, and proves that they are equal:
// preconditions first, then the rows from one snapshot of the source, then the target is read back.

import { z } from 'zod'
import type { WriteOperation } from '../engines/contract/engine.ts'
import { aFunction, anAbortSignal, readOptions } from '../records/repository/arguments.ts'
import type { Store } from '../store/store.ts'
import { internalsOf } from '../store/store-internals.ts'
import { copyKind } from './copy/copy-kind.ts'
import {
  countAll,
  prepareTarget,
  refuseOtherRows,
  refuseSameStore,
  requireCurrentSource,
} from './copy/copy-preconditions.ts'
import {
  type CopiedTable,
  type CopyPhase,
  type CopyProgress,
  type CopyReport,
  Problems,
  Tally,
} from './copy/copy-report.ts'
import { verifyAmong, verifyWhole } from './copy/verify-copy.ts'
import { errorPolicies } from './enums.ts'
import { readRows } from './rows/read-rows.ts'
import { recordKinds } from './rows/record-kind.ts'
import { type RowsOf, readSalvaged, type Survey, surveyRows, wholly } from './salvage.ts'

/**
 * Each batch is synced to disk before the next; a file takes 2,000 rows in the time of two such
 * syncs.
 */
const BATCH_ROWS = 2000

const COPY_ADVICE =
  'Rows before that are copied. To leave out what cannot be read, and have it listed, run the copy again with --on-error skip'

export interface CopyOptions {
  /**
   * The target may have other rows, which are left unchanged. Without it such a target is refused.
   */
  readonly merge?: boolean | undefined
  /**
   * A row that cannot be read, or that the target cannot hold, ends the copy (default), or is
   * skipped and reported.
   */
  readonly onError?: 'stop' | 'skip' | undefined
  /**
   * Aborts the copy between two batches: it rejects with the signal's reason. Running it again
   * resumes.
   */
  readonly signal?: AbortSignal | undefined
  readonly progress?: ((progress: CopyProgress) => void) | undefined
  /** Rows that are read and written together; 2000 by default. */
  readonly batchRows?: number | undefined
}

const copyOptions = {
  merge: z.boolean(),
  onError: z.enum(errorPolicies),
  signal: anAbortSignal,
  progress: aFunction,
  batchRows: z.int().min(1),
} satisfies Record<keyof CopyOptions, unknown>

/** The actor of copied records in the target's feed of changes. */
const ACTOR = 'copy'

/**
 * Copies every row of a store into another one, including values that cannot be read, and then
 * reads the target back: the report has each table's number of rows and a checksum that is the same
 * on every engine.
 *
 * The source is one snapshot of what was committed when the copy began; others may keep writing to
 * it. The target's schema is created if it has none. Derived data (totals, the search index) is
 * built by the target. Running an interrupted copy again resumes it: a target that holds only rows
 * of the source, each equal, is treated as its beginning. Nothing is written if the copy is
 * refused.
 * @param from open, at this build's schema version
 * @param to open, and another database; empty unless `merge` is given
 * @throws QueryError if both are one database, or the target has rows that the source does not have
 * @throws MigrationError if one of them is at another schema version
 * @throws TransferError for a row that the target cannot hold; see `onError`. It counts what was
 * copied so far
 * @throws QueryError (not retryable) if a table of the source cannot be read to its end; see
 * `onError`
 * @throws PersistenceConnectionError (retryable) if either becomes unreachable
 * @example
 * const file = await openStore('sqlite:./purser.db')
 * const server = await openStore({ url: 'postgres://host/db', migrate: 'off' })
 * const { ok, tables } = await copyRecords(file, server)
 * await Promise.all([file.close(), server.close()])
 */
export async function copyRecords(from: Store, to: Store, given: CopyOptions = {}): Promise<CopyReport> {
  const options = readOptions('copyRecords', copyOptions, given)
  const [source, target] = [internalsOf(from), internalsOf(to)]
  const { merge = false, signal } = options
  const started = performance.now()
  source.assertUsable()
  target.assertUsable()
  await refuseSameStore(source.engine, target.engine)
  await requireCurrentSource(source.state)
  await prepareTarget(to, target.engine, target.state)
  const snapshot = await source.engine.snapshot()
  const view = { engine: source.engine, snapshot }
  try {
    const hadRows = await compareFirst(view, target.engine, options)
    const isSkipping = options.onError === 'skip'
    const proceed = () => signal?.throwIfAborted()
    const surveys = isSkipping
      ? await surveyRows(source.engine, snapshot, recordKinds, proceed)
      : new Map<string, Survey>()
    const problems = new Problems()
    const rowsOf: RowsOf = (kind, batchRows, lost) =>
      isSkipping
        ? readSalvaged(source.engine, snapshot, kind, surveys, batchRows, lost)
        : wholly(kind, readRows(source.engine, snapshot, kind, batchRows), COPY_ADVICE)
    const totals = await countAll(view, surveys, COPY_ADVICE)
    const watch = watcher('copy', totals, options.progress)
    const run = {
      from: source.engine,
      to: target.engine,
      noteOf: (operations: readonly WriteOperation[]) => target.noteOf(operations, ACTOR),
      rowsOf,
      skip: isSkipping,
      batchRows: options.batchRows ?? BATCH_ROWS,
      signal,
      problems,
      tally: new Tally(),
      copied: watch,
    }
    const copied: Omit<CopiedTable, 'others' | 'verified'>[] = []
    for (const kind of recordKinds) copied.push(await copyKind(kind, run))
    const tables = await verify({ ...view, rowsOf }, target.engine, copied, merge, options)
    const ok = problems.count === 0 && tables.every(({ verified }) => verified)
    const durationMs = performance.now() - started
    return {
      tables,
      problems: problems.kept,
      problemCount: problems.count,
      continued: hadRows && !merge,
      ok,
      durationMs,
    }
  } finally {
    target.committed()
    await snapshot.close()
  }
}

/** @returns whether the target had any rows */
async function compareFirst(
  source: Parameters<typeof refuseOtherRows>[0],
  engine: Parameters<typeof refuseOtherRows>[0]['engine'],
  { merge = false, signal, progress }: CopyOptions,
): Promise<boolean> {
  const snapshot = await engine.snapshot()
  try {
    return await refuseOtherRows(source, { engine, snapshot }, merge, signal, (kind, rows, total) =>
      progress?.({ phase: 'compare', table: kind.shape.table, rows, total }),
    )
  } finally {
    await snapshot.close()
  }
}

async function verify(
  source: Parameters<typeof verifyAmong>[1],
  engine: Parameters<typeof verifyAmong>[1]['engine'],
  copied: readonly Omit<CopiedTable, 'others' | 'verified'>[],
  merge: boolean,
  { signal, progress }: CopyOptions,
): Promise<readonly CopiedTable[]> {
  const snapshot = await engine.snapshot()
  const target = { engine, snapshot }
  const watch = watcher(
    'verify',
    copied.map(({ rows }) => rows),
    progress,
  )
  try {
    const tables: CopiedTable[] = []
    for (const [index, kind] of recordKinds.entries()) {
      const table = copied[index]
      if (!table) continue
      const seen = (rows: number) => watch(kind, rows)
      const verified = merge
        ? await verifyAmong(kind, source, target, signal, seen)
        : await verifyWhole(kind, target, table, signal, seen)
      tables.push({ ...table, ...verified })
    }
    return tables
  } finally {
    await snapshot.close()
  }
}

/** Sums the rows of all tables. */
function watcher(phase: CopyPhase, totals: readonly number[], progress: CopyOptions['progress']) {
  const total = totals.reduce((sum, count) => sum + count, 0)
  let rows = 0
  return ({ shape }: (typeof recordKinds)[number], more: number): void => {
    rows += more
    progress?.({ phase, table: shape.table, rows, total })
  }
}
