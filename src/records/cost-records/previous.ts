// Totals beside those of the period before: which range that is, and groups paired by their keys.

import { InvalidRecordError } from '../../errors.ts'
import { type CalendarUnit, periodContaining } from '../../values/time-zone.ts'
import { parseOrThrow } from '../model/issues.ts'
import { instantRule } from '../model/rules.ts'
import type { TimeRange } from '../repository/time-range.ts'
import type { AnyTotal, CostSums, ExactCount } from './aggregate.ts'
import type { CostGrouping } from './enums.ts'
import { isPeriod } from './groupings.ts'

export interface Range {
  readonly since: Date
  readonly until: Date
}

/**
 * The range of a filter, up to now if it has no end.
 * @throws InvalidRecordError if it has no beginning
 */
export function rangeToCompare({ since, until }: Partial<TimeRange>, now: Date): Range {
  if (since === undefined) {
    const message = 'is required to compare with what was before'
    throw new InvalidRecordError('filter of cost records', [{ path: ['since'], code: 'required', message }])
  }
  return {
    since: parseOrThrow('since', instantRule, since),
    until: parseOrThrow('until', instantRule, until ?? now),
  }
}

/** Longer ranges are compared by their length alone: counting their days would take long. */
const MOST_PERIODS = 4000

/**
 * The range before one, of the same length and up to where it begins. A range of whole months of a
 * time zone is preceded by as many months, one of whole days by as many days, whatever their hours.
 */
export function rangeBefore({ since, until }: Range, timeZone: string): Range {
  for (const unit of ['month', 'day'] as const) {
    const count = wholePeriods(since.getTime(), until.getTime(), unit, timeZone)
    if (count > 0) return { since: new Date(back(since.getTime(), count, unit, timeZone)), until: since }
  }
  return { since: new Date(2 * since.getTime() - until.getTime()), until: since }
}

/** How many periods a range is; 0 if it does not begin and end with one. */
function wholePeriods(since: number, until: number, unit: CalendarUnit, timeZone: string): number {
  let at = since
  if (periodContaining(at, unit, timeZone).begin !== at) return 0
  for (let count = 0; count < MOST_PERIODS; count += 1) {
    if (at >= until) return at === until ? count : 0
    at = periodContaining(at, unit, timeZone).end
  }
  return 0
}

function back(instant: number, count: number, unit: CalendarUnit, timeZone: string): number {
  let at = instant
  for (let index = 0; index < count; index += 1) at = periodContaining(at - 1, unit, timeZone).begin
  return at
}

/** @throws InvalidRecordError */
export function checkCompare(compare: unknown, by: readonly CostGrouping[]): boolean {
  if (compare === undefined) return false
  const fault = (code: string, message: string) =>
    new InvalidRecordError('totals', [{ path: ['compare'], code, message }])
  if (compare !== 'previous') throw fault('not_allowed', 'must be previous')
  if (by.some(isPeriod)) {
    throw fault(
      'grouping',
      'must not be given with groups by month, week, day or hour: they stand side by side already',
    )
  }
  return true
}

const keysOf = (by: readonly CostGrouping[], total: AnyTotal) =>
  JSON.stringify([...by.map((grouping) => total[grouping]), total.currency])

/**
 * Each total of now with that of before, and those that only were before, with nothing now, in the
 * order of their costs then.
 */
export function paired(
  by: readonly CostGrouping[],
  now: readonly AnyTotal[],
  before: readonly AnyTotal[],
): readonly (AnyTotal & { readonly previous: CostSums<ExactCount> })[] {
  const earlier = new Map(before.map((total) => [keysOf(by, total), total]))
  const there = new Set(now.map((total) => keysOf(by, total)))
  return [
    ...now.map((total) => ({ ...total, previous: sumsOf(earlier.get(keysOf(by, total)) ?? nothing(total)) })),
    ...before
      .filter((total) => !there.has(keysOf(by, total)))
      .map((total) => ({ ...nothing(total), previous: sumsOf(total) })),
  ]
}

function nothing(total: AnyTotal): AnyTotal {
  const counts = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 }
  return { ...total, cost: '0', ...counts, unpriced: 0, records: 0 }
}

function sumsOf(total: AnyTotal): CostSums<ExactCount> {
  const { cost, currency, inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, unpriced, records } =
    total
  const counts = { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, unpriced, records }
  return { cost, currency, ...counts }
}
