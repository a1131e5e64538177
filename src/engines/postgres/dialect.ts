// Builds and compiles statements in PostgreSQL's dialect. Never executes one: that is
// connection.ts.

import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import type { ExactSums, Locking, Matching, TimeBuckets } from '../contract/engine.ts'
import { quoteName, quoteText } from './quoting.ts'

// biome-ignore lint/suspicious/noExplicitAny: Kysely's types do not know the tables
export const builder: Kysely<any> = new Kysely({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

/** The hour of an instant. `column` may be quoted, or prefixed with its table. */
export function hourOf(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24')`
}

export const timeBuckets: TimeBuckets = {
  quarter: (column) =>
    `to_char("${column}" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:') || lpad((floor(extract(minute from "${column}") / 15) * 15)::integer::text, 2, '0')`,
  hour: (column) => hourOf(`"${column}"`),
  day: (column) => `to_char("${column}" AT TIME ZONE 'UTC', 'YYYY-MM-DD')`,
}

/** The sum of 64-bit integers is a numeric, which has no limit. */
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
  // Without its offset, the planner would join the whole table in each round of a recursive query.
  lookUp: (table, column, value) =>
    `cross join lateral (select * from ${table} found where found.${column} = ${value} offset 0) edge`,
  memberText: (column, key) =>
    `(case when json_typeof(${column}::json) = 'object' then ${column}::json -> ${quoteText(key)} end)::text collate "C"`,
  // The columns are checked to contain JSON, though not to contain lists. If the check was dropped,
  // most text that is not a list does not look like one.
  listHas: (column, key, value) => ({
    sql: `exists (select 1 from json_array_elements(case when ${column} ~ '^\\s*[[].*[]]\\s*$' then ${column}::json end) as item where case when json_typeof(item) = 'object' then item ->> ${quoteText(key)} end = ?)`,
    parameters: [value],
  }),
}

export const locking: Locking = {
  rows: 'for update',
  freeRows: 'for update skip locked',
  insertsInto: (totals) => ({
    sql: `LOCK TABLE ${totals.map(({ source }) => quoteName(source)).join(', ')} IN SHARE ROW EXCLUSIVE MODE`,
    parameters: [],
  }),
  now: 'clock_timestamp()::timestamp(3) with time zone',
  ago: (milliseconds) =>
    `(clock_timestamp() - interval '${milliseconds} milliseconds')::timestamp(3) with time zone`,
}
