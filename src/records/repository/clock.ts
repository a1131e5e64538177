// The clock of a store: the computer's time, except that it never goes back. A message that is appended after another one has no earlier
// time, whatever happens to the computer's clock in between.

/** The time of now, for records that a store stamps itself. */
export type Clock = () => Date

/** A clock that counts on by a millisecond a call while the computer's is behind what was given before. */
export function createClock(): Clock {
  let last = Number.NEGATIVE_INFINITY
  return () => {
    const now = Date.now()
    last = now < last ? last + 1 : now
    return new Date(last)
  }
}
