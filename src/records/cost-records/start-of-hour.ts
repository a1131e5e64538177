// Hours in UTC: the granularity of the sums of pruned cost records.

const HOUR = 3_600_000

/** The start of the hour that contains an instant. */
export function wholeHour(instant: Date): Date {
  return new Date(Math.floor(instant.getTime() / HOUR) * HOUR)
}
