// The clock of a store: the computer's time, but monotonic. A message appended after another one
// never has an earlier time, whatever happens to the computer's clock in between.

/** The current time, for timestamps that a store sets itself. */
export type Clock = () => Date

/**
 * A clock that advances by a millisecond per call while the computer's is behind the last time
 * returned.
 */
export function createClock(): Clock {
  let last = Number.NEGATIVE_INFINITY
  return () => {
    const now = Date.now()
    last = now < last ? last + 1 : now
    return new Date(last)
  }
}
