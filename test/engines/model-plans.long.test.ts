// Model-based tests of plans: random creations, moves, cancellations, deletions and transactions on
// a store and on a plain model give the same values, orders, errors and audit entries.

import { PlanModel } from '../support/engines/model/plan-model.ts'
import { planIds, planOperations } from '../support/engines/model/plan-operations.ts'
import { runPlansSideBySide } from '../support/engines/model/run-plans.ts'
import { checkOnEveryEngine } from '../support/engines/model/sequences.ts'

checkOnEveryEngine({
  title: 'any sequence of operations on plans answers as the model does',
  sequences: planOperations,
  newModel: () => {
    const model = new PlanModel()
    return (store, steps) => runPlansSideBySide(store, model, steps)
  },
  lastLook: [
    { do: 'list', filter: {} },
    { do: 'trail' },
    ...planIds.map((id) => ({ do: 'tree' as const, id })),
  ],
})
