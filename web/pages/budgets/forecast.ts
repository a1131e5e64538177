// What is to be expected by the end of a budget's period, if spending continues as it was in the
// period so far.

import type { BudgetStatus } from '../../api/records.ts'

export interface Forecast {
  /** A decimal string. */
  readonly amount: string
  readonly isBeyond: boolean
}

/** The share of a period before which nothing can be said. */
const LEAST = 0.02

/** @param now milliseconds @returns undefined without an end, and at the beginning of a period */
export function forecastOf({ period, spent, budget }: BudgetStatus, now: number): Forecast | undefined {
  if (period.begin === null || period.end === null) return undefined
  const begin = Date.parse(period.begin)
  const share = (now - begin) / (Date.parse(period.end) - begin)
  if (share < LEAST) return undefined
  const expected = Number(spent) / Math.min(share, 1)
  return { amount: expected.toFixed(9), isBeyond: expected > Number(budget.limit) }
}
