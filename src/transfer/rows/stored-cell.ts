// Any stored cell as JSON: text as a string, anything else with its type beside it. Values that
// Purser would not have written itself travel in this form, without interpretation.

import {
  type StorageKind,
  unreadable,
  type ValueCodec,
  type WireValue,
} from '../../engines/contract/engine.ts'
import { bytesOfHex, hexOf } from '../../values/bytes.ts'
import { LineError } from '../import/line-error.ts'

const wholeNumber = /^-?\d{1,19}$/
const counting: ReadonlySet<StorageKind> = new Set(['integer', 'money', 'boolean'])
const texts: ReadonlySet<StorageKind> = new Set(['text', 'json'])
const [least, greatest] = [-(2n ** 63n), 2n ** 63n - 1n]

/** Numbers that JSON cannot represent. */
const oddNumbers: ReadonlyMap<string, number> = new Map([
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
])

/**
 * The JSON text of a cell. It is the same on every engine, although some return integers as text.
 */
export function storedJson(kind: StorageKind, cell: WireValue, codec: ValueCodec): string {
  if (cell === null) return 'null'
  if (kind === 'bytes') {
    // Some engines return bytes as text.
    const bytes = codec.decode.bytes(cell)
    if (bytes !== unreadable) return blobJson(bytes)
  }
  if (cell instanceof Date) return JSON.stringify(cell)
  if (cell instanceof Uint8Array) {
    return blobJson(cell)
  }
  switch (typeof cell) {
    case 'string':
      return counting.has(kind) && wholeNumber.test(cell) ? `{"integer":"${cell}"}` : JSON.stringify(cell)
    case 'bigint':
      return `{"integer":"${cell}"}`
    case 'boolean':
      return `{"integer":"${cell ? 1 : 0}"}`
    case 'number':
      if (kind === 'boolean' && Number.isSafeInteger(cell)) return `{"integer":"${cell}"}`
      return Number.isFinite(cell) && !Object.is(cell, -0)
        ? `{"real":${cell}}`
        : `{"real":"${Object.is(cell, -0) ? '-0' : cell}"}`
    default:
      return cell satisfies never
  }
}

/** As drivers return bytes. */
function asDriver(bytes: Uint8Array | undefined): Buffer | undefined {
  return bytes && Buffer.from(bytes.buffer)
}

function blobJson(bytes: Uint8Array): string {
  return `{"blob":"${hexOf(bytes)}"}`
}

interface ColumnKind {
  readonly name: string
  readonly kind: StorageKind
}

/**
 * The cell that `storedJson` wrote.
 * @throws LineError if it is not in this form, or a column of this engine cannot hold it unchanged
 */
export function storedCell({ name, kind }: ColumnKind, value: unknown, codec: ValueCodec): WireValue {
  const fault = (message: string) => new LineError(message, ['stored', name])
  const cell = read(value)
  if (cell === undefined)
    throw fault('must be null, text, or one of {"integer":"…"}, {"real":…} and {"blob":"…"}')
  if (typeof cell === 'bigint' && (cell < least || cell > greatest))
    throw fault('must be a whole number of at most 64 bits')
  if (cell === null) return null
  if (codec.keepsAnyType) return cell
  if (cell instanceof Uint8Array && kind === 'bytes') return codec.encode.bytes(cell)
  if (typeof cell === 'string' && texts.has(kind)) {
    if (codec.keepsNul || !cell.includes('\0')) return cell
    throw fault('holds the character NUL, which this database keeps in no text')
  }
  if (typeof cell === 'bigint' && (kind === 'integer' || kind === 'money')) return codec.encode.money(cell)
  throw fault('is of another type than its column, and this database keeps no such values')
}

function read(value: unknown): null | string | bigint | number | Uint8Array | undefined {
  if (value === null || typeof value === 'string') return value
  if (typeof value !== 'object' || Array.isArray(value)) return undefined
  const entries = Object.entries(value)
  const [entry] = entries
  if (entry === undefined || entries.length > 1) return undefined
  const [type, content] = entry
  switch (type) {
    case 'integer':
      return typeof content === 'string' && wholeNumber.test(content) ? BigInt(content) : undefined
    case 'real':
      return typeof content === 'number' ? content : oddNumbers.get(String(content))
    case 'blob':
      return typeof content === 'string' ? asDriver(bytesOfHex(content)) : undefined
    default:
      return undefined
  }
}
