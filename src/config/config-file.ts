// Reads a configuration file. config-location.ts finds it, and config.ts checks its contents.

import { readFileSync } from 'node:fs'
import { isOpenDatabase } from '../engines/core/open-files.ts'
import { PersistenceConnectionError } from '../errors.ts'
import { decodeText } from '../values/text-bytes.ts'
import { parseYaml, placeInYaml } from '../values/yaml.ts'

/**
 * The contents of a file, unchecked. @throws PersistenceConnectionError (not retryable) with the
 * position of a syntax error, never the text
 */
export function readSettings(path: string): unknown {
  return parseFile(path, readFile(path))
}

function readFile(path: string): string {
  if (isOpenDatabase(path)) throw invalid(`${path} is no configuration: it is a database that is open here`)
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw invalid(`${path} cannot be read${isMissing ? ': there is no such file' : ''}`, error)
  }
  try {
    return decodeText(bytes)
  } catch (error) {
    throw invalid(`${path} cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}

/** Without the parser's error as the cause: it quotes the file, which may hold a password. */
function parseFile(path: string, text: string): unknown {
  const isJson = path.endsWith('.json')
  try {
    return isJson ? JSON.parse(text) : parseYaml(text)
  } catch (error) {
    throw invalid(`${path} is not valid ${isJson ? 'JSON' : 'YAML'}${placeOf(error, text)}`)
  }
}

/** Where a parser stopped, which the two parsers report differently; empty if it is unknown. */
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
