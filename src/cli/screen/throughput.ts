// The speed and the remaining time of a long run, in words for its line of progress.

import { duration } from './amounts.ts'

/**
 * Milliseconds over which the rate is averaged: long enough to be steady, short enough to follow
 * changes.
 */
const WINDOW = 5000
/** Milliseconds before a rate is shown. */
const FIRST = 500

export interface Rate {
  /**
   * @param count records so far
   * @param share of the whole, 0 to 1; null if the total is unknown
   * @returns for example `412,000 records  103,000/s  6.1 s left`
   */
  describe(count: number, share: number | null): string
}

/** Counts what is done, and says how much a second over the last seconds. */
export function createRate(now: () => number = () => performance.now()): Rate {
  const started = now()
  const marks: { readonly at: number; readonly count: number }[] = [{ at: started, count: 0 }]
  return {
    describe: (count, share) => {
      const at = now()
      const last = marks.at(-1)
      if (last && at - last.at >= 100) marks.push({ at, count })
      while (marks.length > 2 && at - (marks[1]?.at ?? at) > WINDOW) marks.shift()
      const [first = { at: started, count: 0 }] = marks
      const parts = [`${count.toLocaleString('en')} records`]
      if (at - started < FIRST) return parts.join('  ')
      const perSecond = ((count - first.count) * 1000) / Math.max(1, at - first.at)
      parts.push(`${Math.round(perSecond).toLocaleString('en')}/s`)
      if (share !== null && share > 0 && share < 1)
        parts.push(`${duration(roughly(((at - started) / share) * (1 - share)))} left`)
      return parts.join('  ')
    },
  }
}

/** Tenths of a second are accurate only for the last seconds. */
function roughly(milliseconds: number): number {
  return milliseconds < 10_000 ? milliseconds : Math.round(milliseconds / 1000) * 1000
}
