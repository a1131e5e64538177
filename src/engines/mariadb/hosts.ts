// Makes connections: to the first host that accepts writes, encrypted as the URL asks for, to the tenant's own database.

import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'mysql2'
import { PersistenceConnectionError, type PersistenceError } from '../../errors.ts'
import type { ServerHost, ServerSettings } from '../server-url.ts'
import { COLLATION, Connection, type OpenDriver } from './connection.ts'
import { classify, driverCode, isUnknownDatabase } from './errors.ts'

/** The longest name that a database may have. */
const LONGEST_NAME = 64

/**
 * Each tenant has a database of its own. Names of tenants have no hyphen, so no two pairs of a database and a tenant have one name.
 * @throws PersistenceConnectionError for a name that no database can have
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
  /** The place in the list of the host in use. */
  #place = 0
  /** Hosts that were asked for an encrypted connection and had none to give, where the URL leaves it to them. */
  readonly #plain = new Set<ServerHost>()

  constructor(settings: ServerSettings, database: string, openDriver: OpenDriver) {
    this.#settings = settings
    this.#database = database
    this.#openDriver = openDriver
  }

  /** Tries the host in use first, then those after it; where none accepts writes, the first that answers serves readers. */
  async open(): Promise<Connection> {
    const { hosts } = this.#settings
    let failure: unknown
    let readOnly: Connection | undefined
    for (let turn = 0; turn < hosts.length; turn += 1) {
      const place = (this.#place + turn) % hosts.length
      try {
        const connection = await this.#openAt(hosts[place] as ServerHost)
        if (hosts.length === 1 || (await acceptsWrites(connection))) {
          this.#place = place
          await readOnly?.destroy()
          return connection
        }
        if (readOnly) await connection.destroy()
        readOnly ??= connection
      } catch (error) {
        failure = error
      }
    }
    if (readOnly) return readOnly
    throw failure
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
    const options = this.#optionsOf(host, database)
    try {
      return await Connection.open(this.#openDriver, options, this.#settings)
    } catch (error) {
      if (this.#settings.sslmode !== 'prefer' || !options.ssl) throw error
      if (driverCode(error) !== 'HANDSHAKE_NO_SSL_SUPPORT') throw error
    }
    this.#plain.add(host)
    return Connection.open(this.#openDriver, this.#optionsOf(host, database), this.#settings)
  }

  #optionsOf(host: ServerHost, database: string | undefined): ConnectionOptions {
    const { user, password, connectTimeout, applicationName } = this.#settings
    const isSocket = host.host.startsWith('/')
    const ssl = isSocket || this.#plain.has(host) ? undefined : this.#tls()
    return {
      ...(isSocket ? { socketPath: host.host } : { host: host.host, port: host.port }),
      user,
      ...(password === undefined ? {} : { password }),
      ...(database === undefined ? {} : { database }),
      ...(ssl && { ssl }),
      connectTimeout,
      connectAttributes: { program_name: applicationName },
    }
  }

  #tls(): ConnectionOptions['ssl'] {
    const { sslmode, sslrootcert, sslcert, sslkey } = this.#settings
    if (sslmode === 'disable') return undefined
    return {
      rejectUnauthorized: sslmode === 'verify-ca' || sslmode === 'verify-full',
      verifyIdentity: sslmode === 'verify-full',
      ...(sslrootcert === undefined ? {} : { ca: readPem('sslrootcert', sslrootcert) }),
      ...(sslcert === undefined ? {} : { cert: readPem('sslcert', sslcert) }),
      ...(sslkey === undefined ? {} : { key: readPem('sslkey', sslkey) }),
    }
  }
}

async function acceptsWrites(connection: Connection): Promise<boolean> {
  const [row] = await connection.rows('SELECT @@global.read_only')
  return Number(row?.[0]) === 0
}

function readPem(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw refused(`the file of ${setting} cannot be read`)
  }
}

function refused(message: string): PersistenceConnectionError {
  return new PersistenceConnectionError(`the URL of the store: ${message}`, { retryable: false })
}

/** An error of opening as a connection error, with the place and what to do. */
export function connectionError(location: string, error: unknown): PersistenceError {
  const known = classify(error)
  return new PersistenceConnectionError(`${location} cannot be opened: ${known.message}`, {
    cause: known.cause,
    retryable: known.retryable,
  })
}
