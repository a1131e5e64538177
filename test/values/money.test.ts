// Money is exact: what can be written as nine fraction digits and 64 bits is kept to the digit,
// everything else is refused by name.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatMoney, MAX_MONEY, MONEY_SCALE, moneyFromNumber, parseMoney } from '../../src/values/money.ts'

const amount = fc.bigInt({ min: 0n, max: MAX_MONEY })
const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`))

describe('text', () => {
  test('every amount is read back from what it is written as', () => {
    fc.assert(
      fc.property(amount, (value) => {
        expect(parseMoney(formatMoney(value))).toBe(value)
      }),
    )
  })

  test('amounts are written in their shortest form', () => {
    fc.assert(
      fc.property(amount, (value) => {
        expect(formatMoney(value)).toMatch(/^(0|[1-9]\d*)(\.\d{0,8}[1-9])?$/)
      }),
    )
  })

  test('zeros before and after change nothing', () => {
    fc.assert(
      fc.property(amount, fc.nat(5), (value, zeros) => {
        const [whole = '', fraction = ''] = formatMoney(value).split('.')
        const padded = `${'0'.repeat(zeros)}${whole}.${fraction.padEnd(9, '0')}`
        expect(parseMoney(padded)).toBe(value)
      }),
    )
  })

  test('whole and fraction are what the digits say', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 9_223_372_035n }), digits(9), (whole, fraction) => {
        expect(parseMoney(`${whole}.${fraction}`)).toBe(whole * MONEY_SCALE + BigInt(fraction))
      }),
    )
  })

  test('a tenth digit is refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.nat(), digits(10), (whole, fraction) => {
        expect(parseMoney(`${whole}.${fraction}`)).toBe('too-precise')
      }),
    )
  })

  test('negative amounts are refused, but for -0', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: MAX_MONEY }), (value) => {
        expect(parseMoney(formatMoney(-value))).toBe('negative')
      }),
    )
    expect(parseMoney('-0.000000000')).toBe(0n)
  })

  test('64 bits are the end', () => {
    expect(parseMoney('9223372036.854775807')).toBe(MAX_MONEY)
    expect(parseMoney('9223372036.854775808')).toBe('too-large')
    expect(parseMoney('9'.repeat(60))).toBe('too-large')
  })

  test('any text is an amount or named as a fault; only decimal numbers are amounts', () => {
    const faults = ['not-decimal', 'too-precise', 'negative', 'too-large']
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...'0123456789.-+eE, _') }),
      fc.double().map(String),
    )
    fc.assert(
      fc.property(text, (given) => {
        const parsed = parseMoney(given)
        if (typeof parsed === 'bigint') {
          expect(given).toMatch(/^-?\d+(\.\d{1,9})?$/)
          expect(parsed >= 0n && parsed <= MAX_MONEY).toBe(true)
        } else expect(faults).toContain(parsed)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('numbers', () => {
  test('a number of billionths that a double tells apart is read exactly', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e15 }), (billionths) => {
        expect(moneyFromNumber(billionths / 1e9)).toBe(BigInt(billionths))
      }),
      { numRuns: 1000 },
    )
  })

  test('halves of a billionth go to the even one', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1_000_000 }), (billionths) => {
        const even = billionths % 2 === 0 ? billionths : billionths + 1
        expect(moneyFromNumber(Number(`${billionths}.5e-9`))).toBe(BigInt(even))
        expect(moneyFromNumber(Number(`${billionths}.49e-9`))).toBe(BigInt(billionths))
        expect(moneyFromNumber(Number(`${billionths}.51e-9`))).toBe(BigInt(billionths + 1))
      }),
    )
  })

  test('a number means the same as its shortest text, where that has at most nine digits', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 9e9, noNaN: true }), (value) => {
        const text = String(value)
        const fromText = parseMoney(text)
        if (typeof fromText === 'bigint') expect(moneyFromNumber(value)).toBe(fromText)
        else expect(['not-decimal', 'too-precise']).toContain(fromText)
      }),
    )
  })

  test('greater numbers are never smaller amounts', () => {
    const number = fc.double({ min: 0, max: 9e9, noNaN: true })
    fc.assert(
      fc.property(number, number, (a, b) => {
        const [less, more] = [moneyFromNumber(Math.min(a, b)), moneyFromNumber(Math.max(a, b))]
        expect(typeof less === 'bigint' && typeof more === 'bigint' && less <= more).toBe(true)
      }),
    )
  })

  test.each([
    [Number.NaN, 'not-finite'],
    [Number.POSITIVE_INFINITY, 'not-finite'],
    [-1, 'negative'],
    [-Number.MIN_VALUE, 'negative'],
    [1e300, 'too-large'],
    [9223372037, 'too-large'],
    [-0, 0n],
    [Number.MIN_VALUE, 0n],
    [0.1 + 0.2, 300_000_000n],
  ])('%d is %s', (value, expected) => {
    expect(moneyFromNumber(value)).toBe(expected)
  })
})
