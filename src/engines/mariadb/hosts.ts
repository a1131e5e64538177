// Opens connections: to the first host that accepts writes, encrypted as the URL asks, to the
// tenant's database.

import { isIP } from 'node:net'
import type { ConnectionOptions, SslOptions } from 'mysql2'
import { PersistenceConnectionError, PersistenceError } from '../../errors.ts'
import { endedWhileOpened, noHostUsable, unreachable } from '../server/opening-failure.ts'
import { type ServerTls, tlsWays } from '../server/tls.ts'
import type { ServerHost, ServerSettings } from '../server/url.ts'
import { Connection } from './connection.ts'
import type { OpenDriver } from './driver.ts'
import { classify, driverCode, isLost, isUnknownDatabase, NO_TLS, serverNumber } from './errors.ts'
import { COLLATION } from './session-settings.ts'

/** The longest possible database name. */
const LONGEST_NAME = 64

/**
 * The tenant's database. Tenant names contain no hyphen, so no two combinations of database and
 * tenant have the same name.
 * @throws PersistenceConnectionError for an impossible database name
 */
export function databaseOf({ database, tenant, schema }: ServerSettings): string {
  if (schema !== undefined) {
    throw refused(
      'the setting schema has no meaning on MariaDB, where a database has no schemas; name the database',
    )
  }
  const name = tenant === undefined ? database : `${database}-${tenant}`
  if (name.length > LONGEST_NAME || /[\s/\\.]/.test(name)) {
    throw refused(
      `the name of the database, with the tenant's, must have at most ${LONGEST_NAME} characters, and no space, dot or slash`,
    )
  }
  return name
}

export class Hosts {
  readonly #settings: ServerSettings
  readonly #database: string
  readonly #openDriver: OpenDriver
  /** The index of the host in use. */
  #place = 0
  /** Hosts that turned out not to offer TLS, if the URL makes it optional. */
  readonly #plain = new Set<ServerHost>()

  constructor(settings: ServerSettings, database: string, openDriver: OpenDriver) {
    this.#settings = settings
    this.#database = database
    this.#openDriver = openDriver
  }

  /**
   * Tries the host in use first, then those after it. If none accepts writes, the first that
   * answers serves reads.
   */
  async open(): Promise<Connection> {
    const { hosts } = this.#settings
    const failures: { readonly host: ServerHost; readonly error: unknown }[] = []
    let readOnly: Connection | undefined
    for (let turn = 0; turn < hosts.length; turn += 1) {
      const place = (this.#place + turn) % hosts.length
      const host = hosts[place] as ServerHost
      try {
        const connection = await this.#openAt(host)
        if (hosts.length === 1 || (await acceptsWrites(connection))) {
          this.#place = place
          await readOnly?.destroy()
          return connection
        }
        if (readOnly) await connection.destroy()
        readOnly ??= connection
      } catch (error) {
        failures.push({ host, error: openingFailure(error, host) })
      }
    }
    if (readOnly) return readOnly
    const [only, ...others] = failures
    throw only && others.length === 0
      ? only.error
      : noHostUsable(
          this.#settings.location,
          failures.map(({ host, error }) => ({ host, error: classify(error) })),
        )
  }

  async #openAt(host: ServerHost): Promise<Connection> {
    try {
      return await this.#connect(host, this.#database)
    } catch (error) {
      const { tenant, mustExist } = this.#settings
      if (!isUnknownDatabase(error) || tenant === undefined || mustExist) throw error
    }
    const connection = await this.#connect(host, undefined)
    try {
      const name = `"${this.#database.replaceAll('"', '""')}"`
      await connection.exec(
        `CREATE DATABASE IF NOT EXISTS ${name} CHARACTER SET utf8mb4 COLLATE ${COLLATION}`,
      )
    } finally {
      await connection.destroy()
    }
    return this.#connect(host, this.#database)
  }

  async #connect(host: ServerHost, database: string | undefined): Promise<Connection> {
    const [first, ...others] = this.#plain.has(host) ? [undefined] : tlsWays(this.#settings, host)
    const open = (tls: ServerTls | undefined) =>
      Connection.open(this.#openDriver, this.#optionsOf(host, database, tls), this.#settings)
    try {
      return await open(first)
    } catch (error) {
      if (others.length === 0 || driverCode(error) !== NO_TLS) throw error
    }
    this.#plain.add(host)
    return open(undefined)
  }

  #optionsOf(host: ServerHost, database: string | undefined, tls: ServerTls | undefined): ConnectionOptions {
    const { user, password, connectTimeout, applicationName } = this.#settings
    return {
      ...(host.host.startsWith('/') ? { socketPath: host.host } : { host: host.host, port: host.port }),
      user,
      ...(password === undefined ? {} : { password }),
      ...(database === undefined ? {} : { database }),
      ...(tls && { ssl: driverTls(tls, host) }),
      connectTimeout,
      connectAttributes: { program_name: applicationName },
    }
  }
}

function driverTls({ checks, files }: ServerTls, { host }: ServerHost): SslOptions {
  if (checks === 'name' && isIP(host) > 0) {
    throw refused(
      'sslmode=verify-full needs the name of the host, not its address: the driver does not compare addresses',
    )
  }
  return { ...files, rejectUnauthorized: checks !== 'nothing', verifyIdentity: checks === 'name' }
}

async function acceptsWrites(connection: Connection): Promise<boolean> {
  const [row] = await connection.rows('SELECT @@global.read_only')
  return Number(row?.[0]) === 0
}

function refused(message: string): PersistenceConnectionError {
  return new PersistenceConnectionError(`the URL of the store: ${message}`, { retryable: false })
}

/**
 * Converts an error of opening, when no write can be in progress. Server errors are returned
 * unchanged.
 */
function openingFailure(error: unknown, host: ServerHost): unknown {
  const code = driverCode(error)
  const isExplained = serverNumber(error) !== undefined || error instanceof PersistenceError
  if (isExplained || code?.startsWith('HANDSHAKE_')) return error
  const { cause } = classify(error)
  return unreachable(code, host, cause) ?? (isLost(error) ? endedWhileOpened(host, cause) : error)
}

/** Converts an error of opening to a connection error, with the location and what to do. */
export function connectionError(location: string, error: unknown): PersistenceError {
  const known = classify(error)
  if (known instanceof PersistenceConnectionError && known.message.startsWith('no host of')) return known
  return new PersistenceConnectionError(`${location} cannot be opened: ${known.message}`, {
    cause: known.cause,
    retryable: known.retryable,
  })
}
