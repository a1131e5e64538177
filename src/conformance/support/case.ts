// The form of a conformance case, what it needs of a harness, and the setup steps common to most
// cases.

import type { Store } from '../../index.ts'
import type { ConformanceHarness, HarnessFeatures, Need, Place, PlaceOptions } from './harness.ts'

/**
 * One behaviour that every engine must show. `run` resolves if it does, and throws an
 * AssertionError if not.
 */
export interface ConformanceCase {
  /** The number of the behaviour, with a letter if it has several cases: `T8`, `T8b`. */
  readonly id: string
  readonly name: string
  readonly needs?: readonly Need[]
  /**
   * Works on so many rows that it takes seconds even on a fast engine; may be left to a nightly
   * run.
   */
  readonly large?: boolean
  run(harness: ConformanceHarness): Promise<void>
}

/**
 * The features that a case needs and this harness lacks; if there are any, the case must be skipped
 * visibly.
 */
export function unmetNeeds(harness: ConformanceHarness, needs: readonly Need[] = []): readonly Need[] {
  return needs.filter((need) => harness.features[need] === undefined)
}

/** A feature that the case has named in `needs`. */
export function feature<N extends Need>(harness: ConformanceHarness, need: N): HarnessFeatures[N] {
  const found = harness.features[need]
  if (found === undefined) throw new Error(`the case has to name ${need} in its needs`)
  return found
}

/**
 * A store at a location, connected and migrated; closed after the case. What breaks rules of plans
 * is recorded, unless the options say otherwise: most cases are about something else.
 */
export async function openAt(
  harness: ConformanceHarness,
  place: Place,
  options: PlaceOptions = {},
): Promise<Store> {
  const store = place.create({ enforce: 'record', ...options })
  harness.closeAfterwards(store)
  await store.connect()
  await store.migrate()
  return store
}

/** A store at a new location that is as a new database is: it refuses what breaks a rule. */
export async function openStrict(harness: ConformanceHarness, options: PlaceOptions = {}): Promise<Store> {
  return openFresh(harness, { ...options, enforce: undefined })
}

/** A store at a new location. */
export async function openFresh(harness: ConformanceHarness, options: PlaceOptions = {}): Promise<Store> {
  return openAt(harness, harness.newPlace(), options)
}
