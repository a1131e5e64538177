// Shared part of the engines' codecs: formatting instants once for records created together, and
// strict parsing of text as an instant or a number. The stored form of a value is specific to each
// codec.

import { unreadable } from '../contract/engine.ts'

/**
 * Caches the last formatted instant: records created together share their times, and formatting one
 * costs as much as sending ten columns.
 */
export function instantEncoder(format: (value: Date) => string): (value: Date) => string {
  let lastTime = Number.NaN
  let lastText = ''
  return (value) => {
    const time = value.getTime()
    if (time !== lastTime) {
      lastText = format(value)
      lastTime = time
    }
    return lastText
  }
}

/** @param iso converts the database's form to ISO 8601 text */
export function instantDecoder(
  form: RegExp,
  iso: (text: string) => string,
): (value: unknown) => Date | typeof unreadable {
  return (value) => {
    if (typeof value !== 'string' || !form.test(value)) return unreadable
    const date = new Date(iso(value))
    return Number.isNaN(date.getTime()) ? unreadable : date
  }
}

/** The text of a stored value; `unreadable` where it is no valid text. */
export function decodeText(value: unknown): string | typeof unreadable {
  return typeof value === 'string' ? value : unreadable
}

/** Bytes as the driver returns them: a copy, since a driver may hand out its own buffer. */
export function decodeBytes(value: unknown): Uint8Array | typeof unreadable {
  return value instanceof Uint8Array ? new Uint8Array(value) : unreadable
}

const wholeNumber = /^-?\d{1,19}$/

/** A 64-bit integer read as text, so that no digit is lost. */
export function decodeBigint(value: unknown): bigint | typeof unreadable {
  const text = String(value)
  return wholeNumber.test(text) ? BigInt(text) : unreadable
}

/** An integer that a JavaScript number represents exactly. */
export function decodeInteger(value: unknown): number | typeof unreadable {
  if (typeof value === 'string' && !wholeNumber.test(value)) return unreadable
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : unreadable
}
