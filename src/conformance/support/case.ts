// The form of a conformance case, what it needs of a harness, and the few steps that most cases begin with.

import type { Store } from '../../index.ts'
import type { ConformanceHarness, HarnessFeatures, Need, Place, PlaceOptions } from './harness.ts'

/** One behaviour that every engine must show. `run` resolves when it does, and throws an AssertionError when not. */
export interface ConformanceCase {
  /** The number of the behaviour, with a letter where it has several cases: `T8`, `T8b`. */
  readonly id: string
  readonly name: string
  readonly needs?: readonly Need[]
  /** Works on so many rows that it takes seconds even on a fast engine; may be left to a nightly run. */
  readonly large?: boolean
  run(harness: ConformanceHarness): Promise<void>
}

/** The features that a case needs and this harness does not have; the case is to be skipped, visibly, when there are any. */
export function unmetNeeds(harness: ConformanceHarness, needs: readonly Need[] = []): readonly Need[] {
  return needs.filter((need) => harness.features[need] === undefined)
}

/** A feature that the case has named in `needs`. */
export function feature<N extends Need>(harness: ConformanceHarness, need: N): HarnessFeatures[N] {
  const found = harness.features[need]
  if (found === undefined) throw new Error(`the case has to name ${need} in its needs`)
  return found
}

/** A store on a place, connected and migrated; closed after the case. */
export async function openAt(
  harness: ConformanceHarness,
  place: Place,
  options: PlaceOptions = {},
): Promise<Store> {
  const store = place.create(options)
  harness.closeAfterwards(store)
  await store.connect()
  await store.migrate()
  return store
}

/** A store on a place of its own. */
export async function openFresh(harness: ConformanceHarness, options: PlaceOptions = {}): Promise<Store> {
  return openAt(harness, harness.newPlace(), options)
}
