// The SQLite engine: one writer connection for batches and transactions, and a reader opened on the
// first read during an open transaction. See docs/decisions/0002-write-set.md.

import { randomUUID } from 'node:crypto'
import { realpathSync, statSync } from 'node:fs'
import { PersistenceConnectionError, TransactionConflictError } from '../../errors.ts'
import type {
  BackupOptions,
  BrokenReference,
  Engine,
  EngineInfo,
  EngineSnapshot,
  EngineTransaction,
  IntegrityFault,
  Query,
  Row,
  TablePlaces,
  TableShape,
  WriteOperation,
  WriteOutcome,
} from '../contract/engine.ts'
import type { SchemaDriver } from '../contract/schema.ts'
import type { StoreDriver } from '../core/load-driver.ts'
import { failedWrite } from '../core/refusals.ts'
import { capabilities } from './capabilities.ts'
import { codec } from './codec.ts'
import { Connection, type ConnectionSettings, connectionError } from './connection.ts'
import { builder, exactSums, matching, timeBuckets } from './dialect.ts'
import { type LoadedDriver, loadSqlite, type OpenDriver } from './driver.ts'
import { classify, isBusy, isRowFault } from './errors.ts'
import { backUp } from './file/backup.ts'
import { FileWatch } from './file/file-watch.ts'
import { checkIntegrity, findBrokenReferences, linesOf } from './file/integrity.ts'
import { Lock } from './file/lock.ts'
import { closeQuietly, removeIfUnused, retryOpening, sizeOnDisk } from './file/opening.ts'
import { prepareDatabaseFile, resolveDatabasePath } from './file/path.ts'
import { findPlaces } from './file/salvage.ts'
import { assertOnlyCopy } from './file/second-copy.ts'
import { Reading } from './reading.ts'
import { absentRows, matchCondition, refreshFullText, staleRows } from './schema/full-text.ts'
import { createSchemaDriver } from './schema/schema-driver.ts'
import { copyOfMemory, SqliteSnapshot } from './snapshot.ts'
import { classifyRefusal } from './totals-guard.ts'
import { SqliteTransaction } from './transaction.ts'
import { runSingle, runWriteSet } from './write-set.ts'

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
  readonly schema: SchemaDriver
  readonly #options: SqliteOptions
  readonly #inMemory: boolean
  /** Distinguishes in-memory databases. */
  readonly #memory = randomUUID()
  readonly #lock = new Lock()
  readonly #path: string
  #driver: LoadedDriver | undefined
  #writer: Connection | undefined
  #reader: Connection | undefined
  readonly #snapshots = new Set<EngineSnapshot>()
  /** Reads a file that this process may not write; undefined for all others. */
  #reading: Reading | undefined
  /** Undefined for an in-memory database. */
  #watch: FileWatch | undefined
  /** The writer was closed because it was unusable or outdated; the next call opens another. */
  #lost = false

  constructor(options: SqliteOptions) {
    this.#options = options
    this.#inMemory = options.path === ':memory:'
    this.#path = this.#inMemory ? options.path : resolveDatabasePath(options.path, options.root)
    this.schema = createSchemaDriver({
      path: this.#inMemory ? null : this.#path,
      readOnly: () => this.#reading !== undefined,
      assertInPlace: () => this.#watch?.assertInPlace(),
      useWriter: (work) => this.#useWriter(work),
      openSecond: () => this.#openSecond(),
      loadDriver: () => this.#loadDriver(),
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

  async connect(): Promise<void> {
    if (this.#writer) return
    await this.#loadDriver()
    if (!this.#inMemory) return this.#connectFile()
    try {
      this.#writer = this.#openConnection(false)
      this.#writer.all({ sql: 'SELECT count(*) FROM sqlite_schema', parameters: [] })
    } catch (error) {
      closeQuietly(this.#writer)
      this.#writer = undefined
      throw connectionError(this.#path, error)
    }
  }

  async #connectFile(): Promise<void> {
    const found = prepareDatabaseFile(this.#path, this.#options.mustExist)
    try {
      assertOnlyCopy(realpathSync(this.#path))
      this.#reading = found.readOnly ? new Reading(this.#path) : undefined
      const writer = await retryOpening(() => this.#openWriter(), this.#options.busyTimeout)
      this.#writer = writer
      // The first read detects a file whose tables cannot be read.
      await writer.whenFree(() => writer.all({ sql: 'SELECT count(*) FROM sqlite_schema', parameters: [] }))
    } catch (error) {
      closeQuietly(this.#writer)
      this.#writer = undefined
      this.#watch = undefined
      if (found.created) removeIfUnused(this.#path)
      throw connectionError(this.#path, error)
    }
  }

  async disconnect(): Promise<void> {
    for (const snapshot of this.#snapshots) await snapshot.close()
    const [reader, writer, watch] = [this.#reader, this.#writer, this.#watch]
    this.#reader = undefined
    this.#writer = undefined
    this.#watch = undefined
    this.#lost = false
    let failure: unknown
    for (const step of [() => reader?.close(), () => watch?.letGo(), () => writer?.close()]) {
      try {
        await step()
      } catch (error) {
        failure ??= error
      }
    }
    if (failure instanceof PersistenceConnectionError) throw failure
    if (failure !== undefined) {
      throw new PersistenceConnectionError('the database did not close cleanly; committed writes are safe', {
        cause: failure,
      })
    }
  }

  async ping(): Promise<void> {
    this.#watch?.ask()
    // Another copy of SQLite that opened the file later could not be rejected then, but is detected
    // here.
    if (this.#watch) assertOnlyCopy(realpathSync(this.#path))
    await this.read({ sql: 'SELECT 1', parameters: [] })
  }

  async info(): Promise<EngineInfo> {
    const [row] = await this.read({ sql: 'SELECT sqlite_version()', parameters: [] })
    return { serverVersion: String(row?.[0]), sizeBytes: this.#inMemory ? null : sizeOnDisk(this.#path) }
  }

  /** Names and links of one file share its inode. */
  async uniqueKey(): Promise<string> {
    this.#open()
    if (this.#inMemory) return `memory ${this.#memory}`
    const { dev, ino } = statSync(this.#path, { bigint: true })
    return `file ${dev} ${ino}`
  }

  integrity(): Promise<readonly IntegrityFault[]> {
    return this.#look((connection) =>
      checkIntegrity(linesOf(connection), async (query) => connection.all(query)),
    )
  }

  brokenReferences(): Promise<readonly BrokenReference[]> {
    return findBrokenReferences((query) => this.read(query))
  }

  salvage(view: Pick<EngineSnapshot, 'read'>, shape: TableShape): Promise<TablePlaces | null> {
    return findPlaces(view, shape)
  }

  async read(query: Query): Promise<readonly Row[]> {
    const writer = this.#open()
    // Rows of a transaction open on the writer are not committed. A file allows a second connection
    // for readers.
    if (writer.inTransaction) {
      if (this.#inMemory)
        return this.#useWriter((connection) => guarded(connection, () => connection.all(query)))
      return this.#readBeside(query)
    }
    try {
      return writer.all(query)
    } catch {
      return guarded(writer, () => writer.all(query))
    }
  }

  async writeSet(operations: readonly WriteOperation[]): Promise<readonly WriteOutcome[]> {
    const outcome = this.#tryAlone(operations)
    if (outcome) return [outcome]
    return this.#useWriter(async (connection) => {
      try {
        await connection.whenFree(() => connection.run('BEGIN IMMEDIATE'))
        const outcomes = runWriteSet(connection, operations)
        this.#watch?.assertInPlace()
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
    this.#open()
    const release = await this.#lock.acquire(this.#options.busyTimeout)
    try {
      const connection = this.#open()
      await connection.whenFree(() => connection.run('BEGIN IMMEDIATE'))
      return new SqliteTransaction(connection, {
        assertInPlace: () => this.#watch?.assertInPlace(),
        release: () => {
          this.#dropIfSpoiled(connection)
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
        driver: await this.#loadDriver(),
        path: this.#inMemory ? null : this.#path,
      }
      return await backUp(source, path, options)
    } finally {
      await snapshot.close()
    }
  }

  async snapshot(): Promise<SqliteSnapshot> {
    this.#open()
    const connection = this.#inMemory ? await this.#copyOfMemory() : await this.#openForSnapshot()
    const snapshot = await SqliteSnapshot.begin(connection, (closed) => this.#snapshots.delete(closed))
    this.#snapshots.add(snapshot)
    // The engine may have been disconnected while the view was being created.
    if (!this.#writer) await snapshot.close()
    this.#open()
    return snapshot
  }

  async #openForSnapshot(): Promise<Connection> {
    try {
      return await this.#openSecond()
    } catch (error) {
      throw connectionError(this.#path, error)
    }
  }

  async #copyOfMemory(): Promise<Connection> {
    const release = await this.#lock.acquire(this.#options.busyTimeout)
    try {
      const connection = this.#open()
      const { open } = await this.#loadDriver()
      return copyOfMemory(open, connection, this.#options)
    } catch (error) {
      throw classify(error)
    } finally {
      release()
    }
  }

  /**
   * Fast path for a single write without other writers: one autocommit statement. Undefined if it
   * did not succeed; the caller then runs a transaction.
   */
  #tryAlone(operations: readonly WriteOperation[]): WriteOutcome | undefined {
    const [only] = operations
    if (!only || operations.length > 1 || this.#lock.held) return undefined
    try {
      return runSingle(this.#open(), only)
    } catch (error) {
      if (isBusy(error)) return undefined
      if (isRowFault(error)) return failedWrite(classifyRefusal(error, only), only)
      throw classify(error)
    }
  }

  /** The writer connection, after checking that the file is still in place. */
  #open(): Connection {
    if (this.#reading?.isStale()) this.#renew()
    if (this.#lost) {
      try {
        this.#writer = this.#openWriter()
        this.#lost = false
      } catch (error) {
        throw connectionError(this.#path, error)
      }
    }
    this.#watch?.assertInPlace()
    if (this.#writer) return this.#writer
    throw notConnected()
  }

  async #loadDriver(): Promise<LoadedDriver> {
    this.#driver ??= await loadSqlite(this.#options.driver)
    return this.#driver
  }

  /** Discards the in-memory copy of a file, because the file is newer. */
  #renew(): void {
    closeQuietly(this.#reader)
    closeQuietly(this.#writer)
    this.#reader = undefined
    this.#writer = undefined
    this.#lost = true
  }

  #openWriter(): Connection {
    if (this.#inMemory) return this.#openConnection(false)
    const watch = new FileWatch(realpathSync(this.#path))
    const connection = this.#openConnection(this.#reading !== undefined)
    try {
      watch.follow(connection)
      watch.ask()
    } catch (error) {
      closeQuietly(connection)
      throw error
    }
    this.#watch = watch
    return connection
  }

  #openConnection(readOnly: boolean): Connection {
    if (!this.#driver) throw notConnected()
    const given = this.#options.open ?? this.#driver.open
    const open = this.#reading ? this.#reading.open(given, this.#driver.open) : given
    return new Connection(open, this.#path, this.#options, readOnly)
  }

  /** Reads committed rows while a transaction is open on the writer. */
  async #readBeside(query: Query): Promise<readonly Row[]> {
    try {
      if (!this.#reader) await this.#openReader()
    } catch (error) {
      throw connectionError(this.#path, error)
    }
    const reader = this.#reader
    if (!reader) throw notConnected()
    return guarded(reader, () => reader.all(query))
  }

  /** Runs `work` on a connection that sees committed rows only. */
  async #look<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.#open().inTransaction && !this.#inMemory) {
      try {
        if (!this.#reader) await this.#openReader()
      } catch (error) {
        throw connectionError(this.#path, error)
      }
      if (!this.#reader) throw notConnected()
      return classified(work(this.#reader))
    }
    return this.#open().inTransaction
      ? this.#useWriter((connection) => classified(work(connection)))
      : classified(work(this.#open()))
  }

  async #useWriter<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    this.#open()
    const release = await this.#lock.acquire()
    let connection: Connection | undefined
    try {
      connection = this.#open()
      return await work(connection)
    } finally {
      if (connection) this.#dropIfSpoiled(connection)
      release()
    }
  }

  /**
   * Closes an unusable writer, which undoes what a rollback could not. An in-memory database would
   * be lost with its connection, so its connection is kept.
   */
  #dropIfSpoiled(connection: Connection): void {
    if (!connection.unusable || this.#inMemory || this.#writer !== connection) return
    closeQuietly(connection)
    this.#writer = undefined
    this.#lost = true
  }

  /**
   * Opens the reader. Several reads may do so at once, and the engine may be disconnected in the
   * meantime.
   */
  async #openReader(): Promise<void> {
    const reader = await this.#openSecond()
    if (this.#writer && !this.#reader) this.#reader = reader
    else closeQuietly(reader)
  }

  /** Opens another connection to the same file. */
  #openSecond(): Promise<Connection> {
    const open = () => {
      const connection = this.#openConnection(true)
      try {
        this.#watch?.ask()
        return connection
      } catch (error) {
        closeQuietly(connection)
        throw error
      }
    }
    return retryOpening(open, this.#options.busyTimeout)
  }
}

function notConnected(): PersistenceConnectionError {
  return new PersistenceConnectionError('the store is not connected; call connect() first', {
    retryable: false,
  })
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
