// What `~` stands for at the beginning of a path.

import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { PersistenceConnectionError } from '../errors.ts'

const HOME = /^~(?=$|[/\\])/

/**
 * A path with the home folder in place of a `~` that it begins with.
 * @throws PersistenceConnectionError (not retryable) for the home folder of another user, which only a shell knows
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
    // A user without an entry in the system's list of users: the same as none.
  }
  if (isAbsolute(folder)) return folder
  throw invalid('this user has no home folder that ~ could stand for; write the path in full')
}

function invalid(message: string): PersistenceConnectionError {
  return new PersistenceConnectionError(message, { retryable: false })
}
