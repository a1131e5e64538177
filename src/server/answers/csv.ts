// Tables as RFC 4180 has them. A cell that a spreadsheet would take for a formula begins with an
// apostrophe, which spreadsheets show as text.

import { base64Of } from '../../values/bytes.ts'

export function csvHead(columns: readonly string[]): string {
  return `${columns.map(cell).join(',')}\r\n`
}

/** @param item a record; a column named `actors.strategy` is a member of a field */
export function csvLine(columns: readonly string[], item: object): string {
  return `${columns.map((column) => cell(valueAt(item, column))).join(',')}\r\n`
}

function valueAt(item: object, column: string): unknown {
  if (Object.hasOwn(item, column)) return (item as Readonly<Record<string, unknown>>)[column]
  let value: unknown = item
  for (const part of column.split('.')) {
    if (typeof value !== 'object' || value === null) return null
    value = (value as Readonly<Record<string, unknown>>)[part]
  }
  return value
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return base64Of(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  // Digits alone are a number, also with a sign: money is text, and never negative.
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) && !/^[+-]?\d+(\.\d+)?$/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe
}
