// Notices that the file of an open store was deleted, moved or replaced: SQLite would go on writing into a file without a name, and what
// was acknowledged would be gone with the store. One question to the file system a second at the most.

import { type BigIntStats, statSync } from 'node:fs'
import { PersistenceConnectionError } from '../../errors.ts'

/** Milliseconds for which an answer is good. */
const INTERVAL = 1000

type FileId = Pick<BigIntStats, 'dev' | 'ino'>

export class FileWatch {
  readonly #path: string
  readonly #id: FileId | undefined
  /** The write-ahead log, once there is one: SQLite keeps it until the last one closes. */
  #log: FileId | undefined
  #isLogging: () => boolean = () => false
  #askedAt = 0

  /** Begins with the file that the name leads to now. */
  constructor(path: string) {
    this.#path = path
    this.#id = idOf(path)
  }

  /** @param isLogging true while the open connection uses a write-ahead log */
  follow(isLogging: () => boolean): void {
    this.#isLogging = isLogging
    this.#log = undefined
    this.#noteLog()
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
      return
    }
    if (isSame(idOf(`${this.#path}-wal`), this.#log) || !this.#isLogging()) return
    throw lost(
      `${this.#path}-wal was deleted, moved or replaced while ${this.#path} was open`,
      'close the store, which writes what was acknowledged into the database, and open it again',
    )
  }

  #noteLog(): void {
    if (this.#isLogging()) this.#log = idOf(`${this.#path}-wal`)
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
