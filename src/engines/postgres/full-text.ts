// Full-text search by tsvector and GIN. Words are found here and not by the server, whose parsers keep addresses, numbers and words
// with hyphens whole and depend on its locale: so a search finds the same on every engine. As on SQLite an append only notes
// the row's number, and the next search indexes what has been noted.

import { createHash } from 'node:crypto'
import { QueryError } from '../../errors.ts'
import type { EngineTransaction, Query } from '../engine.ts'

/** Rows that one step indexes. */
const STEP_ROWS = 500
/** A lexeme has at most 2,046 bytes; longer words stand as their digest. */
const MAX_WORD_BYTES = 1024
/** A tsvector has at most 1 MiB of lexemes; a text of more different words is found by the first ones. */
const MAX_VECTOR_BYTES = 1_000_000

type Runner = Pick<EngineTransaction, 'read' | 'writeSet'>

/** Tables that carry the full-text index of a table. The indexed column and the serial are fixed by convention. */
export function fullTextTables(table: string) {
  return { index: `${table}_fts`, pending: `${table}_fts_pending`, column: 'content', serial: 'seq' } as const
}

export async function refreshFullText(runner: Runner, table: string): Promise<void> {
  const { index, pending, column, serial } = fullTextTables(table)
  for (;;) {
    const rows = await runner.read({
      sql: `select noted.serial, source.${column} from ${pending} as noted left join ${table} as source on source.${serial} = noted.serial order by noted.serial limit ${STEP_ROWS}`,
      parameters: [],
    })
    if (rows.length === 0) return
    const found = rows
      .filter(([, text]) => text !== null)
      .map(([number, text]) => [number, lexemes(String(text))])
    const numbers = JSON.stringify(rows.map(([number]) => number))
    const outcomes = await runner.writeSet([
      {
        kind: 'execute',
        query: {
          sql: `insert into ${index} (serial, words) select (item ->> 0)::bigint, array_to_tsvector(array(select json_array_elements_text(item -> 1))) from json_array_elements($1::json) as item on conflict do nothing`,
          parameters: [JSON.stringify(found)],
        },
      },
      {
        kind: 'execute',
        query: {
          sql: `delete from ${pending} where serial in (select value::bigint from json_array_elements_text($1::json))`,
          parameters: [numbers],
        },
      },
    ])
    for (const outcome of outcomes) if (outcome.kind === 'failed') throw outcome.error
    if (outcomes.length !== 2) throw new QueryError('the search index was not brought up to date')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** The words come from a search text, and hold nothing but letters, digits and marks. */
export function matchCondition(table: string, words: readonly string[]): Query {
  const { index, serial } = fullTextTables(table)
  const expression = words.map((word) => `'${fold(word)}'`).join(' & ')
  return {
    sql: `${table}.${serial} in (select serial from ${index} where words @@ ?::tsquery)`,
    parameters: [expression],
  }
}

function lexemes(text: string): readonly string[] {
  const words = new Set<string>()
  let bytes = 0
  for (const [word] of text.matchAll(/[\p{L}\p{N}\p{M}\p{Co}]+/gu)) {
    const folded = fold(word)
    if (words.has(folded)) continue
    bytes += Buffer.byteLength(folded)
    if (bytes > MAX_VECTOR_BYTES) break
    words.add(folded)
  }
  return [...words]
}

/** One form for a word in any case. */
function fold(word: string): string {
  const folded = word.toLowerCase().replaceAll('ς', 'σ')
  if (Buffer.byteLength(folded) <= MAX_WORD_BYTES) return folded
  return createHash('sha256').update(folded).digest('hex')
}
