// What the codecs of engines have in common: instants that are formatted once for records made together, and text that is read as an
// instant or a number or not at all. Which form a value has in a database is each codec's business.

import { unreadable } from '../contract/engine.ts'

/** Records made together share their times, and formatting one costs as much as sending ten columns. */
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

/** @param iso the text in ISO 8601 form, where it has the form of the database */
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

export function decodeText(value: unknown): string | typeof unreadable {
  return typeof value === 'string' ? value : unreadable
}

const wholeNumber = /^-?\d{1,19}$/

/** A whole number of 64 bits that comes as text, so that no digit is lost. */
export function decodeBigint(value: unknown): bigint | typeof unreadable {
  const text = String(value)
  return wholeNumber.test(text) ? BigInt(text) : unreadable
}

/** One of those that a number of JavaScript holds exactly. */
export function decodeInteger(value: unknown): number | typeof unreadable {
  if (typeof value === 'string' && !wholeNumber.test(value)) return unreadable
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : unreadable
}
