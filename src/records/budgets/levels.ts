// How far a budget is used up. Exact: amounts are compared in billionths.

import { MONEY_SCALE, parseMoney } from '../../values/money.ts'
import type { Budget } from './definition.ts'
import type { BudgetLevel } from './enums.ts'

/** In billionths. A limit that cannot be read allows nothing. */
export function limitOf({ limit }: Pick<Budget, 'limit'>): bigint {
  const amount = parseMoney(limit)
  return typeof amount === 'bigint' ? amount : 0n
}

/** Nothing spent is within any budget. */
export function levelOf(budget: Pick<Budget, 'limit' | 'warnAt'>, spent: bigint): BudgetLevel {
  const limit = limitOf(budget)
  if (spent > limit) return 'exceeded'
  const share = BigInt(Math.round(budget.warnAt * Number(MONEY_SCALE)))
  return spent > 0n && spent * MONEY_SCALE >= limit * share ? 'warned' : 'within'
}

/** An amount as a share of the limit, to six digits; of a limit of 0, all or nothing. */
export function shareOf(budget: Pick<Budget, 'limit'>, amount: bigint): number {
  const limit = limitOf(budget)
  if (limit === 0n) return amount > 0n ? 1 : 0
  return Number((amount * 1_000_000n) / limit) / 1_000_000
}
