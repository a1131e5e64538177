// Converts a cell of a row to the JSON of its field: one function per column, created once. Each
// says whether Purser would write the same cell from that JSON; if not, the cell itself travels
// beside the record (record-line.ts).

import { unreadable, type ValueCodec, type WireValue } from '../../engines/contract/engine.ts'
import type { Column } from '../../records/model/define-record.ts'
import { type JsonValue, MAX_TEXT_BYTES } from '../../records/model/rules.ts'
import { base64Of } from '../../values/bytes.ts'
import { canonicalJson } from '../../values/canonical-json.ts'
import { MAX_INSTANT, MIN_INSTANT } from '../../values/instant.ts'
import { formatMoney } from '../../values/money.ts'

/**
 * Whether the last cell written is what Purser makes of its JSON. A writer only ever sets it to
 * false.
 */
export interface Exactness {
  exact: boolean
}

export type CellWriter = (cell: WireValue) => string

/** The most values of one column whose JSON is cached, and the longest of them. */
const MAX_REMEMBERED = 1000
const MAX_REMEMBERED_LENGTH = 500

/**
 * Returns a function that writes a cell of the column as JSON text. A cell that the column's field
 * cannot hold is written as a stand-in and clears `state.exact`; nothing is thrown.
 */
export function createCellWriter(column: Column, codec: ValueCodec, state: Exactness): CellWriter {
  const { spec } = column
  const placeholder = (spec.nullable ? null : spec.placeholder) ?? null
  const standIn = placeholder instanceof Uint8Array ? '""' : JSON.stringify(placeholder)
  const inexact = (): string => {
    state.exact = false
    return standIn
  }
  const write = valueWriter(column, codec, inexact, state)
  const absent = spec.nullable && spec.storedNull === undefined
  return (cell) => {
    if (cell === null) return absent ? 'null' : inexact()
    return write(cell)
  }
}

type ValueWriter = (cell: NonNullable<WireValue>) => string

function valueWriter(
  { spec, kind }: Column,
  codec: ValueCodec,
  inexact: () => string,
  state: Exactness,
): ValueWriter {
  if (spec.json) return jsonWriter(spec, codec, inexact, state)
  /** The value can be read, but no caller may give it. */
  const unlessValid = (value: unknown) => {
    if (!spec.schema().safeParse(value).success) state.exact = false
  }
  switch (kind) {
    case 'text':
      return textWriter(spec, codec, inexact, unlessValid, state)
    case 'integer':
      return (cell) => {
        const value = codec.decode.integer(cell)
        if (value === unreadable) return inexact()
        unlessValid(value)
        return String(value)
      }
    case 'boolean':
      return (cell) => {
        const value = codec.decode.boolean(cell)
        return value === unreadable ? inexact() : String(value)
      }
    case 'money':
      return (cell) => {
        const value = codec.decode.money(cell)
        if (value === unreadable) return inexact()
        if (value < 0n) state.exact = false
        return `"${formatMoney(value)}"`
      }
    case 'instant':
      return instantWriter(codec, inexact, state)
    case 'bytes':
      return (cell) => {
        const value = codec.decode.bytes(cell)
        if (value === unreadable) return inexact()
        unlessValid(value)
        return `"${base64Of(value)}"`
      }
    default:
      throw new TypeError(`a column of the kind ${kind} holds JSON`)
  }
}

function textWriter(
  spec: Column['spec'],
  codec: ValueCodec,
  inexact: () => string,
  unlessValid: (value: string) => void,
  state: Exactness,
): ValueWriter {
  if (spec.values !== undefined) {
    const written = new Map(spec.values.map((value) => [value, JSON.stringify(value)]))
    return (cell) => written.get(codec.decode.text(cell) as string) ?? inexact()
  }
  const write = (cell: NonNullable<WireValue>): string => {
    const text = codec.decode.text(cell)
    if (text === unreadable) return inexact()
    unlessValid(text)
    return JSON.stringify(text)
  }
  // Names repeat from row to row; ids and long texts do not.
  return spec.columnType === 'name' ? remembering(state, write) : write
}

function instantWriter(codec: ValueCodec, inexact: () => string, state: Exactness): ValueWriter {
  return (cell) => {
    const value = codec.decode.instant(cell)
    if (value === unreadable) return inexact()
    const time = value.getTime()
    const text = value.toISOString()
    // If columns keep their type, what can be read is what was written.
    const isWritten = text === cell || !codec.keepsAnyType || codec.encode.instant(value) === cell
    if (!isWritten || time < MIN_INSTANT || time > MAX_INSTANT) state.exact = false
    return `"${text}"`
  }
}

function jsonWriter(
  spec: Column['spec'],
  codec: ValueCodec,
  inexact: () => string,
  state: Exactness,
): ValueWriter {
  const { storedNull, canonical } = spec
  const decode = spec.kind === 'json' ? codec.decode.json : codec.decode.text
  const fromStored = spec.fromStored as ((stored: unknown) => unknown) | undefined
  const toStored = spec.toStored as ((value: unknown) => unknown) | undefined
  const readable = (text: string): unknown => {
    try {
      const stored: unknown = JSON.parse(text)
      const result = spec.schema().safeParse(fromStored ? fromStored(stored) : stored)
      return result.success ? result.data : unreadable
    } catch {
      return unreadable
    }
  }
  return remembering(state, (cell) => {
    const text = decode(cell)
    if (text === unreadable) return inexact()
    if (text === storedNull) return 'null'
    const value = readable(text)
    // If a dedicated text means null, no other does; without such a text, no cell does.
    if (value === unreadable || value === null) return inexact()
    const shown = JSON.stringify(value)
    const written = canonical
      ? canonicalJson(value as JsonValue)
      : toStored
        ? JSON.stringify(toStored(value))
        : shown
    if (written !== text || isTooLong(text)) state.exact = false
    return shown
  })
}

function isTooLong(text: string): boolean {
  return text.length * 3 > MAX_TEXT_BYTES && Buffer.byteLength(text) > MAX_TEXT_BYTES
}

/** Caches the JSON of short texts, if it is exact. */
function remembering(state: Exactness, write: ValueWriter): ValueWriter {
  const remembered = new Map<string, string>()
  return (cell) => {
    if (typeof cell !== 'string' || cell.length > MAX_REMEMBERED_LENGTH) return write(cell)
    const known = remembered.get(cell)
    if (known !== undefined) return known
    const written = write(cell)
    if (state.exact) {
      if (remembered.size >= MAX_REMEMBERED) remembered.clear()
      remembered.set(cell, written)
    }
    return written
  }
}
