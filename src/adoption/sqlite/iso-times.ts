// Text times in the two forms that the plans' ancestor wrote (`2024-01-31T22:00:00+00:00`, and with
// a six-digit fraction), parsed character by character: a migration parses millions of them, and
// the parser of instant.ts takes ten times as long.

import { parseInstant } from '../../values/instant.ts'

const WHOLE = 25
const FRACTION = 32
const daysOf = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** The instant of any ISO text, without an offset as UTC; null if it is not a time. */
export function instantOf(value: unknown): string | null {
  if (typeof value !== 'string') return null
  if (isKnownForm(value))
    return value.length === WHOLE ? `${value.slice(0, 19)}.000Z` : `${value.slice(0, 23)}Z`
  const text = namesOffset(value) ? value : `${value.length === 10 ? `${value}T00:00:00` : value}Z`
  const time = parseInstant(text)
  return Number.isNaN(time) ? null : new Date(time).toISOString()
}

const offset = /(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$/

/** The end of a bare date looks like an offset, but is not one. */
export function namesOffset(text: string): boolean {
  return text.length > 10 && offset.test(text)
}

/**
 * True for exactly the text that the ancestor would have written for an instant in whole
 * milliseconds.
 */
export function isPlain(value: unknown): boolean {
  if (typeof value !== 'string') return false
  if (isKnownForm(value))
    return value.length === WHOLE || (value.startsWith('000', 23) && !value.startsWith('000', 20))
  return false
}

/** Whether a stored value names an instant, in any form that the earlier programs wrote. */
export function namesInstant(value: unknown): boolean {
  return (
    typeof value === 'string' && (isKnownForm(value) || (namesOffset(value) && instantOf(value) !== null))
  )
}

function isKnownForm(text: string): boolean {
  const { length } = text
  if (length !== WHOLE && length !== FRACTION) return false
  if (!text.endsWith('+00:00') || text[4] !== '-' || text[7] !== '-' || text[10] !== 'T') return false
  if (text[13] !== ':' || text[16] !== ':') return false
  if (length === FRACTION && (text[19] !== '.' || digits(text, 20, 6) < 0)) return false
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 2)
  const day = digits(text, 8, 2)
  if (year < 1000 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return false
  const [hour, minute, second] = [digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2)]
  return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60
}

function daysIn(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return month === 2 && isLeap ? 29 : (daysOf[month - 1] ?? 0)
}

/** The number in a part of a text; -1 if it is not a number. */
function digits(text: string, start: number, count: number): number {
  let number = 0
  for (let index = start; index < start + count; index += 1) {
    const digit = text.charCodeAt(index) - 48
    if (digit < 0 || digit > 9) return -1
    number = number * 10 + digit
  }
  return number
}
