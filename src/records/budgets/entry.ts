// The registry entry of this record.

import { recordEntry } from '../entry.ts'
import { budgetDefinition } from './definition.ts'
import { BudgetRepository } from './repository.ts'

export const budgetEntry = recordEntry({
  definition: budgetDefinition,
  property: 'budgets',
  repository: BudgetRepository,
  filters: {},
})
