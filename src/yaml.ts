// Reads YAML, without the parser's warnings on standard error.

import { type ParseOptions, parse, type ToJSOptions } from 'yaml'

/** @throws what the parser throws; its message quotes the text */
export function parseYaml(text: string, options: ParseOptions & ToJSOptions = {}): unknown {
  return parse(text, { logLevel: 'error', ...options })
}
