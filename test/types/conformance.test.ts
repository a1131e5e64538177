// A third party's view of the conformance suite: a harness is written, and the cases are run,
// without more than the export.

import { describe, expectTypeOf, test } from 'vitest'
import {
  type ConformanceCase,
  type ConformanceHarness,
  conformanceCases,
  type HarnessFeatures,
  type Need,
  unmetNeeds,
} from '../../src/conformance/index.ts'
import { createBackend, type Engine } from '../../src/index.ts'

declare const engine: Engine

describe('a harness', () => {
  test('of the least that there is', () => {
    const harness: ConformanceHarness = {
      backendName: 'mine',
      features: {},
      newPlace: () => ({ create: (options = {}) => createBackend({ ...withoutWait(options), engine }) }),
      closeAfterwards: () => undefined,
    }
    expectTypeOf(unmetNeeds(harness, ['shared'])).toEqualTypeOf<readonly Need[]>()
    expectTypeOf<keyof HarnessFeatures>().toEqualTypeOf<Need>()
    // @ts-expect-error no such feature
    const odd: ConformanceHarness = { ...harness, features: { wings: true } }
    // @ts-expect-error places are missing
    const placeless: ConformanceHarness = {
      backendName: 'mine',
      features: {},
      closeAfterwards: () => undefined,
    }
    void [odd, placeless]
  })

  test('runs every case', () => {
    expectTypeOf(conformanceCases).toEqualTypeOf<readonly ConformanceCase[]>()
    expectTypeOf<ConformanceCase['run']>().returns.toEqualTypeOf<Promise<void>>()
    expectTypeOf<ConformanceCase['run']>().parameters.toEqualTypeOf<[ConformanceHarness]>()
  })
})

function withoutWait<T extends { waitForLocks?: number | undefined }>({ waitForLocks: _, ...rest }: T) {
  return rest
}
