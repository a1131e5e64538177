// Notices that the file of an open store was deleted, moved or replaced: SQLite would go on writing into a file without a name, and what
// was acknowledged would be gone with the store. One question to the file system a second at the most.

import { type BigIntStats, statSync } from 'node:fs'
import { PersistenceConnectionError } from '../../../errors.ts'

/** Milliseconds for which an answer is good. */
const INTERVAL = 1000

/** What the watch asks of the open connection. */
export interface Watched {
  /** True while it uses a write-ahead log. */
  readonly isLogged: boolean
  /** Another number after each commit of somebody else. */
  readonly dataVersion: number
  /** Writes what is in the log into the file that is open, and leaves the log empty. */
  emptyLog(): void
}

type FileId = Pick<BigIntStats, 'dev' | 'ino'>

export class FileWatch {
  readonly #path: string
  readonly #id: FileId | undefined
  /** The write-ahead log, once there is one: SQLite keeps it until the last one closes. */
  #log: FileId | undefined
  #connection: Watched | undefined
  /** The commits of others, as of when the file was last found in its place. */
  #version: number | undefined
  #askedAt = 0

  /** Begins with the file that the name leads to now. */
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
   * Before the connection is closed. SQLite leaves the log of a file that has lost its name where it is, and the next file of that name would
   * be read with it: the log's pages go into the file they are of. Where others have committed since, they may do so in that next file, and
   * the log is left to them.
   */
  letGo(): void {
    const connection = this.#connection
    this.#connection = undefined
    if (!connection?.isLogged || isSame(idOf(this.#path), this.#id)) return
    if (connection.dataVersion === this.#version) connection.emptyLog()
  }

  /** @throws PersistenceConnectionError when another file has the name now, or none; at most a second after it happened */
  assertInPlace(): void {
    if (performance.now() - this.#askedAt < INTERVAL) return
    this.ask()
    this.#askedAt = performance.now()
  }

  /** The same, at once. */
  ask(): void {
    this.#askedAt = 0
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

  /** Where it cannot be told later on there is none, and the log is left alone: the call that follows says what is wrong. */
  #noteVersion(): void {
    const isOpening = this.#version === undefined && this.#askedAt === 0
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

function isSame(one: FileId | undefined, other: FileId | undefined): boolean {
  return one !== undefined && one.dev === other?.dev && one.ino === other.ino
}

function lost(what: string, advice: string): PersistenceConnectionError {
  return new PersistenceConnectionError(`${what}; nothing of this call was written: ${advice}`, {
    retryable: false,
  })
}
