// Builds and compiles statements in MariaDB's dialect. Never executes one: that is connection.ts.

import { DummyDriver, Kysely, MysqlAdapter, MysqlIntrospector, MysqlQueryCompiler } from 'kysely'
import type { ExactSums, Locking, Matching, TimeBuckets } from '../contract/engine.ts'
import { quoteText } from './quoting.ts'
import { lockInserts } from './schema/period-totals.ts'
import { COLLATION } from './session-settings.ts'

// biome-ignore lint/suspicious/noExplicitAny: Kysely's types do not know the tables
export const builder: Kysely<any> = new Kysely({
  dialect: {
    createAdapter: () => new MysqlAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new MysqlIntrospector(db),
    createQueryCompiler: () => new MysqlQueryCompiler(),
  },
})

export const timeBuckets: TimeBuckets = {
  quarter: (column) =>
    `concat(date_format(${column}, '%Y-%m-%dT%H:'), lpad(minute(${column}) div 15 * 15, 2, '0'))`,
  hour: (column) => `date_format(${column}, '%Y-%m-%dT%H')`,
  day: (column) => `date_format(${column}, '%Y-%m-%d')`,
}

/**
 * The sum of 64-bit integers is a decimal of at least 41 digits, enough for more rows than any
 * table has.
 */
export const exactSums: ExactSums = {
  whole: () => '0',
  rest: (column) => `sum(${column})`,
}

export const matching: Matching = {
  // Without a cast, a parameter keeps the length of the first value bound to it.
  id: `(cast(? as char(255) character set utf8mb4) collate ${COLLATION})`,
  like: (column, pattern) => ({
    sql: `${column} like ? escape '|'`,
    parameters: [pattern.replaceAll(/[%_|]/g, '|$&').replaceAll('*', '%').replaceAll('?', '_')],
  }),
  lookUp: (table, column, value) => `join ${table} edge on edge.${column} = ${value}`,
  memberText: (column, key) =>
    `(json_extract(if(json_valid(${column}), ${column}, null), ${quoteText(`$."${key}"`)}) collate ${COLLATION})`,
  listHas: (column, key, value) => ({
    sql: `exists (select 1 from json_table(if(json_valid(${column}), ${column}, '[]'), '$[*]' columns (found longtext collate ${COLLATION} path ${quoteText(`$.${key}`)})) as item where item.found = ?)`,
    parameters: [value],
  }),
}

export const locking: Locking = {
  rows: 'for update',
  freeRows: 'for update skip locked',
  insertsInto: () => ({ sql: lockInserts, parameters: [] }),
  now: 'utc_timestamp(3)',
  ago: (milliseconds) => `(utc_timestamp(3) - interval ${milliseconds * 1000} microsecond)`,
}
