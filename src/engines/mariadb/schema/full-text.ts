// Full-text search with Purser's own index of tokens. InnoDB's FULLTEXT omits words of fewer than
// three letters and common words, by server-wide settings, so a search would not find here what it
// finds on other engines. As on SQLite, an append only records the row's number, and the next
// search indexes the recorded rows.

import type { EngineTransaction, Query } from '../../contract/engine.ts'
import type { FullTextSpec, TableSpec } from '../../contract/schema.ts'
import { refreshIndex, type TokenIndex, type TokenRow } from '../../core/refresh-index.ts'
import { COLLATION } from '../session-settings.ts'

/** The most tokens in one statement: far below the packet limit. */
const STATEMENT_TOKENS = 20_000

type Runner = Pick<EngineTransaction, 'read' | 'writeSet'>

/**
 * The tables and triggers of a table's index. The indexed column and the serial column are fixed by
 * convention.
 */
export function fullTextTables({ table, tokens }: Pick<FullTextSpec, 'table' | 'tokens'>) {
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
  // A search that is indexing the row holds a lock on its pending entry; once that is released, the
  // row's tokens exist and can be deleted.
  const emptied = tokens ? [pending.name, index.name] : [index.name, pending.name]
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
        `BEGIN\n${emptied.map((name) => `  DELETE FROM "${name}" WHERE seq = OLD."${serial}";\n`).join('')}END`,
    },
  } as const
}

/** Indexes the rows that are pending, in bounded steps; see `FullTextSearch.refresh`. */
export function refreshFullText(
  runner: Runner,
  table: string,
  tokensOf: (text: string) => readonly string[],
): Promise<void> {
  return refreshIndex(runner, tokenIndex(table), tokensOf)
}

function tokenIndex(table: string): TokenIndex {
  const { index, pending, column, serial } = fullTextTables({ table, tokens: true })
  return {
    waiting: (limit) => ({
      sql: `SELECT waiting.seq, source.${column} FROM (SELECT seq FROM ${pending.name} ORDER BY seq LIMIT ${limit}) AS waiting LEFT JOIN ${table} AS source ON source.${serial} = waiting.seq`,
      parameters: [],
    }),
    keep: (rows) => [
      {
        sql: `DELETE ${pending.name} FROM JSON_TABLE(?, '$[*]' COLUMNS (seq BIGINT PATH '$')) AS given STRAIGHT_JOIN ${pending.name} ON ${pending.name}.seq = given.seq`,
        parameters: [JSON.stringify(rows.map(([number]) => number))],
      },
      // Another search may have indexed the same rows concurrently; rows deleted before that no
      // longer exist.
      ...portions(rows).map((portion) => ({
        sql: `INSERT INTO ${index.name} (word, seq) SELECT given.word, given.seq FROM JSON_TABLE(?, '$[*]' COLUMNS (seq BIGINT PATH '$[0]', NESTED PATH '$[1][*]' COLUMNS (word VARCHAR(255) COLLATE ${COLLATION} PATH '$'))) AS given STRAIGHT_JOIN ${table} AS source ON source.${serial} = given.seq WHERE given.word IS NOT NULL ON DUPLICATE KEY UPDATE ${index.name}.seq = ${index.name}.seq`,
        parameters: [JSON.stringify(portion)],
      })),
    ],
  }
}

/** The rows in portions of bounded size; the tokens of one row may be split over several. */
function portions(rows: readonly TokenRow[]): readonly (readonly TokenRow[])[] {
  const found: TokenRow[][] = []
  let room = 0
  for (const [serial, tokens] of rows) {
    for (let from = 0; from < tokens.length; ) {
      if (room === 0) {
        found.push([])
        room = STATEMENT_TOKENS
      }
      const part = tokens.slice(from, from + room)
      found.at(-1)?.push([serial, part])
      from += part.length
      room -= part.length
    }
  }
  return found
}

/** Rows that have every token. */
export function matchCondition(table: string, tokens: readonly string[]): Query {
  const { index, serial } = fullTextTables({ table, tokens: true })
  return {
    sql: tokens
      .map(() => `${table}.${serial} in (select found.seq from ${index.name} as found where found.word = ?)`)
      .join(' and '),
    parameters: tokens,
  }
}

/** Counts the given rows that are neither indexed nor pending. */
export function absentRows(table: string, serials: readonly string[]): Query {
  const { index, pending } = fullTextTables({ table, tokens: true })
  return {
    sql: `SELECT count(*) FROM ${table} AS source WHERE source.seq IN (${serials.map(() => '?').join(', ')}) AND NOT EXISTS (SELECT 1 FROM ${pending.name} AS noted WHERE noted.seq = source.seq) AND source.seq NOT IN (SELECT seq FROM ${index.name})`,
    parameters: serials,
  }
}

/** Counts index entries whose rows no longer exist. */
export function staleRows(table: string): Query {
  const { index, serial } = fullTextTables({ table, tokens: true })
  return {
    sql: `SELECT count(DISTINCT indexed.seq) FROM ${index.name} AS indexed LEFT JOIN ${table} AS source ON source.${serial} = indexed.seq WHERE source.${serial} IS NULL`,
    parameters: [],
  }
}
