// Reads the target of a copy back, from one snapshot, and compares it with what was read from the
// source.

import { setImmediate as turn } from 'node:timers/promises'
import type { Engine, EngineSnapshot } from '../../engines/contract/engine.ts'
import { identityOf, RowFinder } from '../rows/find-rows.ts'
import { countRows, readRows } from '../rows/read-rows.ts'
import type { RecordKind } from '../rows/record-kind.ts'
import { createLineCodec } from '../rows/record-line.ts'
import { createRowBridge, isUnfit, LineChecksum } from '../rows/row-converter.ts'
import type { RowsOf } from '../salvage.ts'
import type { CopiedTable } from './copy-report.ts'

export interface View {
  readonly engine: Engine
  readonly snapshot: EngineSnapshot
}

/** A source of which some rows may be missing. */
export interface SourceView extends View {
  readonly rowsOf: RowsOf
}

/** Rows that are read together. */
const BATCH_ROWS = 1000

type Verified = Pick<CopiedTable, 'others' | 'verified'>
type Watch = (rows: number) => void

/** The target has exactly the source's rows: both checksums are equal. */
export async function verifyWhole(
  kind: RecordKind,
  target: View,
  expected: Pick<CopiedTable, 'rows' | 'checksum'>,
  signal: AbortSignal | undefined,
  watch: Watch,
): Promise<Verified> {
  const { toLine } = createLineCodec(kind, target.engine.codec)
  const sum = new LineChecksum()
  for await (const rows of readRows(target.engine, target.snapshot, kind)) {
    signal?.throwIfAborted()
    sum.add(rows.map(toLine))
    watch(rows.length)
    await turn()
  }
  const verified = sum.rows === expected.rows && sum.digest() === expected.checksum
  return { others: Math.max(0, sum.rows - expected.rows), verified }
}

/** The target has other rows as well: every row of the source is looked up in it. */
export async function verifyAmong(
  kind: RecordKind,
  source: SourceView,
  target: View,
  signal: AbortSignal | undefined,
  watch: Watch,
): Promise<Verified> {
  const bridge = createRowBridge(kind, source.engine, target.engine)
  const finder = new RowFinder(target.engine, target.snapshot, kind)
  let [known, missing] = [0, 0]
  for await (const rows of source.rowsOf(kind, BATCH_ROWS, () => undefined)) {
    signal?.throwIfAborted()
    const lines = rows.map((row) => bridge.source.toLine(row))
    const crossed = rows.map((row, index) => bridge.convert(row, lines[index] as string))
    const found = await finder.find(crossed.flatMap((row) => (isUnfit(row) ? [] : [row])))
    for (const [index, row] of crossed.entries()) {
      const candidates = isUnfit(row) ? [] : (found.get(identityOf(kind, row)) ?? [])
      if (candidates.length > 0) known += 1
      if (!candidates.some((one) => bridge.target.toLine(one) === lines[index])) missing += 1
    }
    watch(rows.length)
    await turn()
  }
  const others = (await countRows(target.engine, target.snapshot, kind)) - known
  return { others: Math.max(0, others), verified: missing === 0 }
}
