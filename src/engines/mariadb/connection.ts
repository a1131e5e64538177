// One connection to a MariaDB server: log-in, the settings that make results independent of the server's defaults, and calls that
// give rows or counts. It knows nothing of records; pool.ts hands connections out.

import type { ConnectionOptions, Connection as Handle, ResultSetHeader } from 'mysql2'
import type { Query, Row, WireValue } from '../contract/engine.ts'
import { answerWithin } from '../server/opening-limit.ts'
import type { PooledConnection } from '../server/pool.ts'
import type { ServerSettings } from '../server/url.ts'
import { STATEMENT_CACHE_SIZE } from './capabilities.ts'
import { type OpenDriver, whenGone } from './driver.ts'
import { isLost } from './errors.ts'
import { settle } from './session-settings.ts'

export class Connection implements PooledConnection {
  readonly #handle: Handle
  /** Resolves when nothing of the connection is open any more. */
  readonly #gone: Promise<void>
  #broken = false
  /** The slot of running totals that this connection has; see slots.ts. */
  slot: number | undefined

  private constructor(handle: Handle) {
    this.#handle = handle
    this.#gone = whenGone(handle)
    // Without a listener the end of an idle connection would end the process.
    handle.on('error', () => {
      this.#broken = true
    })
    handle.on('end', () => {
      this.#broken = true
    })
  }

  /** Logs in and applies every setting, or leaves nothing open and throws. */
  static async open(
    open: OpenDriver,
    options: ConnectionOptions,
    settings: Pick<ServerSettings, 'statementTimeout' | 'lockTimeout' | 'connectTimeout'>,
  ): Promise<Connection> {
    const handle = await open({ ...options, ...wireForms })
    const connection = new Connection(handle)
    try {
      await answerWithin(settings.connectTimeout, settle(connection, settings, options.database))
      return connection
    } catch (error) {
      await connection.destroy()
      throw error
    }
  }

  /** True once the server or the network has ended it. */
  get broken(): boolean {
    return this.#broken
  }

  /** Runs a prepared statement; rows come as arrays. */
  all(query: Query): Promise<readonly Row[]> {
    return this.#call<Row[]>((done) =>
      this.#handle.execute(asArrays(query.sql), toDriver(query.parameters), done),
    )
  }

  /** Runs a prepared statement and gives the number of rows that it inserted, found or deleted. */
  async run(sql: string, parameters: Query['parameters'] = []): Promise<number> {
    const result = await this.#call<ResultSetHeader | Row[]>((done) =>
      this.#handle.execute(asArrays(sql), toDriver(parameters), done),
    )
    return Array.isArray(result) ? result.length : result.affectedRows
  }

  /** Runs a statement without parameters as it stands. */
  async exec(sql: string): Promise<void> {
    await this.#call((done) => this.#handle.query(asArrays(sql), done))
  }

  /** As `exec`, with the rows that it gives. */
  rows(sql: string): Promise<readonly Row[]> {
    return this.#call<Row[]>((done) => this.#handle.query(asArrays(sql), done))
  }

  /** Takes back whatever stands open. One that cannot do even that is lost, and the server takes it back. */
  async rollback(): Promise<void> {
    if (this.#broken) return
    try {
      await this.exec('ROLLBACK')
    } catch {
      void this.destroy()
    }
  }

  /** Says goodbye; the driver's failure to do so is thrown. */
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

  /** Cuts the connection off; the server takes back whatever stands open on it. */
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

function asArrays(sql: string) {
  return { sql, rowsAsArray: true }
}

/** Everything but NULL and bytes goes as text: the server reads numbers and times out of it exactly. */
function toDriver(parameters: readonly WireValue[]): (string | Buffer | null)[] {
  return parameters.map((value) => {
    if (value === null || typeof value === 'string') return value
    if (typeof value === 'boolean') return value ? '1' : '0'
    return value instanceof Uint8Array ? Buffer.from(value) : String(value)
  })
}

/** How values come: integers of 64 bits, decimals and times as the server writes them. */
const wireForms: ConnectionOptions = {
  charset: 'utf8mb4',
  supportBigNumbers: true,
  bigNumberStrings: true,
  dateStrings: true,
  maxPreparedStatements: STATEMENT_CACHE_SIZE,
  // A statement is one statement, whatever stands in it, and no file of this machine is sent.
  multipleStatements: false,
  flags: ['-LOCAL_FILES'],
}
