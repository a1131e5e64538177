// Full-text search by an index of words of our own. InnoDB's FULLTEXT leaves out words of fewer than three letters and common ones, by
// settings of the whole server, so that a search would not find here what it finds elsewhere. As on SQLite an append only
// notes the row's number, and the next search indexes what has been noted.

import { createHash } from 'node:crypto'
import type { EngineTransaction, Query, Row, WireValue } from '../engine.ts'
import type { TableSpec } from '../schema.ts'
import { COLLATION } from './session-settings.ts'

/** Rows that one step looks at, and characters that it indexes, before others have their turn. */
const STEP_ROWS = 100
const STEP_LENGTH = 1_048_576
/** The longest word that is kept as it is; of a longer one, its beginning and its hash. */
const LONGEST_WORD = 120

type Runner = Pick<EngineTransaction, 'read' | 'writeSet'>

/** Tables and triggers of a table's index. The indexed column and the serial are fixed by convention. */
export function fullTextTables(table: string) {
  const index: TableSpec = {
    name: `${table}_fts`,
    columns: [
      { name: 'word', type: 'name' },
      { name: 'seq', type: 'integer' },
    ],
    primaryKey: ['word', 'seq'],
    clustered: true,
  }
  const pending: TableSpec = {
    name: `${table}_fts_pending`,
    columns: [{ name: 'seq', type: 'integer' }],
    primaryKey: ['seq'],
    clustered: true,
  }
  return {
    index,
    pending,
    column: 'content',
    serial: 'seq',
    onInsert: {
      name: `${table}_fts_insert`,
      body: (serial: string) => `INSERT INTO "${pending.name}" (seq) VALUES (NEW."${serial}")`,
    },
    onDelete: {
      name: `${table}_fts_delete`,
      body: (serial: string) =>
        `BEGIN\n  DELETE FROM "${index.name}" WHERE seq = OLD."${serial}";\n  DELETE FROM "${pending.name}" WHERE seq = OLD."${serial}";\nEND`,
    },
  } as const
}

export async function refreshFullText(runner: Runner, table: string): Promise<void> {
  const { index, pending, column, serial } = fullTextTables(table)
  for (;;) {
    const waiting = await runner.read({
      sql: `SELECT waiting.seq, source.${column} FROM (SELECT seq FROM ${pending.name} ORDER BY seq LIMIT ${STEP_ROWS}) AS waiting JOIN ${table} AS source ON source.${serial} = waiting.seq`,
      parameters: [],
    })
    if (waiting.length === 0) return
    const rows = beginning(waiting)
    const found = rows.flatMap(([seq, text]) => wordsOf(String(text)).map((word) => [word, String(seq)]))
    const given: readonly WireValue[] = [JSON.stringify(rows.map(([seq]) => String(seq)))]
    const outcomes = await runner.writeSet([
      {
        kind: 'execute',
        query: {
          sql: `DELETE ${pending.name} FROM JSON_TABLE(?, '$[*]' COLUMNS (seq BIGINT PATH '$')) AS given STRAIGHT_JOIN ${pending.name} ON ${pending.name}.seq = given.seq`,
          parameters: given,
        },
      },
      {
        kind: 'execute',
        query: {
          // Another search may have indexed the same rows at the same time.
          sql: `INSERT INTO ${index.name} (word, seq) SELECT given.word, given.seq FROM JSON_TABLE(?, '$[*]' COLUMNS (word VARCHAR(255) COLLATE ${COLLATION} PATH '$[0]', seq BIGINT PATH '$[1]')) AS given ON DUPLICATE KEY UPDATE ${index.name}.seq = ${index.name}.seq`,
          parameters: [JSON.stringify(found)],
        },
      },
    ])
    for (const outcome of outcomes) if (outcome.kind === 'failed') throw outcome.error
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

/** Rows that hold every word. */
export function matchCondition(table: string, words: readonly string[]): Query {
  const { index, serial } = fullTextTables(table)
  const distinct = [...new Set(words.map(folded))]
  return {
    sql: distinct
      .map(() => `${table}.${serial} in (select found.seq from ${index.name} as found where found.word = ?)`)
      .join(' and '),
    parameters: distinct,
  }
}

/** The words of a text, each once: runs of letters, digits and marks. */
export function wordsOf(text: string): readonly string[] {
  return [...new Set((text.match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? []).map(folded))]
}

/** A word without its case, character by character: `Σ`, `σ` and `ς` are one letter wherever they stand. */
function folded(word: string): string {
  let text = ''
  for (const character of word) {
    const upper = character.toUpperCase()
    const lower = (upper.length === character.length ? upper : character).toLowerCase()
    text += lower.length === character.length ? lower : character
  }
  if (text.length <= LONGEST_WORD) return text
  return `${text.slice(0, LONGEST_WORD).toWellFormed()} ${createHash('sha256').update(text).digest('hex')}`
}
