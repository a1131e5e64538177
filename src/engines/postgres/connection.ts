// A PostgreSQL connection: how it is opened, its session settings, prepared statements, and whether
// it is still usable. It knows nothing about records; write-set.ts and transaction.ts use it.

import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Client, ClientConfig } from 'pg'
import { PersistenceConnectionError } from '../../errors.ts'
import type { Query, Row, WireValue } from '../contract/engine.ts'
import { endedWhileOpened, unreachable } from '../server/opening-failure.ts'
import { answerWithin, silentHost } from '../server/opening-limit.ts'
import type { PooledConnection } from '../server/pool.ts'
import { noTls, type ServerTls, tlsWays } from '../server/tls.ts'
import type { ServerHost, ServerSettings } from '../server/url.ts'
import { MAX_PREPARED, MIN_SERVER_VERSION } from './capabilities.ts'
import type { Driver } from './driver.ts'
import { endsSession, READ_ONLY, ServerFailure, STALE_STATEMENT } from './errors.ts'
import { settle } from './session-settings.ts'

/**
 * Rows as arrays of the server's text values; the number of affected rows if there are none to
 * return.
 */
export interface Result {
  readonly rows: readonly Row[]
  readonly count: number
  readonly command: string
}

/** The schema that the settings select. */
export function schemaOf({ schema = 'public', tenant }: Pick<ServerSettings, 'schema' | 'tenant'>): string {
  return tenant === undefined ? schema : `${schema}__${tenant}`
}

/**
 * Uses after which a statement is planned again. A plan is made for the table sizes of that moment
 * and kept until the server analyses the tables, a minute later by default. A plan for an empty
 * table scans the whole table, however large it has become.
 */
const REPLANNED: ReadonlySet<number> = new Set([8, 64, 512, 4096])

export class Connection implements PooledConnection {
  readonly #client: Client
  /** The prepared name of each statement text that this connection has used. */
  readonly #prepared = new Map<string, { name: string | undefined; uses: number }>()
  #named = 0
  #broken = false
  /** True for a standby, and for a database that is set to read-only. */
  readOnly = false
  serverVersion = ''
  /** True once the temporary functions of migrations exist. */
  migrated = false

  private constructor(client: Client) {
    this.#client = client
    client.on('error', () => {
      this.#broken = true
    })
    client.on('end', () => {
      this.#broken = true
    })
  }

  /**
   * Connects to one host and sets up the session so that no server default matters. On failure
   * throws and leaves nothing open.
   */
  static async open(driver: Driver, settings: ServerSettings, host: ServerHost): Promise<Connection> {
    const ways = tlsWays(settings, host)
    for (const [index, tls] of ways.entries()) {
      const client = new driver.Client(clientConfig(settings, host, driverTls(tls, host)))
      const connection = new Connection(client)
      try {
        await client.connect()
      } catch (error) {
        await connection.close().catch(() => undefined)
        // The server refuses TLS with a single letter, for which the driver has no error code. An
        // error with a code has another cause.
        const mayBeTls = index + 1 < ways.length && !(error as { code?: unknown }).code
        if (mayBeTls) continue
        throw connection.#openingFailure(error, settings.connectTimeout, host)
      }
      try {
        await answerWithin(settings.connectTimeout, connection.#settle(settings))
        return connection
      } catch (error) {
        await connection.#cutOff()
        throw error instanceof ServerFailure && error.code === undefined
          ? endedWhileOpened(host, error)
          : error
      }
    }
    throw new PersistenceConnectionError(noTls, { retryable: false })
  }

  get broken(): boolean {
    return this.#broken
  }

  /** Marks the connection as broken, so that it is not reused. */
  spoil(): void {
    this.#broken = true
  }

  async #settle(settings: ServerSettings): Promise<void> {
    const { versionNumber, version, encoding, readOnly } = await settle(this, schemaOf(settings), settings)
    if (versionNumber < MIN_SERVER_VERSION) {
      throw new PersistenceConnectionError(
        `the server is PostgreSQL ${version}; 13 is the oldest that works`,
        {
          retryable: false,
        },
      )
    }
    if (encoding !== 'UTF8') {
      throw new PersistenceConnectionError(
        `the database is encoded in ${encoding}; create one with ENCODING 'UTF8'`,
        { retryable: false },
      )
    }
    this.readOnly = readOnly
    this.serverVersion = version.split(' ')[0] ?? ''
  }

  /**
   * Runs a statement, which is prepared from its second use on. Calls made without awaiting each
   * other are pipelined.
   */
  async run({ sql, parameters }: Query): Promise<Result> {
    const values = parameters.map(toText)
    try {
      const name = this.#nameOf(sql)
      const { rows, rowCount, command } = await this.#client.query<WireValue[]>({
        text: sql,
        values,
        rowMode: 'array',
        ...(name === undefined ? {} : { name }),
      })
      return { rows, count: rowCount ?? 0, command }
    } catch (error) {
      throw this.#failure(error)
    }
  }

  /** Runs statements without parameters in one message and returns the rows of the last one. */
  async script(sql: string): Promise<readonly Row[]> {
    try {
      const results = await this.#client.query<WireValue[]>({ text: sql, rowMode: 'array' })
      const last = Array.isArray(results) ? results.at(-1) : results
      return last?.rows ?? []
    } catch (error) {
      throw this.#failure(error)
    }
  }

  /** Rolls back any open transaction. If even that fails, the connection is not reused. */
  async rollback(): Promise<void> {
    if (this.#broken) return
    try {
      await this.script('ROLLBACK')
    } catch {
      this.#broken = true
    }
  }

  /** Makes the server discard prepared statements, because their tables have changed. */
  async forget(): Promise<void> {
    await this.script('DEALLOCATE ALL')
    this.#prepared.clear()
  }

  async close(): Promise<void> {
    this.#broken = true
    await this.#client.end()
  }

  /**
   * Destroys the connection without a goodbye, which would wait for the reply to a pending request.
   */
  async #cutOff(): Promise<void> {
    this.#broken = true
    const { stream } = (this.#client as unknown as { readonly connection: { readonly stream: Socket } })
      .connection
    if (stream.closed) return
    const closed = once(stream, 'close')
    stream.destroy()
    await closed
  }

  /**
   * The prepared name of a statement; undefined on the first use of its text. A new name makes the
   * server plan again a statement that it already has under another name.
   */
  #nameOf(sql: string): string | undefined {
    const known = this.#prepared.get(sql)
    if (known === undefined) {
      if (this.#prepared.size < MAX_PREPARED) this.#prepared.set(sql, { name: undefined, uses: 1 })
      return undefined
    }
    known.uses += 1
    if (known.name === undefined || REPLANNED.has(known.uses)) {
      known.name = `purser_${this.#named}`
      this.#named += 1
    }
    return known.name
  }

  /** Until the connection is open, nothing was sent that may or may not have been stored. */
  #openingFailure(error: unknown, connectTimeout: number, host: ServerHost): Error {
    const failure = this.#failure(error)
    if (failure.code === undefined) return withoutCode(error, connectTimeout, host, failure)
    return unreachable(failure.code, host, failure) ?? failure
  }

  #failure(error: unknown): ServerFailure {
    const { code } = (error ?? {}) as { code?: unknown }
    const known = typeof code === 'string' ? code : undefined
    // An error without a code is the driver's own report that the connection ended.
    const isLost =
      this.#broken || known === undefined || !isSqlState(known) || (known !== READ_ONLY && endsSession(known))
    // A table has changed since a statement was prepared; a new connection prepares it again.
    if (isLost || known === STALE_STATEMENT) this.#broken = true
    return new ServerFailure(error, isLost)
  }
}

/** System error codes are longer, except for one. */
function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && code !== 'EPIPE'
}

/**
 * Recognises errors of opening a connection for which the driver and Node have no server or system
 * code.
 */
function withoutCode(
  error: unknown,
  connectTimeout: number,
  host: ServerHost,
  cause: ServerFailure,
): PersistenceConnectionError {
  const message = error instanceof Error ? error.message : ''
  // pg gives these errors no code; the texts are those of the version in package.json.
  if (message.includes('does not support SSL')) {
    return new PersistenceConnectionError(noTls, { retryable: false })
  }
  if (message.includes('timeout')) return silentHost(connectTimeout)
  if (message.includes('password')) {
    return new PersistenceConnectionError('the server asks for a password, and the URL has none', {
      retryable: false,
    })
  }
  return endedWhileOpened(host, cause)
}

/**
 * No stored text contains NUL, and the server does not accept it, so a value with NUL equals
 * nothing.
 */
function toText(value: WireValue): string | null {
  if (value === null) return null
  const text = typeof value === 'string' ? value : value instanceof Date ? value.toISOString() : String(value)
  return text.includes('\0') ? text.replaceAll('\0', '\u0001') : text
}

type Tls = ClientConfig['ssl']

function clientConfig(settings: ServerSettings, { host, port }: ServerHost, ssl: Tls): ClientConfig {
  return {
    host,
    port,
    user: settings.user,
    database: settings.database,
    ...(settings.password === undefined ? {} : { password: settings.password }),
    ssl,
    application_name: settings.applicationName,
    connectionTimeoutMillis: settings.connectTimeout,
    keepAlive: true,
    // Calls made without awaiting each other share a round trip.
    pipeline: true,
    // Every value remains the text that the server sent; codec.ts decodes it.
    types: { getTypeParser: () => (value: unknown) => value },
  } as ClientConfig
}

function driverTls(tls: ServerTls | undefined, { host }: ServerHost): Tls {
  if (tls === undefined) return false
  const { files, checks } = tls
  return {
    ...files,
    rejectUnauthorized: checks !== 'nothing',
    // The driver omits the server name for IP addresses, and Node would compare with "localhost".
    checkServerIdentity: (_, certificate) =>
      checks === 'name' ? nodeTls().checkServerIdentity(host, certificate) : undefined,
  }
}

/**
 * Loaded only if a connection is encrypted, because it takes longer to load than most of this
 * library.
 */
function nodeTls(): typeof import('node:tls') {
  return process.getBuiltinModule('node:tls')
}
