// Full-text search with an array of tokens per row and a GIN index on it. The server's own parsers
// depend on its locale, and its tsvector has no room for all the words of a long text. As on
// SQLite, an append only records the row's number, and the next search indexes the recorded rows.

import type { EngineTransaction, Query } from '../../contract/engine.ts'
import { refreshIndex, type TokenIndex } from '../../core/refresh-index.ts'

type Runner = Pick<EngineTransaction, 'read' | 'writeSet'>

/**
 * The tables that form the full-text index of a table. The indexed column and the serial column are
 * fixed by convention.
 */
export function fullTextTables(table: string) {
  return { index: `${table}_fts`, pending: `${table}_fts_pending`, column: 'content', serial: 'seq' } as const
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
  const { index, pending, column, serial } = fullTextTables(table)
  return {
    waiting: (limit) => ({
      sql: `select noted.serial, source.${column} from ${pending} as noted left join ${table} as source on source.${serial} = noted.serial order by noted.serial limit ${limit}`,
      parameters: [],
    }),
    // A row that another search has indexed in the meantime, or that was deleted, is no longer
    // waiting.
    keep: (rows) => [
      {
        sql: `with given as materialized (select (item ->> 0)::bigint as serial, array(select json_array_elements_text(item -> 1)) as tokens from json_array_elements($1::json) as item), taken as (delete from ${pending} as noted using given where noted.serial = given.serial returning noted.serial) insert into ${index} (serial, tokens) select given.serial, given.tokens from given join taken on taken.serial = given.serial on conflict do nothing`,
        parameters: [JSON.stringify(rows)],
      },
    ],
  }
}

/**
 * The tokens are sent as one JSON text, so that a search is one statement, however many there are.
 */
export function matchCondition(table: string, tokens: readonly string[]): Query {
  const { index, serial } = fullTextTables(table)
  return {
    sql: `${table}.${serial} in (select serial from ${index} where tokens @> array(select json_array_elements_text(?::json)) collate "C")`,
    parameters: [JSON.stringify(tokens)],
  }
}

/** Counts the given rows that are neither indexed nor pending. */
export function absentRows(table: string, serials: readonly string[]): Query {
  const { index, pending } = fullTextTables(table)
  return {
    sql: `select count(*) from json_array_elements_text($1::json) as given where not exists (select 1 from ${index} where serial = given::bigint) and not exists (select 1 from ${pending} where serial = given::bigint)`,
    parameters: [JSON.stringify(serials)],
  }
}

/** Counts index entries whose rows no longer exist. */
export function staleRows(table: string): Query {
  const { index, serial } = fullTextTables(table)
  return {
    sql: `select count(*) from ${index} as indexed where not exists (select 1 from ${table} where ${serial} = indexed.serial)`,
    parameters: [],
  }
}
