// A SQLite connection: settings, a cache of prepared statements, and waiting for locks without
// blocking the event loop. It knows nothing about records; write-set.ts and transaction.ts use it.

import { realpathSync, statSync } from 'node:fs'
import type Database from 'better-sqlite3'
import { PersistenceConnectionError, type PersistenceError } from '../../errors.ts'
import type { Query, Row } from '../contract/engine.ts'
import { LEDGER_TABLE } from '../contract/schema.ts'
import { noteOpen } from '../core/open-files.ts'
import { AUTO_CHECKPOINT_PAGES, STATEMENT_CACHE_SIZE } from './capabilities.ts'
import type { OpenDriver } from './driver.ts'
import { classify, isBusy, primaryCode, sqliteCode } from './errors.ts'
import { cutOff, notADatabase } from './file/path.ts'

export interface ConnectionSettings {
  readonly journal: 'wal' | 'delete'
  readonly synchronous: 'full' | 'normal'
  /** Milliseconds to wait for another process's lock. */
  readonly busyTimeout: number
  /** Size in bytes to which the write-ahead log is truncated after a checkpoint. */
  readonly journalSizeLimit: number
}

/** Frames of the log, and those of them that are in the database; -1 where it could not begin. */
interface Checkpoint {
  readonly busy: number
  readonly log: number
  readonly checkpointed: number
}

export class Connection {
  readonly #handle: Database.Database
  readonly #settings: ConnectionSettings
  readonly #statements = new Map<string, Database.Statement>()
  readonly #noteClosed: () => void
  #unusable = false

  /**
   * Opens the file and applies every setting, or closes the handle again and throws. The driver
   * itself never waits for a lock, because a synchronous wait would block the whole process (see
   * `whenFree`).
   */
  constructor(open: OpenDriver, path: string, settings: ConnectionSettings, readOnly: boolean) {
    this.#settings = settings
    this.#handle = open(path, { timeout: 0, ...(readOnly ? { readonly: true } : {}) })
    this.#noteClosed = this.#handle.memory ? () => undefined : noteOpen(path)
    try {
      if (!this.#handle.memory) this.#assertWhole(path)
      this.#apply(settings, readOnly)
    } catch (error) {
      this.close()
      throw error
    }
  }

  /**
   * Checks the file before anything is written: SQLite reads the first page and reports what it is.
   */
  #assertWhole(path: string): void {
    try {
      this.#handle.pragma('schema_version')
    } catch (error) {
      const code = primaryCode(sqliteCode(error) ?? '')
      if (code === 'SQLITE_NOTADB') throw notADatabase(path)
      // The header claims more pages than the file has. Nothing else of the file has been read yet.
      if (code === 'SQLITE_CORRUPT') throw cutOff(path)
      throw error
    }
    // SQLite accepts a truncated last page as complete. Another process may be writing at this
    // moment; then a second look finds the page complete.
    for (let looks = 0; looks < 3; looks += 1) {
      const pages = Number(this.#handle.pragma('page_count', { simple: true }))
      const expected = pages * Number(this.#handle.pragma('page_size', { simple: true }))
      if (statSync(path).size >= expected || hasLog(path)) return
      if (looks === 2) throw cutOff(path, expected)
    }
  }

  #apply(settings: ConnectionSettings, readOnly: boolean): void {
    this.#handle.pragma('trusted_schema = off')
    this.#handle.pragma('foreign_keys = on')
    this.#handle.pragma('cell_size_check = on')
    this.#handle.pragma(`synchronous = ${settings.synchronous}`)
    this.#handle.pragma('temp_store = memory')
    if (readOnly || this.#handle.memory) return
    this.#handle.pragma(`wal_autocheckpoint = ${AUTO_CHECKPOINT_PAGES}`)
    this.#handle.pragma(`journal_size_limit = ${settings.journalSizeLimit}`)
    this.settleJournal()
  }

  /**
   * Switches the file to the configured journal mode, which is stored in the file. A database that
   * is not Purser's, or not yet, is left unchanged; this is called again after adoption.
   */
  settleJournal(): void {
    const { journal } = this.#settings
    if (this.#handle.memory || this.#handle.readonly || !this.#isOwn()) return
    const current = this.#handle.pragma('journal_mode', { simple: true })
    if (current === journal) return
    const reached = this.#handle.pragma(`journal_mode = ${journal}`, { simple: true })
    if (reached === journal) return
    throw new PersistenceConnectionError(
      `the journal mode stayed ${String(reached)} where ${journal} was asked for; another process may use the file`,
    )
  }

  /** True for Purser's databases: an empty one, or one with the ledger. */
  #isOwn(): boolean {
    const objects = this.#handle.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()
    if (objects === 0) return true
    const columns = this.#handle.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(LEDGER_TABLE)
    return columns.includes('purser_version')
  }

  get inTransaction(): boolean {
    return this.#handle.inTransaction
  }

  /** True if the file is used with a write-ahead log. */
  get isLogged(): boolean {
    return !this.#handle.memory && this.#handle.pragma('journal_mode', { simple: true }) === 'wal'
  }

  /** A number that changes with each commit of another connection. */
  get dataVersion(): number {
    return Number(this.#handle.pragma('data_version', { simple: true }))
  }

  /**
   * Checkpoints the write-ahead log into the database and empties it. Waits for other connections
   * that use it, for busyTimeout at most.
   * @returns false if they kept a part of it out of the database. What is all in the database may
   * stay in the log as well, for a connection that reads it
   */
  async emptyLog(): Promise<boolean> {
    const deadline = performance.now() + this.#settings.busyTimeout
    for (;;) {
      // https://sqlite.org/pragma.html#pragma_wal_checkpoint
      const [result] = this.#handle.pragma('wal_checkpoint(TRUNCATE)') as Checkpoint[]
      if (result?.busy === 0) return true
      if (performance.now() >= deadline)
        return result !== undefined && result.log >= 0 && result.log === result.checkpointed
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  get handle(): Database.Database {
    return this.#handle
  }

  /** The prepared statement for this text. Rows are arrays, with every integer as a BigInt. */
  prepare(sql: string): Database.Statement {
    const cached = this.#statements.get(sql)
    if (cached) return cached
    const statement = this.#handle.prepare(sql)
    if (statement.reader) statement.raw(true).safeIntegers(true)
    if (this.#statements.size >= STATEMENT_CACHE_SIZE) {
      const oldest = this.#statements.keys().next()
      if (!oldest.done) this.#statements.delete(oldest.value)
    }
    this.#statements.set(sql, statement)
    return statement
  }

  all(query: Query): readonly Row[] {
    return this.prepare(query.sql).all(...query.parameters) as Row[]
  }

  /** Runs a statement and returns the number of rows it changed. */
  run(sql: string, parameters: Query['parameters'] = []): number {
    return this.prepare(sql).run(...parameters).changes
  }

  /**
   * Retries `action` while the file is locked, for busyTimeout at most. The first attempts follow
   * each other closely, since most locks are held for less than a millisecond; then the pause grows
   * to 25 ms, with jitter.
   */
  async whenFree<T>(action: () => T): Promise<T> {
    const deadline = performance.now() + this.#settings.busyTimeout
    for (let attempt = 0; ; attempt += 1) {
      try {
        return action()
      } catch (error) {
        if (!isBusy(error) || performance.now() >= deadline) throw error
        const pause = Math.min(25, 2 ** attempt) * (0.5 + Math.random() / 2)
        await new Promise((resolve) => setTimeout(resolve, pause))
      }
    }
  }

  /**
   * Rolls back any open transaction. If even that fails, the connection is unusable and has to be
   * replaced.
   */
  rollback(): void {
    try {
      if (this.#handle.inTransaction) this.#handle.exec('ROLLBACK')
    } catch {
      this.#unusable = true
    }
  }

  /** True if a transaction is open that only closing the connection can end. */
  get unusable(): boolean {
    return this.#unusable
  }

  /** Closes the handle. Throws if the driver fails to. */
  close(): void {
    this.#statements.clear()
    this.#handle.close()
    this.#noteClosed()
  }
}

/** Pages missing from the file may be in the write-ahead log, or be restored from the journal. */
function hasLog(path: string): boolean {
  const real = realpathSync(path)
  return ['-wal', '-journal'].some(
    (suffix) => (statSync(`${real}${suffix}`, { throwIfNoEntry: false })?.size ?? 0) > 0,
  )
}

/** Converts an error of opening to a connection error, with the path and what to do. */
export function connectionError(path: string, error: unknown): PersistenceError {
  if (error instanceof PersistenceConnectionError) return error
  const known = classify(error)
  return new PersistenceConnectionError(`${path} cannot be opened: ${known.message}`, {
    cause: error,
    retryable: known.retryable,
  })
}
