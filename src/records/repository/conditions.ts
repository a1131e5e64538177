// Conditions on columns: what a filter is translated to, as part of a statement, of its cache key,
// and of a cursor's fingerprint.

import type { WireValue } from '../../engines/contract/engine.ts'
import type { SlotOf } from './statements.ts'

/**
 * One condition: a column, an operator, and the indexes of its values among all values of the
 * statement.
 */
export interface Condition {
  readonly column: string
  readonly operator: '=' | 'in' | 'is null' | '>=' | '>' | '<' | 'in or null'
  readonly values: readonly WireValue[]
}

/** Identifies the statement of a filter: columns, operators and numbers of values. */
export function conditionsKey(conditions: readonly Condition[]): string {
  return conditions.map(({ column, operator, values }) => `${column} ${operator} ${values.length}`).join(';')
}

/** Identifies the list of a filter: the values too. */
export function conditionsFingerprint(conditions: readonly Condition[]): string {
  return JSON.stringify(conditions, (_key, value) => (typeof value === 'bigint' ? `${value}n` : value))
}

// biome-ignore lint/suspicious/noExplicitAny: Kysely's builders change their type with every call
type Filterable = any

/** Adds the conditions to a statement; their values start at the statement's value `first`. */
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
      case '>':
      case '<':
        result = result.where(column, operator, slots[0])
        break
      default:
        operator satisfies never
    }
  }
  return result
}

/** The parameters of conditions, in their order. */
export function conditionValues(conditions: readonly Condition[]): readonly WireValue[] {
  return conditions.flatMap((condition) => condition.values)
}
