// What an inserted row adds to the totals of a period, as expressions of SQL that every engine
// understands.

import { type PeriodTotalsSpec, periodColumns } from '../contract/period-totals.ts'

type Quote = (name: string) => string

/** The member of the period's dimension for which a row counts; NULL for none. */
export function memberOfPeriod(
  { dimensions }: PeriodTotalsSpec,
  row: string,
  period: string,
  quoteName: Quote,
  quoteText: Quote,
): string {
  const cases = dimensions.map(
    ({ name, column }) =>
      `WHEN ${quoteText(name)} THEN ${column === null ? "''" : `${row}.${quoteName(column)}`}`,
  )
  return `CASE ${period}.${quoteName(periodColumns.dimension)} ${cases.join(' ')} END`
}

/** What a row adds: to the sum, to the records without one, and to the records. */
export function addedToPeriod(
  { sum, counts }: PeriodTotalsSpec,
  row: string,
  quoteName: Quote,
): { readonly sum: string; readonly unpriced: string; readonly records: string } {
  const summed = `${row}.${quoteName(sum)}`
  const missing = `CASE WHEN ${summed} IS NULL THEN 1 ELSE 0 END`
  return {
    sum: `coalesce(${summed}, 0)`,
    unpriced: !counts ? missing : counts.unpriced === null ? '0' : `${row}.${quoteName(counts.unpriced)}`,
    records: counts ? `${row}.${quoteName(counts.records)}` : '1',
  }
}

/** Whether a row belongs to a period. Ordered so that an index on the period's end is used. */
export function isInPeriod(
  { time, partitionBy }: PeriodTotalsSpec,
  row: string,
  period: string,
  quoteName: Quote,
): string {
  const [first, last] = [periodColumns.first, periodColumns.last].map(
    (name) => `${period}.${quoteName(name)}`,
  )
  const at = `${row}.${quoteName(time)}`
  const partition = quoteName(partitionBy)
  return `${period}.${partition} = ${row}.${partition} AND ${last} >= ${at} AND ${first} <= ${at}`
}
