// How values of each kind stand in SQLite: booleans as 0 and 1, money as a 64-bit integer of billionths, instants as
// text of one width, so that order of text is order of instants.

import { unreadable, type ValueCodec, type WireValue } from '../engine.ts'

const fixedWidth = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/

export const codec: ValueCodec = {
  encode: {
    text: (value) => value,
    integer: (value) => value,
    boolean: (value) => (value ? 1 : 0),
    money: (value) => value,
    instant: encodeInstant,
    json: (value) => value,
  },
  decode: {
    text: (value) => (typeof value === 'string' ? value : unreadable),
    integer: decodeInteger,
    boolean: (value) =>
      value === 1n || value === 1 ? true : value === 0n || value === 0 ? false : unreadable,
    money: (value) =>
      typeof value === 'bigint' ? value : Number.isSafeInteger(value) ? BigInt(value as number) : unreadable,
    instant: decodeInstant,
    json: (value) => (typeof value === 'string' ? value : unreadable),
  },
}

let lastTime = Number.NaN
let lastText = ''

/** Records made together share their times, and formatting one costs as much as binding ten columns. */
function encodeInstant(value: Date): string {
  const time = value.getTime()
  if (time !== lastTime) {
    lastText = value.toISOString()
    lastTime = time
  }
  return lastText
}

function decodeInteger(value: NonNullable<WireValue>): number | typeof unreadable {
  const number = typeof value === 'bigint' ? Number(value) : value
  return Number.isSafeInteger(number) ? (number as number) : unreadable
}

function decodeInstant(value: NonNullable<WireValue>): Date | typeof unreadable {
  if (typeof value !== 'string' || !fixedWidth.test(value)) return unreadable
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? unreadable : date
}
