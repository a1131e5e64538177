// Model-based tests of budgets: random sequences of reservations, costs that settle them, releases,
// changed limits and transactions that fail hold and refuse what a plain model does, to a
// billionth.

import { budgetOperations } from '../support/engines/model/budget-operations.ts'
import { BudgetModel, runBudgets } from '../support/engines/model/run-budgets.ts'
import { checkOnEveryEngine } from '../support/engines/model/sequences.ts'

checkOnEveryEngine({
  title: 'any sequence of reservations and costs is answered as the model does',
  sequences: budgetOperations,
  newModel: () => {
    const model = new BudgetModel()
    return (store, steps) => runBudgets(store, model, steps)
  },
  lastLook: [{ do: 'status' }],
})
