// Brings a full-text index up to date in bounded steps, in the same way on every engine: read rows
// marked as new, tokenize them, store the tokens, then let other work run. How tokens are stored is
// specific to the engine.

import type { EngineTransaction, Query, Row } from '../contract/engine.ts'

/** The most rows that one step reads, and the most characters that it indexes. */
const STEP_ROWS = 500
const STEP_LENGTH = 1_048_576

/** A row's serial number and its tokens. */
export type TokenRow = readonly [serial: string, tokens: readonly string[]]

export interface TokenIndex {
  /**
   * Rows waiting to be indexed, in insertion order and at most this many: their serial number, and
   * their text or null.
   */
  waiting(limit: number): Query
  /**
   * Stores the tokens of rows that are still waiting, and marks those rows as indexed, in one
   * transaction.
   */
  keep(rows: readonly TokenRow[]): readonly Query[]
}

/** Indexes the rows that wait for it, a batch at a time. */
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

/** The rows of one step: at least one. */
function beginning(rows: readonly Row[]): readonly Row[] {
  let length = 0
  const end = rows.findIndex(([, text], index) => {
    length += String(text).length
    return index > 0 && length > STEP_LENGTH
  })
  return end < 0 ? rows : rows.slice(0, end)
}
