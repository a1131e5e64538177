// How values of each kind stand in PostgreSQL, and how they travel: everything as text, in the server's own form. Instants are
// timestamptz(3) in a session whose time zone is UTC.

import { unreadable, type ValueCodec, type WireValue } from '../engine.ts'

/** As the server writes an instant, and as `encode` does. */
const timestamp = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:\+00|Z)$/
const wholeNumber = /^-?\d{1,19}$/

export const codec: ValueCodec = {
  encode: {
    text: (value) => value,
    integer: (value) => value,
    boolean: (value) => value,
    money: (value) => value,
    instant: encodeInstant,
    json: (value) => value,
  },
  decode: {
    text: (value) => (typeof value === 'string' ? value : unreadable),
    integer: decodeInteger,
    boolean: (value) =>
      value === 't' || value === true ? true : value === 'f' || value === false ? false : unreadable,
    money: (value) => (wholeNumber.test(String(value)) ? BigInt(String(value)) : unreadable),
    instant: decodeInstant,
    json: (value) => (typeof value === 'string' ? value : unreadable),
  },
}

let lastTime = Number.NaN
let lastText = ''

/** Records made together share their times. */
function encodeInstant(value: Date): string {
  const time = value.getTime()
  if (time !== lastTime) {
    lastText = value.toISOString()
    lastTime = time
  }
  return lastText
}

function decodeInteger(value: NonNullable<WireValue>): number | typeof unreadable {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : unreadable
}

function decodeInstant(value: NonNullable<WireValue>): Date | typeof unreadable {
  if (typeof value !== 'string' || !timestamp.test(value)) return unreadable
  const date = new Date(`${value.slice(0, 10)}T${value.slice(11, value.endsWith('Z') ? -1 : -3)}Z`)
  return Number.isNaN(date.getTime()) ? unreadable : date
}
