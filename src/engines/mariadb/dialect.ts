// Builds and compiles statements in MariaDB's dialect. Never executes one: that is connection.ts.

import { DummyDriver, Kysely, MysqlAdapter, MysqlIntrospector, MysqlQueryCompiler } from 'kysely'
import type { ExactSums, Matching, TimeBuckets } from '../contract/engine.ts'
import { quoteText } from './quoting.ts'
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
  listHas: (column, key, value) => ({
    sql: `exists (select 1 from json_table(if(json_valid(${column}), ${column}, '[]'), '$[*]' columns (found longtext collate ${COLLATION} path ${quoteText(`$.${key}`)})) as item where item.found = ?)`,
    parameters: [value],
  }),
}
