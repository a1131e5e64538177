// Ranges of time for costs, in the viewer's time zone: whole days, so that they compare with as
// many days before.

import { periodContaining } from '../../../src/values/time-zone.ts'
import { viewerZone } from '../../parts/time.tsx'

export interface Range {
  readonly since: string
  readonly until: string
}

/** The beginning of today, `back` days before it, as an instant. */
export function dayBegin(now: number, back: number): number {
  let { begin } = periodContaining(now, 'day', viewerZone)
  for (let step = 0; step < back; step += 1) begin = periodContaining(begin - 1, 'day', viewerZone).begin
  return begin
}

/** The last `days` days with today, to its end. */
export function lastDays(now: number, days: number): Range {
  return {
    since: new Date(dayBegin(now, days - 1)).toISOString(),
    until: new Date(periodContaining(now, 'day', viewerZone).end).toISOString(),
  }
}

const asDay = new Intl.DateTimeFormat('en-CA', {
  timeZone: viewerZone,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
})

/** `2026-01-31`, in the viewer's time zone: as reports name their days. */
export function dayKey(instant: number): string {
  return asDay.format(instant)
}

/** Every day of a range, also those without costs. */
export function daysOf({ since, until }: Range): readonly string[] {
  const days: string[] = []
  const end = new Date(until).getTime()
  let at = new Date(since).getTime()
  while (at < end && days.length < 1000) {
    days.push(dayKey(at))
    at = periodContaining(at, 'day', viewerZone).end
  }
  return days
}

/** The names of ranges in addresses, and what they are called. */
export const ranges = [
  ['today', 'Today'],
  ['7d', '7 days'],
  ['30d', '30 days'],
  ['90d', '90 days'],
  ['all', 'All'],
] as const

const daysOfRange: Readonly<Record<string, number>> = { today: 1, '7d': 7, '30d': 30, '90d': 90 }

/** @param day of the range `day`, as `2026-01-31` @returns undefined for all time */
export function rangeOf(name: string, day: string, now: number): Range | undefined {
  const noon = Date.parse(`${day}T12:00`)
  if (name === 'day' && !Number.isNaN(noon)) {
    const { begin, end } = periodContaining(noon, 'day', viewerZone)
    return { since: new Date(begin).toISOString(), until: new Date(end).toISOString() }
  }
  return name === 'all' ? undefined : lastDays(now, daysOfRange[name] ?? 30)
}
