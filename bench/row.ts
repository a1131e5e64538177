// One row of the bench: what was measured, against what, and its target.

export interface Row {
  readonly workload: string
  readonly unit: 'µs' | 'ms'
  readonly ours: number
  /** The raw driver, or the same call on few rows; null if the target is absolute. */
  readonly raw: number | null
  /** raw / ours; null if the target is absolute. */
  readonly ratio: number | null
  readonly target:
    | {
        readonly kind: 'at least'
        readonly ratio: number
        /**
         * What the best handwritten statement achieves against the same baseline, measured in the
         * same rounds: if it stays below the target, the database is the limit (docs/decisions/0009
         * and 0011 have the profile).
         */
        readonly bound?: number
      }
    | { readonly kind: 'at most'; readonly value: number }
    /** Shown to put the others in proportion. */
    | { readonly kind: 'none' }
  /** Why there is nothing to compare with. */
  readonly missing?: string
}

/** How far a row may miss its target before `--check` fails: machines are noisy. */
export const TOLERANCE = 0.2

export function reached(row: Row): boolean {
  if (row.target.kind === 'none') return true
  if (row.target.kind === 'at most') return row.ours <= row.target.value
  return row.ratio !== null && row.ratio >= row.target.ratio
}

/** The share of a bound that must be reached: the target relative to the handwritten statement. */
const SHARE_OF_BOUND = 0.7

/**
 * Whether `--check` accepts a row: it reaches its target, or its share of the bound, within the
 * tolerance.
 */
export function passes({ target, ours, ratio }: Row): boolean {
  if (target.kind === 'none') return true
  if (target.kind === 'at most') return ours <= target.value * (1 + TOLERANCE)
  const least = Math.min(target.ratio, (target.bound ?? Number.POSITIVE_INFINITY) * SHARE_OF_BOUND)
  return ratio !== null && ratio >= least * (1 - TOLERANCE)
}
