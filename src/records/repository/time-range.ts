// Time ranges of lists and totals: two filters that bound one field, with one shared rule: a range
// that ends before it begins is an error, never an empty result. One that ends where it begins is
// empty.

import { InvalidRecordError } from '../../errors.ts'
import { parseOrThrow } from '../model/issues.ts'
import { instantRule } from '../model/rules.ts'
import type { Condition } from './conditions.ts'
import type { OwnFilter } from './filters.ts'

export interface TimeRange {
  /** From this instant on (inclusive): a Date, or an ISO 8601 string with an offset. */
  readonly since?: Date | string | undefined
  /** Before this instant (exclusive). Not before `since`; the same instant means an empty range. */
  readonly until?: Date | string | undefined
}

/** Filters of mutable records. */
export interface ChangeRange extends TimeRange {
  /** Last changed after this instant (exclusive). */
  readonly updatedAfter?: Date | string | undefined
  /** Last changed before this instant (exclusive). Not before `updatedAfter`. */
  readonly updatedBefore?: Date | string | undefined
}

type Bound<N extends string> = readonly [name: N, operator: Condition['operator']]

/** The two filters of a time range. */
function timeRange<A extends string, B extends string>(
  field: string,
  [low, from]: Bound<A>,
  [high, to]: Bound<B>,
): Readonly<Record<A | B, OwnFilter>> {
  const bound =
    (operator: Condition['operator']): OwnFilter =>
    (name, filter, { plural, column, encode }) => {
      const [begin, end] = [low, high].map((each) =>
        filter[each] === undefined
          ? undefined
          : parseOrThrow(`filter of ${plural}`, instantRule, filter[each], [each]),
      )
      if (begin && end && end < begin) {
        const message = `must not be before ${low}`
        throw new InvalidRecordError(`filter of ${plural}`, [{ path: [high], code: 'range', message }])
      }
      const instant = name === low ? begin : end
      return { conditions: [{ column: column(field), operator, values: [encode(field, instant)] }] }
    }
  return { [low]: bound(from), [high]: bound(to) } as Readonly<Record<A | B, OwnFilter>>
}

/** `since` and `until` of a field. */
export const sinceUntil = (field: string) => timeRange(field, ['since', '>='], ['until', '<'])

/** `since` and `until` of the creation, and the bounds of the last change. */
export const changeRange = () => ({
  ...sinceUntil('createdAt'),
  ...timeRange('updatedAt', ['updatedAfter', '>'], ['updatedBefore', '<']),
})
