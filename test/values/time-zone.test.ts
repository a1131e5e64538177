// Periods in time zones: days of 23, 24 and 25 hours, midnights that do not happen or happen twice,
// offsets of parts of an hour, and no gaps between periods whatever the zone.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_INSTANT, MIN_INSTANT } from '../../src/values/instant.ts'
import { type CalendarUnit, calendarUnits, isTimeZone, periodContaining } from '../../src/values/time-zone.ts'

const HOUR = 3_600_000
const zones = ['UTC', ...Intl.supportedValuesOf('timeZone')]

function period(instant: string, unit: CalendarUnit, zone: string): [string, string, number] {
  const { begin, end } = periodContaining(Date.parse(instant), unit, zone)
  const text = (time: number) => new Date(time).toISOString().replace(':00.000Z', 'Z')
  return [text(begin), text(end), (end - begin) / HOUR]
}

describe('isTimeZone', () => {
  test.each(['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'])(
    'knows %s',
    (zone) => {
      expect(isTimeZone(zone)).toBe(true)
    },
  )

  test.each([
    '',
    ' ',
    'Mars/Olympus',
    '+05:30',
    '-0800',
    ' UTC',
    'Europe/Berlin ',
    'Europe/',
    '../UTC',
    'x'.repeat(300),
  ])('refuses %j', (zone) => {
    expect(isTimeZone(zone)).toBe(false)
    expect(() => periodContaining(0, 'day', zone)).toThrow(RangeError)
  })
})

describe('a day', () => {
  test.each([
    ['has 24 hours', '2026-01-15T12:00:00Z', 'Europe/Berlin', ['2026-01-14T23:00Z', '2026-01-15T23:00Z', 24]],
    [
      'has 23 hours in spring',
      '2026-03-29T12:00:00Z',
      'Europe/Berlin',
      ['2026-03-28T23:00Z', '2026-03-29T22:00Z', 23],
    ],
    [
      'has 25 hours in autumn',
      '2026-10-25T12:00:00Z',
      'Europe/Berlin',
      ['2026-10-24T22:00Z', '2026-10-25T23:00Z', 25],
    ],
    [
      'has 24.5 hours',
      '2026-04-05T00:00:00Z',
      'Australia/Lord_Howe',
      ['2026-04-04T13:00Z', '2026-04-05T13:30Z', 24.5],
    ],
    [
      'begins at half an hour',
      '2026-06-07T12:00:00Z',
      'Asia/Kolkata',
      ['2026-06-06T18:30Z', '2026-06-07T18:30Z', 24],
    ],
    [
      'begins at 01:00 where midnight is skipped',
      '2018-11-04T12:00:00Z',
      'America/Sao_Paulo',
      ['2018-11-04T03:00Z', '2018-11-05T02:00Z', 23],
    ],
    [
      'includes what is shown again after midnight',
      '2010-11-07T02:45:00Z',
      'America/St_Johns',
      ['2010-11-07T02:30Z', '2010-11-08T03:30Z', 25],
    ],
    [
      'before one that was left out ends where the next begins',
      '2011-12-30T09:59:59Z',
      'Pacific/Apia',
      ['2011-12-29T10:00Z', '2011-12-30T10:00Z', 24],
    ],
    [
      'after one that was left out',
      '2011-12-30T10:00:00Z',
      'Pacific/Apia',
      ['2011-12-30T10:00Z', '2011-12-31T10:00Z', 24],
    ],
  ] as const)('%s', (_, instant, zone, expected) => {
    expect(period(instant, 'day', zone)).toEqual(expected)
  })
})

describe('an hour', () => {
  test.each([
    [
      'shown for the first time',
      '2026-10-25T00:30:00Z',
      'Europe/Berlin',
      ['2026-10-25T00:00Z', '2026-10-25T01:00Z', 1],
    ],
    [
      'shown for the second time',
      '2026-10-25T01:30:00Z',
      'Europe/Berlin',
      ['2026-10-25T01:00Z', '2026-10-25T02:00Z', 1],
    ],
    [
      'of a zone between hours',
      '2026-06-07T02:29:59Z',
      'Asia/Kolkata',
      ['2026-06-07T01:30Z', '2026-06-07T02:30Z', 1],
    ],
    [
      'of a zone a quarter off',
      '2026-06-07T02:20:00Z',
      'Asia/Kathmandu',
      ['2026-06-07T02:15Z', '2026-06-07T03:15Z', 1],
    ],
    [
      'before half an hour is shown again',
      '2026-04-04T14:45:00Z',
      'Australia/Lord_Howe',
      ['2026-04-04T14:00Z', '2026-04-04T15:00Z', 1],
    ],
    [
      'of which half is shown again',
      '2026-04-04T15:15:00Z',
      'Australia/Lord_Howe',
      ['2026-04-04T15:00Z', '2026-04-04T15:30Z', 0.5],
    ],
    [
      'of which half is skipped',
      '2026-10-03T15:45:00Z',
      'Australia/Lord_Howe',
      ['2026-10-03T15:30Z', '2026-10-03T16:00Z', 0.5],
    ],
  ] as const)('%s', (_, instant, zone, expected) => {
    expect(period(instant, 'hour', zone)).toEqual(expected)
  })
})

describe('a week and a month', () => {
  test.each([
    ['week', '2026-10-25T22:59:59Z', ['2026-10-18T22:00Z', '2026-10-25T23:00Z', 169]],
    ['week', '2026-10-25T23:00:00Z', ['2026-10-25T23:00Z', '2026-11-01T23:00Z', 168]],
    ['week', '1969-12-31T12:00:00Z', ['1969-12-28T23:00Z', '1970-01-04T23:00Z', 168]],
    ['month', '2026-10-31T22:59:59Z', ['2026-09-30T22:00Z', '2026-10-31T23:00Z', 745]],
    ['month', '2024-02-29T12:00:00Z', ['2024-01-31T23:00Z', '2024-02-29T23:00Z', 696]],
    ['month', '2026-12-31T23:00:00Z', ['2026-12-31T23:00Z', '2027-01-31T23:00Z', 744]],
  ] as const)('%s of %s', (unit, instant, expected) => {
    expect(period(instant, unit, 'Europe/Berlin')).toEqual(expected)
  })
})

const instants = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2100, 0, 1) })

test('periods of every zone follow each other without gaps, and contain what they are asked for', () => {
  fc.assert(
    fc.property(
      instants,
      fc.constantFrom(...calendarUnits),
      fc.constantFrom(...zones),
      (time, unit, zone) => {
        const found = periodContaining(time, unit, zone)
        expect(found.begin).toBeLessThanOrEqual(time)
        expect(found.end).toBeGreaterThan(time)
        const after = periodContaining(found.end, unit, zone)
        expect(after.begin).toBe(found.end)
        expect(periodContaining(found.begin - 1, unit, zone).end).toBe(found.begin)
        expect(periodContaining(found.begin, unit, zone)).toEqual(found)
        expect(periodContaining(after.begin - 1, unit, zone)).toEqual(found)
      },
    ),
    { numRuns: 1500 },
  )
})

test('a date is the one that the clock shows, except where it was set back over midnight', () => {
  const parts = (time: number, zone: string) =>
    new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(time)
  fc.assert(
    fc.property(instants, fc.constantFrom(...zones), (time, zone) => {
      const { begin, end } = periodContaining(time, 'day', zone)
      fc.pre(end - begin === 24 * HOUR)
      expect(parts(begin, zone)).toBe(parts(time, zone))
      expect(parts(begin - 1, zone) < parts(time, zone)).toBe(true)
      expect(parts(end, zone) > parts(time, zone)).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('the first period begins with the first instant that can be stored', () => {
  for (const unit of calendarUnits) {
    for (const zone of ['UTC', 'Europe/Berlin', 'Pacific/Kiritimati']) {
      expect(periodContaining(MIN_INSTANT, unit, zone).begin).toBe(MIN_INSTANT)
      expect(periodContaining(MAX_INSTANT, unit, zone).end).toBeGreaterThan(MAX_INSTANT)
    }
  }
})

test('a zone is found whatever the case of its letters', () => {
  expect(period('2026-03-29T12:00:00Z', 'day', 'europe/berlin')).toEqual(
    period('2026-03-29T12:00:00Z', 'day', 'Europe/Berlin'),
  )
})
