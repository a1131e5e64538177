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
    | { readonly kind: 'at least'; readonly ratio: number }
    | { readonly kind: 'at most'; readonly value: number }
    /** Shown to put the others in proportion. */
    | { readonly kind: 'none' }
}

/** How far a row may miss its target before `--check` fails: machines are noisy. */
export const TOLERANCE = 0.2

export function reached(row: Row, tolerance = 0): boolean {
  if (row.target.kind === 'none') return true
  if (row.target.kind === 'at most') return row.ours <= row.target.value * (1 + tolerance)
  return row.ratio !== null && row.ratio >= row.target.ratio * (1 - tolerance)
}
