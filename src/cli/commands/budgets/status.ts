// `purser budgets status`: what is spent, held and left of each budget, with bars.

import type { BudgetFilter } from '../../../index.ts'
import { fieldsOf, time } from '../../flags/flags.ts'
import { defineCommand } from '../../run/command.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { counted } from '../../screen/text.ts'
import { budgetFilters } from './filters.ts'
import { statusTable } from './view.ts'

const at = time('the period that contains this time (default: the present one)')

export const budgetStatus = defineCommand({
  name: 'status',
  summary: 'show what is spent, held and left of each budget',
  description:
    'Show what is spent, held and left of each budget in its present period, or in another one. In a bar, █ is spent, ▒ is held by reservations, ░ is left.',
  flags: { ...budgetFilters, at },
  examples: [
    ['all of them', 'budgets status'],
    ['yesterday', 'budgets status --at yesterday'],
    ['for a program', 'budgets status --json'],
  ],
  run: (call) => {
    const filter = fieldsOf(budgetFilters, call.flags) as BudgetFilter
    return call.withStore('existing', async (store) => {
      const statuses = await store.budgets.status(filter, { at: call.flags.at })
      const set = commandLine(call.screen, ['budgets', 'set', '--help', ...sameDatabase(call.global)])
      const unpriced = statuses.reduce((sum, status) => sum + status.unpriced, 0)
      return {
        data: {
          items: statuses,
          nextCursor: null,
          summary: { shown: statuses.length, total: statuses.length },
        },
        show: (screen) => {
          if (statuses.length === 0) return screen.quiet ? '' : `No budget matches. To make one: ${set}`
          const lines = statusTable(screen, statuses)
          if (screen.quiet || unpriced === 0) return lines.join('\n')
          const note = `${counted(unpriced, 'record')} without a known cost ${unpriced === 1 ? 'is' : 'are'} in none of these sums`
          return [...lines, '', screen.paint.dim(note)].join('\n')
        },
      }
    })
  },
})
