// How PostgreSQL stores and transmits values of each kind: everything as text, in the server's
// format. Instants are timestamptz(3) in a session whose time zone is UTC.

import { bytesOfHex, hexOf } from '../../values/bytes.ts'
import { unreadable, type ValueCodec } from '../contract/engine.ts'
import {
  decodeBigint,
  decodeInteger,
  decodeText,
  instantDecoder,
  instantEncoder,
} from '../core/value-forms.ts'

/** How the server and `encode` begin bytes; `bytea_output` is set to it. */
const HEX = '\\x'

/** The format in which the server and `encode` write an instant. */
const timestamp = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:\+00|Z)$/

export const codec: ValueCodec = {
  keepsAnyType: false,
  keepsNul: false,
  encode: {
    text: (value) => value,
    integer: (value) => value,
    boolean: (value) => value,
    money: (value) => value,
    instant: instantEncoder((value) => value.toISOString()),
    json: (value) => value,
    bytes: (value) => `${HEX}${hexOf(value)}`,
  },
  decode: {
    text: decodeText,
    integer: decodeInteger,
    boolean: (value) =>
      value === 't' || value === true ? true : value === 'f' || value === false ? false : unreadable,
    money: decodeBigint,
    instant: instantDecoder(
      timestamp,
      (text) => `${text.slice(0, 10)}T${text.slice(11, text.endsWith('Z') ? -1 : -3)}Z`,
    ),
    json: decodeText,
    bytes: (value) =>
      typeof value === 'string' && value.startsWith(HEX)
        ? (bytesOfHex(value.slice(HEX.length)) ?? unreadable)
        : unreadable,
  },
}
