// Times for people: how long ago, or the instant itself in UTC. typed-times.ts parses what people
// type.

import { DAY } from '../../values/instant.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/**
 * `just now`, `5 min ago`, `3 h ago`, `4 d ago`, `in 2 d`; the date if it is more than a month
 * away.
 */
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

/** As `relative`, for what lies ahead: seconds count in its last minute, `in 42 s`. */
export function ahead(time: Date, now: Date): string {
  const left = time.getTime() - now.getTime()
  return left > 0 && left < MINUTE ? `in ${Math.ceil(left / 1000)} s` : relative(time, now)
}

/** `2026-01-31 09:30:00 UTC`. */
export function absolute(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
