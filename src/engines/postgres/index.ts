// The PostgreSQL engine: a pool of connections to the host that accepts writes. See docs/servers.md
// and docs/decisions/0011-server-drivers.md.

import { PersistenceConnectionError, type PersistenceError } from '../../errors.ts'
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
  TableShape,
  WireValue,
  WriteOperation,
  WriteOutcome,
} from '../contract/engine.ts'
import type { SchemaDriver } from '../contract/schema.ts'
import type { StoreDriver } from '../core/load-driver.ts'
import { noHostWrites } from '../core/refusals.ts'
import { noHostUsable } from '../server/opening-failure.ts'
import { ServerPool } from '../server/pool.ts'
import type { ServerHost, ServerSettings } from '../server/url.ts'
import { backupCommand } from './backup-command.ts'
import { capabilities } from './capabilities.ts'
import { parseSnapshot } from './changed-since.ts'
import { codec } from './codec.ts'
import { Connection, schemaOf } from './connection.ts'
import { builder, exactSums, locking, matching, timeBuckets } from './dialect.ts'
import { type Driver, loadDriver } from './driver.ts'
import { classify, endsSession, isReadOnly, ServerFailure, STALE_STATEMENT } from './errors.ts'
import { createFeed } from './feed/change-feed.ts'
import { checkIntegrity } from './integrity.ts'
import { absentRows, matchCondition, refreshFullText, staleRows } from './schema/full-text.ts'
import { findBroken } from './schema/references.ts'
import { createSchemaDriver } from './schema/schema-driver.ts'
import { look } from './set-statements.ts'
import { PostgresSnapshot } from './snapshot.ts'
import { PostgresTransaction } from './transaction.ts'
import { runWriteSet } from './write-set.ts'

export interface PostgresOptions extends ServerSettings {
  /** The driver, if the application passed one. */
  readonly driver?: StoreDriver | undefined
  /** For tests: provides the driver. */
  readonly load?: () => Promise<Driver>
}

/**
 * Creates the engine of one schema on a server. Connects to nothing and loads no driver before
 * `connect`.
 */
export function createPostgresEngine(options: PostgresOptions): Engine {
  return new PostgresEngine(options)
}

class PostgresEngine implements Engine {
  readonly name = 'postgres'
  readonly systemName = 'postgresql'
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
  readonly feed: ChangeFeed
  readonly #options: PostgresOptions
  readonly #schemaName: string
  readonly #snapshots = new Set<EngineSnapshot>()
  #pool: ServerPool<Connection> | undefined

  constructor(options: PostgresOptions) {
    this.#options = options
    this.#schemaName = schemaOf(options)
    this.feed = createFeed(
      this.#schemaName,
      (query) => this.read(query),
      (work) => this.#use(work),
    )
    this.schema = createSchemaDriver({
      schema: this.#schemaName,
      useConnection: (work) => this.#use(work),
      schemaChanged: () => this.#pool?.forgetIdle(),
    })
  }

  get location(): string {
    return this.#options.location
  }

  async wouldCreate(): Promise<boolean> {
    const driver = await this.#driver()
    try {
      const connection = await this.#open(driver)
      try {
        const { rows } = await connection.run({
          sql: "SELECT 1 FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident($1)) AND relkind IN ('r', 'p') LIMIT 1",
          parameters: [this.#schemaName],
        })
        return rows.length === 0
      } finally {
        await connection.close().catch(() => undefined)
      }
    } catch (error) {
      throw connectionError(this.location, error)
    }
  }

  async connect(): Promise<void> {
    if (this.#pool) return
    const driver = await this.#driver()
    const { poolMax, connectTimeout } = this.#options
    const pool = new ServerPool({ open: () => this.#open(driver), max: poolMax, timeout: connectTimeout })
    try {
      await pool.use((connection) => this.#assertSchema(connection))
    } catch (error) {
      await pool.close().catch(() => undefined)
      throw connectionError(this.location, error)
    }
    this.#pool = pool
  }

  async disconnect(): Promise<void> {
    const pool = this.#pool
    this.#pool = undefined
    await Promise.all([...this.#snapshots].map((snapshot) => snapshot.close()))
    try {
      await pool?.close()
    } catch (error) {
      throw classify(error)
    }
  }

  async ping(): Promise<void> {
    await this.read({ sql: 'SELECT 1', parameters: [] })
  }

  poolState(): PoolState | undefined {
    return this.#pool?.state
  }

  async info(): Promise<EngineInfo> {
    return this.#guarded(async (connection) => {
      const { rows } = await connection.run({
        sql: "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace = to_regnamespace(quote_ident(current_schema()))",
        parameters: [],
      })
      const size = rows[0]?.[0] ?? null
      return { serverVersion: connection.serverVersion, sizeBytes: Number(size ?? 0) }
    })
  }

  /** The cluster's identifier, which its standbys share, with the database and the schema. */
  async uniqueKey(): Promise<string> {
    return this.#guarded(async (connection) => {
      const [row] = await connection.script(
        'SELECT (SELECT system_identifier FROM pg_control_system()), (SELECT oid FROM pg_database WHERE datname = current_database())',
      )
      return `cluster ${(row ?? []).map(String).join(' ')} ${this.#schemaName}`
    })
  }

  backupCommand(path: string): BackupCommand {
    return backupCommand(this.#options, path)
  }

  integrity(): Promise<readonly IntegrityFault[]> {
    return this.#guarded(checkIntegrity)
  }

  brokenReferences(): Promise<readonly BrokenReference[]> {
    return this.#guarded((connection) => findBroken(connection, true))
  }

  rowsByKey(shape: TableShape, keys: readonly WireValue[]): Query {
    return look(shape, shape.columns, keys, false)
  }

  /**
   * Reads committed rows. A read has no side effects, so if its connection is lost, it is repeated
   * once on another.
   */
  async read(query: Query): Promise<readonly Row[]> {
    for (let attempt = 1; ; attempt += 1) {
      let used: Connection | undefined
      try {
        return await this.#use(async (connection) => {
          used = connection
          return (await connection.run(query)).rows
        })
      } catch (error) {
        if (attempt > 1 || !used?.broken) throw classify(error)
      }
    }
  }

  async writeSet(
    operations: readonly WriteOperation[],
    note?: NoteChanges,
  ): Promise<readonly WriteOutcome[]> {
    return this.#guarded((connection) => runWriteSet(connection, operations, this.#schemaName, note))
  }

  async begin(): Promise<EngineTransaction> {
    const pool = this.#opened()
    const connection = await pool.acquire()
    try {
      const [row] = await connection.script('BEGIN; SELECT pg_current_snapshot()')
      const begun = parseSnapshot(String(row?.[0]))
      return new PostgresTransaction(
        connection,
        this.#schemaName,
        begun,
        () => this.#giveBack(pool, connection),
        this.#hasOtherHosts,
      )
    } catch (error) {
      this.#giveBack(pool, connection)
      throw classify(error)
    }
  }

  /** True if another host may accept writes when this one does not. */
  get #hasOtherHosts(): boolean {
    return this.#options.hosts.length > 1
  }

  async snapshot(): Promise<EngineSnapshot> {
    this.#opened()
    const connection = await this.#open(await this.#driver(), { ...this.#options, statementTimeout: 0 })
    const snapshot = await PostgresSnapshot.begin(connection, (closed) => this.#snapshots.delete(closed))
    this.#snapshots.add(snapshot)
    return this.#keep(snapshot)
  }

  /** The engine may have been disconnected while the view was being created. */
  async #keep(snapshot: PostgresSnapshot): Promise<PostgresSnapshot> {
    if (!this.#pool) await snapshot.close()
    this.#opened()
    return snapshot
  }

  async #driver(): Promise<Driver> {
    try {
      return await (this.#options.load?.() ?? loadDriver(this.#options.driver))
    } catch (error) {
      throw connectionError(this.location, error)
    }
  }

  async #guarded<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      return await this.#use(work)
    } catch (error) {
      throw this.#hasOtherHosts && isReadOnly(error) ? noHostWrites(error) : classify(error)
    }
  }

  async #use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const pool = this.#opened()
    const connection = await pool.acquire()
    try {
      return await work(connection)
    } catch (error) {
      // The idle connections would fail in the same way.
      if (error instanceof ServerFailure && this.#concernsAll(error)) {
        connection.spoil()
        pool.forgetIdle()
      }
      throw error
    } finally {
      this.#giveBack(pool, connection)
    }
  }

  /** Whether the server is gone, or a table has changed since statements were prepared. */
  #concernsAll({ code, lost }: ServerFailure): boolean {
    return code === STALE_STATEMENT || (endsSession(code) && (lost || this.#hasOtherHosts))
  }

  #giveBack(pool: ServerPool<Connection>, connection: Connection): void {
    pool.release(connection)
  }

  #opened(): ServerPool<Connection> {
    if (this.#pool) return this.#pool
    throw new PersistenceConnectionError('the store is not connected; call connect() first', {
      retryable: false,
    })
  }

  /** The first host that accepts writes; if there is none, the first that can be read. */
  async #open(driver: Driver, settings: ServerSettings = this.#options): Promise<Connection> {
    const { hosts } = settings
    const refusals: { readonly host: ServerHost; readonly error: unknown }[] = []
    let readable: Connection | undefined
    for (const host of hosts) {
      try {
        const connection = await Connection.open(driver, settings, host)
        if (!connection.readOnly) {
          await readable?.close().catch(() => undefined)
          return connection
        }
        if (readable) await connection.close()
        else readable = connection
      } catch (error) {
        refusals.push({ host, error })
      }
    }
    if (readable) return readable
    const [first] = refusals
    if (refusals.length === 1) throw connectionError(this.location, first?.error)
    throw noHostUsable(
      this.location,
      refusals.map(({ host, error }) => ({ host, error: classify(error) })),
    )
  }

  /** Checks that the schema exists if it must. Otherwise the first migration creates it. */
  async #assertSchema(connection: Connection): Promise<void> {
    if (!this.#options.mustExist && !connection.readOnly) return
    const [found] = await connection.script('SELECT current_schema()')
    if (found?.[0] === this.#schemaName) return
    throw new PersistenceConnectionError(
      `there is no schema ${this.#schemaName}; run purser migrate, or correct the schema and the tenant`,
      { retryable: false },
    )
  }
}

/** Converts an error of opening to a connection error, with the location and what to do. */
function connectionError(location: string, error: unknown): PersistenceError {
  const known = classify(error)
  if (known instanceof PersistenceConnectionError && known.message.startsWith(location)) return known
  if (known instanceof PersistenceConnectionError && known.message.startsWith('no host of')) return known
  return new PersistenceConnectionError(`${location} cannot be opened: ${known.message}`, {
    cause: known.cause ?? known,
    retryable: known.retryable,
  })
}
