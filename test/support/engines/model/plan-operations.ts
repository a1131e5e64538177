// The operations on plans that the model-based tests draw: few ids and names, so that plans meet,
// repeat and refer to each other.

import fc from 'fast-check'
import type { PlanFilter, PlanMove } from '../../../../src/index.ts'
import { type Base, takenOver } from './operations.ts'

export type PlanOperation =
  | {
      readonly do: 'create'
      readonly id: string
      readonly parent: string | null
      readonly name: string
      /** Where it stands: a plan that is taken over may stand anywhere. */
      readonly place: string
      readonly reversionCount: number
      /** Whether it may: else it is refused unless it begins where plans do. */
      readonly takenOver: boolean
    }
  | {
      readonly do: 'createMany'
      readonly plans: readonly Extract<PlanOperation, { do: 'create' }>[]
      readonly takenOver: boolean
    }
  | {
      readonly do: 'update'
      readonly id: string
      readonly patch: { readonly name?: string; readonly description?: string }
      readonly base: Base
    }
  | { readonly do: 'move'; readonly id: string; readonly move: PlanMove; readonly base: Base }
  /** The same move by several callers at once, from the version that is stored. */
  | { readonly do: 'race'; readonly id: string; readonly move: PlanMove; readonly callers: number }
  | { readonly do: 'cancelTree'; readonly id: string; readonly base: Base }
  | { readonly do: 'delete'; readonly id: string; readonly tree: boolean }
  | { readonly do: 'list'; readonly filter: PlanFilter }
  | { readonly do: 'tree' | 'ancestors' | 'children'; readonly id: string }
  /** The whole audit trail: who did what to which plan, and that the chain holds. */
  | { readonly do: 'trail' }
  /**
   * Runs the steps in one transaction, or nested in the one that is open, and throws at its end
   * when it is to fail.
   */
  | { readonly do: 'transaction'; readonly steps: readonly PlanOperation[]; readonly fails: boolean }

export const planIds = [1, 2, 3, 4, 5, 6, 7].map((number) => `01J0000000000000000000000${number}`)
const id = fc.constantFrom(...planIds)
const name = fc.constantFrom('local/a', 'local/b', 'local/A', 'other/a', 'local/a_', 'local/ab')
const base = fc.constantFrom<Base>('current', 'current', 'current', 'current', 'stale', 'ahead')
/** Moves that lead on more often than those that end a plan. */
const move = fc.constantFrom<PlanMove>(
  ...(['use', 'use', 'start', 'start', 'start', 'complete', 'complete', 'complete', 'advance'] as const),
  ...(['advance', 'constrain', 'fail', 'retry', 'retry', 'redo', 'revert', 'revert', 'cancel'] as const),
)
const place = fc.constantFrom(
  ...['action/queued', 'action/queued', 'action/queued', 'strategize/complete', 'execute/queued'],
  ...['execute/processing', 'execute/errored', 'apply/queued', 'apply/processing', 'apply/constrained'],
  ...['apply/errored', 'apply/applied', 'strategize/cancelled'],
)
const create = fc.record({
  do: fc.constant('create' as const),
  id,
  parent: fc.option(id, { freq: 2 }),
  name,
  place,
  reversionCount: fc.constantFrom(0, 0, 2, 3),
  takenOver,
})
const filter: fc.Arbitrary<PlanFilter> = fc.record(
  {
    phase: fc.constantFrom('action', 'strategize', 'execute', 'apply'),
    state: fc.constantFrom('queued', 'processing', 'complete', 'cancelled'),
    rootPlanId: id,
    parentPlanId: fc.option(id),
    name: fc.constantFrom('local/*', 'local/a?', '*a', 'local/a_', '*'),
  },
  { requiredKeys: [] },
)

const step: fc.Arbitrary<PlanOperation> = fc.oneof(
  { weight: 10, arbitrary: create },
  fc.record({
    do: fc.constant('createMany' as const),
    plans: fc.array(create, { minLength: 1, maxLength: 3 }),
    takenOver,
  }),
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('update' as const),
      id,
      patch: fc.record({ name, description: fc.constantFrom('one', 'two') }, { requiredKeys: [] }),
      base,
    }),
  },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('move' as const), id, move, base }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('race' as const),
      id,
      move,
      callers: fc.integer({ min: 2, max: 4 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('cancelTree' as const), id, base }) },
  fc.record({ do: fc.constant('delete' as const), id, tree: fc.boolean() }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('list' as const), filter }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('tree' as const, 'ancestors' as const, 'children' as const),
      id,
    }),
  },
  fc.record({ do: fc.constant('trail' as const) }),
)

const transactionOf = (inner: fc.Arbitrary<PlanOperation>): fc.Arbitrary<PlanOperation> =>
  fc.record({
    do: fc.constant('transaction' as const),
    steps: fc.array(inner, { maxLength: 6 }),
    fails: fc.boolean(),
  })

export const planOperations: fc.Arbitrary<PlanOperation[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: step },
    {
      weight: 1,
      arbitrary: transactionOf(fc.oneof({ weight: 6, arbitrary: step }, transactionOf(step))),
    },
  ),
  { minLength: 10, maxLength: 60, size: 'max' },
)
