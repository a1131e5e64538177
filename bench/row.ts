// One row of the bench: what was measured, against what, and what it should reach.

export interface Row {
  readonly workload: string
  readonly unit: 'µs' | 'ms'
  readonly ours: number
  /** The raw driver, or the same call on few rows; null when the target is absolute. */
  readonly raw: number | null
  /** raw / ours; null when the target is absolute. */
  readonly ratio: number | null
  readonly target:
    | {
        readonly kind: 'at least'
        readonly ratio: number
        /**
         * What the best statement written by hand reaches against the same, measured in the same rounds: where it stays below the target,
         * the database is what bounds it (docs/decisions/0009 and 0011 have the profile).
         */
        readonly bound?: number
      }
    | { readonly kind: 'at most'; readonly value: number }
    /** Shown to put the others in proportion. */
    | { readonly kind: 'none' }
}

/** How far a row may miss its target before `--check` fails: machines are noisy. */
export const TOLERANCE = 0.2

export function reached(row: Row): boolean {
  if (row.target.kind === 'none') return true
  if (row.target.kind === 'at most') return row.ours <= row.target.value
  return row.ratio !== null && row.ratio >= row.target.ratio
}

/** The share of a bound that has to be reached: the target against the statement written by hand. */
const SHARE_OF_BOUND = 0.7

/** Whether `--check` lets a row pass: its target, or its share of what bounds it, but for the tolerance. */
export function passes({ target, ours, ratio }: Row): boolean {
  if (target.kind === 'none') return true
  if (target.kind === 'at most') return ours <= target.value * (1 + TOLERANCE)
  const least = Math.min(target.ratio, (target.bound ?? Number.POSITIVE_INFINITY) * SHARE_OF_BOUND)
  return ratio !== null && ratio >= least * (1 - TOLERANCE)
}
