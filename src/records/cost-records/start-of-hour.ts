// Hours in UTC: the grain in which sums of pruned cost records are kept.

const HOUR = 3_600_000

/** The beginning of the hour in which an instant falls. */
export function wholeHour(instant: Date): Date {
  return new Date(Math.floor(instant.getTime() / HOUR) * HOUR)
}
