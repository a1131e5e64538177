// Which files Purser opens: the rules of paths, the modes of new files and folders, and a look at the header before SQLite
// sees the file, so that a damaged or foreign file gets a clear answer and is never touched.

import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { PersistenceConnectionError } from '../../errors.ts'

/** An absolute path for a configured one, after all rules. */
export function resolveDatabasePath(path: string, root?: string): string {
  if (path.includes('\0')) throw refuse('the path of the database must not contain a NUL character')
  if (path.split(/[/\\]/).includes('..')) {
    throw refuse('the path of the database must not have a ".." component; write it without')
  }
  if (path !== path.trim()) throw refuse('the path of the database must not begin or end with white space')
  const absolute = resolve(root ?? '.', path)
  if (root !== undefined) assertInside(realPath(absolute), realPath(resolve(root)))
  return absolute
}

function assertInside(path: string, root: string): void {
  const way = relative(root, path)
  if (way === '' || way.startsWith(`..${sep}`) || way === '..' || isAbsolute(way)) {
    throw refuse('the path of the database leads out of the configured root folder')
  }
}

/** The path with links followed, also when its last components do not exist yet. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    const parent = dirname(path)
    if (parent === path) return path
    if (isDanglingLink(path)) throw refuse('the path of the database is a link that leads nowhere')
    return join(realPath(parent), basename(path))
  }
}

function isDanglingLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true && !existsSync(path)
}

/** What stands at the path before the driver opens it. */
export interface FoundFile {
  /** True when the file was made just now: it is removed again if it cannot be opened. */
  readonly created: boolean
  /** The process may not write it: it is opened for reading. */
  readonly readOnly: boolean
}

/** Makes the folder (0700) and the file (0600) when they are missing, and refuses what cannot be a database. */
export function prepareDatabaseFile(path: string, mustExist = false): FoundFile {
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (!stat && mustExist) throw refuse(`there is no database at ${path}; make one with purser migrate`)
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    if (stat?.isDirectory()) throw refuse(`${path} is a folder; name a file in it`)
    if (stat && !stat.isFile()) throw refuse(`${path} is not a regular file`)
    if (!stat) {
      // SQLite would make the file at the link's end, with whatever mode the process happens to give new files.
      if (isDanglingLink(path)) throw refuse(`${path} is a link that leads nowhere`)
      return { created: makeFile(path), readOnly: false }
    }
    if (stat.size > 0) inspectHeader(path, stat.size)
    return { created: false, readOnly: !isWritable(path) }
  } catch (error) {
    if (error instanceof PersistenceConnectionError) throw error
    throw refuse(`${path} cannot be opened (${systemReason(error)})`, error)
  }
}

/** False when another process made it just now. */
function makeFile(path: string): boolean {
  try {
    closeSync(openSync(path, 'ax', 0o600))
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

function isWritable(path: string): boolean {
  try {
    closeSync(openSync(path, 'r+'))
    return true
  } catch (error) {
    if (isCode(error, 'EACCES') || isCode(error, 'EPERM') || isCode(error, 'EROFS')) return false
    throw error
  }
}

/** https://sqlite.org/fileformat.html#the_database_header */
function inspectHeader(path: string, size: number): void {
  const header = Buffer.alloc(100)
  const handle = openSync(path, 'r')
  const length = readSync(handle, header, 0, 100, 0)
  closeSync(handle)
  if (header.subarray(0, 16).toString('latin1') !== 'SQLite format 3\0') {
    throw refuse(`${path} is not a SQLite database; it was left as it is`)
  }
  if (length < 100) throw truncated(path)
  const rawPageSize = header.readUInt16BE(16)
  const pages = header.readUInt32BE(28)
  const headerIsCurrent = header.readUInt32BE(24) === header.readUInt32BE(92)
  const hasLog = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0
  const hasJournal = (statSync(`${path}-journal`, { throwIfNoEntry: false })?.size ?? 0) > 0
  const expected = pages * (rawPageSize === 1 ? 65_536 : rawPageSize)
  if (headerIsCurrent && !hasLog && !hasJournal && size < expected) throw truncated(path, expected, size)
}

function truncated(path: string, expected?: number, size?: number): PersistenceConnectionError {
  const bytes = expected === undefined ? '' : `: it should have ${expected} bytes and has ${size}`
  return refuse(`${path} is cut off${bytes}; it was left as it is. Restore a backup`)
}

function refuse(message: string, cause?: unknown): PersistenceConnectionError {
  return new PersistenceConnectionError(message, { cause, retryable: false })
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

const reasons: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a component of the path is not a folder',
  EEXIST: 'a component of the path is not a folder',
  ELOOP: 'too many links',
  ENAMETOOLONG: 'the name is too long',
}

function systemReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return reasons[code] ?? code
}
