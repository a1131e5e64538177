// The operations that the model-based test of claims draws: few tasks and agents, so that workers
// meet, dependencies wait, and attempts are used up.

import fc from 'fast-check'

export interface ModelTask {
  readonly id: string
  readonly project: string
  readonly priority: 'critical' | 'high' | 'low'
  readonly dependencies: readonly string[]
  readonly maxRetries: number
}

export type Claim = {
  readonly do: 'claim'
  readonly agent: string
  readonly limit: number
  readonly project: string | undefined
}

/** Of the task's claim, of an earlier one, or of nobody. */
export type Whose = 'live' | 'last' | 'nobody'

export type ClaimOperation =
  | { readonly do: 'create'; readonly task: ModelTask }
  | { readonly do: 'depend'; readonly id: string; readonly dependencies: readonly string[] }
  | Claim
  /** Claims that are made at once. */
  | { readonly do: 'together'; readonly steps: readonly Claim[] }
  | { readonly do: 'complete' | 'fail' | 'release'; readonly id: string; readonly whose: Whose }
  /** What people do, past every claim. */
  | { readonly do: 'assign'; readonly id: string; readonly agent: string }
  | { readonly do: 'cancel' | 'delete' | 'waiting'; readonly id: string }
  | { readonly do: 'ready'; readonly agent: string | undefined }
  | { readonly do: 'transaction'; readonly steps: readonly ClaimOperation[]; readonly fails: boolean }

const id = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const agent = fc.constantFrom('ann', 'bob')
const project = fc.constantFrom('parser', 'tides')
const dependencies = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  { weight: 3, arbitrary: fc.uniqueArray(id, { minLength: 1, maxLength: 2 }) },
)

const create: fc.Arbitrary<ClaimOperation> = fc.record({
  do: fc.constant('create' as const),
  task: fc.record({
    id,
    project,
    priority: fc.constantFrom('critical' as const, 'high' as const, 'low' as const),
    dependencies,
    maxRetries: fc.integer({ min: 0, max: 2 }),
  }),
})

const claim: fc.Arbitrary<Claim> = fc.record({
  do: fc.constant('claim' as const),
  agent,
  limit: fc.integer({ min: 1, max: 3 }),
  project: fc.option(project, { nil: undefined, freq: 2 }),
})

const step: fc.Arbitrary<ClaimOperation> = fc.oneof(
  { weight: 6, arbitrary: create },
  { weight: 6, arbitrary: claim as fc.Arbitrary<ClaimOperation> },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('complete' as const, 'complete' as const, 'fail' as const, 'release' as const),
      id,
      whose: fc.constantFrom(
        'live' as const,
        'live' as const,
        'live' as const,
        'last' as const,
        'nobody' as const,
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('depend' as const), id, dependencies }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('assign' as const), id, agent }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('cancel' as const, 'delete' as const, 'waiting' as const),
      id,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('ready' as const), agent: fc.option(agent, { nil: undefined }) }),
  },
)

export const claimOperations: fc.Arbitrary<readonly ClaimOperation[]> = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: step },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('together' as const),
        steps: fc.array(claim, { minLength: 2, maxLength: 4 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('transaction' as const),
        steps: fc.array(step, { minLength: 1, maxLength: 5 }),
        fails: fc.boolean(),
      }),
    },
  ),
  { minLength: 8, maxLength: 50, size: 'max' },
)
