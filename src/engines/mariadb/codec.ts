// How values of each kind stand in MariaDB: booleans as 0 and 1, money as a BIGINT of billionths, instants as DATETIME(3) of a
// session in UTC. The driver gives BIGINT and DECIMAL as text, so that no digit is lost.

import { unreadable, type ValueCodec, type WireValue } from '../engine.ts'

/** The protocol leaves out a fraction of nothing but zeros. */
const dateTime = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d{3})?$/
const wholeNumber = /^-?\d{1,19}$/

export const codec: ValueCodec = {
  encode: {
    text: (value) => value,
    // As text: the driver would send a number as a floating-point one, which no index of integers is compared with directly.
    integer: (value) => String(value),
    boolean: (value) => (value ? '1' : '0'),
    money: (value) => String(value),
    instant: encodeInstant,
    json: (value) => value,
  },
  decode: {
    text: (value) => (typeof value === 'string' ? value : unreadable),
    integer: decodeInteger,
    boolean: (value) => {
      const number = Number(value)
      return number === 1 ? true : number === 0 ? false : unreadable
    },
    money: (value) => {
      const text = String(value)
      return wholeNumber.test(text) ? BigInt(text) : unreadable
    },
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
    lastText = dateTimeOf(value)
    lastTime = time
  }
  return lastText
}

/** `2026-01-31 22:00:00.000`, the form in which DATETIME(3) is written and read. */
export function dateTimeOf(value: Date): string {
  return value.toISOString().slice(0, 23).replace('T', ' ')
}

function decodeInteger(value: NonNullable<WireValue>): number | typeof unreadable {
  const number = typeof value === 'string' && !wholeNumber.test(value) ? Number.NaN : Number(value)
  return Number.isSafeInteger(number) ? number : unreadable
}

function decodeInstant(value: NonNullable<WireValue>): Date | typeof unreadable {
  if (typeof value !== 'string' || !dateTime.test(value)) return unreadable
  const date = new Date(`${value.slice(0, 10)}T${value.slice(11)}Z`)
  return Number.isNaN(date.getTime()) ? unreadable : date
}
