// How MariaDB stores values of each kind: booleans as 0 and 1, money as a BIGINT of billionths,
// instants as DATETIME(3) in a UTC session. The driver returns BIGINT and DECIMAL as text, so that
// no digit is lost.

import { unreadable, type ValueCodec } from '../contract/engine.ts'
import {
  decodeBigint,
  decodeBytes,
  decodeInteger,
  decodeText,
  instantDecoder,
  instantEncoder,
} from '../core/value-forms.ts'

/** The protocol omits a fraction that is all zeros. */
const dateTime = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d{3})?$/

export const codec: ValueCodec = {
  keepsAnyType: false,
  keepsNul: true,
  encode: {
    text: (value) => value,
    // Sent as text: the driver would send a number as a float, which cannot be compared with an
    // integer index directly.
    integer: (value) => String(value),
    boolean: (value) => (value ? '1' : '0'),
    money: (value) => String(value),
    instant: instantEncoder(dateTimeOf),
    json: (value) => value,
    bytes: (value) => value,
  },
  decode: {
    text: decodeText,
    integer: decodeInteger,
    boolean: (value) => {
      const number = Number(value)
      return number === 1 ? true : number === 0 ? false : unreadable
    },
    money: decodeBigint,
    instant: instantDecoder(dateTime, (text) => `${text.slice(0, 10)}T${text.slice(11)}Z`),
    json: decodeText,
    bytes: decodeBytes,
  },
}

/** `2026-01-31 22:00:00.000`, the form in which DATETIME(3) is written and read. */
export function dateTimeOf(value: Date): string {
  return value.toISOString().slice(0, 23).replace('T', ' ')
}
