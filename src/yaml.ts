// Reads YAML. The parser is loaded when there is something to read: most starts of a program have no YAML, and its 72 modules are a
// tenth of the time that one takes.

import { createRequire } from 'node:module'
import type { ParseOptions, ToJSOptions } from 'yaml'

/** @throws what the parser throws; its message quotes the text */
export function parseYaml(text: string, options: ParseOptions & ToJSOptions = {}): unknown {
  const { parse } = createRequire(import.meta.url)('yaml') as typeof import('yaml')
  return parse(text, { logLevel: 'error', ...options })
}
