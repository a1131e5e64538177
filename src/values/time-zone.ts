// Calendar periods in IANA time zones: where the hour, day, week or month that contains an instant
// begins and ends. Rules of zones come from the runtime (Intl). Everything is in milliseconds since
// 1970 in UTC.

import { MIN_INSTANT } from './instant.ts'

/** The periods of a calendar. Weeks are those of ISO 8601: they begin on Monday. */
export const calendarUnits = ['hour', 'day', 'week', 'month'] as const
export type CalendarUnit = (typeof calendarUnits)[number]

/** From `begin`, included, to `end`, excluded. */
export interface CalendarPeriod {
  readonly begin: number
  readonly end: number
}

const SECOND = 1000
const HOUR = 3_600_000
const DAY = 24 * HOUR
/** More than the offset of any zone at any time: Manila was 15:56 behind UTC. */
const MAX_OFFSET = 16 * HOUR

/** A name of the database, as opposed to an offset such as `+08:00`, which Intl accepts too. */
const zoneName = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/

/** Formatters by the zone's name in lower case: their number is bounded by that of the zones. */
const formatters = new Map<string, Intl.DateTimeFormat>()

/** Whether a text names a zone of the IANA database that this runtime knows: `Europe/Berlin`. */
export function isTimeZone(name: string): boolean {
  return name === 'UTC' || formatterOf(name) !== undefined
}

/**
 * The period that contains an instant. Periods follow each other without gaps and overlaps,
 * whatever the zone's clock does:
 * - A day, week or month begins with the first instant at which the clock reaches its first
 *   midnight. So a day has 23 or 25 hours when the clock is changed; it begins at 01:00 where
 *   midnight is skipped; and where the clock is set back over midnight, the minutes that it shows
 *   again belong to the new day.
 * - An hour ends at the full hour of the clock, and also where the clock is changed: the hour that
 *   a clock shows twice is two periods, and only a change by a part of an hour gives a shorter one.
 *
 * The first periods that can be stored begin with the first instant that can be stored.
 * @throws RangeError if the zone is unknown; ask `isTimeZone` first
 */
export function periodContaining(instant: number, unit: CalendarUnit, timeZone: string): CalendarPeriod {
  const key = `${unit} ${timeZone.toLowerCase()}`
  const last = lastPeriods.get(key)
  if (last && last.begin <= instant && instant < last.end) return last
  const clock = clockOf(timeZone)
  const found = unit === 'hour' ? hourContaining(clock, instant) : datesContaining(clock, instant, unit)
  const period = { begin: Math.max(found.begin, MIN_INSTANT), end: found.end }
  lastPeriods.set(key, period)
  return period
}

/**
 * What the zone's clock shows at an instant, as the instant at which a clock in UTC shows the same.
 * @throws RangeError if the zone is unknown; ask `isTimeZone` first
 */
export function wallClock(instant: number, timeZone: string): number {
  return instant + clockOf(timeZone)(instant)
}

/** The last answer for each unit and zone: most callers ask for the present. */
const lastPeriods = new Map<string, CalendarPeriod>()

/** What a zone's clock shows is the instant plus this offset, in milliseconds. */
type Clock = (instant: number) => number

function clockOf(timeZone: string): Clock {
  if (timeZone === 'UTC') return () => 0
  const formatter = formatterOf(timeZone)
  if (!formatter) throw new RangeError(`there is no time zone ${timeZone}`)
  return (instant) => {
    const shown: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {}
    for (const { type, value } of formatter.formatToParts(instant)) shown[type] = Number(value)
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = shown
    const wall = Date.UTC(year, month - 1, day, hour, minute, second)
    return wall - Math.floor(instant / SECOND) * SECOND
  }
}

function formatterOf(timeZone: string): Intl.DateTimeFormat | undefined {
  const key = timeZone.toLowerCase()
  const known = formatters.get(key)
  if (known) return known
  if (!zoneName.test(timeZone)) return undefined
  try {
    const formatter = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23' },
      ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
    })
    formatters.set(key, formatter)
    return formatter
  } catch {
    return undefined
  }
}

function hourContaining(clock: Clock, instant: number): CalendarPeriod {
  const offset = clock(instant)
  const begin = Math.floor((instant + offset) / HOUR) * HOUR - offset
  const end = begin + HOUR
  return {
    begin: clock(begin) === offset ? begin : changeBetween(clock, begin, instant),
    end: clock(end - SECOND) === offset ? end : changeBetween(clock, instant, end),
  }
}

function datesContaining(clock: Clock, instant: number, unit: Exclude<CalendarUnit, 'hour'>): CalendarPeriod {
  let first = midnightOf(instant + clock(instant), unit)
  let begin = firstShowing(clock, first)
  // A clock that was set back over midnight shows the previous date again.
  for (;;) {
    const next = followingMidnight(first, unit)
    const end = firstShowing(clock, next)
    if (instant < end) return { begin, end }
    first = next
    begin = end
  }
}

/** The first midnight of the dates that contain a time shown by a clock. */
function midnightOf(shown: number, unit: Exclude<CalendarUnit, 'hour'>): number {
  const day = Math.floor(shown / DAY)
  if (unit === 'day') return day * DAY
  // 1970 began on a Thursday, the fourth day of its week.
  if (unit === 'week') return (day - ((((day + 3) % 7) + 7) % 7)) * DAY
  const date = new Date(shown)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
}

function followingMidnight(first: number, unit: Exclude<CalendarUnit, 'hour'>): number {
  if (unit === 'day') return first + DAY
  if (unit === 'week') return first + 7 * DAY
  const date = new Date(first)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
}

/** The first instant at which a clock shows this time or a later one. */
function firstShowing(clock: Clock, shown: number): number {
  return searchBetween(clock, shown - MAX_OFFSET, shown + MAX_OFFSET, shown)
}

function searchBetween(clock: Clock, from: number, to: number, shown: number): number {
  const [before, after] = [clock(from), clock(to)]
  if (before === after) return shown - before
  const change = changeBetween(clock, from, to)
  const reached = shown - before
  return reached < change ? reached : Math.max(change, shown - after)
}

/** The instant at which the offset changes; it differs at the ends. Changes are whole seconds. */
function changeBetween(clock: Clock, from: number, to: number): number {
  const before = clock(from)
  let [low, high] = [Math.floor(from / SECOND), Math.ceil(to / SECOND)]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (clock(middle * SECOND) === before) low = middle
    else high = middle
  }
  return high * SECOND
}
