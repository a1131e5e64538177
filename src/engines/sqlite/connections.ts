// The connections of one database: the writer, a reader opened on the first read during an open
// transaction, and further ones on request. Replaces a writer that became unusable, or that reads a
// copy of a file that has changed since. Which call uses which connection is the engine's business.

import { realpathSync, statSync } from 'node:fs'
import { PersistenceConnectionError } from '../../errors.ts'
import type { StoreDriver } from '../core/load-driver.ts'
import { Connection, type ConnectionSettings, connectionError } from './connection.ts'
import { type LoadedDriver, loadSqlite, type OpenDriver } from './driver.ts'
import { FileWatch } from './file/file-watch.ts'
import { closeQuietly, removeIfUnused, retryOpening } from './file/opening.ts'
import { prepareDatabaseFile } from './file/path.ts'
import { assertOnlyCopy } from './file/second-copy.ts'
import { Reading } from './reading.ts'

interface ConnectionsOptions extends ConnectionSettings {
  readonly mustExist?: boolean | undefined
  readonly driver?: StoreDriver | undefined
  readonly open?: OpenDriver
}

/** The first read detects a file whose tables cannot be read. */
const FIRST_READ = { sql: 'SELECT count(*) FROM sqlite_schema', parameters: [] }

export class Connections {
  readonly #path: string
  readonly #inMemory: boolean
  readonly #options: ConnectionsOptions
  #driver: LoadedDriver | undefined
  #writer: Connection | undefined
  #reader: Connection | undefined
  /** Reads a file that this process may not write; undefined for all others. */
  #reading: Reading | undefined
  /** Undefined for an in-memory database. */
  #watch: FileWatch | undefined
  /** The writer was closed because it was unusable or outdated; the next call opens another. */
  #lost = false

  /** @param path of the file, or `:memory:` */
  constructor(path: string, options: ConnectionsOptions) {
    this.#path = path
    this.#inMemory = path === ':memory:'
    this.#options = options
  }

  get isOpen(): boolean {
    return this.#writer !== undefined
  }

  get isReadOnly(): boolean {
    return this.#reading !== undefined
  }

  async connect(): Promise<void> {
    if (this.#writer) return
    await this.loadDriver()
    const found = this.#inMemory ? undefined : prepareDatabaseFile(this.#path, this.#options.mustExist)
    try {
      if (found) {
        assertOnlyCopy(realpathSync(this.#path))
        this.#reading = found.readOnly ? new Reading(this.#path) : undefined
      }
      const writer = found
        ? await retryOpening(() => this.#openWriter(), this.#options.busyTimeout)
        : this.#openWriter()
      this.#writer = writer
      await writer.whenFree(() => writer.all(FIRST_READ))
    } catch (error) {
      closeQuietly(this.#writer)
      this.#writer = undefined
      this.#watch = undefined
      if (found?.created) removeIfUnused(this.#path)
      throw connectionError(this.#path, error)
    }
  }

  /** Closes all, whatever fails. @throws PersistenceConnectionError for the first failure */
  async close(): Promise<void> {
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

  /** The writer, after checking that the file is still in place. */
  writer(): Connection {
    if (this.#reading?.isStale()) this.#renew()
    if (this.#lost) {
      try {
        this.#writer = this.#openWriter()
        this.#lost = false
      } catch (error) {
        throw connectionError(this.#path, error)
      }
    }
    this.assertInPlace()
    if (this.#writer) return this.#writer
    throw notConnected()
  }

  /** The connection that sees committed rows while a transaction is open on the writer. */
  async reader(): Promise<Connection> {
    if (!this.#reader) {
      const reader = await this.openAnother()
      // Several reads may do this at once, and the engine may be disconnected in the meantime.
      if (this.#writer && !this.#reader) this.#reader = reader
      else closeQuietly(reader)
    }
    if (this.#reader) return this.#reader
    throw notConnected()
  }

  /** Another connection to the same file, which the caller closes. */
  async openAnother(): Promise<Connection> {
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
    try {
      return await retryOpening(open, this.#options.busyTimeout)
    } catch (error) {
      throw connectionError(this.#path, error)
    }
  }

  /**
   * Closes an unusable writer, which undoes what a rollback could not. An in-memory database would
   * be lost with its connection, so its connection is kept.
   */
  dropIfUnusable(connection: Connection): void {
    if (!connection.unusable || this.#inMemory || this.#writer !== connection) return
    closeQuietly(connection)
    this.#writer = undefined
    this.#lost = true
  }

  async loadDriver(): Promise<LoadedDriver> {
    this.#driver ??= await loadSqlite(this.#options.driver)
    return this.#driver
  }

  /** @throws PersistenceConnectionError when the file was deleted, moved or replaced */
  assertInPlace(): void {
    this.#watch?.assertInPlace()
  }

  /**
   * Checks the file at once, and that no other copy of SQLite in this process has opened it since.
   * @throws PersistenceConnectionError
   */
  examine(): void {
    this.#watch?.ask()
    if (this.#watch) assertOnlyCopy(realpathSync(this.#path))
  }

  /** Names and links of one file share its inode. */
  fileKey(): string {
    const { dev, ino } = statSync(this.#path, { bigint: true })
    return `file ${dev} ${ino}`
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
    const connection = this.#openConnection(this.isReadOnly)
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
}

function notConnected(): PersistenceConnectionError {
  return new PersistenceConnectionError('the store is not connected; call connect() first', {
    retryable: false,
  })
}
