// The MariaDB engine: a pool of connections to the server that accepts writes. Batches, reads and
// transactions each use one connection for as long as they need it. See
// docs/decisions/0009-mariadb-driver.md.

import { PersistenceConnectionError } from '../../errors.ts'
import type {
  BackupCommand,
  BrokenReference,
  ChangeFeed,
  Engine,
  EngineInfo,
  EngineSnapshot,
  EngineTransaction,
  IntegrityFault,
  NoteChanges,
  PoolState,
  Query,
  Row,
  WriteOperation,
  WriteOutcome,
} from '../contract/engine.ts'
import type { SchemaDriver } from '../contract/schema.ts'
import type { StoreDriver } from '../core/load-driver.ts'
import { noHostWrites } from '../core/refusals.ts'
import { ServerPool } from '../server/pool.ts'
import type { ServerSettings } from '../server/url.ts'
import { backupCommand } from './backup-command.ts'
import { capabilities } from './capabilities.ts'
import { codec } from './codec.ts'
import type { Connection } from './connection.ts'
import { builder, exactSums, locking, matching, timeBuckets } from './dialect.ts'
import { driverOpening, type OpenDriver } from './driver.ts'
import { classify, classifyInTransaction, isLost, isReadOnlyServer, isUnknownDatabase } from './errors.ts'
import { createFeed } from './feed/change-feed.ts'
import { connectionError, databaseOf, Hosts } from './hosts.ts'
import { absentRows, matchCondition, refreshFullText, staleRows } from './schema/full-text.ts'
import { checkIntegrity, findBrokenReferences } from './schema/references.ts'
import { createSchemaDriver } from './schema/schema-driver.ts'
import { takeSlot } from './slots.ts'
import { MariadbSnapshot } from './snapshot.ts'
import { MariadbTransaction } from './transaction.ts'
import { commitWriteSet } from './write-set.ts'

export interface MariadbOptions extends ServerSettings {
  /** The driver, if the application passed one. */
  readonly driver?: StoreDriver | undefined
  /** For tests: opens the driver's handle. */
  readonly open?: OpenDriver
}

/**
 * Creates the engine of one database on a server. Connects to nothing and loads no driver before
 * `connect`.
 */
export function createMariadbEngine(options: MariadbOptions): Engine {
  return new MariadbEngine(options)
}

class MariadbEngine implements Engine {
  readonly name = 'mariadb'
  readonly systemName = 'mariadb'
  readonly capabilities = capabilities
  readonly codec = codec
  readonly builder = builder
  readonly classify = classify
  readonly fullText = {
    refresh: refreshFullText,
    matches: matchCondition,
    absent: absentRows,
    stale: staleRows,
  }
  readonly timeBuckets = timeBuckets
  readonly exactSums = exactSums
  readonly matching = matching
  readonly locking = locking
  readonly schema: SchemaDriver
  readonly feed: ChangeFeed = createFeed(
    (query) => this.read(query),
    (work) => this.#open().use(work),
  )
  readonly #options: MariadbOptions
  readonly #database: string
  readonly #snapshots = new Set<EngineSnapshot>()
  #hosts: Hosts | undefined
  #pool: ServerPool<Connection> | undefined

  constructor(options: MariadbOptions) {
    this.#options = options
    this.#database = databaseOf(options)
    this.schema = createSchemaDriver({
      database: this.#database,
      lockTimeout: options.lockTimeout,
      use: (work) => this.#use(work),
      openAside: () => this.#openAside(),
    })
  }

  get location(): string {
    const { location, tenant } = this.#options
    return tenant === undefined ? location : `${location} (tenant ${tenant})`
  }

  async wouldCreate(): Promise<boolean> {
    const { driver, open = driverOpening(driver), tenant } = this.#options
    try {
      const connection = await new Hosts({ ...this.#options, mustExist: true }, this.#database, open).open()
      try {
        const tables =
          "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' LIMIT 1"
        return (await connection.rows(tables)).length === 0
      } finally {
        await connection.destroy()
      }
    } catch (error) {
      if (tenant !== undefined && isUnknownDatabase(error)) return true
      throw connectionError(this.location, error)
    }
  }

  async connect(): Promise<void> {
    if (this.#pool) return
    const { driver, open = driverOpening(driver), poolMax, connectTimeout } = this.#options
    const hosts = new Hosts(this.#options, this.#database, open)
    const pool = new ServerPool({ open: () => hosts.open(), max: poolMax, timeout: connectTimeout })
    try {
      await pool.use((connection) => connection.rows('SELECT 1'))
      this.#hosts = hosts
      this.#pool = pool
    } catch (error) {
      await pool.close().catch(() => undefined)
      throw connectionError(this.location, error)
    }
  }

  async disconnect(): Promise<void> {
    const pool = this.#pool
    this.#pool = undefined
    await Promise.all([...this.#snapshots].map((snapshot) => snapshot.close()))
    try {
      await pool?.close()
    } catch (error) {
      const { cause } = classify(error)
      const message = 'the connection to the server did not close cleanly; committed writes are safe'
      throw new PersistenceConnectionError(message, { cause })
    }
  }

  async ping(): Promise<void> {
    await this.read({ sql: 'SELECT 1', parameters: [] })
  }

  poolState(): PoolState | undefined {
    return this.#pool?.state
  }

  async info(): Promise<EngineInfo> {
    const sql =
      'SELECT version(), (SELECT sum(DATA_LENGTH + INDEX_LENGTH) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE())'
    const [row] = await this.read({ sql, parameters: [] })
    const size = row?.[1] ?? null
    return { serverVersion: String(row?.[0]), sizeBytes: size === null ? null : Number(size) }
  }

  /**
   * Identifies the server by what it reports about itself, whatever address was used, and the
   * database by name.
   */
  async uniqueKey(): Promise<string> {
    return this.#use(async (connection) => {
      const settings = await connection.rows(
        "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('datadir', 'hostname', 'port', 'server_uid', 'socket')",
      )
      const [row] = await connection.rows('SELECT DATABASE()')
      return `server ${[...settings.map(([, value]) => value), row?.[0]].map(String).join(' ')}`
    })
  }

  backupCommand(path: string): BackupCommand {
    return backupCommand(this.#options, path)
  }

  integrity(): Promise<readonly IntegrityFault[]> {
    return this.#use(checkIntegrity)
  }

  brokenReferences(): Promise<readonly BrokenReference[]> {
    return this.#use((connection) => findBrokenReferences(connection))
  }

  async read(query: Query): Promise<readonly Row[]> {
    try {
      return await this.#open().use((connection) => connection.all(query))
    } catch (error) {
      if (!isLost(error)) throw classify(error)
    }
    // The server may have ended an idle connection; repeating a read is harmless.
    return this.#use((connection) => connection.all(query))
  }

  writeSet(operations: readonly WriteOperation[], note?: NoteChanges): Promise<readonly WriteOutcome[]> {
    return this.#use(async (connection) => {
      await takeSlot(connection, this.#database)
      return commitWriteSet(connection, operations, note)
    })
  }

  async begin(): Promise<EngineTransaction> {
    const pool = this.#open()
    const connection = await pool.acquire().catch((error: unknown) => {
      throw classify(error)
    })
    try {
      await takeSlot(connection, this.#database)
      await connection.exec('START TRANSACTION')
      return new MariadbTransaction(connection, () => pool.release(connection), this.#hasOtherHosts)
    } catch (error) {
      pool.release(connection)
      throw classifyInTransaction(error)
    }
  }

  async snapshot(): Promise<EngineSnapshot> {
    this.#open()
    const connection = await this.#openAside().catch((error: unknown) => {
      throw connectionError(this.location, error)
    })
    const snapshot = await MariadbSnapshot.begin(connection, (closed) => this.#snapshots.delete(closed))
    this.#snapshots.add(snapshot)
    return this.#keep(snapshot)
  }

  /** The engine may have been disconnected while the view was being created. */
  async #keep(snapshot: MariadbSnapshot): Promise<MariadbSnapshot> {
    if (!this.#pool) await snapshot.close()
    this.#open()
    return snapshot
  }

  async #use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const pool = this.#open()
    try {
      return await pool.use(work)
    } catch (error) {
      if (!this.#hasOtherHosts || !isReadOnlyServer(error)) throw classify(error)
      // A server that stopped accepting writes is abandoned for the next host.
      pool.forgetIdle()
      throw noHostWrites(classify(error).cause)
    }
  }

  get #hasOtherHosts(): boolean {
    return this.#options.hosts.length > 1
  }

  async #openAside(): Promise<Connection> {
    this.#open()
    return (this.#hosts as Hosts).open()
  }

  #open(): ServerPool<Connection> {
    if (this.#pool) return this.#pool
    throw new PersistenceConnectionError('the store is not connected; call connect() first', {
      retryable: false,
    })
  }
}
