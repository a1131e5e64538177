// A connection to a MariaDB server: login, settings that make results independent of the server's
// defaults, and calls that return rows or counts. It knows nothing about records; the pool
// (../server/pool.ts) hands connections out.

import type { ConnectionOptions, Connection as Handle, ResultSetHeader } from 'mysql2'
import type { Query, Row, WireValue } from '../contract/engine.ts'
import { answerWithin } from '../server/opening-limit.ts'
import type { PooledConnection } from '../server/pool.ts'
import type { ServerSettings } from '../server/url.ts'
import { STATEMENT_CACHE_SIZE } from './capabilities.ts'
import { type OpenDriver, whenGone } from './driver.ts'
import { isLost, PacketTooLong } from './errors.ts'
import { settle } from './session-settings.ts'

export class Connection implements PooledConnection {
  readonly #handle: Handle
  /** Resolves when the connection is fully closed. */
  readonly #gone: Promise<void>
  #broken = false
  /** The most bytes that the server takes in one statement with its parameters. */
  #maxPacket = Number.POSITIVE_INFINITY
  /** The slot of running totals that this connection uses; see slots.ts. */
  slot: number | undefined

  private constructor(handle: Handle) {
    this.#handle = handle
    this.#gone = whenGone(handle)
    // Without a listener, an idle connection that ends would crash the process.
    handle.on('error', () => {
      this.#broken = true
    })
    handle.on('end', () => {
      this.#broken = true
    })
  }

  /** Logs in and applies every setting. On failure throws and leaves nothing open. */
  static async open(
    open: OpenDriver,
    options: ConnectionOptions,
    settings: Pick<ServerSettings, 'statementTimeout' | 'lockTimeout' | 'connectTimeout'>,
  ): Promise<Connection> {
    const handle = await open({ ...options, ...wireForms })
    const connection = new Connection(handle)
    try {
      connection.#maxPacket = await answerWithin(
        settings.connectTimeout,
        settle(connection, settings, options.database),
      )
      return connection
    } catch (error) {
      await connection.destroy()
      throw error
    }
  }

  /** True once the server or the network has ended the connection. */
  get broken(): boolean {
    return this.#broken
  }

  /** Runs a prepared statement; rows are arrays. */
  all(query: Query): Promise<readonly Row[]> {
    return this.#call<Row[]>((done) =>
      this.#handle.execute(asArrays(query.sql), toDriver(query.parameters), done),
    )
  }

  /**
   * Runs a prepared statement and returns the number of rows that it inserted, matched or deleted.
   */
  async run(sql: string, parameters: Query['parameters'] = []): Promise<number> {
    assertFits(parameters, this.#maxPacket)
    const result = await this.#call<ResultSetHeader | Row[]>((done) =>
      this.#handle.execute(asArrays(sql), toDriver(parameters), done),
    )
    return Array.isArray(result) ? result.length : result.affectedRows
  }

  /** Runs a statement without parameters, unprepared. */
  async exec(sql: string): Promise<void> {
    await this.#call((done) => this.#handle.query(asArrays(sql), done))
  }

  /** Like `exec`, but returns the rows. */
  rows(sql: string): Promise<readonly Row[]> {
    return this.#call<Row[]>((done) => this.#handle.query(asArrays(sql), done))
  }

  /**
   * Rolls back any open transaction. If even that fails, the connection is lost, and the server
   * rolls back.
   */
  async rollback(): Promise<void> {
    if (this.#broken) return
    try {
      await this.exec('ROLLBACK')
    } catch {
      void this.destroy()
    }
  }

  /** Closes the session. Throws if the driver fails to. */
  async close(): Promise<void> {
    if (this.#broken) return this.destroy()
    this.#broken = true
    try {
      await new Promise<void>((resolve, reject) => {
        this.#handle.end((error) => (error ? reject(error) : resolve()))
      })
    } finally {
      await this.destroy()
    }
  }

  /** Destroys the connection; the server rolls back any transaction open on it. */
  destroy(): Promise<void> {
    this.#broken = true
    this.#handle.destroy()
    return this.#gone
  }

  #call<T>(start: (done: (error: unknown, result: unknown) => void) => unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      start((error, result) => {
        if (!error) return resolve(result as T)
        if (isLost(error)) void this.destroy()
        reject(error)
      })
    })
  }
}

/** For each parameter, and for the statement. */
const PACKET_OVERHEAD = 64

/**
 * The server ends the connection over a packet that is too long, so one is not sent. Only bytes can
 * be that long: the texts of a record have 8 MB at most.
 * @throws PacketTooLong
 */
function assertFits(parameters: readonly WireValue[], maxPacket: number): void {
  if (!parameters.some((value) => value instanceof Uint8Array)) return
  let bytes = PACKET_OVERHEAD
  for (const value of parameters) {
    bytes += PACKET_OVERHEAD
    if (typeof value === 'string') bytes += Buffer.byteLength(value)
    else if (value instanceof Uint8Array) bytes += value.byteLength
  }
  if (bytes > maxPacket) throw new PacketTooLong(bytes, maxPacket)
}

function asArrays(sql: string) {
  return { sql, rowsAsArray: true }
}

/**
 * Converts parameters: everything except NULL and bytes is sent as text, from which the server
 * reads numbers and times exactly.
 */
function toDriver(parameters: readonly WireValue[]): (string | Buffer | null)[] {
  return parameters.map((value) => {
    if (value === null || typeof value === 'string') return value
    if (typeof value === 'boolean') return value ? '1' : '0'
    return value instanceof Uint8Array
      ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      : String(value)
  })
}

/** The form of returned values: 64-bit integers, decimals and times as the server writes them. */
const wireForms: ConnectionOptions = {
  charset: 'utf8mb4',
  supportBigNumbers: true,
  bigNumberStrings: true,
  dateStrings: true,
  maxPreparedStatements: STATEMENT_CACHE_SIZE,
  // A text is always a single statement, and no local file is ever sent.
  multipleStatements: false,
  flags: ['-LOCAL_FILES'],
}
