// A row as one line of JSON and back: `{"type":…,"record":{…}}`, with `stored` beside the record if
// a cell is not what Purser would write. The line is a pure function of the row's content, the same
// on every engine; docs/export-format.md describes it. Both directions are prepared once per
// column, so converting a row looks up nothing in a definition.

import type { Row, ValueCodec, WireValue } from '../../engines/contract/engine.ts'
import type { Column, RecordDefinition } from '../../records/model/define-record.ts'
import { LineError } from '../import/line-error.ts'
import { type CellReader, createCellReader } from './cell-readers.ts'
import { type CellWriter, createCellWriter, type Exactness } from './cell-writers.ts'
import type { RecordKind } from './record-kind.ts'
import { storedCell, storedJson } from './stored-cell.ts'

export interface LineCodec {
  /** The line of a row, without its line end. */
  toLine(row: Row): string
  /**
   * The row of a parsed line. Values in `record` are checked like a caller's input; values in
   * `stored` are passed through unchanged. Rules over several fields are not checked: adopted rows
   * need not follow them.
   * @throws LineError
   */
  toRow(line: unknown): WireValue[]
}

/**
 * Converts rows of an engine with this codec to the lines of exports and back. Both directions are
 * compiled once, so keep it for all rows of a kind.
 */
export function createLineCodec({ type, definition }: RecordKind, codec: ValueCodec): LineCodec {
  return { toLine: createToLine(type, definition, codec), toRow: createToRow(type, definition, codec) }
}

/** A field with its columns and their positions in a row. */
interface FieldColumns {
  readonly field: string
  /** Of a group: its own nullability, not that of its members. */
  readonly group: { readonly nullable: boolean } | undefined
  readonly columns: readonly { readonly column: Column; readonly index: number }[]
}

function fieldsOf(definition: RecordDefinition): readonly FieldColumns[] {
  return Object.entries(definition.fields).map(([field, { spec }]) => ({
    field,
    group: spec.members && { nullable: spec.nullable },
    columns: definition.columns.flatMap((column, index) =>
      column.field === field ? [{ column, index }] : [],
    ),
  }))
}

/**
 * Whether null is a valid value of the member. The columns of a nullable group are all nullable.
 */
function isNullable({ fields }: RecordDefinition, { field, member, spec }: Column): boolean {
  return member === undefined
    ? spec.nullable
    : (fields[field]?.spec.members?.[member]?.spec.nullable ?? false)
}

function createToLine(type: string, definition: RecordDefinition, codec: ValueCodec): LineCodec['toLine'] {
  const { columns } = definition
  const state: Exactness = { exact: true }
  const writers = columns.map((column) => createCellWriter(column, codec, state))
  const names = columns.map(({ name }) => JSON.stringify(name))
  const written: string[] = columns.map(() => '')
  const fields = fieldsOf(definition)
  const layOut = fields.map((field) => layOutField(definition, field))
  const lacking = fields.flatMap((field) => missingMembers(definition, field))
  const start = `{"type":${JSON.stringify(type)},"record":{`
  return (row) => {
    let stored = ''
    for (let index = 0; index < writers.length; index += 1) {
      state.exact = true
      const cell = row[index] ?? null
      written[index] = (writers[index] as CellWriter)(cell)
      if (!state.exact) {
        const { kind } = columns[index] as Column
        stored += `${stored === '' ? '' : ','}${names[index]}:${storedJson(kind, cell, codec)}`
      }
    }
    for (const { index, others } of lacking) {
      if (row[index] === null && others.some((other) => written[other] !== 'null'))
        stored += `${stored === '' ? '' : ','}${names[index]}:null`
    }
    let text = start
    for (let index = 0; index < layOut.length; index += 1) {
      const field = layOut[index] as LayOut
      text += index === 0 ? field(written) : `,${field(written)}`
    }
    return stored === '' ? `${text}}}` : `${text}},"stored":{${stored}}}`
  }
}

/** Builds the text of one field from the text of all columns. */
type LayOut = (written: readonly string[]) => string

function layOutField(definition: RecordDefinition, { field, group, columns }: FieldColumns): LayOut {
  const start = `${JSON.stringify(field)}:`
  const [only] = columns
  if (!group) {
    const index = only?.index ?? 0
    return (written) => start + written[index]
  }
  const members = columns.map(({ column, index }) => ({
    start: `${JSON.stringify(column.member)}:`,
    index,
    // The substitute for a required member in a group that is not null.
    missing: isNullable(definition, column) ? undefined : JSON.stringify(column.spec.placeholder),
  }))
  return (written) => {
    if (group.nullable && members.every(({ index }) => written[index] === 'null')) return `${start}null`
    let text = `${start}{`
    members.forEach((member, position) => {
      const value = written[member.index] as string
      const shown = value === 'null' ? (member.missing ?? value) : value
      text += `${position === 0 ? '' : ','}${member.start}${shown}`
    })
    return `${text}}`
  }
}

/**
 * Required members of nullable groups: NULL in one of them is not a valid value if the group is not
 * null.
 */
function missingMembers(definition: RecordDefinition, { group, columns }: FieldColumns) {
  if (!group?.nullable) return []
  const indexes = columns.map(({ index }) => index)
  return columns
    .filter(({ column }) => !isNullable(definition, column))
    .map(({ index }) => ({ index, others: indexes.filter((other) => other !== index) }))
}

const lineKeys: ReadonlySet<string> = new Set(['type', 'record', 'stored'])

function createToRow(type: string, definition: RecordDefinition, codec: ValueCodec): LineCodec['toRow'] {
  const { columns } = definition
  const fields = fieldsOf(definition)
  const places = new Map(columns.map((column, index) => [column.name, index]))
  const readers = columns.map((column) => {
    const path = ['record', column.field, ...(column.member === undefined ? [] : [column.member])]
    return createCellReader(column, codec, path, isNullable(definition, column))
  })
  const nothing: ReadonlyMap<number, WireValue> = new Map()

  const storedOf = (stored: unknown): ReadonlyMap<number, WireValue> => {
    const cells = new Map<number, WireValue>()
    for (const [name, value] of Object.entries(asObject(stored, ['stored']))) {
      const index = places.get(name)
      if (index === undefined) throw new LineError('is no column of this table', ['stored', name])
      cells.set(index, storedCell(columns[index] as Column, value, codec))
    }
    return cells
  }

  return (line) => {
    const whole = asObject(line, [])
    if (whole.type !== type) throw new LineError(`must be ${type}`, ['type'])
    for (const key of Object.keys(whole))
      if (!lineKeys.has(key)) throw new LineError('is no part of a line', [key])
    const record = asObject(whole.record, ['record'])
    const stored = whole.stored === undefined ? nothing : storedOf(whole.stored)
    const row: WireValue[] = new Array(columns.length)
    for (const field of fields) readField(field, record, stored, readers, row)
    refuseUnknown(record, definition.fields, ['record'])
    return row
  }
}

function readField(
  { field, group, columns }: FieldColumns,
  record: Readonly<Record<string, unknown>>,
  stored: ReadonlyMap<number, WireValue>,
  readers: readonly CellReader[],
  row: WireValue[],
): void {
  const value = record[field]
  if (value === undefined) throw new LineError('is required', ['record', field])
  const isNull = group?.nullable === true && value === null
  const members = group && !isNull ? asObject(value, ['record', field]) : undefined
  for (const { column, index } of columns) {
    if (stored.has(index)) row[index] = stored.get(index) as WireValue
    else if (isNull) row[index] = null
    else row[index] = (readers[index] as CellReader)(members ? members[column.member ?? ''] : value)
  }
  if (members && Object.keys(members).length !== columns.length) {
    const known = Object.fromEntries(columns.map(({ column }) => [column.member, true]))
    refuseUnknown(members, known, ['record', field])
  }
}

function refuseUnknown(
  found: Readonly<Record<string, unknown>>,
  known: Readonly<Record<string, unknown>>,
  path: readonly string[],
): void {
  for (const name of Object.keys(found)) {
    if (!Object.hasOwn(known, name)) throw new LineError('is no field of this record', [...path, name])
  }
}

function asObject(value: unknown, path: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>
  if (value === undefined) throw new LineError('is required', path)
  throw new LineError('must be an object', path)
}
