// Expands `~` at the beginning of a path.

import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { PersistenceConnectionError } from '../errors.ts'

const HOME = /^~(?=$|[/\\])/

/**
 * A path with a leading `~` replaced by the home folder.
 * @throws PersistenceConnectionError (not retryable) for another user's home folder, which only a
 * shell can resolve
 */
export function fromHome(path: string): string {
  if (!path.startsWith('~')) return path
  if (!HOME.test(path)) {
    throw invalid(
      'a path that begins with ~ and a name is not looked up; write the path in full, or ./~… for a name that begins with ~',
    )
  }
  return join(homeFolder(), path.slice(1))
}

function homeFolder(): string {
  let folder = ''
  try {
    folder = homedir()
  } catch {
    // A user missing from the system's user database: the same as no home folder.
  }
  if (isAbsolute(folder)) return folder
  throw invalid('this user has no home folder that ~ could stand for; write the path in full')
}

function invalid(message: string): PersistenceConnectionError {
  return new PersistenceConnectionError(message, { retryable: false })
}
