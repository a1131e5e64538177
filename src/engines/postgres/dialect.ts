// Builds and compiles statements in PostgreSQL's dialect, and never runs one: running is connection.ts's business.

import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import type { ExactSums, Matching, TimeBuckets } from '../contract/engine.ts'
import { quoteText } from './quoting.ts'

// biome-ignore lint/suspicious/noExplicitAny: tables are known to the record definitions, not to Kysely's types
export const builder: Kysely<any> = new Kysely({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

/** The hour of an instant; `column` may be quoted, or have its table before it. */
export function hourOf(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24')`
}

export const timeBuckets: TimeBuckets = {
  hour: (column) => hourOf(`"${column}"`),
  day: (column) => `to_char("${column}" AT TIME ZONE 'UTC', 'YYYY-MM-DD')`,
}

/** The sum of 64-bit integers is a numeric, which has no bound. */
export const exactSums: ExactSums = {
  whole: () => '0',
  rest: (column) => `sum(${column})`,
}

export const matching: Matching = {
  id: '?::text collate "C"',
  like: (column, pattern) => ({
    sql: `${column} like ? escape '!'`,
    parameters: [pattern.replaceAll(/[!%_]/g, '!$&').replaceAll('*', '%').replaceAll('?', '_')],
  }),
  // The columns are checked to hold JSON, though not to hold lists; where the check was lifted, most of what is none looks like none.
  listHas: (column, key, value) => ({
    sql: `exists (select 1 from json_array_elements(case when ${column} ~ '^\\s*[[].*[]]\\s*$' then ${column}::json end) as item where case when json_typeof(item) = 'object' then item ->> ${quoteText(key)} end = ?)`,
    parameters: [value],
  }),
}
