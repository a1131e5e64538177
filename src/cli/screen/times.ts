// Times for people: how long ago, or the instant itself in UTC; and the times that people type.

import { DAY, MAX_INSTANT, MIN_INSTANT, parseAge, parseInstant } from '../../instant.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** `just now`, `5 min ago`, `3 h ago`, `4 d ago`, `in 2 d`; the date when it is more than a month away. */
export function relative(time: Date, now: Date): string {
  const away = Math.abs(now.getTime() - time.getTime())
  if (away < MINUTE) return 'just now'
  if (away >= 31 * DAY) return time.toISOString().slice(0, 10)
  const amount =
    away < HOUR
      ? `${Math.floor(away / MINUTE)} min`
      : away < DAY
        ? `${Math.floor(away / HOUR)} h`
        : `${Math.floor(away / DAY)} d`
  return time <= now ? `${amount} ago` : `in ${amount}`
}

/** `2026-01-31 09:30:00 UTC`. */
export function absolute(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

const date = /^\d{4}-\d{2}-\d{2}$/

/** What a person may type for a time. */
export const TIME_FORMS =
  'a time with offset (2026-01-31T09:30:00Z), a date (2026-01-31, in UTC) or an age (30m, 24h, 7d, 2w, 1y)'

/** Reads any of `TIME_FORMS`; undefined when the text is none of them. */
export function readTime(text: string, now: Date): Date | undefined {
  const age = parseAge(text)
  const time = Number.isNaN(age)
    ? parseInstant(date.test(text) ? `${text}T00:00:00Z` : text)
    : now.getTime() - age
  return time >= MIN_INSTANT && time <= MAX_INSTANT ? new Date(time) : undefined
}
