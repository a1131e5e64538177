// Model-based tests of claims: random sequences of tasks with dependencies, claims, their ends, and
// what people do past them give the tasks, in the order, that a plain model gives.

import { claimOperations } from '../support/engines/model/claim-operations.ts'
import { ClaimModel, runClaims } from '../support/engines/model/run-claims.ts'
import { checkOnEveryEngine } from '../support/engines/model/sequences.ts'

checkOnEveryEngine({
  title: 'any sequence of claims is answered as the model does',
  sequences: claimOperations,
  newModel: () => {
    const model = new ClaimModel()
    return (store, steps) => runClaims(store, model, steps)
  },
  lastLook: [
    { do: 'ready', agent: undefined },
    { do: 'ready', agent: 'ann' },
    { do: 'claim', agent: 'bob', limit: 3, project: undefined },
  ],
})
