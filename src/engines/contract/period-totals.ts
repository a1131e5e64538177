// Totals of periods: sums that the database keeps for chosen periods only, in the transaction that
// inserts the record. Which periods there are is data: a row of the table of periods for each.

/** The columns of the table of periods, besides its key `id`. */
export const periodColumns = {
  /** What the period's totals are grouped by: the name of a dimension. */
  dimension: 'dimension',
  /** The first and the last instant of the period, both included. */
  first: 'first_at',
  last: 'last_at',
} as const

/** The columns of the table of totals: a row for each period, member of its dimension and slot. */
export const periodTotalColumns = {
  period: 'period',
  member: 'member',
  slot: 'slot',
  /** Source rows whose summed column is null; they add nothing to the sum. */
  unpriced: 'unpriced',
  records: 'records',
} as const

/**
 * Totals of the rows that are inserted into a table, for each period that the row's time is in. A
 * period without a row in the table of periods costs nothing.
 */
export interface PeriodTotalsSpec {
  /** The name of the trigger. */
  readonly name: string
  readonly source: string
  /** The table of periods, which also has the column `partitionBy`. */
  readonly periods: string
  /** The table of totals, which also has the column `sum`. */
  readonly target: string
  /**
   * A row counts for the value that it has in the column of the period's dimension, or for none if
   * that is null. Without a column all rows count together, for the member ''.
   */
  readonly dimensions: readonly { readonly name: string; readonly column: string | null }[]
  readonly sum: string
  readonly time: string
  readonly partitionBy: string
  /** Columns with how many records a row stands for, and how many of them have no sum. */
  readonly counts?: { readonly records: string; readonly unpriced: string | null }
  /**
   * What an inserted row settles: rows of another table whose key is in this column. They are
   * deleted with the insert.
   */
  readonly settles?: { readonly column: string; readonly table: string; readonly key: string }
}
