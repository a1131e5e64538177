// Runs the conformance cases under vitest: one test a case, a fresh harness for each. On an engine
// every case has to run; a variant of an engine runs those that it can have, and its title says how
// many that are.

import { describe, expect, test } from 'vitest'
import { type ConformanceHarness, conformanceCases, unmetNeeds } from '../../../src/conformance/index.ts'
import { StatementCache } from '../../../src/records/repository/statements.ts'

/** A harness together with the end of everything it opened and stored. */
export interface DisposableHarness extends ConformanceHarness {
  dispose(): Promise<void>
}

interface Kind {
  /** It is an engine of its own, on which no case may be left out. */
  readonly everyCase: boolean
  /** Whether the cases on many rows or with several processes are run, or all the others. */
  readonly large: boolean
  /** Of so many cases one is run: the first of them, or a later one. */
  readonly everyOf: number
  readonly from: number
}

/** Starting processes takes longer than most cases. */
function isLarge({ large = false, needs = [] }: (typeof conformanceCases)[number]): boolean {
  return large || needs.includes('processes')
}

/** @param makeHarness is told the case, in case one needs another kind of place */
export function runConformance(
  engine: string,
  makeHarness: (id?: string) => DisposableHarness,
  { everyCase = true, large = false, everyOf = 1, from = 0 }: Partial<Kind> = {},
): void {
  // Except where it would take long: the same statements run there.
  StatementCache.checksKeys = !large
  const probe = makeHarness()
  const cases = conformanceCases
    .filter((each) => isLarge(each) === large && unmetNeeds(probe, each.needs).length === 0)
    .filter((_, index) => index % everyOf === from)
  describe(`conformance on ${engine} (${cases.length} of ${conformanceCases.length} cases)`, () => {
    if (everyCase) {
      test('has what every case needs', () => {
        const unmet = new Set(conformanceCases.flatMap(({ needs }) => unmetNeeds(probe, needs)))
        expect([...unmet]).toEqual([])
      })
    }
    for (const { id, name, run } of cases) {
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
