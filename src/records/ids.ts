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

const ulidForm = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/

export function isUlid(text: string): boolean {
  return ulidForm.test(text)
}
