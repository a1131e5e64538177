// Filters of lists: an object of fields and values. A value means equality, a list means any of
// them, null means "has none"; several fields mean AND. The record's definition determines what can
// be filtered.

import type { Matching, WireValue } from '../../engines/contract/engine.ts'
import { InvalidRecordError, type Issue } from '../../errors.ts'
import type { Fields, RecordDefinition } from '../model/define-record.ts'
import type { Field, Given } from '../model/fields.ts'
import { parseOrThrow } from '../model/issues.ts'
import type { RecordCodec } from '../model/record-codec.ts'
import type { Condition } from './conditions.ts'
import { combined, type Selection } from './selection.ts'
import { padded } from './statements.ts'

type FilterValue<F> =
  F extends Field<infer Out, infer In, Given, boolean> ? In | Extract<Out, null> | readonly In[] : never

/** Any filterable field of the record; the record's page in docs/records.md lists them. */
export type FilterOf<F extends Fields, K extends keyof F> = {
  readonly [P in K]?: FilterValue<F[P]> | undefined
}

/** The most values one list of a filter may hold. */
const MAX_CHOICES = 500

/** What a filter that is not a field can access. */
export interface FilterContext {
  /** The plural noun for the records. */
  readonly plural: string
  readonly table: string
  readonly matching: Matching
  column(field: string): string
  encode(field: string, value: unknown): WireValue
  /** The value of a field as read; `unreadable` if it cannot be. */
  decode(field: string, value: WireValue): unknown
}

/** A filter that is not a field: what it adds to a selection. Called if the filter names it. */
export type OwnFilter = (
  name: string,
  filter: Readonly<Record<string, unknown>>,
  context: FilterContext,
) => Selection
export type OwnFilters = Readonly<Record<string, OwnFilter>>

const none: OwnFilters = {}

/** The filter names of a record's lists. */
export function filterNames(definition: Pick<RecordDefinition, 'columns'>, own: OwnFilters = none): string[] {
  const fields = definition.columns.filter(({ spec }) => spec.filterable).map(({ field }) => field)
  return [...new Set([...fields, ...Object.keys(own)])]
}

/**
 * @param own the filters that are not fields, by name; one with the name of a field replaces it
 * @throws InvalidRecordError for an unknown name, or an invalid value
 */
export function parseFilter<F extends Fields>(
  definition: RecordDefinition<F>,
  codec: RecordCodec<F>,
  matching: Matching,
  filter: unknown,
  own: OwnFilters = none,
): Selection {
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) {
    throw fault(definition, [{ path: [], code: 'type', message: 'must be an object of fields and values' }])
  }
  const context: FilterContext = {
    plural: definition.plural,
    table: definition.shape.table,
    matching,
    column: (field) => definition.columnOf(field).name,
    encode: (field, value) => codec.encodeField(field, value),
    decode: (field, value) => codec.decodeField(field, value),
  }
  const given = filter as Readonly<Record<string, unknown>>
  const selections = Object.entries(given).map(([name, value]): Selection => {
    if (value === undefined) return { conditions: [] }
    if (Object.hasOwn(own, name)) return own[name]?.(name, given, context) ?? { conditions: [] }
    const column = definition.columns.find((candidate) => candidate.field === name)
    if (!column?.spec.filterable) throw unknownFilter(definition, name, own)
    return { conditions: [toCondition(definition, codec, name, column.name, value)] }
  })
  return combined(selections)
}

function fault(definition: RecordDefinition, issues: readonly Issue[]): InvalidRecordError {
  return new InvalidRecordError(`filter of ${definition.plural}`, issues)
}

function toCondition<F extends Fields>(
  definition: RecordDefinition<F>,
  codec: RecordCodec<F>,
  field: string,
  column: string,
  value: unknown,
): Condition {
  if (value === null) return { column, operator: 'is null', values: [] }
  if (!Array.isArray(value))
    return { column, operator: '=', values: [encodeValue(definition, codec, field, value)] }
  if (value.length === 0 || value.length > MAX_CHOICES) {
    const message = `must hold 1 to ${MAX_CHOICES} values, holds ${value.length}`
    throw fault(definition, [{ path: [field], code: 'choices', message }])
  }
  const given = value.filter((item) => item !== null)
  const values = padded(given.map((item) => encodeValue(definition, codec, field, item)))
  if (given.length === value.length) return { column, operator: 'in', values }
  return given.length === 0
    ? { column, operator: 'is null', values: [] }
    : { column, operator: 'in or null', values }
}

function encodeValue<F extends Fields>(
  definition: RecordDefinition<F>,
  codec: RecordCodec<F>,
  field: string,
  value: unknown,
): WireValue {
  const { schema } = definition.columnOf(field).spec
  return codec.encodeField(field, parseOrThrow(`filter of ${definition.plural}`, schema(), value, [field]))
}

function unknownFilter(definition: RecordDefinition, name: string, own: OwnFilters): InvalidRecordError {
  const message = `is no filter; there are ${filterNames(definition, own).join(', ')}`
  return fault(definition, [{ path: [name.slice(0, 60)], code: 'unknown_filter', message }])
}
