// Converts records of one definition to rows of one engine and back, in one pass over the columns.
// A value that cannot be read is reported and left as stored. The meaning of a definition is the
// concern of define-record.ts.

import { type Row, unreadable, type ValueCodec, type WireValue } from '../../engines/contract/engine.ts'
import { CorruptRecordError, InvalidRecordError } from '../../errors.ts'
import { canonicalJson } from '../../values/canonical-json.ts'
import { formatMoney, parseMoney } from '../../values/money.ts'
import type { Column, Fields, RecordDefinition, RecordOf } from './define-record.ts'
import type { AnyField } from './fields.ts'
import { type JsonValue, MAX_TEXT_BYTES } from './rules.ts'

/** Reports a value that could not be read: the key of its row, and its column. */
export type ReportUnreadable = (id: string, column: string) => void

/** Columns and their wire values, in the same order. */
export interface EncodedChanges {
  readonly columns: readonly string[]
  readonly values: readonly WireValue[]
}

/** Converts records of one definition to rows of one engine and back. */
export interface RecordCodec<F extends Fields> {
  /** @throws InvalidRecordError if a JSON field's encoded size exceeds 1 MiB */
  encode(record: Readonly<Record<string, unknown>>): WireValue[]
  encodeField(field: string, value: unknown): WireValue
  /** @throws CorruptRecordError if a key column cannot be read */
  decode(row: Row): RecordOf<F>
  decodeField(field: string, value: WireValue): unknown
  /** The columns of a row that cannot be read, including those of the key. */
  unreadableIn(row: Row): readonly Column[]
  /**
   * The columns that a change of these fields writes; of a group, those of the members it names.
   */
  encodeChanges(changes: Readonly<Record<string, unknown>>): EncodedChanges
}

const nothingUnreadable: readonly string[] = Object.freeze([])

/** Compiles the encoders and decoders of a record's columns, once per engine. */
export function createCodec<F extends Fields>(
  definition: RecordDefinition<F>,
  engineCodec: ValueCodec,
  report: ReportUnreadable,
): RecordCodec<F> {
  const { columns, shape, key } = definition
  const encoders = columns.map((column) => createEncoder(definition.name, column, engineCodec))
  const decoders = columns.map((column) => createDecoder(column, engineCodec))
  const indexes = new Map(columns.map((column, index) => [column.field, index]))
  const assemble = createAssembler(definition)
  const keyIndex = columns.findIndex((column) => column.field === key.field)

  const at = <T>(list: readonly T[], field: string): T => {
    const item = list[indexes.get(field) ?? -1]
    if (item === undefined) throw new TypeError(`${definition.name} has no field ${field}`)
    return item
  }

  return {
    encode: (record) =>
      columns.map((column, index) => (encoders[index] as Encoder)(cellOf(record[column.field], column))),
    encodeField: (field, value) => at(encoders, field)(value),
    decodeField: (field, value) => at(decoders, field)(value),
    unreadableIn: (row) =>
      columns.filter((_, index) => (decoders[index] as Decoder)(row[index] ?? null) === unreadable),
    encodeChanges: (changes) => {
      const names: string[] = []
      const values: WireValue[] = []
      columns.forEach((column, index) => {
        if (!(column.field in changes)) return
        const change = changes[column.field]
        if (column.member !== undefined && change !== null && !(column.member in (change as object))) return
        names.push(column.name)
        values.push((encoders[index] as Encoder)(cellOf(change, column)))
      })
      return { columns: names, values }
    },
    decode: (row) => {
      const record: Record<string, unknown> = {}
      let failed: string[] | undefined
      for (let index = 0; index < columns.length; index += 1) {
        const column = columns[index] as Column
        let value = (decoders[index] as Decoder)(row[index] ?? null)
        if (value === unreadable) {
          const id = String(row[keyIndex])
          if (column.spec.identifying) throw new CorruptRecordError(shape.table, id, column.name)
          value = column.spec.nullable ? null : column.spec.placeholder
          failed ??= []
          if (!failed.includes(column.field)) failed.push(column.field)
          report(id, column.name)
        }
        if (column.member === undefined) record[column.field] = value
        else {
          record[column.field] ??= {}
          ;(record[column.field] as Record<string, unknown>)[column.member] = value
        }
      }
      assemble?.(record)
      record.unreadable = failed ?? nothingUnreadable
      return record as RecordOf<F>
    },
  }
}

function cellOf(value: unknown, { member }: Column): unknown {
  if (member === undefined || value === null || value === undefined) return value
  return (value as Readonly<Record<string, unknown>>)[member]
}

/**
 * A nullable group is null if the columns of all its members are. In any other group, a required
 * member that is missing is read as its substitute.
 */
function createAssembler(
  definition: RecordDefinition,
): ((record: Record<string, unknown>) => void) | undefined {
  const optional = Object.entries(definition.fields).filter(([, { spec }]) => spec.members && spec.nullable)
  if (optional.length === 0) return undefined
  return (record) => {
    for (const [name, { spec }] of optional) {
      const group = record[name] as Record<string, unknown>
      if (Object.values(group).every((value) => value === null)) record[name] = null
      else {
        for (const [member, field] of Object.entries(spec.members ?? {}))
          if (!field.spec.nullable) group[member] ??= field.spec.placeholder
      }
    }
  }
}

type Encoder = (value: unknown) => WireValue
type Decoder = (value: WireValue) => unknown

function createEncoder(subject: string, column: Column, codec: ValueCodec): Encoder {
  const { spec, field } = column
  if (spec.json) return createJsonEncoder(subject, column, codec)
  if (spec.kind === 'money') {
    return (value) => {
      if (value === null || value === undefined) return null
      const parsed = parseMoney(String(value))
      if (typeof parsed === 'bigint') return codec.encode.money(parsed)
      throw new InvalidRecordError(subject, [
        { path: [field], code: 'money', message: 'must be a decimal number' },
      ])
    }
  }
  const encode = codec.encode[spec.kind] as (value: unknown) => WireValue
  return (value) => (value === null || value === undefined ? null : encode(value))
}

function createJsonEncoder(subject: string, { spec, field }: Column, codec: ValueCodec): Encoder {
  const encode = spec.kind === 'json' ? codec.encode.json : codec.encode.text
  const encodedEmptyList = encode('[]')
  const encodedNull = spec.storedNull === undefined ? null : encode(spec.storedNull)
  const toStored = spec.toStored as ((value: unknown) => unknown) | undefined
  return (value) => {
    if (value === null || value === undefined) return encodedNull
    if (!toStored && Array.isArray(value) && value.length === 0) return encodedEmptyList
    const stored = toStored ? toStored(value) : value
    const text = spec.canonical ? canonicalJson(stored as JsonValue) : JSON.stringify(stored)
    if (text.length * 3 > MAX_TEXT_BYTES) assertJsonSize(subject, field, text)
    return encode(text)
  }
}

function assertJsonSize(subject: string, field: string, text: string): void {
  const bytes = Buffer.byteLength(text)
  if (bytes <= MAX_TEXT_BYTES) return
  const message = `must be at most ${MAX_TEXT_BYTES} bytes as JSON, has ${bytes}`
  throw new InvalidRecordError(subject, [{ path: [field], code: 'too_long', message }])
}

function createDecoder(column: Column, codec: ValueCodec): Decoder {
  const { spec } = column
  if (spec.json) return createJsonDecoder(spec, codec)
  const absent = spec.nullable ? null : unreadable
  switch (spec.kind) {
    case 'money':
      return (value) => {
        if (value === null) return absent
        const money = codec.decode.money(value)
        return money === unreadable ? unreadable : formatMoney(money)
      }
    case 'text': {
      const allowed = spec.values === undefined ? undefined : new Set(spec.values)
      return (value) => {
        if (value === null) return absent
        const text = codec.decode.text(value)
        return allowed === undefined || allowed.has(text as string) ? text : unreadable
      }
    }
    default: {
      const decode = codec.decode[spec.kind] as (value: WireValue) => unknown
      return (value) => (value === null ? absent : decode(value))
    }
  }
}

/** The most texts per column whose values are cached. */
const MAX_REMEMBERED = 100
/** Longer texts are decoded each time: they seldom repeat, so caching them wastes memory. */
const MAX_REMEMBERED_LENGTH = 2000

function createJsonDecoder(spec: AnyField['spec'], codec: ValueCodec): Decoder {
  const { fromStored, storedNull } = spec
  const decode = spec.kind === 'json' ? codec.decode.json : codec.decode.text
  const absent = spec.nullable && storedNull === undefined ? null : unreadable
  const emptyList = Array.isArray(spec.placeholder) ? Object.freeze([]) : undefined
  const remembered = new Map<string, unknown>()
  const parse = (text: string): unknown => {
    try {
      const stored: unknown = JSON.parse(text)
      const result = spec.schema().safeParse(fromStored ? fromStored(stored) : stored)
      if (!result.success) return unreadable
      // If a dedicated text means null, no other text does.
      return result.data === null && storedNull !== undefined ? unreadable : result.data
    } catch {
      return unreadable
    }
  }
  return (value) => {
    if (value === null) return absent
    const text = decode(value)
    if (text === unreadable) return unreadable
    if (text === storedNull) return null
    if (text === '[]' && emptyList !== undefined) return emptyList
    if (!spec.repeats || text.length > MAX_REMEMBERED_LENGTH) return parse(text)
    let known = remembered.get(text)
    if (known === undefined) {
      known = deepFreeze(parse(text))
      if (remembered.size >= MAX_REMEMBERED) remembered.clear()
      remembered.set(text, known)
    }
    return known
  }
}

/** A value shared by several records must not be mutable through one of them. */
function deepFreeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) deepFreeze(part)
  return Object.freeze(value)
}
