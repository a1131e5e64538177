// Defaults of servers under which writes stay uncommitted, results are cut short, NULL becomes a
// text, and functions are not compiled: the worst value of each setting that is a session's, all at
// once.

import { sessionVariables } from '../../../src/engines/mariadb/session-settings.ts'
import { sessionSettings } from '../../../src/engines/postgres/session-settings.ts'
import { onMariadb, ownVariables } from './mariadb-databases.ts'
import { onServer, ownSettings } from './postgres-schemas.ts'

export const mariadbDefaults = {
  completion_type: "'CHAIN'",
  autocommit: '0',
  sql_safe_updates: '1',
  sql_select_limit: '7',
  check_constraint_checks: '0',
  foreign_key_checks: '0',
  unique_checks: '0',
  sql_mode: "''",
  time_zone: "'+05:00'",
  lc_time_names: "'de_DE'",
  sql_auto_is_null: '1',
  sql_big_selects: '0',
  sql_if_exists: '1',
  sql_quote_show_create: '0',
  standard_compliant_cte: '0',
  default_regex_flags: "'DOTALL'",
  div_precision_increment: '0',
  group_concat_max_len: '64',
  max_sort_length: '64',
  max_recursive_iterations: '3',
  tx_isolation: "'SERIALIZABLE'",
  innodb_strict_mode: '0',
  default_storage_engine: "'Aria'",
  idle_transaction_timeout: '77',
  net_read_timeout: '77',
  wait_timeout: '77',
} as const

export const postgresDefaults = {
  array_nulls: 'off',
  'plpgsql.extra_errors': 'all',
  'plpgsql.extra_warnings': 'all',
  transform_null_equals: 'on',
  quote_all_identifiers: 'on',
  standard_conforming_strings: 'off',
  bytea_output: 'escape',
  extra_float_digits: '-15',
  DateStyle: 'SQL, DMY',
  IntervalStyle: 'iso_8601',
  TimeZone: 'Asia/Tokyo',
  gin_fuzzy_search_limit: '1',
  check_function_bodies: 'off',
  default_transaction_isolation: 'serializable',
  default_transaction_deferrable: 'on',
  exit_on_error: 'on',
  statement_timeout: '77000',
  lock_timeout: '77000',
  idle_in_transaction_session_timeout: '77000',
  client_min_messages: 'debug1',
  synchronous_commit: 'off',
} as const

const limits = { statementTimeout: 0, lockTimeout: 10_000 }

/**
 * Gives every session of a server of the test's own these defaults, but for those in which the test
 * looks at rows itself.
 */
export async function spoilMariadb(server: string): Promise<void> {
  const names = Object.entries(mariadbDefaults).map(([name, value]) => `GLOBAL ${name} = ${value}`)
  // Not every one of them is an option of the server's command line.
  await onMariadb(server, undefined, (connection) => connection.query(`SET ${names.join(', ')}`))
  const usual = Object.entries(sessionVariables(limits)).filter(
    ([name]) => name in mariadbDefaults && name !== 'sql_mode',
  )
  ownVariables.set(server, `SET ${usual.map(([name, value]) => `SESSION ${name} = ${value}`).join(', ')}`)
}

/** The same for a database. */
export async function spoilPostgres(server: string, database: string): Promise<void> {
  await onServer(server, undefined, async (client) => {
    for (const [name, value] of Object.entries(postgresDefaults))
      await client.query(`ALTER DATABASE ${database} SET ${name} = '${value}'`)
  })
  const url = new URL(server)
  url.pathname = `/${database}`
  const usual = Object.entries({ ...sessionSettings(limits), synchronous_commit: 'on' })
  ownSettings.set(
    url.href,
    usual
      .filter(([name]) => name in postgresDefaults)
      .map(([name, value]) => `SET ${name} = '${value}'`)
      .join('; '),
  )
}
