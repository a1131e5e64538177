// Tries random sequences of operations on every engine: each on a store of its own, which is closed
// and opened again before a last look. fast-check prints the seed of a failure; PURSER_SEED repeats
// it, PURSER_RUNS tries more.

import fc from 'fast-check'
import { beforeAll, describe, test } from 'vitest'
import type { Store } from '../../../../src/index.ts'
import { propertyRuns } from '../../property-runs.ts'
import type { DisposableHarness } from '../run-conformance.ts'
import { describeOnServers, harnessesOn } from '../servers.ts'
import { createFileHarness, createMemoryHarness } from '../sqlite-harness.ts'

/** Milliseconds after which no new sequence is begun. */
const BUDGET = propertyRuns(10_000)

/** Operations on a store side by side with a model, which is made anew for each sequence. */
export interface Subject<Step> {
  readonly title: string
  readonly sequences: fc.Arbitrary<readonly Step[]>
  readonly newModel: () => (store: Store, steps: readonly Step[]) => Promise<void>
  /** Looks at all that there is. */
  readonly lastLook: readonly Step[]
}

async function checkSequence<Step>(
  harness: DisposableHarness,
  { newModel, lastLook }: Subject<Step>,
  steps: readonly Step[],
): Promise<void> {
  try {
    const store = harness.newPlace().create({ enforce: 'record' })
    harness.closeAfterwards(store)
    await store.connect()
    await store.migrate()
    const runSideBySide = newModel()
    await runSideBySide(store, steps)
    if (harness.features.persistent) {
      await store.close()
      await store.connect()
    }
    await runSideBySide(store, lastLook)
  } finally {
    await harness.dispose()
  }
}

export function checkOnEveryEngine<Step>(subject: Subject<Step>): void {
  const check = (createHarness: () => DisposableHarness) =>
    test(subject.title, async () => {
      await fc.assert(
        fc.asyncProperty(subject.sequences, (steps) => checkSequence(createHarness(), subject, steps)),
        { numRuns: propertyRuns(40), interruptAfterTimeLimit: BUDGET },
      )
    })

  describe.each([
    ['SQLite files', createFileHarness],
    ['SQLite in memory', createMemoryHarness],
  ] as const)('a store on %s', (_, createHarness) => check(createHarness))

  describeOnServers('a store', (places) => {
    // The first place is migrated, which is no part of the time for sequences.
    beforeAll(async () => {
      const place = places.reserve()
      await places.lay(place)
      await places.giveBack(place)
    })
    check(() => harnessesOn(places)())
  })
}
