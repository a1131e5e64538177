// Full-text search with FTS5, which receives tokens and stores nothing else: no text, no positions,
// and a tokenizer that only splits at spaces. Indexing a row inside its append would cost more than
// the append itself (measured: 8 µs a row without, 18 µs with). So an append only records the row's
// number, and the next search indexes the recorded rows. PostgreSQL's GIN indexes keep a pending
// list for the same reason.

import type { EngineTransaction, Query } from '../../contract/engine.ts'
import { refreshIndex, type TokenIndex } from '../../core/refresh-index.ts'
import { fullTextTables } from './full-text-tables.ts'

type Runner = Pick<EngineTransaction, 'read' | 'writeSet'>

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
      sql: `select noted.serial, source.${column} from (select serial from ${pending} order by serial limit ${limit}) as noted left join ${table} as source on source.${serial} = noted.serial`,
      parameters: [],
    }),
    keep: (rows) => [
      {
        sql: `insert into ${index} (rowid, tokens) select pending.serial, given.value ->> 1 from json_each(?) as given join ${pending} as pending on pending.serial = cast(given.value ->> 0 as integer)`,
        parameters: [JSON.stringify(rows.map(([number, tokens]) => [number, tokens.join(' ')]))],
      },
      {
        sql: `delete from ${pending} where serial in (select cast(value as integer) from json_each(?))`,
        parameters: [JSON.stringify(rows.map(([number]) => number))],
      },
    ],
  }
}

/** Tokens are quoted, so that FTS5 keywords are not interpreted. */
export function matchCondition(table: string, tokens: readonly string[]): Query {
  const { index, serial } = fullTextTables(table)
  return {
    sql: `${table}.${serial} in (select rowid from ${index} where ${index} match ?)`,
    parameters: [tokens.map((token) => `"${token}"`).join(' AND ')],
  }
}

/** Counts the given rows that are neither indexed nor pending. */
export function absentRows(table: string, serials: readonly string[]): Query {
  const { index, pending } = fullTextTables(table)
  return {
    sql: `select count(*) from json_each(?) as given where cast(given.value as integer) not in (select id from ${index}_docsize) and cast(given.value as integer) not in (select serial from ${pending})`,
    parameters: [JSON.stringify(serials)],
  }
}

/** Counts index entries whose rows no longer exist. */
export function staleRows(table: string): Query {
  const { index, serial } = fullTextTables(table)
  return {
    sql: `select count(*) from ${index}_docsize where id not in (select ${serial} from ${table})`,
    parameters: [],
  }
}
