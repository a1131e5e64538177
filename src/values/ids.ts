// ULIDs made by Purser: 48 bits of time and 80 of randomness, in Crockford's base 32, so that order by id is order of
// making. Within one process they only ever rise (https://github.com/ulid/spec#monotonicity).

import { randomFillSync } from 'node:crypto'
import { monotonicFactory } from 'ulid'

/** Random bytes are drawn in blocks: one call to the system for 4,096 digits instead of one for each. */
const block = new Uint8Array(4096)
let used = block.length

function randomFraction(): number {
  if (used === block.length) {
    randomFillSync(block)
    used = 0
  }
  const byte = block[used] ?? 0
  used += 1
  // 256 is a multiple of 32, so every digit is equally likely.
  return byte / 256
}

/** The next ULID; each call's is greater than the one before, also within one millisecond. */
export const makeUlid: (time?: number) => string = monotonicFactory(randomFraction)

/**
 * A new id, as Purser makes them: a ULID, greater than those that this process has made before. For records whose ids have to be known
 * before they are stored, such as the plans of a tree that `createMany` stores at once.
 * @example
 * const planId = newId()
 * await store.plans.createMany([
 *   { planId, name: 'local/release', actionName: 'build', description: 'Ship it' },
 *   { parentPlanId: planId, actionName: 'test', description: 'Test it' },
 * ])
 */
export function newId(): string {
  return makeUlid()
}

const ulidForm = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/

export function isUlid(text: string): boolean {
  return ulidForm.test(text)
}
