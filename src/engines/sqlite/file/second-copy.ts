// Two copies of SQLite in one process each keep a separate list of locks, so closing a handle of
// one drops the locks of the other, and committed writes can be lost. This is rejected, where it
// can be detected, before anything is opened: Linux lists the descriptors of a process.

import { readFileSync } from 'node:fs'
import { PersistenceConnectionError } from '../../../errors.ts'
import { descriptorsOf, openCount } from '../../core/open-files.ts'

/**
 * @throws PersistenceConnectionError when another copy of SQLite in this process has the file open
 */
export function assertOnlyCopy(path: string): void {
  const isOurs = openCount(path) > 0
  // One copy of SQLite has one descriptor of this file, however often it has the database open.
  const isTwice = isOurs && (descriptorsOf(`${path}-shm`) ?? 0) > 1
  const isAnothers = !isOurs && (descriptorsOf(path) ?? 0) > 0 && isOtherCopyLoaded()
  if (!isTwice && !isAnothers) return
  throw new PersistenceConnectionError(
    `${path} is open in this process through another copy of SQLite (such as node:sqlite), and closing one drops the locks of the other: committed writes would be lost. Close it there first, or open it in another process`,
    { retryable: false },
  )
}

function isOtherCopyLoaded(): boolean {
  if (loadedModules().includes('NativeModule sqlite')) return true
  return addons().length > 1
}

function loadedModules(): readonly unknown[] {
  const list: unknown = Reflect.get(process, 'moduleLoadList')
  return Array.isArray(list) ? list : []
}

/** Native modules of this process that are or contain SQLite. */
function addons(): readonly string[] {
  try {
    const paths = readFileSync('/proc/self/maps', 'utf8').matchAll(
      /\s(\/.*(?:sqlite|libsql).*\.(?:node|so[.\d]*))$/gim,
    )
    return [...new Set([...paths].map(([, path = '']) => path))]
  } catch {
    return []
  }
}
