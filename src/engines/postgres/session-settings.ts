// Session settings, so that no statement changes its meaning under other defaults of the server, a
// database or role, PGOPTIONS, or a pooler. docs/server-settings.md lists every setting, and why
// the others cannot matter.

import { PersistenceConnectionError } from '../../errors.ts'
import type { Query, Row } from '../contract/query.ts'
import type { ServerSettings } from '../server/url.ts'
import { ServerFailure } from './errors.ts'
import { quoteName, quoteText } from './quoting.ts'

type Limits = Pick<ServerSettings, 'statementTimeout' | 'lockTimeout'>

/** Settings that every supported version has, with their values as text. */
export function sessionSettings({ statementTimeout, lockTimeout }: Limits): Readonly<Record<string, string>> {
  return {
    // The meaning of a statement, and the form of its results.
    client_encoding: 'UTF8',
    TimeZone: 'UTC',
    DateStyle: 'ISO, YMD',
    IntervalStyle: 'postgres',
    bytea_output: 'hex',
    extra_float_digits: '1',
    standard_conforming_strings: 'on',
    array_nulls: 'on',
    transform_null_equals: 'off',
    quote_all_identifiers: 'off',
    gin_fuzzy_search_limit: '0',
    // A policy that would hide rows makes the statement fail instead of returning fewer rows.
    row_security: 'off',
    // How functions and tables are created and compiled.
    check_function_bodies: 'on',
    'plpgsql.extra_errors': 'none',
    'plpgsql.extra_warnings': 'none',
    default_table_access_method: 'heap',
    // Transaction semantics, and what an error ends.
    default_transaction_isolation: 'read committed',
    default_transaction_deferrable: 'off',
    exit_on_error: 'off',
    // Timeouts, and messages that are sent besides rows.
    statement_timeout: `${statementTimeout}`,
    lock_timeout: `${lockTimeout}`,
    idle_in_transaction_session_timeout: '0',
    jit: 'off',
    client_min_messages: 'warning',
  }
}

/** Settings that not every version has. */
export const optionalSettings: Readonly<Record<string, string>> = {
  idle_session_timeout: '0',
  transaction_timeout: '0',
  restrict_nonsystem_relation_kind: '',
}

/**
 * Settings that only administrators can change, with the values under which stored data is checked
 * and returned completely.
 */
export const guardedSettings: Readonly<Record<string, readonly [string, ...string[]]>> = {
  session_replication_role: ['origin', 'local'],
  zero_damaged_pages: ['off'],
  ignore_checksum_failure: ['off'],
}

/** What a server reports once its session is set up. */
export interface ServerFacts {
  readonly versionNumber: number
  readonly version: string
  readonly encoding: string
  /** A standby, or a database that is set to read-only. */
  readonly readOnly: boolean
}

/** What is needed of a new connection. */
interface FreshConnection {
  script(sql: string): Promise<unknown>
  run(query: Query): Promise<{ readonly rows: readonly Row[] }>
}

/**
 * Sets up a session so that no default matters. @throws PersistenceConnectionError for a setting
 * that only an administrator can correct
 */
export async function settle(
  connection: FreshConnection,
  schema: string,
  limits: Limits,
): Promise<ServerFacts> {
  const settings = Object.entries(sessionSettings(limits)).map(
    ([name, value]) => `SET ${name} = ${quoteText(value)};`,
  )
  const optional = Object.entries(optionalSettings).map(
    ([name, value]) => `(${quoteText(name)}, ${quoteText(value)})`,
  )
  // A pooler may pass on what another client left behind: prepared statements with the same names,
  // temporary tables that hide those of the schema.
  await connection.script(`DEALLOCATE ALL; DISCARD TEMP;
SET search_path = ${quoteName(schema)};
${settings.join(' ')}
SELECT set_config(name, value, false) FROM (VALUES ${optional.join(', ')}) AS given (name, value) WHERE current_setting(name, true) IS NOT NULL;
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`)
  const guarded = Object.keys(guardedSettings)
  const { rows } = await connection.run({
    sql: `SELECT current_setting('server_version_num'), current_setting('server_version'), current_setting('server_encoding'), pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on', ${guarded.map((name) => `current_setting(${quoteText(name)})`).join(', ')}`,
    parameters: [],
  })
  const [number, version, encoding, readOnly, ...current] = rows[0] ?? []
  for (const [index, name] of guarded.entries()) {
    const [value, ...others] = guardedSettings[name] ?? ['']
    const found = String(current[index])
    if (found !== value && !others.includes(found)) await setRight(connection, name, found, value)
  }
  return {
    versionNumber: Number(number),
    version: String(version),
    encoding: String(encoding),
    readOnly: readOnly === 't',
  }
}

/** Requires administrator rights, which few users have. */
async function setRight(
  connection: FreshConnection,
  name: string,
  found: string,
  value: string,
): Promise<void> {
  try {
    await connection.script(`SET ${name} = ${quoteText(value)}`)
  } catch (error) {
    if (!(error instanceof ServerFailure) || error.code !== '42501') throw error
    throw new PersistenceConnectionError(
      `${name} is ${found} for this user or database, with which ${consequence[name]}; let an administrator run ALTER ROLE … RESET ${name} and ALTER DATABASE … RESET ${name}, and correct postgresql.conf`,
      { retryable: false },
    )
  }
}

const consequence: Readonly<Record<string, string>> = {
  session_replication_role: 'references are not checked and the audit trail is not guarded',
  zero_damaged_pages: 'records on a damaged page vanish without an error',
  ignore_checksum_failure: 'damaged records are read as if they were whole',
}
