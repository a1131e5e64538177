// Detects that the file of an open store was deleted, moved or replaced. SQLite would continue to
// write to the unlinked file, and acknowledged writes would be lost with the store. Calls the file
// system at most once a second.

import { statSync } from 'node:fs'
import { PersistenceConnectionError } from '../../../errors.ts'
import { type FileId, isLocked } from './file-locks.ts'

/** Milliseconds for which a result is reused. */
const INTERVAL = 1000

/** What the watch needs from the open connection. */
export interface Watched {
  /** True while it uses a write-ahead log. */
  readonly isLogged: boolean
  /** A number that changes with each commit of another connection. */
  readonly dataVersion: number
  rollback(): void
  /**
   * Checkpoints the log into the open file and empties the log.
   * @returns false if others kept a part of it out of the file
   */
  emptyLog(): Promise<boolean>
}

export class FileWatch {
  readonly #path: string
  readonly #id: FileId | undefined
  /** The write-ahead log, once it exists: SQLite keeps it until the last connection closes. */
  #log: FileId | undefined
  #connection: Watched | undefined
  /** The data version when the file was last found in place. */
  #version: number | undefined
  /** When the file was last found in place, on the clock of `performance.now()`. */
  #askedAt = Number.NEGATIVE_INFINITY

  /** Starts with the file that the path refers to now. */
  constructor(path: string) {
    this.#path = path
    this.#id = idOf(path)
  }

  follow(connection: Watched): void {
    this.#connection = connection
    this.#log = undefined
    this.#noteLog()
  }

  /**
   * Called before the connection is closed. SQLite leaves the log of an unlinked file behind, and
   * the next file of that name would be read with it. So the log is checkpointed into the file it
   * belongs to, which the connection still has open, whatever its name is now.
   * @throws PersistenceConnectionError if acknowledged writes stay in the log: it says where
   */
  async letGo(): Promise<void> {
    const connection = this.#connection
    this.#connection = undefined
    const now = idOf(this.#path)
    if (!connection || isSame(now, this.#id)) return
    let isHome: boolean
    try {
      if (!connection.isLogged) return
      if (!this.#ownsLog(connection, now)) {
        throw this.#left(
          'another program may have opened the file that is there now, with the log of the old one',
        )
      }
      connection.rollback()
      isHome = await connection.emptyLog()
    } catch (error) {
      if (error instanceof PersistenceConnectionError) throw error
      throw this.#left(`writing them into the file failed (${reasonOf(error)})`, error)
    }
    if (!isHome) throw this.#left('another connection was using the log, and has to be closed first')
  }

  /**
   * False if the log may hold commits for the file that has the name now. A program that opens that
   * file shares the log, and keeps the file locked; when it closes, it removes the log.
   */
  #ownsLog(connection: Watched, now: FileId | undefined): boolean {
    if (!now || !this.#id || connection.dataVersion === this.#version) return true
    return isSame(idOf(`${this.#path}-wal`), this.#log) && isLocked(now, this.#id) === false
  }

  #left(why: string, cause?: unknown): PersistenceConnectionError {
    const isThere = isSame(idOf(`${this.#path}-wal`), this.#log)
    const place = isThere ? `${this.#path}-wal` : `the log that was ${this.#path}-wal`
    return new PersistenceConnectionError(
      `${this.#path} was deleted, moved or replaced while it was open, and acknowledged writes of it are still in ${place}: ${why}. Keep that log and open no database at ${this.#path} meanwhile: stop the programs that use it, put the file that was moved away back beside its log, and open it once`,
      { retryable: false, cause },
    )
  }

  /**
   * @throws PersistenceConnectionError when the path refers to another file or to none; detected
   * within a second
   */
  assertInPlace(): void {
    if (performance.now() - this.#askedAt < INTERVAL) return
    this.ask()
    this.#askedAt = performance.now()
  }

  /** The same check, immediately. */
  ask(): void {
    this.#askedAt = Number.NEGATIVE_INFINITY
    const now = idOf(this.#path)
    if (!isSame(now, this.#id)) {
      throw lost(
        `${this.#path} was ${now ? 'replaced' : 'deleted or moved'} while it was open`,
        now ? 'close the store and open the file that is there now' : 'put the file back, or close the store',
      )
    }
    if (!this.#log) {
      this.#noteLog()
      if (!this.#log) return
    }
    this.#noteVersion()
    if (isSame(idOf(`${this.#path}-wal`), this.#log) || !this.#connection?.isLogged) return
    throw lost(
      `${this.#path}-wal was deleted, moved or replaced while ${this.#path} was open`,
      'close the store, which writes what was acknowledged into the database, and open it again',
    )
  }

  /**
   * Records the data version. If it cannot be read after opening, it is undefined and the log is
   * left alone; the next call reports the problem.
   */
  #noteVersion(): void {
    const isOpening = this.#version === undefined
    this.#version = undefined
    try {
      this.#version = this.#connection?.dataVersion
    } catch (error) {
      if (isOpening) throw error
    }
  }

  #noteLog(): void {
    if (this.#connection?.isLogged) this.#log = idOf(`${this.#path}-wal`)
  }
}

function idOf(path: string): FileId | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function isSame(one: FileId | undefined, other: FileId | undefined): boolean {
  return one !== undefined && one.dev === other?.dev && one.ino === other.ino
}

function lost(what: string, advice: string): PersistenceConnectionError {
  return new PersistenceConnectionError(`${what}; nothing of this call was written: ${advice}`, {
    retryable: false,
  })
}
