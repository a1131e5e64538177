// Model-based tests: random sequences of operations on a store and on a plain model give the same values, orders and errors.
// fast-check prints the seed of a failure; PURSER_SEED repeats it.

import fc from 'fast-check'
import { describe, test } from 'vitest'
import type { ConformanceHarness } from '../../src/conformance/index.ts'
import { propertyRuns } from '../fixtures/property-runs.ts'
import { Model } from './model/model.ts'
import { operations } from './model/operations.ts'
import { runSideBySide } from './model/run.ts'
import type { DisposableHarness } from './run-conformance.ts'
import { describeOnServers, harnessesOn } from './servers.ts'
import { createFileHarness, createMemoryHarness } from './sqlite-harness.ts'

/** Milliseconds after which no new sequence is begun. */
const BUDGET = propertyRuns(6000)
const seed = process.env.PURSER_SEED === undefined ? {} : { seed: Number(process.env.PURSER_SEED) }

async function checkSequence(
  harness: ConformanceHarness & { dispose(): Promise<void> },
  steps: Parameters<typeof runSideBySide>[2],
): Promise<void> {
  try {
    const place = harness.newPlace()
    const store = place.create()
    harness.closeAfterwards(store)
    await store.connect()
    await store.migrate()
    const model = new Model()
    await runSideBySide(store, model, steps)
    if (harness.features.persistent) {
      await store.close()
      await store.connect()
    }
    await runSideBySide(store, model, [
      { do: 'listTasks', filter: {}, limit: 100 },
      { do: 'queryCosts', filter: {}, limit: 100 },
      { do: 'totals', filter: {}, by: ['currency'] },
      { do: 'totals', filter: {}, by: ['currency', 'agent'] },
      { do: 'totals', filter: { since: '1000-01-01T00:00:00Z' }, by: ['currency'] },
      { do: 'history', channel: 'a_b', limit: 2 },
      { do: 'search', text: 'alpha', channel: undefined },
    ])
  } finally {
    await harness.dispose()
  }
}

function checkSequences(createHarness: () => DisposableHarness): void {
  test('any sequence of operations answers as the model does', async () => {
    await fc.assert(
      fc.asyncProperty(operations, (steps) => checkSequence(createHarness(), steps)),
      { numRuns: propertyRuns(60), interruptAfterTimeLimit: BUDGET, ...seed },
    )
  })
}

describe.each([
  ['SQLite files', createFileHarness],
  ['SQLite in memory', createMemoryHarness],
] as const)('a store on %s', (_, createHarness) => checkSequences(createHarness))

describeOnServers('a store', (places) => checkSequences(() => harnessesOn(places)()))
