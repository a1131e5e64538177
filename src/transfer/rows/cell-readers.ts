// Converts the JSON of a field to the cell that Purser stores: one function per column, created
// once. The value is checked like a caller's input; values that travel beside the record are
// handled elsewhere (stored-cell.ts).

import type { ValueCodec, WireValue } from '../../engines/contract/engine.ts'
import type { Column } from '../../records/model/define-record.ts'
import { toIssues } from '../../records/model/issues.ts'
import { type JsonValue, MAX_TEXT_BYTES } from '../../records/model/rules.ts'
import { bytesOfBase64 } from '../../values/bytes.ts'
import { canonicalJson } from '../../values/canonical-json.ts'
import { parseMoney } from '../../values/money.ts'
import { LineError } from '../import/line-error.ts'

/** @throws LineError */
export type CellReader = (value: unknown) => WireValue

/** The most values of one column that are cached, and the longest of them. */
const MAX_REMEMBERED = 1000
const MAX_REMEMBERED_LENGTH = 500

/**
 * @param path leads to the value in a line
 * @param nullable whether null is a value here: a group's member may differ from its column in that
 */
export function createCellReader(
  column: Column,
  codec: ValueCodec,
  path: readonly (string | number)[],
  nullable: boolean,
): CellReader {
  const { spec } = column
  const read = valueReader(column, codec, path)
  // A JSON field with a dedicated text for null is never NULL.
  const absent = spec.storedNull === undefined ? null : codec.encode.text(spec.storedNull)
  const mayBeNull = nullable || spec.storedNull !== undefined
  return (value) => {
    if (value === null) {
      if (mayBeNull) return absent
      throw new LineError('must not be null', path)
    }
    if (value === undefined) throw new LineError('is required', path)
    return read(value)
  }
}

function valueReader(
  { spec, kind }: Column,
  codec: ValueCodec,
  path: readonly (string | number)[],
): CellReader {
  const valid = (value: unknown): unknown => {
    const result = spec.schema().safeParse(value)
    if (result.success) return result.data
    const [issue] = result.error.issues.flatMap((one) => toIssues(one, value))
    throw new LineError(issue?.message ?? 'is not valid', [...path, ...(issue?.path ?? [])])
  }
  if (spec.json) return jsonReader(spec, codec, path, valid)
  switch (kind) {
    case 'text':
      return textReader(spec, codec, valid)
    case 'integer':
      return (value) => codec.encode.integer(valid(value) as number)
    case 'boolean':
      return (value) => codec.encode.boolean(valid(value) as boolean)
    case 'money':
      return (value) => {
        if (typeof value !== 'string') throw new LineError('must be a decimal number in quotes', path)
        const parsed = parseMoney(value)
        return codec.encode.money(typeof parsed === 'bigint' ? parsed : parsedMoney(valid(value) as string))
      }
    case 'instant':
      return (value) => codec.encode.instant(valid(value) as Date)
    case 'bytes':
      return (value) => {
        const bytes = typeof value === 'string' ? bytesOfBase64(value) : undefined
        if (bytes === undefined) throw new LineError('must be base64 with padding, in quotes', path)
        return codec.encode.bytes(valid(bytes) as Uint8Array)
      }
    default:
      throw new TypeError(`a column of the kind ${kind} holds JSON`)
  }
}

/** The money rule has already guaranteed that it is money. */
function parsedMoney(text: string): bigint {
  return parseMoney(text) as bigint
}

function textReader(spec: Column['spec'], codec: ValueCodec, valid: (value: unknown) => unknown): CellReader {
  const read = (value: unknown) => codec.encode.text(valid(value) as string)
  // Names and words repeat from row to row; ids and long texts do not.
  if (spec.columnType !== 'name') return read
  const remembered = remembering()
  return (value) => (typeof value === 'string' ? remembered(value, () => read(value)) : read(value))
}

function jsonReader(
  spec: Column['spec'],
  codec: ValueCodec,
  path: readonly (string | number)[],
  valid: (value: unknown) => unknown,
): CellReader {
  const encode = spec.kind === 'json' ? codec.encode.json : codec.encode.text
  const toStored = spec.toStored as ((value: unknown) => unknown) | undefined
  const read = (value: unknown): WireValue => {
    const checked = valid(value)
    const stored = toStored ? toStored(checked) : checked
    const text = spec.canonical ? canonicalJson(stored as JsonValue) : JSON.stringify(stored)
    if (text.length * 3 > MAX_TEXT_BYTES && Buffer.byteLength(text) > MAX_TEXT_BYTES) {
      throw new LineError(`must be at most ${MAX_TEXT_BYTES} bytes as JSON`, path)
    }
    return encode(text)
  }
  const remembered = remembering()
  return (value) => remembered(textOf(value, path), () => read(value))
}

/** The cache key of a value. The parser accepts any depth, serialising does not. */
function textOf(value: unknown, path: readonly (string | number)[]): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    if (error instanceof RangeError) throw new LineError('is nested too deeply', path)
    throw error
  }
}

/** Caches the cells of short texts. */
function remembering(): (text: string, read: () => WireValue) => WireValue {
  const remembered = new Map<string, WireValue>()
  return (text, read) => {
    if (text.length > MAX_REMEMBERED_LENGTH) return read()
    const known = remembered.get(text)
    if (known !== undefined) return known
    const cell = read()
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    remembered.set(text, cell)
    return cell
  }
}
