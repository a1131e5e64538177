// Runs the conformance cases under vitest: one test a case, a fresh harness for each, and what cannot be run on this engine
// skipped by name.

import { describe, test } from 'vitest'
import { type ConformanceHarness, conformanceCases, unmetNeeds } from '../../src/conformance/index.ts'

/** A harness together with the end of everything it opened and stored. */
export interface DisposableHarness extends ConformanceHarness {
  dispose(): Promise<void>
}

/** @param makeHarness is told the case, in case one needs another kind of place */
export function runConformance(engine: string, makeHarness: (id?: string) => DisposableHarness): void {
  describe(`conformance on ${engine}`, async () => {
    const probe = makeHarness()
    await probe.dispose()
    for (const { id, name, needs, run } of conformanceCases) {
      const unmet = unmetNeeds(probe, needs)
      if (unmet.length > 0) {
        test.skip(`${id} ${name} (needs ${unmet.join(', ')})`)
        continue
      }
      test(`${id} ${name}`, async () => {
        const harness = makeHarness(id)
        try {
          await run(harness)
        } finally {
          await harness.dispose()
        }
      })
    }
  })
}
