// Every record of a store as lines, in transfer order: what two stores with the same content have
// the same of.

import type { Store } from '../../../src/index.ts'
import { internalsOf } from '../../../src/store/store-internals.ts'
import { readRows } from '../../../src/transfer/rows/read-rows.ts'
import { recordKinds } from '../../../src/transfer/rows/record-kind.ts'
import { createLineCodec } from '../../../src/transfer/rows/record-line.ts'

/** @param types only these kinds */
export async function recordLines(store: Store, types?: readonly string[]): Promise<readonly string[]> {
  const { engine } = internalsOf(store)
  const snapshot = await engine.snapshot()
  try {
    const lines: string[] = []
    for (const kind of recordKinds) {
      if (types && !types.includes(kind.type)) continue
      const { toLine } = createLineCodec(kind, engine.codec)
      for await (const rows of readRows(engine, snapshot, kind))
        for (const row of rows) lines.push(toLine(row))
    }
    return lines
  } finally {
    await snapshot.close()
  }
}
