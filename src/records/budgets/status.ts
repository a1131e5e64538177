// The status of budgets: what is spent and held of each, in the present period or another one.

import { formatMoney } from '../../values/money.ts'
import type { RecordSession } from '../repository/session.ts'
import type { Budget } from './definition.ts'
import type { BudgetLevel } from './enums.ts'
import { levelOf, limitOf, shareOf } from './levels.ts'
import { periodOf, readKept, shownPeriod } from './periods.ts'
import { type BudgetState, readNow, readStates } from './states.ts'

export interface BudgetStatus {
  readonly budget: Budget
  /** From `begin`, included, to `end`, excluded; both null for all time. */
  readonly period: { readonly begin: Date | null; readonly end: Date | null }
  /** The sum of the costs of the period: of the records that count, by their timestamps. */
  readonly spent: string
  /** What live reservations hold; "0" in a period that is not the present one. */
  readonly held: string
  /** What a reservation may ask for; "0" when more is spent than allowed. */
  readonly remaining: string
  /** Spent, as a share of the limit; more than 1 when it is exceeded. */
  readonly share: number
  readonly level: BudgetLevel
  /** Records of the period whose cost is not known; they add nothing to `spent`. */
  readonly unpriced: number
}

/** @param at an instant of the period; the present by the database's clock if it is undefined */
export async function statusOf(
  session: RecordSession,
  budgets: readonly Budget[],
  at: Date | undefined,
): Promise<readonly BudgetStatus[]> {
  if (budgets.length === 0) return []
  const now = await readNow(session, session)
  const inPeriods = budgets.map((budget) => ({ budget, period: periodOf(budget, at ?? now) }))
  const kept = await readKept(
    session,
    session,
    inPeriods.map(({ period }) => period),
  )
  const states = await readStates(session, session, inPeriods, now, ({ id }) => !kept.has(id))
  return inPeriods.map(({ budget, period }, index) => {
    const { spent, held, unpriced } = states[index] as BudgetState
    const isPresent = period.begin <= now && now <= period.last
    const holding = isPresent ? held : 0n
    const left = limitOf(budget) - spent - holding
    return {
      budget,
      period: shownPeriod(budget, period),
      spent: formatMoney(spent),
      held: formatMoney(holding),
      remaining: formatMoney(left > 0n ? left : 0n),
      share: shareOf(budget, spent),
      level: levelOf(budget, spent),
      unpriced,
    }
  })
}
