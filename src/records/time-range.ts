// Time ranges of lists and totals: `since` inclusive, `until` exclusive.

import type { WireValue } from '../engines/engine.ts'
import { InvalidRecordError } from '../errors.ts'
import type { Condition } from './filters.ts'
import { parseOrThrow } from './issues.ts'
import { instantRule } from './rules.ts'

export interface TimeRange {
  /** From this instant on (inclusive): a Date, or an ISO 8601 string with an offset. */
  readonly since?: Date | string | undefined
  /** Before this instant (exclusive). */
  readonly until?: Date | string | undefined
}

export const timeRangeFields: ReadonlySet<string> = new Set(['since', 'until'])

/** @throws InvalidRecordError when a bound is no instant, or the filter no object */
export function timeConditions(
  column: string,
  range: TimeRange,
  encode: (instant: Date) => WireValue,
): readonly Condition[] {
  if (typeof range !== 'object' || range === null) {
    throw new InvalidRecordError('filter', [
      { path: [], code: 'type', message: 'must be an object of fields and values' },
    ])
  }
  const conditions: Condition[] = []
  if (range.since !== undefined) {
    conditions.push({
      column,
      operator: '>=',
      values: [encode(parseOrThrow('since', instantRule, range.since))],
    })
  }
  if (range.until !== undefined) {
    conditions.push({
      column,
      operator: '<',
      values: [encode(parseOrThrow('until', instantRule, range.until))],
    })
  }
  return conditions
}
