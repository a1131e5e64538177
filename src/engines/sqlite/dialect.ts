// Builds and compiles statements in SQLite's dialect, and never runs one: running is connection.ts's business.

import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import type { ExactSums, Matching, TimeBuckets } from '../contract/engine.ts'
import { quoteText } from './quoting.ts'

// biome-ignore lint/suspicious/noExplicitAny: tables are known to the record definitions, not to Kysely's types
export const builder: Kysely<any> = new Kysely({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})

/** Instants are text of one width, so their hour and day are its beginnings. */
export const timeBuckets: TimeBuckets = {
  hour: (column) => `substr(${column}, 1, 13)`,
  day: (column) => `substr(${column}, 1, 10)`,
}

/** A sum of integers that passes 64 bits on its way is an error of the statement: each part stays far below. */
export const exactSums: ExactSums = {
  whole: (column, unit) => `sum((${column} - ${column} % ${unit}) / ${unit})`,
  rest: (column, unit) => `sum(${column} % ${unit})`,
}

export const matching: Matching = {
  id: '?',
  // GLOB compares case and takes * and ? as they are; a bracket would begin a set of characters.
  like: (column, pattern) => ({
    sql: `${column} glob ?`,
    parameters: [pattern.replaceAll('[', '[[]')],
  }),
  listHas: (column, key, value) => ({
    sql: `exists (select 1 from json_each(case when json_valid(${column}) then ${column} else '[]' end) as item where item.type = 'object' and json_extract(item.value, ${quoteText(`$.${key}`)}) = ?)`,
    parameters: [value],
  }),
}
