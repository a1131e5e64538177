// Functions that migrations call in their statements: what SQL cannot say exactly (decimal rounding, ISO times, ULIDs).
// They are registered when a connection first migrates; no trigger, index or view may call them (`directOnly`).

import type Database from 'better-sqlite3'
import { encodeTime } from 'ulid'
import { parseInstant } from '../../instant.ts'
import { moneyFromNumber } from '../../money.ts'

const ulidDigits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const numberedTail = /^[0-9A-HJKMNP-TV-Z]{10}00000000([0-9A-HJKMNP-TV-Z]{8})$/
const offset = /(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$/

export function registerFunctions(handle: Database.Database): void {
  const options = { deterministic: true, directOnly: true } as const
  const register = (name: string, call: (value: unknown) => unknown) => handle.function(name, options, call)
  register('purser_instant', (value) => toInstant(value))
  register('purser_has_offset', (value) =>
    typeof value === 'string' && value.length > 10 && offset.test(value) ? 1 : 0,
  )
  register('purser_legacy_instant', (value) =>
    typeof value === 'string' ? value.replace('.000Z', 'Z') : null,
  )
  register('purser_money', (value) => {
    const money = typeof value === 'number' ? moneyFromNumber(value) : 'not-decimal'
    return typeof money === 'bigint' ? money : null
  })
  register('purser_real_text', (value) => (typeof value === 'number' ? realText(value) : value))
  register('purser_real', (value) => (typeof value === 'string' ? textReal(value) : value))
  // Row numbers have 64 bits, and numbers of JavaScript 53.
  handle.function('purser_ulid', { ...options, safeIntegers: true }, (instant: unknown, number: unknown) =>
    numberedUlid(String(instant), BigInt(String(number))),
  )
  register('purser_ulid_number', (value) => ulidNumber(String(value)))
}

function toInstant(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const text =
    offset.test(value) && value.length > 10 ? value : `${value.length === 10 ? `${value}T00:00:00` : value}Z`
  const time = parseInstant(text)
  return Number.isNaN(time) ? null : new Date(time).toISOString()
}

/** Shortest text that reads back as the number. Infinity is written as in SQL; what was no number stands as it was. */
function realText(value: number): string {
  return Number.isFinite(value) ? String(value) : value > 0 ? '9e999' : '-9e999'
}

function textReal(text: string): number | string {
  const number = Number(text)
  return realText(number) === text ? number : text
}

/** Numbers that eight digits cannot hold (negative ones, and those from 2^40) stand apart, and are not found again by `ulidNumber`. */
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
