// The filters of lists of budgets, shared by `list` and `status`.

import { budgetScopes } from '../../../records/budgets/enums.ts'
import { either, text, under, words } from '../../flags/flags.ts'

export const budgetFilters = under('Filters:', {
  scope: words(budgetScopes, 'only budgets of one of these scopes', { field: 'scope' }),
  target: text('name', 'only budgets of this project, agent, model, plan or task', { field: 'target' }),
  currency: text('code', 'only budgets in this currency', { field: 'currency' }),
  active: either('only budgets that are active, or with --no-active those that are not', {
    field: 'active',
  }),
})
