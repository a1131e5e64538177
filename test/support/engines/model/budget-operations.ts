// The operations that the model-based test of budgets draws: few budgets, agents and amounts, so
// that limits are reached and reservations meet each other.

import fc from 'fast-check'

export interface Call {
  readonly agentId: string
  readonly project: string | null
  readonly model: string
  readonly currency: string
}

export interface ModelBudget {
  readonly name: string
  readonly scope: 'everything' | 'agent' | 'project' | 'model'
  readonly target: string | null
  readonly limit: string
  readonly currency: string
  readonly whenExceeded: 'refuse' | 'warn'
  readonly active: boolean
}

export type BudgetChange = Partial<Pick<ModelBudget, 'limit' | 'active' | 'whenExceeded'>>
export type Reserve = { readonly do: 'reserve'; readonly call: Call; readonly estimate: string }

export type BudgetOperation =
  | { readonly do: 'create'; readonly budget: ModelBudget }
  | { readonly do: 'update'; readonly name: string; readonly change: BudgetChange }
  | { readonly do: 'delete'; readonly name: string }
  | Reserve
  /** Reservations that are asked for at once. */
  | { readonly do: 'together'; readonly steps: readonly Reserve[] }
  /** `which` counts the reservations that there were, from the last one back. */
  | { readonly do: 'release'; readonly which: number }
  | {
      readonly do: 'cost'
      readonly call: Call
      readonly cost: string | null
      readonly settles: number | null
    }
  | { readonly do: 'status' }
  | { readonly do: 'transaction'; readonly steps: readonly BudgetOperation[]; readonly fails: boolean }

const name = fc.constantFrom('a', 'b', 'B', 'c')
const amount = fc.constantFrom('0', '0.1', '0.3', '0.000000001', '1')
const limit = fc.constantFrom('0', '0.3', '1', '1.000000001')
const which = fc.nat(4)
const call: fc.Arbitrary<Call> = fc.record({
  agentId: fc.constantFrom('ann', 'bob'),
  project: fc.constantFrom('tide', null),
  model: fc.constantFrom('large', 'small'),
  currency: fc.constantFrom('USD', 'USD', 'USD', 'EUR'),
})

const scope = fc.constantFrom(
  { scope: 'everything', target: null },
  { scope: 'everything', target: null },
  { scope: 'agent', target: 'ann' },
  { scope: 'project', target: 'tide' },
  { scope: 'model', target: 'large' },
) as fc.Arbitrary<Pick<ModelBudget, 'scope' | 'target'>>

const budget: fc.Arbitrary<ModelBudget> = fc
  .record({
    ...{ name, limit, currency: fc.constantFrom('USD', 'USD', 'USD', 'EUR') },
    whenExceeded: fc.constantFrom('refuse', 'refuse', 'refuse', 'warn'),
    active: fc.constantFrom(true, true, true, false),
    scope,
  })
  .map(({ scope: counted, ...others }) => ({ ...others, ...counted }))

const change: fc.Arbitrary<BudgetChange> = fc.record(
  { limit, active: fc.boolean(), whenExceeded: fc.constantFrom('refuse', 'warn') },
  { requiredKeys: [] },
)

const reserve: fc.Arbitrary<Reserve> = fc.record({
  do: fc.constant('reserve' as const),
  call,
  estimate: amount,
})

const step: fc.Arbitrary<BudgetOperation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('create' as const), budget }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('update' as const), name, change }) },
  fc.record({ do: fc.constant('delete' as const), name }),
  { weight: 6, arbitrary: reserve },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('together' as const),
      steps: fc.array(reserve, { minLength: 2, maxLength: 6 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release' as const), which }) },
  {
    weight: 4,
    arbitrary: fc.record({
      ...{ do: fc.constant('cost' as const), call },
      cost: fc.constantFrom('0', '0.1', '0.3', null),
      settles: fc.option(which),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('status' as const) }) },
)

export const budgetOperations: fc.Arbitrary<BudgetOperation[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: step },
    fc.record({
      do: fc.constant('transaction' as const),
      steps: fc.array(step, { maxLength: 5 }),
      fails: fc.boolean(),
    }),
  ),
  { minLength: 5, maxLength: 40, size: 'max' },
)
