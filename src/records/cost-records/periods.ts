// From buckets of UTC to the periods of a time zone. The database groups by hours or quarters of an
// hour of UTC, and this adds what belongs to one period: exact as long as no period begins or ends
// within a bucket, which is checked.

import { InvalidRecordError } from '../../errors.ts'
import { type CalendarUnit, isTimeZone, periodContaining, wallClock } from '../../values/time-zone.ts'

/** The size of the buckets that the database groups by. */
export type BucketSize = 'day' | 'hour' | 'quarter'

/** A key of the query: the bucket of the time of a record. */
export interface Bucket {
  readonly bucket: BucketSize
}

const MINUTE = 60_000
const lengths: Readonly<Record<BucketSize, number>> = {
  day: 1440 * MINUTE,
  hour: 60 * MINUTE,
  quarter: 15 * MINUTE,
}

/** @throws InvalidRecordError for what is no zone of the IANA database */
export function checkTimeZone(timeZone: unknown): string {
  if (typeof timeZone === 'string' && timeZone.length <= 100 && isTimeZone(timeZone)) return timeZone
  const message = 'must be a time zone of the IANA database, such as Europe/Berlin, or UTC'
  throw new InvalidRecordError('totals', [{ path: ['timeZone'], code: 'time_zone', message }])
}

/** Whether the name is UTC in any case of letters. */
export function isUtc(timeZone: string): boolean {
  return timeZone.toUpperCase() === 'UTC'
}

/** The largest bucket that usually lies within one period: the fewest rows are read. */
export function bucketSizeFor(units: readonly CalendarUnit[], timeZone: string, now: Date): BucketSize {
  if (isUtc(timeZone)) return units.includes('hour') ? 'hour' : 'day'
  const { begin } = periodContaining(now.getTime(), 'hour', timeZone)
  return begin % lengths.hour === 0 ? 'hour' : 'quarter'
}

/** A bucket as the database writes it: `2026-01-31`, `2026-01-31T09`, `2026-01-31T09:15`. */
export function bucketBegin(text: string): number {
  return Date.parse(`${text}${'2000-01-01T00:00:00.000Z'.slice(text.length)}`)
}

/** Whether a period begins or ends within a bucket. */
export function isDivided(
  begin: number,
  size: BucketSize,
  units: readonly CalendarUnit[],
  timeZone: string,
): boolean {
  if (isUtc(timeZone)) return false
  return units.some((unit) => periodContaining(begin, unit, timeZone).end < begin + lengths[size])
}

/** A period of a total. */
export interface Period {
  /** The key of the group. */
  readonly key: string
  /** For the order of groups: keys of hours do not follow the time where a clock is set back. */
  readonly begin: number
}

/** The period of a unit in which a bucket begins. */
export function periodOf(begin: number, unit: CalendarUnit, timeZone: string): Period {
  const period = periodContaining(begin, unit, timeZone)
  const shown = wallClock(period.begin, timeZone)
  return { key: keyOf(shown, unit, isUtc(timeZone) ? null : shown - period.begin), begin: period.begin }
}

/** @param offset of the clock from UTC, which tells the two hours apart that it shows twice */
function keyOf(shown: number, unit: CalendarUnit, offset: number | null): string {
  const text = new Date(shown).toISOString()
  switch (unit) {
    case 'hour':
      return `${text.slice(0, 13)}${offset === null ? '' : offsetText(offset)}`
    case 'day':
      return text.slice(0, 10)
    case 'week':
      return weekText(shown)
    case 'month':
      return text.slice(0, 7)
    default:
      return unit satisfies never
  }
}

/** `+05:30`; seconds only where a clock had them. */
function offsetText(offset: number): string {
  const seconds = Math.abs(offset) / 1000
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const shown = parts[2] === 0 ? parts.slice(0, 2) : parts
  return `${offset < 0 ? '-' : '+'}${shown.map((part) => String(part).padStart(2, '0')).join(':')}`
}

/** The week of ISO 8601: the year is that of its Thursday. */
function weekText(shown: number): string {
  const day = Math.floor(shown / lengths.day)
  const thursday = new Date((day - ((((day + 3) % 7) + 7) % 7) + 3) * lengths.day)
  const year = thursday.getUTCFullYear()
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * lengths.day)) + 1
  return `${String(year).padStart(4, '0')}-W${String(week).padStart(2, '0')}`
}
