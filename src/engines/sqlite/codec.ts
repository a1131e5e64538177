// How SQLite stores values of each kind: booleans as 0 and 1, money as a 64-bit integer of
// billionths, instants as fixed-width text, so that text order is time order.

import { unreadable, type ValueCodec, type WireValue } from '../contract/engine.ts'
import { decodeBytes, decodeText, instantDecoder, instantEncoder } from '../core/value-forms.ts'

const fixedWidth = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/

export const codec: ValueCodec = {
  keepsAnyType: true,
  keepsNul: true,
  encode: {
    text: (value) => value,
    integer: (value) => value,
    boolean: (value) => (value ? 1 : 0),
    money: (value) => value,
    instant: instantEncoder((value) => value.toISOString()),
    json: (value) => value,
    bytes: (value) => value,
  },
  decode: {
    text: decodeText,
    integer: decodeInteger,
    boolean: (value) =>
      value === 1n || value === 1 ? true : value === 0n || value === 0 ? false : unreadable,
    money: (value) =>
      typeof value === 'bigint' ? value : Number.isSafeInteger(value) ? BigInt(value as number) : unreadable,
    instant: instantDecoder(fixedWidth, (text) => text),
    json: decodeText,
    bytes: decodeBytes,
  },
}

function decodeInteger(value: NonNullable<WireValue>): number | typeof unreadable {
  const number = typeof value === 'bigint' ? Number(value) : value
  return Number.isSafeInteger(number) ? (number as number) : unreadable
}
