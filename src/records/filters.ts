// Filters of lists: an object of fields and values. A value means equality, a list means any of them, null means "has
// none"; several fields mean AND. What can be filtered follows from the record's definition.

import type { WireValue } from '../engines/engine.ts'
import { InvalidRecordError } from '../errors.ts'
import type { Fields, RecordDefinition } from './define-record.ts'
import type { Field, Given } from './fields.ts'
import { toIssues } from './issues.ts'
import type { RecordCodec } from './record-codec.ts'
import { padded, type SlotOf } from './statements.ts'

type FilterValue<F> =
  F extends Field<infer Out, infer In, Given, boolean> ? In | Extract<Out, null> | readonly In[] : never

/** Any of the record's filterable fields; see the record's page in docs/records.md for which those are. */
export type FilterOf<F extends Fields, K extends keyof F> = {
  readonly [P in K]?: FilterValue<F[P]> | undefined
}

/** The most values one list of a filter may hold. */
const MAX_CHOICES = 500

/** One condition: a column, an operator, and the indexes of its values among all values of the statement. */
export interface Condition {
  readonly column: string
  readonly operator: '=' | 'in' | 'is null' | '>=' | '<' | 'in or null'
  readonly values: readonly WireValue[]
}

/**
 * @param known names fields that the caller handles itself
 * @throws InvalidRecordError for an unknown field, or a value that the field cannot have
 */
export function parseFilter<F extends Fields>(
  definition: RecordDefinition<F>,
  codec: RecordCodec<F>,
  filter: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string> = new Set(),
): Condition[] {
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) {
    const message = 'must be an object of fields and values'
    throw new InvalidRecordError(`filter of ${definition.name}s`, [{ path: [], code: 'type', message }])
  }
  const conditions: Condition[] = []
  for (const [field, value] of Object.entries(filter)) {
    if (value === undefined || known.has(field)) continue
    const column = definition.columns.find((candidate) => candidate.field === field)
    if (!column?.spec.filterable) throw unknownFilter(definition, field)
    conditions.push(toCondition(definition, codec, field, column.name, value))
  }
  return conditions
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
    throw new InvalidRecordError(`filter of ${definition.name}s`, [
      { path: [field], code: 'choices', message },
    ])
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
  const parsed = definition.columnOf(field).spec.schema.safeParse(value)
  if (parsed.success) return codec.encodeField(field, parsed.data)
  const issues = parsed.error.issues.flatMap((issue) => toIssues(issue, value))
  throw new InvalidRecordError(
    `filter of ${definition.name}s`,
    issues.map((issue) => ({ ...issue, path: [field, ...issue.path] })),
  )
}

function unknownFilter<F extends Fields>(definition: RecordDefinition<F>, field: string): InvalidRecordError {
  const names = definition.columns.filter((column) => column.spec.filterable).map((column) => column.field)
  const message = `is no field to filter by; there are ${names.join(', ')}`
  return new InvalidRecordError(`filter of ${definition.name}s`, [
    { path: [field.slice(0, 60)], code: 'unknown_filter', message },
  ])
}

/** What makes two filters the same statement: columns, operators and numbers of values. */
export function conditionsKey(conditions: readonly Condition[]): string {
  return conditions.map(({ column, operator, values }) => `${column} ${operator} ${values.length}`).join(';')
}

/** What makes two filters the same list: the values too. */
export function conditionsFingerprint(conditions: readonly Condition[]): string {
  return JSON.stringify(conditions, (_key, value) => (typeof value === 'bigint' ? `${value}n` : value))
}

// biome-ignore lint/suspicious/noExplicitAny: Kysely's builders change their type with every call
type Filterable = any

/** Adds the conditions to a statement; their values are the statement's from `first` on. */
export function applyConditions(
  query: Filterable,
  conditions: readonly Condition[],
  slot: SlotOf,
  first: number,
): Filterable {
  let next = first
  let result = query
  for (const { column, operator, values } of conditions) {
    const slots = values.map((_, index) => slot(next + index))
    next += values.length
    switch (operator) {
      case 'is null':
        result = result.where(column, 'is', null)
        break
      case 'in':
        result = result.where(column, 'in', slots)
        break
      case 'in or null':
        result = result.where((or: Filterable) => or.or([or(column, 'in', slots), or(column, 'is', null)]))
        break
      case '=':
      case '>=':
      case '<':
        result = result.where(column, operator, slots[0])
        break
      default:
        operator satisfies never
    }
  }
  return result
}

export function conditionValues(conditions: readonly Condition[]): readonly WireValue[] {
  return conditions.flatMap((condition) => condition.values)
}
