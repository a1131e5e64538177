// `purser budgets list`: one page of budgets by name.

import type { BudgetFilter } from '../../../index.ts'
import { fieldsOf } from '../../flags/flags.ts'
import { listOutcome, pagingFlags, readPage } from '../../flags/listing.ts'
import { defineCommand } from '../../run/command.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { budgetFilters } from './filters.ts'
import { budgetTable } from './view.ts'

export const listBudgets = defineCommand({
  name: 'list',
  summary: 'list budgets by name',
  flags: { ...budgetFilters, ...pagingFlags },
  examples: [
    ['all of them', 'budgets list'],
    ['those of projects', 'budgets list --scope project'],
  ],
  run: (call) => {
    const filter = fieldsOf(budgetFilters, call.flags) as BudgetFilter
    return call.withStore('existing', async (store) => {
      const page = await readPage(call.flags, (part) => store.budgets.list(filter, part))
      const total = await store.budgets.count(filter)
      const set = commandLine(call.screen, ['budgets', 'set', '--help', ...sameDatabase(call.global)])
      return listOutcome(call, {
        page,
        total,
        noun: 'budget',
        empty:
          Object.keys(filter).length > 0
            ? 'No budget matches; leave out the filter to see more.'
            : `There are no budgets yet. To make one: ${set}`,
        toJson: (budget) => budget,
        show: (budgets, screen) => budgetTable(screen, budgets),
      })
    })
  },
})
