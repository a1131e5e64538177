// Functions that migrations call in their statements for what SQL cannot compute exactly (decimal
// rounding, ISO times, ULIDs). They are registered when a connection first migrates. No trigger,
// index or view may call them (`directOnly`).

import { encodeTime } from 'ulid'
import type { FunctionOptions, MigrationSession } from '../../engines/contract/schema.ts'
import { moneyFromNumber } from '../../values/money.ts'
import { instantOf, isPlain, namesInstant, namesOffset } from './iso-times.ts'

const ulidDigits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const numberedTail = /^[0-9A-HJKMNP-TV-Z]{10}00000000([0-9A-HJKMNP-TV-Z]{8})$/
/** Lists of text without special characters, which need not be parsed. */
const plainTexts = /^\["[\w./:@+-]+"(?:, ?"[\w./:@+-]+")*\]$/

/** Defines the SQL functions that adoption uses on this connection. */
export function defineFunctions(session: MigrationSession): void {
  const define = (name: string, options: FunctionOptions, call: (...values: unknown[]) => unknown) =>
    session.defineFunction?.(name, options, call)
  const register = (name: string, call: (value: unknown) => unknown) =>
    define(name, {}, (value) => call(value))
  register('purser_instant', instantOf)
  register('purser_has_offset', (value) => (typeof value === 'string' && namesOffset(value) ? 1 : 0))
  register('purser_iso_instant', instantOf)
  register('purser_text_list', (value) => (isTextList(value) ? 1 : 0))
  const registerMany = (name: string, call: (values: readonly unknown[]) => unknown) =>
    define(name, { varargs: true }, (...values) => call(values))
  registerMany('purser_plain_times', (values) =>
    values.every((value) => value === null || isPlain(value)) ? 1 : 0,
  )
  registerMany('purser_name_instants', (values) =>
    values.every((value) => value === null || namesInstant(value)) ? 1 : 0,
  )
  registerMany('purser_other_times', otherTimes)
  register('purser_legacy_instant', (value) =>
    typeof value === 'string' ? value.replace('.000Z', 'Z') : null,
  )
  register('purser_money', (value) => {
    const money = typeof value === 'number' ? moneyFromNumber(value) : 'not-decimal'
    return typeof money === 'bigint' ? money : null
  })
  // An integer is kept as it is: as a JavaScript number it would lose digits beyond the 53rd bit.
  define('purser_real_text', { safeIntegers: true }, (value) =>
    typeof value === 'number' ? realText(value) : value,
  )
  register('purser_real', (value) => (typeof value === 'string' ? textReal(value) : value))
  // Row numbers have 64 bits, and JavaScript numbers 53.
  define('purser_ulid', { safeIntegers: true }, (instant, number) =>
    numberedUlid(String(instant), BigInt(String(number))),
  )
  register('purser_ulid_number', (value) => ulidNumber(String(value)))
}

/** The JSON object of times in another form; keys and values alternate. */
function otherTimes(pairs: readonly unknown[]): string {
  let text = ''
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const value = pairs[index + 1]
    if (value === null || isPlain(value) || !namesInstant(value)) continue
    text += `${text === '' ? '{' : ','}${JSON.stringify(pairs[index])}:${JSON.stringify(value)}`
  }
  return text === '' ? '{}' : `${text}}`
}

function isTextList(value: unknown): boolean {
  if (typeof value !== 'string') return false
  if (plainTexts.test(value)) return true
  try {
    const list: unknown = JSON.parse(value)
    return Array.isArray(list) && list.every((item) => typeof item === 'string' && item.trim() !== '')
  } catch {
    return false
  }
}

/**
 * The shortest text that parses to the same number. Infinity is written as in SQL; a value that is
 * not a number is unchanged.
 */
function realText(value: number): string {
  return Number.isFinite(value) ? String(value) : value > 0 ? '9e999' : '-9e999'
}

function textReal(text: string): number | string {
  const number = Number(text)
  return realText(number) === text ? number : text
}

/**
 * Numbers that do not fit into eight digits (negative ones, and those from 2^40) use a separate
 * range, and `ulidNumber` does not recover them.
 */
function numberedUlid(instant: string, number: bigint): string {
  const time = encodeTime(Math.max(0, Date.parse(instant)), 10)
  const digits = (value: bigint, count: number) => {
    let text = ''
    for (let rest = value; text.length < count; rest /= 32n)
      text = ulidDigits.charAt(Number(rest % 32n)) + text
    return text
  }
  return number >= 0n && number < 2n ** 40n
    ? `${time}00000000${digits(number, 8)}`
    : `${time}ZZZ${digits(BigInt.asUintN(64, number), 13)}`
}

function ulidNumber(ulid: string): number | null {
  const tail = numberedTail.exec(ulid)?.[1]
  if (tail === undefined) return null
  let number = 0
  for (const digit of tail) number = number * 32 + ulidDigits.indexOf(digit)
  return number
}
