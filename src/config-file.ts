// The configuration file: its names, where it is looked for, and how it is read. What it says is checked in config.ts.

import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { ConfigSources } from './config.ts'
import { PersistenceConnectionError } from './errors.ts'
import { isOpenDatabase } from './open-files.ts'
import { decodeText } from './text-bytes.ts'
import { parseYaml, placeInYaml } from './yaml.ts'

/** Names of the configuration file, in the order in which they are looked for. */
export const CONFIG_FILES = ['purser.config.json', 'purser.config.yaml', 'purser.config.yml'] as const

/** Which file is read: the one that is named, else the one in the folder, if there is one. */
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
 * @throws PersistenceConnectionError for one in a folder above that another user could have put there
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

/** In a shared folder above, such as /tmp, a stranger's file could lead the records to the stranger's database. */
function assertOwn(path: string): void {
  const owner = statSync(path, { throwIfNoEntry: false })?.uid
  const own = process.getuid?.()
  if (own === undefined || owner === undefined || owner === own || owner === 0) return
  throw invalid(
    `${path} is in a folder above this one and belongs to another user (${owner}); name it with --config if it is meant, or put a file of your own into this folder`,
  )
}

/** What a file says, not yet checked. @throws PersistenceConnectionError (not retryable) saying where it is wrong, and never its text */
export function readSettings(path: string): unknown {
  return parseFile(path, readFile(path))
}

function readFile(path: string): string {
  if (isOpenDatabase(path)) throw invalid(`${path} is no configuration: it is a database that is open here`)
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw invalid(`${path} cannot be read`, error)
  }
  try {
    return decodeText(bytes)
  } catch (error) {
    throw invalid(`${path} cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}

/** Without the parser's error as the cause: it quotes the file, and the file may hold a password. */
function parseFile(path: string, text: string): unknown {
  const isJson = path.endsWith('.json')
  try {
    return isJson ? JSON.parse(text) : parseYaml(text)
  } catch (error) {
    throw invalid(`${path} is not valid ${isJson ? 'JSON' : 'YAML'}${placeOf(error, text)}`)
  }
}

/** Where a parser stopped, of which the two parsers tell differently; nothing where it did not say. */
function placeOf(error: unknown, text: string): string {
  if (!(error instanceof Error)) return ''
  const place = placeInYaml(error)
  if (place !== '') return place
  const position = / at position (\d+)/.exec(error.message)?.[1]
  const before = text.slice(0, position === undefined ? text.length : Number(position)).split('\n')
  return `: line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
}

function invalid(message: string, cause?: unknown): PersistenceConnectionError {
  return new PersistenceConnectionError(message, { cause, retryable: false })
}
