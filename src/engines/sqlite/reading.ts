// Reads a file that this process may not write, without leaving any files beside it: the files that
// SQLite creates to read a write-ahead log would belong to this user and lock out the database's
// owner. If there is no log, the file is complete, and it is read into memory. That copy is renewed
// when the file changes.

import { openSync, readSync, realpathSync, statSync } from 'node:fs'
import type { OpenDriver } from './driver.ts'
import { refuse } from './file/path.ts'

/** The largest file that is read into memory. */
const MAX_BYTES = 2 ** 31 - 1

/** Milliseconds between checks for a changed file. */
const INTERVAL = 1000

export class Reading {
  readonly #path: string
  /**
   * The file's identity when it was read into memory; undefined while SQLite reads the file itself.
   */
  #read: string | undefined
  #askedAt = 0

  constructor(path: string) {
    this.#path = realpathSync(path)
  }

  /**
   * @param beside opens the file itself
   * @param ofBytes opens a copy of its bytes
   * @throws PersistenceConnectionError when the latest writes cannot be read from here
   */
  open(beside: OpenDriver, ofBytes: OpenDriver): OpenDriver {
    this.#read = undefined
    const [log, index] = ['-wal', '-shm'].map((suffix) => `${this.#path}${suffix}`)
    if (sizeOf(`${log}`) > 0) {
      if (sizeOf(`${index}`) > 0) return beside
      throw refuse(
        `${this.#path} may not be written here, and its newest writes are in ${log}, which cannot be read without ${index}. Open it once as a user who may write it, or copy both files to a folder of your own`,
      )
    }
    if (!isLogged(this.#path)) return beside
    const content = this.#content()
    return (_, options) => ofBytes(content, { ...options, readonly: true })
  }

  /** True if the file differs from the copy in memory; checked at most once a second. */
  isStale(): boolean {
    if (this.#read === undefined || performance.now() - this.#askedAt < INTERVAL) return false
    this.#askedAt = performance.now()
    return this.#read !== stateOf(this.#path)
  }

  #content(): Buffer {
    for (let tries = 0; tries < 3; tries += 1) {
      const before = stateOf(this.#path)
      const content = wholeOf(this.#path)
      if (before !== stateOf(this.#path)) continue
      this.#read = before
      this.#askedAt = performance.now()
      // An in-memory database has no write-ahead log.
      content.fill(1, 18, 20)
      return content
    }
    throw refuse(`${this.#path} is being written, and cannot be read from here meanwhile; try again`)
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function stateOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat ? [stat.dev, stat.ino, stat.size, stat.mtimeNs, sizeOf(`${path}-wal`)].join(' ') : 'gone'
}

/**
 * True if the header says that there is, or can be, a write-ahead log:
 * https://sqlite.org/fileformat.html#the_database_header
 */
function isLogged(path: string): boolean {
  const header = Buffer.alloc(20)
  readSync(descriptorOf(path), header, 0, 20, 0)
  return header.toString('latin1', 0, 16) === 'SQLite format 3\0' && header[18] === 2
}

function wholeOf(path: string): Buffer {
  const size = sizeOf(path)
  if (size > MAX_BYTES) {
    throw refuse(
      `${path} may not be written here, and is too large to be read into memory; copy it to a folder of your own`,
    )
  }
  const content = Buffer.alloc(size)
  for (let done = 0; done < size; ) {
    const read = readSync(descriptorOf(path), content, done, size - done, done)
    if (read === 0) break
    done += read
  }
  return content
}

/**
 * The descriptor is never closed: the file may belong to a store that has it open for writing under
 * another name, and would lose its locks.
 */
const descriptors = new Map<string, number>()

function descriptorOf(path: string): number {
  const { dev, ino } = statSync(path)
  const known = descriptors.get(`${dev} ${ino}`)
  if (known !== undefined) return known
  const made = openSync(path, 'r')
  descriptors.set(`${dev} ${ino}`, made)
  return made
}
