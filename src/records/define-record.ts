// One definition per record. From its fields follow: the types of a read record, of an input and of a patch; validation;
// columns; the codec between records and rows; filters; and what the command line prints.

import { z } from 'zod'
import {
  type Row,
  type StorageKind,
  type TableShape,
  unreadable,
  type ValueCodec,
  type WireValue,
} from '../engines/engine.ts'
import { CorruptRecordError, InvalidRecordError, type Issue } from '../errors.ts'
import { formatMoney, parseMoney } from '../money.ts'
import type { AnyField, Field, Given } from './fields.ts'
import { parseOrThrow } from './issues.ts'
import { MAX_TEXT_BYTES } from './rules.ts'

export type Fields = Readonly<Record<string, AnyField>>

type OutOf<F> = F extends Field<infer Out, infer _In, Given, boolean> ? Out : never
type InOf<F> = F extends Field<infer _Out, infer In, Given, boolean> ? In : never
type KeysGiven<F extends Fields, G extends Given> = {
  [K in keyof F]: F[K]['given'] extends G ? K : never
}[keyof F]
type UpdatableKeys<F extends Fields> = { [K in keyof F]: F[K]['updatable'] extends true ? K : never }[keyof F]

/** A record as it is read. `unreadable` names the fields whose stored values could not be read. */
export type RecordOf<F extends Fields> = { readonly [K in keyof F]: OutOf<F[K]> } & {
  readonly unreadable: readonly string[]
}
/** What a caller gives to create a record. */
export type NewOf<F extends Fields> = { readonly [K in KeysGiven<F, 'required'>]: InOf<F[K]> } & {
  readonly [K in KeysGiven<F, 'optional'>]?: InOf<F[K]> | undefined
}
/** What an update may change. */
export type PatchOf<F extends Fields> = { readonly [K in UpdatableKeys<F>]?: InOf<F[K]> | undefined }

/** A rule over several fields; gives what is wrong. */
export type Rule<F extends Fields> = (record: RecordOf<F>) => readonly Issue[]

interface Column {
  readonly field: string
  readonly name: string
  readonly kind: StorageKind
  readonly spec: AnyField['spec']
}

export interface RecordDefinition<F extends Fields = Fields> {
  /** What one record is called in messages. */
  readonly name: string
  readonly fields: F
  readonly columns: readonly Column[]
  readonly shape: TableShape
  /** The field that identifies a record, and its column. */
  readonly key: { readonly field: string; readonly column: string }
  /** Fields by which lists are ordered; the last one is the key, which makes the order total. */
  readonly order: { readonly fields: readonly string[]; readonly direction: 'asc' | 'desc' }
  /** Checks and completes an input: every field but those that Purser manages, with defaults filled in. */
  parseNew(input: unknown): Record<string, unknown>
  /** Checks a patch: only the fields it names. */
  parsePatch(input: unknown): Record<string, unknown>
  /** @throws InvalidRecordError when a rule over several fields does not hold */
  assertRules(record: RecordOf<F>): void
  columnOf(field: string): Column
}

/**
 * Defines a record.
 *
 * @example
 * const notes = defineRecord({
 *   name: 'note', table: 'notes', key: 'id', order: { fields: ['id'], direction: 'asc' },
 *   fields: { id: id().made(), title: name(), metadata: jsonObject() },
 * })
 */
export function defineRecord<F extends Fields>(options: {
  readonly name: string
  readonly table: string
  readonly key: keyof F & string
  readonly identity?: keyof F & string
  readonly order: { readonly fields: readonly (keyof F & string)[]; readonly direction: 'asc' | 'desc' }
  readonly fields: F
  readonly rules?: readonly Rule<F>[]
}): RecordDefinition<F> {
  const columns = Object.entries(options.fields).map(([field, { spec }]) => ({
    field,
    name: spec.column ?? snakeCase(field),
    kind: spec.kind,
    spec,
  }))
  const byField = new Map(columns.map((column) => [column.field, column]))
  const columnOf = (field: string): Column => {
    const column = byField.get(field)
    if (!column) throw new TypeError(`${options.name} has no field ${field}`)
    return column
  }
  const createSchema = z.strictObject(
    Object.fromEntries(
      columns
        .filter(({ spec }) => spec.given !== 'managed')
        .map(({ field, spec }) => [field, inputSchema(spec)]),
    ),
  )
  const patchSchema = z.strictObject(
    Object.fromEntries(
      columns.filter(({ spec }) => spec.updatable).map(({ field, spec }) => [field, spec.schema.optional()]),
    ),
  )
  return {
    name: options.name,
    fields: options.fields,
    columns,
    shape: {
      table: options.table,
      columns: columns.map((column) => column.name),
      key: columnOf(options.key).name,
      identity: options.identity === undefined ? undefined : columnOf(options.identity).name,
    },
    key: { field: options.key, column: columnOf(options.key).name },
    order: options.order,
    parseNew: (input) => parseOrThrow(options.name, createSchema, input),
    parsePatch: (input) => {
      refuseFixedFields(options.name, byField, input)
      const patch = parseOrThrow(options.name, patchSchema, input)
      return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))
    },
    assertRules: (record) => {
      const issues = (options.rules ?? []).flatMap((rule) => rule(record))
      if (issues.length > 0) throw new InvalidRecordError(options.name, issues)
    },
    columnOf,
  }
}

/** A field that exists but is not changed by updates deserves more than "unknown field". */
function refuseFixedFields(subject: string, columns: ReadonlyMap<string, Column>, input: unknown): void {
  if (typeof input !== 'object' || input === null) return
  const fixed = Object.keys(input).filter((field) => columns.get(field)?.spec.updatable === false)
  if (fixed.length === 0) return
  const message = 'is not changed by an update; the record has verbs of its own for that'
  throw new InvalidRecordError(
    subject,
    fixed.map((field) => ({ path: [field], code: 'fixed_field', message })),
  )
}

function inputSchema(spec: AnyField['spec']): z.ZodType {
  if (spec.given === 'required') return spec.schema
  return spec.initial === undefined ? spec.schema.optional() : spec.schema.default(spec.initial)
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** Reports a value that could not be read: the key of its row, and its column. */
export type ReportUnreadable = (id: string, column: string) => void

/** Converts records of one definition to rows of one engine and back. */
export interface RecordCodec<F extends Fields> {
  /** @throws InvalidRecordError when a JSON field's encoded size exceeds 1 MiB */
  encode(record: Readonly<Record<string, unknown>>): WireValue[]
  encodeField(field: string, value: unknown): WireValue
  /** @throws CorruptRecordError when a key column cannot be read */
  decode(row: Row): RecordOf<F>
  decodeField(field: string, value: WireValue): unknown
}

const nothingUnreadable: readonly string[] = Object.freeze([])

export function createCodec<F extends Fields>(
  definition: RecordDefinition<F>,
  engineCodec: ValueCodec,
  report: ReportUnreadable,
): RecordCodec<F> {
  const { columns, shape, key } = definition
  const encoders = columns.map((column) => createEncoder(definition.name, column, engineCodec))
  const decoders = columns.map((column) => createDecoder(column, engineCodec))
  const indexes = new Map(columns.map((column, index) => [column.field, index]))
  const keyIndex = columns.findIndex((column) => column.field === key.field)

  const at = <T>(list: readonly T[], field: string): T => {
    const item = list[indexes.get(field) ?? -1]
    if (item === undefined) throw new TypeError(`${definition.name} has no field ${field}`)
    return item
  }

  return {
    encode: (record) => columns.map((column, index) => (encoders[index] as Encoder)(record[column.field])),
    encodeField: (field, value) => at(encoders, field)(value),
    decodeField: (field, value) => at(decoders, field)(value),
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
          failed.push(column.field)
          report(id, column.name)
        }
        record[column.field] = value
      }
      record.unreadable = failed ?? nothingUnreadable
      return record as RecordOf<F>
    },
  }
}

type Encoder = (value: unknown) => WireValue
type Decoder = (value: WireValue) => unknown

function createEncoder(subject: string, column: Column, codec: ValueCodec): Encoder {
  const { spec, field } = column
  switch (spec.kind) {
    case 'money':
      return (value) => {
        if (value === null || value === undefined) return null
        const parsed = parseMoney(String(value))
        if (typeof parsed === 'bigint') return codec.encode.money(parsed)
        throw new InvalidRecordError(subject, [
          { path: [field], code: 'money', message: 'must be a decimal number' },
        ])
      }
    case 'json': {
      const encodedEmptyList = codec.encode.json('[]')
      const toStored = spec.toStored as ((value: unknown) => unknown) | undefined
      return (value) => {
        if (value === null || value === undefined) return null
        if (!toStored && Array.isArray(value) && value.length === 0) return encodedEmptyList
        const text = JSON.stringify(toStored ? toStored(value) : value)
        if (text.length * 3 > MAX_TEXT_BYTES) assertJsonSize(subject, field, text)
        return codec.encode.json(text)
      }
    }
    default: {
      const encode = codec.encode[spec.kind] as (value: unknown) => WireValue
      return (value) => (value === null || value === undefined ? null : encode(value))
    }
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
  const absent = spec.nullable ? null : unreadable
  switch (spec.kind) {
    case 'money':
      return (value) => {
        if (value === null) return absent
        const money = codec.decode.money(value)
        return money === unreadable ? unreadable : formatMoney(money)
      }
    case 'json':
      return createJsonDecoder(spec, codec, absent)
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

function createJsonDecoder(spec: AnyField['spec'], codec: ValueCodec, absent: unknown): Decoder {
  const { fromStored } = spec
  const emptyList = Array.isArray(spec.placeholder) ? Object.freeze([]) : undefined
  return (value) => {
    if (value === null) return absent
    const text = codec.decode.json(value)
    if (text === unreadable) return unreadable
    if (text === '[]' && emptyList !== undefined) return emptyList
    try {
      const stored: unknown = JSON.parse(text)
      const result = spec.schema.safeParse(fromStored ? fromStored(stored) : stored)
      return result.success ? result.data : unreadable
    } catch {
      return unreadable
    }
  }
}
