// Model-based tests of plans: random creations, moves, cancellations, deletions and transactions on a store and on a plain model give the
// same values, orders, errors and audit entries. fast-check prints the seed of a failure; PURSER_SEED repeats it.

import fc from 'fast-check'
import { describe, test } from 'vitest'
import { propertyRuns } from '../fixtures/property-runs.ts'
import { PlanModel } from './model/plan-model.ts'
import { type PlanOperation, planIds, planOperations } from './model/plan-operations.ts'
import { runPlansSideBySide } from './model/run-plans.ts'
import type { DisposableHarness } from './run-conformance.ts'
import { describeOnServers, harnessesOn } from './servers.ts'
import { createFileHarness, createMemoryHarness } from './sqlite-harness.ts'

/** Milliseconds after which no new sequence is begun. */
const BUDGET = propertyRuns(6000)
const seed = process.env.PURSER_SEED === undefined ? {} : { seed: Number(process.env.PURSER_SEED) }

async function checkSequence(harness: DisposableHarness, steps: readonly PlanOperation[]): Promise<void> {
  try {
    const store = harness.newPlace().create()
    harness.closeAfterwards(store)
    await store.connect()
    await store.migrate()
    const model = new PlanModel()
    await runPlansSideBySide(store, model, steps)
    if (harness.features.persistent) {
      await store.close()
      await store.connect()
    }
    await runPlansSideBySide(store, model, [
      { do: 'list', filter: {} },
      { do: 'trail' },
      ...planIds.map((id) => ({ do: 'tree' as const, id })),
    ])
  } finally {
    await harness.dispose()
  }
}

function checkSequences(createHarness: () => DisposableHarness): void {
  test('any sequence of operations on plans answers as the model does', async () => {
    await fc.assert(
      fc.asyncProperty(planOperations, (steps) => checkSequence(createHarness(), steps)),
      { numRuns: propertyRuns(60), interruptAfterTimeLimit: BUDGET, ...seed },
    )
  })
}

describe.each([
  ['SQLite files', createFileHarness],
  ['SQLite in memory', createMemoryHarness],
] as const)('a store on %s', (_, createHarness) => checkSequences(createHarness))

describeOnServers('a store', (places) => checkSequences(() => harnessesOn(places)()))
