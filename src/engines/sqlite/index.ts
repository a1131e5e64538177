// The SQLite engine: one writer connection for batches and transactions, and a reader while a
// transaction is open (connections.ts). See docs/decisions/0002-write-set.md.

import { randomUUID } from 'node:crypto'
import { statSync } from 'node:fs'
import { TransactionConflictError } from '../../errors.ts'
import type {
  BackupOptions,
  BrokenReference,
  ChangeFeed,
  Engine,
  EngineInfo,
  EngineSnapshot,
  EngineTransaction,
  IntegrityFault,
  NoteChanges,
  Query,
  Row,
  TableLocations,
  TableShape,
  WriteOperation,
  WriteOutcome,
} from '../contract/engine.ts'
import type { SchemaDriver } from '../contract/schema.ts'
import type { StoreDriver } from '../core/load-driver.ts'
import { failedWrite } from '../core/refusals.ts'
import { capabilities } from './capabilities.ts'
import { codec } from './codec.ts'
import { type Connection, type ConnectionSettings, connectionError } from './connection.ts'
import { Connections } from './connections.ts'
import { builder, exactSums, locking, matching, timeBuckets } from './dialect.ts'
import type { OpenDriver } from './driver.ts'
import { classify, isBusy, isRowFault } from './errors.ts'
import { createFeed, insertNotes } from './feed/change-feed.ts'
import { backUp } from './file/backup.ts'
import { checkIntegrity, findBrokenReferences, linesOf } from './file/integrity.ts'
import { Lock } from './file/lock.ts'
import { sizeOnDisk } from './file/opening.ts'
import { resolveDatabasePath } from './file/path.ts'
import { findPlaces } from './file/salvage.ts'
import { absentRows, matchCondition, refreshFullText, staleRows } from './schema/full-text.ts'
import { createSchemaDriver } from './schema/schema-driver.ts'
import { copyOfMemory, SqliteSnapshot } from './snapshot.ts'
import { classifyRefusal } from './totals-guard.ts'
import { SqliteTransaction } from './transaction.ts'
import { runSingle, runSingleNoted, runWriteSet } from './write-set.ts'

export interface SqliteOptions extends ConnectionSettings {
  /** A path, or `:memory:`. */
  readonly path: string
  /** If given, the database's real path must be inside this folder. */
  readonly root?: string | undefined
  /** Rejects a missing file instead of creating it. */
  readonly mustExist?: boolean | undefined
  /** The driver, if the application passed one. */
  readonly driver?: StoreDriver | undefined
  /** For tests: opens the driver's handle. */
  readonly open?: OpenDriver
}

/** Creates the engine of one file, or of a database in memory. Opens nothing before `connect`. */
export function createSqliteEngine(options: SqliteOptions): Engine {
  return new SqliteEngine(options)
}

class SqliteEngine implements Engine {
  readonly name = 'sqlite'
  readonly systemName = 'sqlite'
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
  readonly feed: ChangeFeed = createFeed((query) => this.read(query))
  readonly #options: SqliteOptions
  readonly #inMemory: boolean
  /** Distinguishes in-memory databases. */
  readonly #memory = randomUUID()
  readonly #lock = new Lock()
  readonly #path: string
  readonly #connections: Connections
  readonly #snapshots = new Set<EngineSnapshot>()

  constructor(options: SqliteOptions) {
    this.#options = options
    this.#inMemory = options.path === ':memory:'
    this.#path = this.#inMemory ? options.path : resolveDatabasePath(options.path, options.root)
    const connections = new Connections(this.#path, options)
    this.#connections = connections
    this.schema = createSchemaDriver({
      path: this.#inMemory ? null : this.#path,
      readOnly: () => connections.isReadOnly,
      assertInPlace: () => connections.assertInPlace(),
      useWriter: (work) => this.#useWriter(work),
      openSecond: () => connections.openAnother(),
      loadDriver: () => connections.loadDriver(),
    })
  }

  get location(): string {
    return this.#path
  }

  wouldCreate(): boolean {
    if (this.#inMemory) return true
    try {
      const stat = statSync(this.#path, { throwIfNoEntry: false })
      return stat === undefined || (stat.isFile() && stat.size === 0)
    } catch (error) {
      throw connectionError(this.#path, error)
    }
  }

  connect(): Promise<void> {
    return this.#connections.connect()
  }

  async disconnect(): Promise<void> {
    for (const snapshot of this.#snapshots) await snapshot.close()
    await this.#connections.close()
  }

  async ping(): Promise<void> {
    this.#connections.examine()
    await this.read({ sql: 'SELECT 1', parameters: [] })
  }

  async info(): Promise<EngineInfo> {
    const [row] = await this.read({ sql: 'SELECT sqlite_version()', parameters: [] })
    return { serverVersion: String(row?.[0]), sizeBytes: this.#inMemory ? null : sizeOnDisk(this.#path) }
  }

  async uniqueKey(): Promise<string> {
    this.#connections.writer()
    return this.#inMemory ? `memory ${this.#memory}` : this.#connections.fileKey()
  }

  integrity(): Promise<readonly IntegrityFault[]> {
    const work = (connection: Connection) =>
      classified(checkIntegrity(linesOf(connection), async (query) => connection.all(query)))
    const writer = this.#connections.writer()
    return writer.inTransaction ? this.#committed(work) : work(writer)
  }

  brokenReferences(): Promise<readonly BrokenReference[]> {
    return findBrokenReferences((query) => this.read(query))
  }

  salvage(view: Pick<EngineSnapshot, 'read'>, shape: TableShape): Promise<TableLocations | null> {
    return findPlaces(view, shape)
  }

  async read(query: Query): Promise<readonly Row[]> {
    const writer = this.#connections.writer()
    if (writer.inTransaction) {
      return this.#committed((connection) => guarded(connection, () => connection.all(query)))
    }
    try {
      return writer.all(query)
    } catch {
      return guarded(writer, () => writer.all(query))
    }
  }

  async writeSet(
    operations: readonly WriteOperation[],
    note?: NoteChanges,
  ): Promise<readonly WriteOutcome[]> {
    const outcome = this.#tryAlone(operations, note)
    if (outcome) return [outcome]
    return this.#useWriter(async (connection) => {
      try {
        await connection.whenFree(() => connection.run('BEGIN IMMEDIATE'))
        const outcomes = runWriteSet(connection, operations)
        if (note) insertNotes(connection, note(outcomes))
        this.#connections.assertInPlace()
        await connection.whenFree(() => connection.run('COMMIT'))
        return outcomes
      } catch (error) {
        throw classify(error)
      } finally {
        connection.rollback()
      }
    })
  }

  async begin(): Promise<EngineTransaction> {
    this.#connections.writer()
    const release = await this.#lock.acquire(this.#options.busyTimeout)
    try {
      const connection = this.#connections.writer()
      await connection.whenFree(() => connection.run('BEGIN IMMEDIATE'))
      return new SqliteTransaction(connection, {
        assertInPlace: () => this.#connections.assertInPlace(),
        release: () => {
          this.#connections.dropIfUnusable(connection)
          release()
        },
      })
    } catch (error) {
      release()
      if (!isBusy(error)) throw classify(error)
      const message = `another process has been writing for ${this.#options.busyTimeout} ms; repeat the transaction`
      throw new TransactionConflictError(message, { cause: error })
    }
  }

  async backup<T>(path: string, options: BackupOptions<T>): Promise<{ bytes: number; inspected: T }> {
    const snapshot = await this.snapshot()
    try {
      const source = {
        connection: snapshot.connection,
        settings: this.#options,
        driver: await this.#connections.loadDriver(),
        path: this.#inMemory ? null : this.#path,
      }
      return await backUp(source, path, options)
    } finally {
      await snapshot.close()
    }
  }

  async snapshot(): Promise<SqliteSnapshot> {
    this.#connections.writer()
    const connection = this.#inMemory ? await this.#copyOfMemory() : await this.#connections.openAnother()
    const snapshot = await SqliteSnapshot.begin(connection, (closed) => this.#snapshots.delete(closed))
    this.#snapshots.add(snapshot)
    // The engine may have been disconnected while the view was being created.
    if (!this.#connections.isOpen) await snapshot.close()
    this.#connections.writer()
    return snapshot
  }

  async #copyOfMemory(): Promise<Connection> {
    const release = await this.#lock.acquire(this.#options.busyTimeout)
    try {
      const connection = this.#connections.writer()
      const { open } = await this.#connections.loadDriver()
      return copyOfMemory(open, connection, this.#options)
    } catch (error) {
      throw classify(error)
    } finally {
      release()
    }
  }

  /**
   * Fast path for a single write without other writers: one autocommit statement, or a transaction
   * of two that never waits. Undefined if it did not succeed; the caller then runs a transaction.
   */
  #tryAlone(operations: readonly WriteOperation[], note: NoteChanges | undefined): WriteOutcome | undefined {
    const [only] = operations
    if (!only || operations.length > 1 || this.#lock.held) return undefined
    const connection = this.#connections.writer()
    try {
      return note ? runSingleNoted(connection, only, note) : runSingle(connection, only)
    } catch (error) {
      if (isBusy(error)) return undefined
      if (isRowFault(error)) return failedWrite(classifyRefusal(error, only), only)
      throw classify(error)
    } finally {
      this.#connections.dropIfUnusable(connection)
    }
  }

  /**
   * Runs `work` on a connection that sees committed rows only, while a transaction is open on the
   * writer: a file allows a second connection, memory has to wait for the transaction.
   */
  async #committed<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#inMemory ? this.#useWriter(work) : work(await this.#connections.reader())
  }

  async #useWriter<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    this.#connections.writer()
    const release = await this.#lock.acquire()
    let connection: Connection | undefined
    try {
      connection = this.#connections.writer()
      return await work(connection)
    } finally {
      if (connection) this.#connections.dropIfUnusable(connection)
      release()
    }
  }
}

async function classified<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw classify(error)
  }
}

async function guarded<T>(connection: Connection, action: () => T): Promise<T> {
  try {
    return await connection.whenFree(action)
  } catch (error) {
    throw classify(error)
  }
}
