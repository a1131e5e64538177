// Copies the rows of one kind, in transfer order: the next ones are read while the previous ones
// are written.

import { setImmediate as turn } from 'node:timers/promises'
import type { Engine, Row } from '../../engines/contract/engine.ts'
import { quoteId, TransferError } from '../../errors.ts'
import type { Loss } from '../losses.ts'
import type { RecordKind } from '../rows/record-kind.ts'
import { createRowBridge, isUnfit, LineChecksum } from '../rows/row-converter.ts'
import { nameOf } from '../rows/row-name.ts'
import { type NoteOf, writeRows } from '../rows/write-rows.ts'
import type { RowsOf } from '../salvage.ts'
import type { CopiedTable, Problems, Tally } from './copy-report.ts'

export interface CopyRun {
  readonly from: Engine
  /** The rows of a kind, in transfer order. */
  readonly rowsOf: RowsOf
  readonly to: Engine
  /** The target's notes for its feed of changes: others may follow it. */
  readonly noteOf: NoteOf
  readonly skip: boolean
  readonly batchRows: number
  readonly signal: AbortSignal | undefined
  readonly problems: Problems
  readonly tally: Tally
  /** Called with rows that were processed. */
  readonly copied: (kind: RecordKind, rows: number) => void
}

/**
 * The outcome of the rows, with the checksum of what was read.
 * @throws TransferError for the first row that the target cannot hold, unless such rows are skipped
 */
export async function copyKind(
  kind: RecordKind,
  run: CopyRun,
): Promise<Omit<CopiedTable, 'others' | 'verified'>> {
  const { table } = kind.shape
  const bridge = createRowBridge(kind, run.from, run.to)
  const sum = new LineChecksum()
  const counts = run.tally.begin()
  const refuse = (row: Row, column: string | null, reason: string) => {
    const id = nameOf(kind, row)
    counts.refused += 1
    if (!run.skip) throw refusal(table, id, column, reason, run.tally)
    run.problems.add({ problem: 'refused', table, id, column, reason })
  }
  const write = async (crossed: readonly Row[], origins: readonly Row[]) => {
    const outcomes = await writeRows(run.to, kind, crossed, bridge.target, run.noteOf)
    // All stored rows are counted before a refused one may end the copy.
    counts.stored += outcomes.filter((outcome) => outcome.kind === 'stored').length
    counts.unchanged += outcomes.filter((outcome) => outcome.kind === 'same').length
    for (const [index, outcome] of outcomes.entries()) {
      const row = origins[index] ?? []
      if (outcome.kind === 'failed') refuse(row, null, outcome.error.message)
      if (outcome.kind !== 'different') continue
      counts.different += 1
      const reason = 'the target has other values under this key, or under a name that only one row may have'
      run.problems.add({ problem: 'different', table, id: nameOf(kind, row), column: null, reason })
    }
  }
  const lost = ({ id, from, to, column, reason }: Loss) => {
    counts.refused += column === null ? 1 : 0
    const range = to === null ? `behind ${from}` : `rows ${from} to ${to}`
    run.problems.add({ problem: 'unreadable', table, id: id ?? range, column, reason })
  }
  for await (const rows of prefetch(run.rowsOf(kind, run.batchRows, lost))) {
    run.signal?.throwIfAborted()
    const lines = rows.map((row) => bridge.source.toLine(row))
    sum.add(lines)
    const crossed: Row[] = []
    const origins: Row[] = []
    for (const [index, row] of rows.entries()) {
      const other = bridge.convert(row, lines[index] as string)
      if (isUnfit(other)) {
        // The rows before it are written first, so that all of them are stored when it ends the
        // copy.
        if (!run.skip) await write(crossed, origins)
        refuse(row, other.column, other.reason)
        continue
      }
      crossed.push(other)
      origins.push(row)
    }
    await write(crossed, origins)
    run.copied(kind, rows.length)
    // An in-process database answers without a pause; yield to signals and timers here.
    await turn()
  }
  const { stored, unchanged, refused, different } = counts
  return { table, rows: sum.rows, checksum: sum.digest(), stored, unchanged, refused, different }
}

function refusal(
  table: string,
  id: string,
  column: string | null,
  reason: string,
  tally: Tally,
): TransferError {
  const row = `the row ${quoteId(id)} of ${table}`
  const place = column === null ? row : `${column} of ${row}`
  return new TransferError(
    `the target cannot hold ${place}: ${reason}; rows before it are copied. Correct it in the source and run the copy again, or leave such rows out with --on-error skip`,
    { transferred: tally.total() },
  )
}

/** Requests the next item while the current one is processed. */
async function* prefetch<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
  const ask = () => {
    const asked = items.next()
    // It is thrown where it is awaited; until then it must not count as an unhandled rejection.
    asked.catch(() => undefined)
    return asked
  }
  let next = ask()
  try {
    for (;;) {
      const { done, value } = await next
      if (done) return
      next = ask()
      yield value
    }
  } finally {
    await items.return(undefined).catch(() => undefined)
  }
}
