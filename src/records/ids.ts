// ULIDs made by Purser: 48 bits of time and 80 of randomness, in Crockford's base 32, so that order by id is order of
// making. Within one process they only ever rise (https://github.com/ulid/spec#monotonicity).

import { monotonicFactory } from 'ulid'

/** The next ULID; each call's is greater than the one before, also within one millisecond. */
export const makeUlid: (time?: number) => string = monotonicFactory()

const ulidForm = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/

export function isUlid(text: string): boolean {
  return ulidForm.test(text)
}
