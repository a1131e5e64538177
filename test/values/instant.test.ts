// Instants: text with an offset means one moment, to the millisecond; text without one means none.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_INSTANT, MIN_INSTANT, parseInstant } from '../../src/values/instant.ts'

const instant = fc.integer({ min: MIN_INSTANT, max: MAX_INSTANT })
const iso = (time: number) => new Date(time).toISOString()

describe('parseInstant', () => {
  test('reads what Date writes', () => {
    fc.assert(
      fc.property(instant, (time) => {
        expect(parseInstant(iso(time))).toBe(time)
      }),
      { numRuns: 1000 },
    )
  })

  test('an offset moves the clock, not the moment', () => {
    const offset = fc.record({ sign: fc.constantFrom('+', '-'), hours: fc.nat(23), minutes: fc.nat(59) })
    const form = fc.constantFrom('colon', 'plain')
    fc.assert(
      fc.property(instant, offset, form, (time, { sign, hours, minutes }, shape) => {
        const shift = (sign === '+' ? 1 : -1) * (hours * 60 + minutes) * 60_000
        const local = time + shift
        fc.pre(local >= MIN_INSTANT && local <= MAX_INSTANT)
        const two = (value: number) => String(value).padStart(2, '0')
        const suffix = `${sign}${two(hours)}${shape === 'colon' ? ':' : ''}${two(minutes)}`
        expect(parseInstant(iso(local).replace('Z', suffix))).toBe(time)
      }),
    )
  })

  test('digits after the millisecond are cut off; seconds and fractions may be missing', () => {
    fc.assert(
      fc.property(instant, fc.stringMatching(/^\d{1,6}$/), (time, more) => {
        expect(parseInstant(iso(time).replace('Z', `${more}Z`))).toBe(time)
        const second = Math.floor(time / 1000) * 1000
        expect(parseInstant(iso(second).replace('.000Z', 'Z'))).toBe(second)
        const minute = Math.floor(time / 60_000) * 60_000
        expect(parseInstant(iso(minute).replace(':00.000Z', 'Z'))).toBe(minute)
      }),
    )
  })

  test('without an offset there is no instant', () => {
    fc.assert(
      fc.property(instant, (time) => {
        expect(parseInstant(iso(time).replace('Z', ''))).toBeNaN()
        expect(parseInstant(iso(time).slice(0, 10))).toBeNaN()
        expect(parseInstant(String(time))).toBeNaN()
      }),
    )
  })

  test('a day that is not in the calendar is refused', () => {
    const part = (max: number) => fc.nat(max)
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 9999 }), part(99), part(99), (year, month, day) => {
        const two = (value: number) => String(value).padStart(2, '0')
        const parsed = parseInstant(`${year}-${two(month)}-${two(day)}T12:00:00Z`)
        const real = new Date(Date.UTC(year, month - 1, day, 12))
        const exists = real.getUTCMonth() === month - 1 && real.getUTCDate() === day
        if (exists) expect(parsed).toBe(real.getTime())
        else expect(parsed).toBeNaN()
      }),
      { numRuns: 2000 },
    )
  })

  test('any text is a moment in the range or none; what is read means the same to Date', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...'0123456789-:TZ+. ') }),
      fc.tuple(instant, fc.nat(23), fc.constantFrom(...'0:Z+-x')).map(([time, at, letter]) => {
        const written = iso(time)
        return `${written.slice(0, at)}${letter}${written.slice(at + 1)}`
      }),
    )
    fc.assert(
      fc.property(text, (given) => {
        const time = parseInstant(given)
        if (Number.isNaN(time)) return
        expect(time >= MIN_INSTANT && time <= MAX_INSTANT).toBe(true)
        const known = Date.parse(given)
        if (!Number.isNaN(known)) expect(time).toBe(known)
      }),
      { numRuns: 3000 },
    )
  })

  test.each([
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['2026-01-31t09:30:00z', '2026-01-31T09:30:00.000Z'],
    ['2026-01-31 09:30:00 +08', '2026-01-31T01:30:00.000Z'],
    ['2026-01-31T09:30:00,5Z', '2026-01-31T09:30:00.500Z'],
  ])('%s is %s', (text, expected) => {
    expect(iso(parseInstant(text))).toBe(expected)
  })

  test.each([
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00Z',
    '0026-01-31T09:30:00Z',
    '0099-12-31T23:59:59Z',
    '0999-12-31T23:59:59.999Z',
    '1000-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59.999-00:01',
    '2026-01-31T24:00:00Z',
    '2026-01-31T23:60:00Z',
    '2026-01-31T23:59:61Z',
    '2026-01-31T09:30:00+24:00',
    '2026-01-31T09:30:00+08:60',
    '2026-1-31T09:30:00Z',
    ' 2026-01-31T09:30:00Z',
    '2026-01-31T09:30:00Z ',
    '2026-01-31T09:30:00ZZ',
    '2026-01-31T09:30:00.Z',
  ])('%s is no instant', (text) => {
    expect(parseInstant(text)).toBeNaN()
  })
})
