// Budgets on the screen: what they count and when, and bars of what is spent and held.

import type { Budget, BudgetStatus } from '../../../index.ts'
import { money, percent } from '../../screen/amounts.ts'
import type { Screen } from '../../screen/screen.ts'
import { table } from '../../screen/table.ts'
import { printableLine } from '../../screen/text.ts'

const BAR_WIDTH = 20

/** `project parser`, `everything`. */
export function scopeText({ scope, target }: Budget): string {
  return target === null ? scope : `${scope} ${printableLine(target)}`
}

/** `each day in Europe/Berlin`, `in total`. */
export function periodText({ period, timeZone }: Budget): string {
  return period === 'total' ? 'in total' : `each ${period} in ${timeZone}`
}

/** A table of budgets, one line each. */
export function budgetTable(screen: Screen, budgets: readonly Budget[]): readonly string[] {
  return table(
    screen,
    [
      { title: 'NAME', value: ({ name }) => printableLine(name), paint: (text) => screen.paint.bold(text) },
      { title: 'LIMIT', align: 'end', value: ({ limit, currency }) => money(limit, currency) },
      { title: 'PERIOD', value: periodText },
      { title: 'COUNTS', value: scopeText, shrinkTo: 12 },
      { title: 'BEYOND IT', value: ({ whenExceeded }) => whenExceeded, spare: 2 },
      { title: 'STATE', value: ({ active }) => (active ? 'active' : 'rests'), spare: 1 },
    ],
    budgets,
  )
}

/**
 * A bar of the limit: what is spent, then what is held, then what is left. More than the limit
 * fills it.
 */
export function standingBar({ budget, spent, held }: BudgetStatus, width = BAR_WIDTH): string {
  const limit = Number(budget.limit)
  const share = (amount: string) => (limit === 0 ? Number(Number(amount) > 0) : Number(amount) / limit)
  const cells = (part: number) => Math.min(width, part > 0 ? Math.max(1, Math.round(part * width)) : 0)
  const full = cells(share(spent))
  const holding = Math.min(width - full, cells(share(held)))
  return '█'.repeat(full) + '▒'.repeat(holding) + '░'.repeat(width - full - holding)
}

/** Bars of what is spent and held, one line a budget and currency. */
export function statusTable(screen: Screen, statuses: readonly BudgetStatus[]): readonly string[] {
  const { paint } = screen
  const level = (text: string, status: BudgetStatus) => {
    if (status.level === 'exceeded') return paint.red(text)
    return status.level === 'warned' ? paint.yellow(text) : paint.green(text)
  }
  return table(
    screen,
    [
      {
        title: 'BUDGET',
        value: ({ budget }) => printableLine(budget.name),
        paint: (text) => paint.bold(text),
      },
      { title: '', value: (status) => standingBar(status), paint: level },
      { title: 'SPENT', align: 'end', value: ({ spent }) => spent },
      { title: 'HELD', align: 'end', value: ({ held }) => held, spare: 1 },
      { title: 'LEFT', align: 'end', value: ({ remaining }) => remaining },
      { title: 'OF', align: 'end', value: ({ budget }) => money(budget.limit, budget.currency) },
      { title: 'USED', align: 'end', value: ({ share }) => percent(share), paint: level, spare: 2 },
      { title: 'UNTIL', value: ({ period }) => (period.end ? screen.ahead(period.end) : ''), spare: 3 },
    ],
    statuses,
  )
}
