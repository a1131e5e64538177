// Parses YAML without the parser's warnings on standard error. Reports where parsing stopped
// without the parser's message, which quotes the text.

import { type ParseOptions, parse, type ToJSOptions } from 'yaml'

/** @throws the parser's error; its message quotes the text */
export function parseYaml(text: string, options: ParseOptions & ToJSOptions = {}): unknown {
  return parse(text, { logLevel: 'error', ...options })
}

/** `: line 3, column 7` if the parser reports a position; else empty. */
export function placeInYaml(error: unknown): string {
  if (!(error instanceof Error) || !('linePos' in error) || !Array.isArray(error.linePos)) return ''
  const [{ line, col }] = error.linePos as [{ line: number; col: number }]
  return `: line ${line}, column ${col}`
}
