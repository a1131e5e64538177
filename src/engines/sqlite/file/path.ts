// Which files Purser opens: path rules, modes of new files and folders, and checks of a file before
// SQLite sees it. Only SQLite itself opens an existing database.

import { randomUUID } from 'node:crypto'
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  statSync,
  unlinkSync,
} from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { PersistenceConnectionError } from '../../../errors.ts'
import { fromHome } from '../../../values/home-folder.ts'
import { SIDE_FILES, sideNameProblem } from '../../core/side-files.ts'

/** The absolute path for a configured one, after all rules. */
export function resolveDatabasePath(path: string, root?: string): string {
  if (path.includes('\0')) throw refuse('the path of the database must not contain a NUL character')
  if (path.split(/[/\\]/).includes('..')) {
    throw refuse('the path of the database must not have a ".." component; write it without')
  }
  if (path !== path.trim()) throw refuse('the path of the database must not begin or end with white space')
  const folder = root === undefined ? undefined : resolve(fromHome(root))
  const absolute = resolve(folder ?? '.', fromHome(path))
  assertOwnName(absolute)
  if (folder !== undefined) assertInside(realPath(absolute), realPath(folder))
  return absolute
}

function assertOwnName(path: string): void {
  const problem = sideNameProblem(path)
  if (problem !== undefined) throw refuse(problem)
}

function assertInside(path: string, root: string): void {
  const way = relative(root, path)
  if (way === '' || way.startsWith(`..${sep}`) || way === '..' || isAbsolute(way)) {
    throw refuse('the path of the database leads out of the configured root folder')
  }
}

/** The path with links resolved, even if its last components do not exist yet. */
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

/** What is at the path before the driver opens it. */
export interface FoundFile {
  /** True if the file was just created; it is removed again if it cannot be opened. */
  readonly created: boolean
  /** The process may not write the file, so it is opened for reading. */
  readonly readOnly: boolean
}

/**
 * Creates the folder (0700) and the file (0600) if they are missing, and rejects what cannot be a
 * database. An existing file is examined without opening it, because closing it would drop the
 * locks that SQLite holds on it in this process.
 */
export function prepareDatabaseFile(path: string, mustExist = false): FoundFile {
  try {
    // Looked for before the database: whoever creates that one now has it before its log.
    const log = orphanOf(path)
    const stat = statSync(path, { throwIfNoEntry: false })
    if (log !== undefined && (!stat || (stat.size === 0 && log.endsWith('-wal')))) throw orphaned(path, log)
    if (!stat && mustExist) throw refuse(`there is no database at ${path}; make one with purser migrate`)
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    if (stat?.isDirectory()) throw refuse(`${path} is a folder; name a file in it`)
    if (stat && !stat.isFile()) throw refuse(`${path} is not a regular file`)
    if (!stat) {
      // SQLite would create the target of the link, with the process's default mode.
      if (isDanglingLink(path)) throw refuse(`${path} is a link that leads nowhere`)
      return { created: makeFile(path), readOnly: false }
    }
    accessSync(path, constants.R_OK)
    // SQLite names the files beside a database after the target of a link.
    assertOwnName(realpathSync(path))
    // Shorter than a database header. SQLite would treat a one-byte file as empty.
    if (stat.size > 0 && stat.size < HEADER_BYTES) throw notADatabase(path)
    return { created: false, readOnly: !canWrite(realpathSync(path)) }
  } catch (error) {
    if (error instanceof PersistenceConnectionError) throw error
    throw refuse(`${path} cannot be opened (${systemReason(error)})`, error)
  }
}

/** A log or journal at the path that has content. SQLite would delete it with a new database. */
function orphanOf(path: string): string | undefined {
  const real = existsSync(path) ? realpathSync(path) : path
  return [`${real}-wal`, `${real}-journal`].find(
    (beside) => (statSync(beside, { throwIfNoEntry: false })?.size ?? 0) > 0,
  )
}

function orphaned(path: string, log: string): PersistenceConnectionError {
  return refuse(
    `${log} belongs to a database that was deleted or moved from ${path}, and committed writes may be in it; a new database there would delete it. Put the database back beside it, or move ${log} away if both may go`,
  )
}

/**
 * Creates an empty file under a random name and links it to its own name only after closing it, so
 * that it is closed before any other code can open it.
 * @returns false when another process has just created the file
 */
function makeFile(path: string): boolean {
  const unnamed = `${path}.new-${randomUUID()}`
  closeSync(openSync(unnamed, 'ax', 0o600))
  try {
    linkSync(unnamed, path)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    return makeWithoutLinks(path)
  } finally {
    unlinkSync(unnamed)
  }
}

/**
 * Creates the file on a file system without links. The descriptor stays open for the lifetime of
 * the process, because another store may have the file open by now.
 */
function makeWithoutLinks(path: string): boolean {
  try {
    openSync(path, 'ax', 0o600)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

/** True if SQLite can write the file, and the files that it needs beside it. */
function canWrite(path: string): boolean {
  if (!isAllowed(path, constants.W_OK)) return false
  const besides = SIDE_FILES.map((suffix) => `${path}${suffix}`).filter(isThere)
  // The last program to close the database removes these files, perhaps at this moment, and another
  // one makes them anew: a file that is missing is no obstacle, whether or not it is back by now.
  const inTheWay = besides.find(isForbidden)
  if (inTheWay !== undefined) {
    throw refuse(
      `${path} cannot be opened: ${inTheWay} belongs to ${ownerOf(inTheWay)} and may not be written by this one. Give it the owner of the database; do not delete it, since committed writes may be in it`,
    )
  }
  return isAllowed(dirname(path), constants.W_OK | constants.X_OK) || besides.length >= 2
}

function ownerOf(path: string): string {
  return `the user ${statSync(path).uid}`
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

function isAllowed(path: string, mode: number): boolean {
  return access(path, mode) === 'allowed'
}

/** Whether it is there, and may not be read and written. */
function isForbidden(path: string): boolean {
  return access(path, constants.R_OK | constants.W_OK) === 'forbidden'
}

function access(path: string, mode: number): 'allowed' | 'forbidden' | 'missing' {
  try {
    accessSync(path, mode)
    return 'allowed'
  } catch (error) {
    if (isCode(error, 'ENOENT')) return 'missing'
    if (['EACCES', 'EPERM', 'EROFS'].some((code) => isCode(error, code))) return 'forbidden'
    throw error
  }
}

/** The error for a file that does not begin as a SQLite database does. */
export function notADatabase(path: string): PersistenceConnectionError {
  const size = statSync(path).size
  if (size >= HEADER_BYTES) return refuse(`${path} is not a SQLite database; it was left as it is`)
  return refuse(
    `${path} is not a SQLite database, or is cut off: it has ${size} bytes; it was left as it is. Restore a backup`,
  )
}

/** https://sqlite.org/fileformat.html#the_database_header */
const HEADER_BYTES = 100

/**
 * The error for a database file that is shorter than it says.
 * @param expected its bytes according to its header, if they are known
 */
export function cutOff(path: string, expected?: number): PersistenceConnectionError {
  const should = expected === undefined ? 'fewer than its header names' : `and should have ${expected}`
  return refuse(
    `${path} is cut off: it has ${statSync(path).size} bytes, ${should}; it was left as it is. Restore a backup`,
  )
}

/** A connection error that is not retryable: the same path gives it again. */
export function refuse(message: string, cause?: unknown): PersistenceConnectionError {
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
