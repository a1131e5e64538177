// Model-based tests: random sequences of operations on a store and on a plain model give the same
// values, orders and errors.

import { Model } from '../support/engines/model/model.ts'
import { operations } from '../support/engines/model/operations.ts'
import { runSideBySide } from '../support/engines/model/run.ts'
import { checkOnEveryEngine } from '../support/engines/model/sequences.ts'

checkOnEveryEngine({
  title: 'any sequence of operations answers as the model does',
  sequences: operations,
  newModel: () => {
    const model = new Model()
    return (store, steps) => runSideBySide(store, model, steps)
  },
  lastLook: [
    { do: 'listTasks', filter: {}, limit: 100 },
    { do: 'queryCosts', filter: {}, limit: 100 },
    { do: 'totals', filter: {}, by: ['currency'] },
    { do: 'totals', filter: {}, by: ['currency', 'agent'] },
    { do: 'totals', filter: { since: '1000-01-01T00:00:00Z' }, by: ['currency'] },
    { do: 'history', channel: 'a_b', limit: 2 },
    { do: 'search', text: 'alpha', channel: undefined },
  ],
})
