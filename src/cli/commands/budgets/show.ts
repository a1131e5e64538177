// `purser budgets show`: everything about one budget, and what is left of it.

import { defineCommand } from '../../run/command.ts'
import { money, percent } from '../../screen/amounts.ts'
import { facts } from '../../screen/facts.ts'
import { printableLine } from '../../screen/text.ts'
import { absolute, relative } from '../../screen/times.ts'
import { budgetArgument, findBudget } from './find.ts'
import { periodText, scopeText, standingBar } from './view.ts'

export const showBudget = defineCommand({
  name: 'show',
  summary: 'show one budget, and what is left of it',
  args: budgetArgument,
  examples: [
    ['one budget', 'budgets show daily'],
    ['as JSON', 'budgets show daily --json'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const budget = await findBudget(store, call.args.name)
      const [status] = await store.budgets.status({ name: budget.name })
      // Another process deleted it.
      if (!status) await findBudget(store, budget.name)
      return {
        data: { ...budget, status: status ? { ...status, budget: budget.name } : null },
        show: (screen) => {
          const { paint } = screen
          const { currency, createdAt, updatedAt, version } = budget
          const when = (time: Date) => `${relative(time, screen.now)} (${absolute(time)})`
          const { period } = status ?? {}
          const range =
            period?.begin && period.end ? `${absolute(period.begin)} to ${absolute(period.end)}` : null
          return [
            `${paint.bold(printableLine(budget.name))}  ${budget.active ? paint.green('active') : paint.dim('rests')}`,
            '',
            ...facts(screen, [
              ['Limit', `${money(budget.limit, currency)} ${periodText(budget)}`],
              ['Counts', scopeText(budget)],
              ['Warns', `from ${percent(budget.warnAt)} on`],
              [
                'Beyond it',
                budget.whenExceeded === 'refuse'
                  ? 'reservations are refused'
                  : 'reservations are held all the same',
              ],
              ['Period', range],
              ['Spent', status && `${money(status.spent, currency)} (${percent(status.share)})`],
              ['Held', status && money(status.held, currency)],
              ['Left', status && `${money(status.remaining, currency)}  ${standingBar(status)}`],
              [
                'Unpriced',
                status && status.unpriced > 0 ? `${status.unpriced} records without a cost` : null,
              ],
              ['Created', when(createdAt)],
              ['Updated', `${when(updatedAt)}, version ${version}`],
            ]),
          ].join('\n')
        },
      }
    }),
})
