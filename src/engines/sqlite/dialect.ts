// Builds and compiles statements in SQLite's dialect. Never executes one: that is connection.ts.

import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import type { ExactSums, Locking, Matching, TimeBuckets } from '../contract/engine.ts'
import { quoteText } from './quoting.ts'

// biome-ignore lint/suspicious/noExplicitAny: Kysely's types do not know the tables
export const builder: Kysely<any> = new Kysely({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})

/** Instants are fixed-width text, so their hour and day are prefixes. */
export const timeBuckets: TimeBuckets = {
  quarter: (column) =>
    `substr(${column}, 1, 14) || printf('%02d', cast(substr(${column}, 15, 2) as integer) / 15 * 15)`,
  hour: (column) => `substr(${column}, 1, 13)`,
  day: (column) => `substr(${column}, 1, 10)`,
}

/** A statement fails if an intermediate sum overflows 64 bits, so each part stays far below. */
export const exactSums: ExactSums = {
  whole: (column, unit) => `sum((${column} - ${column} % ${unit}) / ${unit})`,
  rest: (column, unit) => `sum(${column} % ${unit})`,
}

export const matching: Matching = {
  id: '?',
  // GLOB is case-sensitive and uses * and ? as they are. A bracket would begin a set of characters.
  like: (column, pattern) => ({
    sql: `${column} glob ?`,
    parameters: [pattern.replaceAll('[', '[[]')],
  }),
  lookUp: (table, column, value) => `join ${table} edge on edge.${column} = ${value}`,
  memberText: (column, key) =>
    `case when json_valid(${column}) then ${column} -> ${quoteText(`$."${key}"`)} end`,
  listHas: (column, key, value) => ({
    sql: `exists (select 1 from json_each(case when json_valid(${column}) then ${column} else '[]' end) as item where item.type = 'object' and json_extract(item.value, ${quoteText(`$.${key}`)}) = ?)`,
    parameters: [value],
  }),
}

/** A transaction has the whole database to itself, from its beginning. */
export const locking: Locking = {
  rows: '',
  freeRows: '',
  insertsInto: () => null,
  now: "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
  ago: (milliseconds) => `strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '${-milliseconds / 1000} seconds')`,
}
