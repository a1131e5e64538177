// The rules for single values, as zod schemas: text sizes, ids, money, instants, JSON. Issues name
// lengths and codes, never the value. Built once; `fields.ts` combines them with columns.

import { isUint8Array } from 'node:util/types'
import { z } from 'zod'
import type { JsonObject, JsonValue } from '../../values/canonical-json.ts'
import { isUlid } from '../../values/ids.ts'
import { MAX_INSTANT, MIN_INSTANT, parseInstant } from '../../values/instant.ts'
import { formatMoney, type MoneyFault, moneyFromNumber, parseMoney } from '../../values/money.ts'

/** 1 MiB: the maximum size of a description, a message body or one JSON field as UTF-8. */
export const MAX_TEXT_BYTES = 1_048_576
/** 16 MiB: the maximum size of bytes in one field. */
export const MAX_BYTES = 16_777_216
/** The most characters of an id or a name. */
export const MAX_NAME_LENGTH = 255
const MAX_JSON_DEPTH = 64

type Fault = { readonly code: string; readonly message: string }

const someVisible = /\S/
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const controlCharacter = /[\u0000-\u001f\u007f-\u009f]/

function textFault(value: string, maxBytes: number): Fault | undefined {
  if (value.includes('\0')) return { code: 'nul_character', message: 'must not contain a NUL character' }
  if (!value.isWellFormed())
    return { code: 'lone_surrogate', message: 'must be well-formed Unicode (it has half a surrogate pair)' }
  if (value.length * 3 <= maxBytes) return undefined
  const bytes = Buffer.byteLength(value)
  return bytes > maxBytes
    ? { code: 'too_long', message: `must be at most ${maxBytes} bytes of UTF-8, has ${bytes}` }
    : undefined
}

function nameFault(value: string): Fault | undefined {
  if (value.length > MAX_NAME_LENGTH) {
    return { code: 'too_long', message: `must be at most ${MAX_NAME_LENGTH} characters, has ${value.length}` }
  }
  return someVisible.test(value) ? undefined : { code: 'blank', message: 'must not be blank' }
}

/** A string schema whose checks report the first violation. */
function checkedText(check: (value: string) => Fault | undefined): z.ZodType<string, string> {
  return z.string().check((ctx) => {
    const fault = check(ctx.value)
    if (fault)
      ctx.issues.push({
        code: 'custom',
        input: ctx.value,
        params: { code: fault.code },
        message: fault.message,
      })
  })
}

/** 1 to 255 characters, not blank, no control characters. */
export const idRule = checkedText(
  (value) =>
    nameFault(value) ??
    (controlCharacter.test(value)
      ? { code: 'control_character', message: 'must not contain control characters' }
      : textFault(value, MAX_TEXT_BYTES)),
)

/** A ULID, as Purser generates them. */
export const ulidRule = checkedText((value) =>
  isUlid(value)
    ? undefined
    : { code: 'ulid', message: "must be a ULID: 26 characters of Crockford's base 32" },
)

/** 1 to 255 characters with at least one that is not white space; stored as given. */
export const nameRule = checkedText((value) => nameFault(value) ?? textFault(value, MAX_TEXT_BYTES))

/** Text up to 1 MiB with at least one character that is not white space. */
export const bodyRule = checkedText(
  (value) =>
    textFault(value, MAX_TEXT_BYTES) ??
    (someVisible.test(value) ? undefined : { code: 'blank', message: 'must not be blank' }),
)

/** Any text up to 1 MiB. */
export const textRule = checkedText((value) => textFault(value, MAX_TEXT_BYTES))

/** A whole number from `min` to 2^53 - 1. */
export function integerRule(min: number): z.ZodType<number, number> {
  return z.int().min(min)
}

/** Text of a given format, at most 255 characters. */
export function formRule(form: RegExp, message: string, code = 'form'): z.ZodType<string, string> {
  return checkedText((value) =>
    value.length <= MAX_NAME_LENGTH && form.test(value) ? undefined : { code, message },
  )
}

export const currencyRule = formRule(
  /^[A-Z]{3}$/,
  'must be three capital letters, for example USD',
  'currency',
)

const moneyFaults: Record<MoneyFault, string> = {
  'not-decimal': 'must be a decimal number, for example "0.001309"',
  'too-precise': 'must have at most 9 digits after the point',
  negative: 'must not be negative',
  'too-large': 'must be at most 9223372036.854775807',
  'not-finite': 'must be a finite number',
}

/**
 * Money: a decimal string with at most nine fraction digits, or a number; always returned as the
 * shortest decimal string.
 */
export const moneyRule: z.ZodType<string, string | number> = z.unknown().transform((value, ctx) => {
  const parsed =
    typeof value === 'string'
      ? parseMoney(value)
      : typeof value === 'number'
        ? moneyFromNumber(value)
        : 'not-decimal'
  if (typeof parsed === 'bigint') return formatMoney(parsed)
  ctx.issues.push({
    code: 'custom',
    input: value,
    params: { code: `money_${parsed.replace('-', '_')}` },
    message: moneyFaults[parsed],
  })
  return z.NEVER
}) as unknown as z.ZodType<string, string | number>

/**
 * A `Date`, or an ISO 8601 string with an offset; always returned as a new `Date` of whole
 * milliseconds.
 */
export const instantRule: z.ZodType<Date, Date | string> = z.unknown().transform((value, ctx) => {
  const time =
    value instanceof Date ? value.getTime() : typeof value === 'string' ? parseInstant(value) : Number.NaN
  if (time >= MIN_INSTANT && time <= MAX_INSTANT) return new Date(time)
  const message =
    'must be a Date, or an ISO 8601 date-time with an offset such as 2026-01-31T09:30:00Z, years 1000 to 9999'
  ctx.issues.push({ code: 'custom', input: value, params: { code: 'instant' }, message })
  return z.NEVER
}) as unknown as z.ZodType<Date, Date | string>

/**
 * A `Uint8Array` of 1 to `max` bytes; a `Buffer` is one too.
 * @param max at most `MAX_BYTES`
 */
export function bytesRule(max: number): z.ZodType<Uint8Array, Uint8Array> {
  const rule = z.unknown().check((ctx) => {
    const fault = bytesFault(ctx.value, max)
    if (fault)
      ctx.issues.push({
        code: 'custom',
        input: ctx.value,
        params: { code: fault.code },
        message: fault.message,
      })
  })
  return rule.meta({ title: 'bytes', description: `1 to ${max} bytes` }) as unknown as z.ZodType<
    Uint8Array,
    Uint8Array
  >
}

function bytesFault(value: unknown, max: number): Fault | undefined {
  if (!isUint8Array(value)) return { code: 'bytes', message: 'must be bytes: a Uint8Array or a Buffer' }
  if (value.byteLength === 0) return { code: 'empty', message: 'must have at least one byte' }
  return value.byteLength > max
    ? { code: 'too_long', message: `must be at most ${max} bytes, has ${value.byteLength}` }
    : undefined
}

const isoDate = /^\d{4}-\d{2}-\d{2}$/
const isoDateTime = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?$/

/** An ISO date or date-time as text, kept verbatim. It need not have an offset. */
export const calendarTextRule = checkedText((value) => {
  const plausible = value.length <= 64 && (isoDate.test(value) || isoDateTime.test(value))
  const [year = 0, month = 0, day = 0] = plausible ? value.slice(0, 10).split('-').map(Number) : []
  const exists =
    plausible && new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10) === value.slice(0, 10)
  return exists
    ? undefined
    : { code: 'iso_date', message: 'must be an ISO 8601 date or date-time, for example 2026-01-31' }
})

export type { JsonObject, JsonValue } from '../../values/canonical-json.ts'

/** Why a value is not finite JSON of at most 64 levels; undefined if it is. */
function jsonFault(value: unknown, depth: number): Fault | undefined {
  if (value === null || typeof value === 'boolean') return undefined
  if (typeof value === 'string') return textFault(value, MAX_TEXT_BYTES)
  if (typeof value === 'number') {
    return Number.isFinite(value) ? undefined : { code: 'json', message: 'must hold only finite numbers' }
  }
  if (typeof value !== 'object')
    return { code: 'json', message: `must be JSON, and holds ${article(typeof value)}` }
  if (depth >= MAX_JSON_DEPTH)
    return { code: 'json_depth', message: `must be at most ${MAX_JSON_DEPTH} levels deep` }
  if (Array.isArray(value)) {
    for (const item of value) {
      const fault = jsonFault(item, depth + 1)
      if (fault) return fault
    }
    return undefined
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    return { code: 'json', message: 'must be plain JSON: objects with a class of their own are not' }
  }
  for (const [key, item] of Object.entries(value)) {
    const fault = textFault(key, MAX_TEXT_BYTES) ?? jsonFault(item, depth + 1)
    if (fault) return fault
  }
  return undefined
}

function article(type: string): string {
  return type === 'undefined' ? 'undefined' : type === 'bigint' ? 'a BigInt' : `a ${type}`
}

/** A JSON object: finite, at most 64 levels deep. Its size is checked after encoding. */
export const jsonObjectRule: z.ZodType<JsonObject, JsonObject> = z.unknown().check((ctx) => {
  const value = ctx.value
  const fault =
    typeof value !== 'object' || value === null || Array.isArray(value)
      ? { code: 'json', message: 'must be a JSON object' }
      : jsonFault(value, 0)
  if (fault)
    ctx.issues.push({ code: 'custom', input: value, params: { code: fault.code }, message: fault.message })
}) as unknown as z.ZodType<JsonObject, JsonObject>

/** Any JSON value: finite, at most 64 levels deep. */
export const jsonRule: z.ZodType<JsonValue, JsonValue> = z.unknown().check((ctx) => {
  const fault = jsonFault(ctx.value, 0)
  if (fault)
    ctx.issues.push({
      code: 'custom',
      input: ctx.value,
      params: { code: fault.code },
      message: fault.message,
    })
}) as unknown as z.ZodType<JsonValue, JsonValue>

const qualified = /^[\p{L}\p{N}][\p{L}\p{N}\p{M}._-]*\/[\p{L}\p{N}][\p{L}\p{N}\p{M}._-]*$/u

/** `namespace/name`: letters, digits, `.`, `_` and `-` around one slash, at most 255 characters. */
export const qualifiedNameRule = checkedText(
  (value) =>
    nameFault(value) ??
    (qualified.test(value)
      ? undefined
      : {
          code: 'qualified_name',
          message:
            'must be namespace/name, each of letters, digits, ".", "_" and "-", for example local/build',
        }),
)
