// `purser budgets …`

import type { Area } from '../../run/command.ts'
import { listBudgets } from './list.ts'
import { removeBudget } from './remove.ts'
import { setBudget } from './set.ts'
import { showBudget } from './show.ts'
import { budgetStatus } from './status.ts'

export const budgets: Area = {
  name: 'budgets',
  record: 'budget',
  summary: 'what may be spent: status, list, show, set, remove',
  commands: [budgetStatus, listBudgets, showBudget, setBudget, removeBudget],
}
