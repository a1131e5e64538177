// Session settings, so that no statement changes its meaning under other defaults of the server,
// its `init_connect`, or a pooler. docs/server-settings.md lists every variable, and why the others
// cannot matter.

import { PersistenceConnectionError } from '../../errors.ts'
import type { Row } from '../contract/query.ts'
import type { ServerSettings } from '../server/url.ts'
import { serverNumber } from './errors.ts'
import { quoteName, quoteText } from './quoting.ts'

/** Every byte of a text counts: `a`, `A`, `á` and `a ` are four ids. */
export const COLLATION = 'utf8mb4_nopad_bin'

/** The mode that this engine's statements are written for, whatever the server's own mode is. */
const SQL_MODE =
  'STRICT_ALL_TABLES,ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE'

/** The longest timeout that the server supports, for unlimited waits. */
const FOREVER = 31_536_000

type Limits = Pick<ServerSettings, 'statementTimeout' | 'lockTimeout'>

/** Variables that every supported version has, with their values as SQL. */
export function sessionVariables({
  statementTimeout,
  lockTimeout,
}: Limits): Readonly<Record<string, string>> {
  // The server counts these timeouts in whole seconds.
  const lockSeconds = `${lockTimeout === 0 ? FOREVER : Math.ceil(lockTimeout / 1000)}`
  return {
    // The meaning of a statement, and the form of its results.
    sql_mode: quoteText(SQL_MODE),
    old_mode: "''",
    time_zone: "'+00:00'",
    lc_time_names: "'en_US'",
    sql_select_limit: '18446744073709551615',
    sql_safe_updates: '0',
    sql_big_selects: '1',
    sql_auto_is_null: '0',
    sql_if_exists: '0',
    sql_quote_show_create: '1',
    standard_compliant_cte: '1',
    default_regex_flags: "''",
    div_precision_increment: '4',
    group_concat_max_len: '1073741824',
    max_sort_length: '1024',
    // Plan trees are read by one recursive query: a chain of 100,000 takes 100,000 steps.
    max_recursive_iterations: '4294967295',
    // Transaction semantics. A statement sees what is committed when it begins, so that no
    // statement works on stale rows.
    tx_isolation: "'READ-COMMITTED'",
    autocommit: '1',
    completion_type: 'NO_CHAIN',
    // What is checked, and how tables are created.
    foreign_key_checks: '1',
    unique_checks: '1',
    check_constraint_checks: '1',
    innodb_strict_mode: '1',
    default_storage_engine: 'InnoDB',
    default_tmp_storage_engine: 'InnoDB',
    alter_algorithm: "'DEFAULT'",
    // Timeouts.
    innodb_lock_wait_timeout: lockSeconds,
    // A migration waiting for its turn must not block everything that arrives after it.
    lock_wait_timeout: lockSeconds,
    max_statement_time: `${statementTimeout / 1000}`,
    wait_timeout: '28800',
    idle_transaction_timeout: '0',
    idle_readonly_transaction_timeout: '0',
    idle_write_transaction_timeout: '0',
    net_read_timeout: '30',
    net_write_timeout: '60',
  }
}

/**
 * Variables that not every version or build has, with the value that the server should report for
 * each.
 */
export const optionalVariables: Readonly<Record<string, string>> = {
  character_set_collations: '',
  wsrep_dirty_reads: 'OFF',
  wsrep_osu_method: 'TOI',
}

/** What is needed of a new connection. */
interface FreshConnection {
  exec(sql: string): Promise<unknown>
  rows(sql: string): Promise<readonly Row[]>
}

/**
 * Sets up a session so that no default matters. @throws PersistenceConnectionError for a setting
 * that only an administrator can correct
 * @returns the most bytes that the server takes in one statement with its parameters
 */
export async function settle(
  connection: FreshConnection,
  limits: Limits,
  database?: string,
): Promise<number> {
  const variables = Object.entries(sessionVariables(limits)).map(([name, value]) => `${name} = ${value}`)
  await connection.exec(`SET NAMES utf8mb4 COLLATE ${COLLATION}, SESSION ${variables.join(', SESSION ')}`)
  const found = await shown(connection)
  // The server's init_connect may have opened a transaction, in which writes would remain
  // uncommitted, or switched to another database.
  if (found.get('in_transaction') !== '0') await connection.exec('ROLLBACK')
  if (database !== undefined && found.get('database') !== database)
    await connection.exec(`USE ${quoteName(database)}`)
  const wrong = Object.entries(optionalVariables).filter(([name, value]) => {
    const current = found.get(name)
    return current !== undefined && current !== value
  })
  if (wrong.length > 0)
    await connection.exec(
      `SET ${wrong.map(([name, value]) => `SESSION ${name} = ${quoteText(value)}`).join(', ')}`,
    )
  // The binary log would record statements as text, which InnoDB does not allow at READ COMMITTED.
  if (found.get('log_bin') === 'ON' && found.get('binlog_format') === 'STATEMENT') await logRows(connection)
  return Number(found.get('max_allowed_packet') ?? Number.POSITIVE_INFINITY)
}

async function shown(connection: FreshConnection): Promise<ReadonlyMap<string, string>> {
  const names = [
    'in_transaction',
    'log_bin',
    'binlog_format',
    'max_allowed_packet',
    ...Object.keys(optionalVariables),
  ]
  const rows = await connection.rows(
    `SELECT lower(VARIABLE_NAME), coalesce(SESSION_VALUE, GLOBAL_VALUE) FROM information_schema.SYSTEM_VARIABLES WHERE VARIABLE_NAME IN (${names.map((name) => quoteText(name.toUpperCase())).join(', ')}) UNION ALL SELECT 'database', DATABASE()`,
  )
  return new Map(rows.map(([name, value]) => [String(name), String(value)]))
}

async function logRows(connection: FreshConnection): Promise<void> {
  try {
    await connection.exec('SET SESSION binlog_format = ROW')
  } catch (error) {
    if (serverNumber(error) !== 1227) throw error
    throw new PersistenceConnectionError(
      "the server's binlog_format is STATEMENT, with which it refuses writes at READ COMMITTED; let an administrator run SET GLOBAL binlog_format = 'MIXED', and set it so in the server's configuration",
      { retryable: false },
    )
  }
}
