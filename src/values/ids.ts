// Generates ULIDs: 48 bits of time and 80 of randomness, in Crockford's base 32, so that id order
// is creation order. Within one process they are strictly increasing
// (https://github.com/ulid/spec#monotonicity).

import { randomFillSync } from 'node:crypto'
import { monotonicFactory } from 'ulid'

/** Random bytes are drawn in blocks: one system call for 4,096 digits instead of one for each. */
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

/** The next ULID, greater than the previous one, also within the same millisecond. */
export const makeUlid: (time?: number) => string = monotonicFactory(randomFraction)

/**
 * A new id as Purser generates them: a ULID greater than any that this process has generated
 * before. For records whose ids must be known before they are stored, such as the plans of a tree
 * that `createMany` stores at once.
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

/**
 * True for the canonical form of a ULID: 26 upper-case characters, none above the greatest time.
 */
export function isUlid(text: string): boolean {
  return ulidForm.test(text)
}
