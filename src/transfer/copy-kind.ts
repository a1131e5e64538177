// Copies the rows of one kind, in transfer order: the next ones are read while the last ones are written.

import { setImmediate as turn } from 'node:timers/promises'
import type { Engine, EngineSnapshot, Row } from '../engines/engine.ts'
import { ConstraintViolationError } from '../errors.ts'
import type { CopiedTable, Problems } from './copy-report.ts'
import { readRows } from './read-rows.ts'
import type { RecordKind } from './record-kind.ts'
import { createRowBridge, isUnfit, LineSum } from './row-bridge.ts'
import { nameOf } from './row-name.ts'
import { writeRows } from './write-rows.ts'

export interface CopyRun {
  readonly from: Engine
  readonly snapshot: EngineSnapshot
  readonly to: Engine
  readonly skip: boolean
  readonly batchRows: number | undefined
  readonly signal: AbortSignal | undefined
  readonly problems: Problems
  /** Is told of rows that were dealt with. */
  readonly copied: (kind: RecordKind, rows: number) => void
}

/**
 * What came of the rows, with the checksum of what was read.
 * @throws ConstraintViolationError for the first row that the target cannot hold, unless such rows are skipped
 */
export async function copyKind(
  kind: RecordKind,
  run: CopyRun,
): Promise<Omit<CopiedTable, 'others' | 'verified'>> {
  const bridge = createRowBridge(kind, run.from, run.to)
  const sum = new LineSum()
  const tally = { stored: 0, unchanged: 0, refused: 0, different: 0 }
  const refuse = (row: Row, column: string | null, reason: string) => {
    const { table } = kind.shape
    const id = nameOf(kind, row)
    if (!run.skip) throw refusal(table, id, column, reason)
    tally.refused += 1
    run.problems.add({ problem: 'refused', table, id, column, reason })
  }
  for await (const rows of oneAhead(readRows(run.from, run.snapshot, kind, run.batchRows))) {
    run.signal?.throwIfAborted()
    const lines = rows.map((row) => bridge.source.toLine(row))
    sum.add(lines)
    const crossed: Row[] = []
    const origins: Row[] = []
    for (const [index, row] of rows.entries()) {
      const other = bridge.cross(row, lines[index] as string)
      if (isUnfit(other)) {
        // What stands before it is written first, so that another run finds the same row.
        if (!run.skip) await writeRows(run.to, kind, crossed, bridge.target)
        refuse(row, other.column, other.reason)
        continue
      }
      crossed.push(other)
      origins.push(row)
    }
    const outcomes = await writeRows(run.to, kind, crossed, bridge.target)
    for (const [index, outcome] of outcomes.entries()) {
      const row = origins[index] ?? []
      if (outcome.kind === 'stored') tally.stored += 1
      else if (outcome.kind === 'same') tally.unchanged += 1
      else if (outcome.kind === 'failed') refuse(row, null, outcome.error.message)
      else {
        tally.different += 1
        run.problems.add({
          problem: 'different',
          table: kind.shape.table,
          id: nameOf(kind, row),
          column: null,
          reason:
            'the target has a row with this key, or with a name that only one may have, and other values',
        })
      }
    }
    run.copied(kind, rows.length)
    await turn()
  }
  return { table: kind.shape.table, rows: sum.rows, checksum: sum.digest(), ...tally }
}

function refusal(table: string, id: string, column: string | null, reason: string): ConstraintViolationError {
  const place = column === null ? `the row ${id} of ${table}` : `${column} of the row ${id} of ${table}`
  return new ConstraintViolationError(
    'target',
    `the target cannot hold ${place}: ${reason}; rows before it are copied. Correct it in the source and run the copy again, or leave such rows out with --on-error skip`,
  )
}

/** Asks for the next item before the last one is done with. */
async function* oneAhead<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
  const ask = () => {
    const asked = items.next()
    // It is thrown where it is waited for; until then it must not count as forgotten.
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
