// Brings a full-text index up to date in bounded steps, the same way on every engine: look at rows that are noted as new, find their
// tokens, keep them, let others have their turn. How the tokens are kept is each engine's business.

import type { EngineTransaction, Query, Row } from '../contract/engine.ts'

/** Rows that one step looks at, and characters that it indexes. */
const STEP_ROWS = 500
const STEP_LENGTH = 1_048_576

/** A row's number in the order of insertion, and its tokens. */
export type TokenRow = readonly [serial: string, tokens: readonly string[]]

export interface TokenIndex {
  /** Rows that wait to be indexed, at most so many, in the order of insertion: their number, and their text or null. */
  waiting(limit: number): Query
  /** Keeps the tokens of those rows that still wait, and notes that they no longer do: in one transaction, all of it or nothing. */
  keep(rows: readonly TokenRow[]): readonly Query[]
}

export async function refreshIndex(
  runner: Pick<EngineTransaction, 'read' | 'writeSet'>,
  index: TokenIndex,
  tokensOf: (text: string) => readonly string[],
): Promise<void> {
  for (;;) {
    const waiting = await runner.read(index.waiting(STEP_ROWS))
    if (waiting.length === 0) return
    const rows = beginning(waiting).map(
      ([serial, text]): TokenRow => [String(serial), tokensOf(String(text ?? ''))],
    )
    const operations = index.keep(rows).map((query) => ({ kind: 'execute' as const, query }))
    for (const outcome of await runner.writeSet(operations)) {
      if (outcome.kind === 'failed') throw outcome.error
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** As many rows as make one step: one at least. */
function beginning(rows: readonly Row[]): readonly Row[] {
  let length = 0
  const end = rows.findIndex(([, text], index) => {
    length += String(text).length
    return index > 0 && length > STEP_LENGTH
  })
  return end < 0 ? rows : rows.slice(0, end)
}
