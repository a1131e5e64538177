// The configuration file's names, and the search for it. Reading it needs a parser and is in
// config-file.ts.

import { existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { PersistenceConnectionError } from '../errors.ts'

/**
 * Where a configuration may come from besides the caller; the defaults are those of the process.
 */
export interface ConfigSources {
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly folder?: string
  /** A file to read instead of searching the folder; null reads none. */
  readonly file?: string | null | undefined
}

/** Names of the configuration file, in search order. */
export const CONFIG_FILES = ['purser.config.json', 'purser.config.yaml', 'purser.config.yml'] as const

/** The file to read: the named one, else the one in the folder, if any. */
export function findConfigFile({
  file,
  folder = process.cwd(),
}: Pick<ConfigSources, 'file' | 'folder'>): string | undefined {
  if (file === null) return undefined
  return file
    ? resolve(folder, file)
    : CONFIG_FILES.map((name) => resolve(folder, name)).find((candidate) => existsSync(candidate))
}

/**
 * The file of the nearest folder that has one, from `folder` upwards.
 * @throws PersistenceConnectionError for one in a folder above that another user could have put
 * there
 */
export function nearestConfigFile(folder: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const path = findConfigFile({ folder: at })
    if (path !== undefined) {
      if (at !== resolve(folder)) assertOwn(path)
      return path
    }
    if (dirname(at) === at) return undefined
  }
}

/**
 * In a shared parent folder such as /tmp, another user's file could redirect the records to that
 * user's database.
 */
function assertOwn(path: string): void {
  const owner = statSync(path, { throwIfNoEntry: false })?.uid
  const own = process.getuid?.()
  if (own === undefined || owner === undefined || owner === own || owner === 0) return
  throw invalid(
    `${path} is in a folder above this one and belongs to another user (${owner}); name it with --config if it is meant, or put a file of your own into this folder`,
  )
}

function invalid(message: string): PersistenceConnectionError {
  return new PersistenceConnectionError(message, { retryable: false })
}
