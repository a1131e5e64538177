// Copies a database to a file while it is in use. It uses SQLite's backup interface over a
// connection with an open read transaction, so that the copy is of one moment and never restarts. A
// few pages are copied at a time, so that the process can do other work. The copy is verified
// before it gets its name. Numbers: docs/decisions/0012-moving-data.md.

import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, linkSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { PersistenceError, QueryError } from '../../../errors.ts'
import type { BackupOptions } from '../../contract/engine.ts'
import { descriptorsOf, isOpenDatabase } from '../../core/open-files.ts'
import { SIDE_FILES, sideNameProblem } from '../../core/side-files.ts'
import { Connection, type ConnectionSettings } from '../connection.ts'
import type { LoadedDriver } from '../driver.ts'
import { classify } from '../errors.ts'
import { flushToDisk } from './flush.ts'
import { checkAside, linesOf } from './integrity.ts'

/** Pages of one step: 4 MB, which takes a few milliseconds. */
const STEP_PAGES = 1000

interface Source {
  /** Has an open read transaction. */
  readonly connection: Connection
  readonly settings: ConnectionSettings
  readonly driver: LoadedDriver
  /** The database's own path; null if it is in memory. */
  readonly path: string | null
}

/** Copies a database page by page while others write to it, and passes the finished copy on. */
export async function backUp<T>(
  source: Source,
  given: string,
  options: BackupOptions<T>,
): Promise<{ bytes: number; inspected: T }> {
  const path = resolve(given)
  assertFree(source, path, options.force === true)
  // Two backups to the same path may run in one process.
  const partial = `${path}.partial-${randomUUID().slice(0, 8)}`
  try {
    options.signal?.throwIfAborted()
    rmSync(partial, { force: true })
    closeSync(openSync(partial, 'ax', 0o600))
    await source.connection.handle.backup(partial, {
      progress: ({ totalPages, remainingPages }) => {
        options.signal?.throwIfAborted()
        options.progress?.(totalPages === 0 ? 1 : 1 - remainingPages / totalPages)
        return STEP_PAGES
      },
    })
    const inspected = await inspect(partial, source, options)
    flushToDisk(partial)
    giveName(partial, path, options.force === true)
    flushToDisk(dirname(path))
    return { bytes: statSync(path).size, inspected }
  } catch (error) {
    if (error === options.signal?.reason && options.signal?.aborted) throw error
    throw failure(path, error)
  } finally {
    for (const beside of ['', ...SIDE_FILES]) rmSync(`${partial}${beside}`, { force: true })
  }
}

/** The copy inherits the journal mode of its source; a standalone file needs no write-ahead log. */
async function inspect<T>(
  partial: string,
  { settings, driver }: Source,
  { inspect: look }: BackupOptions<T>,
): Promise<T> {
  const copy = new Connection(driver.open, partial, { ...settings, journal: 'delete' }, false)
  try {
    copy.handle.pragma('journal_mode = delete')
    const read = async (query: Parameters<Connection['all']>[0]) => copy.all(query)
    const [damage] = await checkAside(partial, driver.exported, linesOf(copy), read)
    if (damage !== undefined) {
      throw new QueryError(
        `the copy is damaged, and so is the database itself: ${damage.text}. Keep the file, run purser doctor, and restore an older backup; purser export --salvage writes what can still be read`,
      )
    }
    return await look({ read })
  } finally {
    copy.close()
  }
}

function assertFree({ path: own }: Source, path: string, force: boolean): void {
  const problem = sideNameProblem(path)
  const isOwn = (name: string) => sameFile(name, path) || resolve(name) === path
  if (own !== null && ['', ...SIDE_FILES].some((beside) => isOwn(`${own}${beside}`))) {
    throw new QueryError(`${path} is the database itself; name another file for the backup`)
  }
  if (problem !== undefined) throw new QueryError(problem)
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat && !stat.isFile()) throw new QueryError(`${path} is no file; name a file for the backup`)
  if (stat && !force) throw isThere(path)
  const used = SIDE_FILES.find((beside) => existsSync(`${path}${beside}`))
  if (used !== undefined) {
    throw new QueryError(
      `${path}${used} stands beside the file, which some program uses as a database; name another file for the backup`,
    )
  }
  if (stat && (isOpenDatabase(path) || (descriptorsOf(path) ?? 0) > 0)) {
    throw new QueryError(`${path} is open in this process; name another file for the backup`)
  }
}

function sameFile(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }))
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino
}

/**
 * Moves the copy to its final path. Another process may have created that file in the meantime:
 * creating a link fails if the name is taken, whereas renaming would replace the file.
 */
function giveName(partial: string, path: string, force: boolean): void {
  if (force) {
    renameSync(partial, path)
    return
  }
  try {
    linkSync(partial, path)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST') throw isThere(path)
    // Not every file system has links.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error
    if (existsSync(path)) throw isThere(path)
    renameSync(partial, path)
  }
}

function isThere(path: string): QueryError {
  return new QueryError(`${path} is there already, and was left as it is; name another file, or say --force`)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a part of its path is no folder',
  EACCES: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  SQLITE_FULL: 'the disk is full',
}

function failure(path: string, error: unknown): PersistenceError {
  if (error instanceof PersistenceError) return error
  const code = codeOf(error)
  const reason = reasons[code] ?? (code.startsWith('SQLITE_') ? classify(error).message : code)
  return new QueryError(`the backup ${path} could not be made: ${reason}; no file was left there`, {
    cause: error,
  })
}
