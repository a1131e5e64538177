// Instants: `Date` outside, milliseconds of UTC inside. Text is accepted only with an offset,
// because a time without one is ambiguous. Also ages: how long before now.

const isoInstant =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?([Zz]|[+-]\d{2}(?::?\d{2})?)$/

/**
 * The first and last instants that every engine can store (MariaDB's DATETIME begins in the year
 * 1000).
 */
export const MIN_INSTANT = Date.UTC(1000, 0, 1)
export const MAX_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/**
 * Parses an ISO 8601 date-time with an offset (`Z`, `+08:00`, `+0800`, `+08`) into milliseconds
 * since 1970 in UTC. Digits beyond the millisecond are truncated. A leap second is read as the
 * second after it.
 * @returns NaN if the text is not such a time, has no offset, or is outside the years 1000 to 9999.
 */
export function parseInstant(text: string): number {
  const match = text.length <= 48 ? isoInstant.exec(text) : null
  if (!match) return Number.NaN
  const [, year, month, day, hour, minute, second = '0', fraction = '', offset = 'Z'] = match
  const fields = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const [y, mo, d, h, mi, s] = fields
  // Date.UTC maps the years 0 to 99 to 1900 to 1999.
  if (y < 100 || mo < 1 || mo > 12 || d < 1 || d > daysInMonth(y, mo) || h > 23 || mi > 59 || s > 60)
    return Number.NaN
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'))
  const utc = Date.UTC(y, mo - 1, d, h, mi, s, milliseconds) - offsetMinutes(offset) * 60_000
  return utc >= MIN_INSTANT && utc <= MAX_INSTANT ? utc : Number.NaN
}

function offsetMinutes(offset: string): number {
  if (offset === 'Z' || offset === 'z') return 0
  const sign = offset.startsWith('-') ? -1 : 1
  const hours = Number(offset.slice(1, 3))
  const minutes = Number(offset.slice(3).replace(':', '') || '0')
  return hours > 23 || minutes > 59 ? Number.NaN : sign * (hours * 60 + minutes)
}

function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}

const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

const age = /^(\d{1,6})(min|[mhdwy])$/
const units: Readonly<Record<string, number>> = {
  ...{ m: MINUTE, min: MINUTE, h: HOUR, d: DAY, w: 7 * DAY },
  y: 365 * DAY,
}

/**
 * Parses an age (`30m`, `24h`, `7d`, `2w`, `1y`: 365 days) into milliseconds; NaN if the text is
 * not one.
 */
export function parseAge(text: string): number {
  const [, count, unit = ''] = age.exec(text) ?? []
  return Number(count) * (units[unit] ?? Number.NaN)
}
