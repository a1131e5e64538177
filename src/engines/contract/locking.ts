// What a transaction needs to decide by what others have committed: locks, and the database's own
// clock.

import type { PeriodTotalsSpec } from './period-totals.ts'
import type { Query } from './query.ts'

export interface Locking {
  /**
   * Ends a SELECT of rows that no other transaction may lock or change until this one ends. Empty
   * if a transaction excludes all others anyway.
   */
  readonly rows: string
  /** The same, but leaves out rows that others have locked instead of waiting for them. */
  readonly freeRows: string
  /**
   * Makes this transaction wait for all that have inserted into the sources of period totals, and
   * further inserts wait for this one. Null if a transaction excludes all others anyway. Call it
   * before rows are changed for which an insert may wait.
   */
  insertsInto(totals: readonly PeriodTotalsSpec[]): Query | null
  /**
   * The present time by the database's clock, which is the same for all programs: an expression in
   * the form of an instant column. In a statement that waits it may be the time before the wait.
   */
  readonly now: string
  /** The same, a number of milliseconds earlier; later if it is negative. */
  ago(milliseconds: number): string
}
