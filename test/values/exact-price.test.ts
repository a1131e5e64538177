// Prices are multiplied and added exactly, and rounded once: half-even, to billionths.

import { describe, expect, test } from 'vitest'
import { costOf, formatPrice, parsePrice, type UnitPrices } from '../../src/prices/exact-price.ts'

const none = { input: 0, output: 0, reasoning: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0 }
const units = (value: string | number): bigint => {
  const parsed = parsePrice(value)
  if (typeof parsed !== 'bigint') throw new TypeError(`${value} is ${parsed}`)
  return parsed
}
const prices = (given: Readonly<Record<string, string | number>>): UnitPrices =>
  Object.fromEntries(Object.entries(given).map(([kind, value]) => [kind, units(value)]))

test('prices are decimal text, or the shortest text of a number', () => {
  for (const value of ['0.1', 0.1, '0.100000000000', '3', 3, 0.000000000001, '15.75'] as const) {
    expect(formatPrice(units(value))).toBe(String(Number(value) < 1e-6 ? '0.000000000001' : Number(value)))
  }
  expect(parsePrice('-0.1')).toBe('negative')
  expect(parsePrice(-1)).toBe('negative')
  for (const value of [
    '',
    '1,5',
    '.5',
    '1e3',
    '0x1',
    '0.1234567890123',
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])
    expect(parsePrice(value)).toBe('not-decimal')
})

describe('a cost', () => {
  test('has no error of floating-point numbers', () => {
    expect(costOf({ ...none, input: 3 }, prices({ input: 0.1 }))).toBe(300n)
    expect(costOf({ ...none, input: 1_000_000, output: 1 }, prices({ input: '0.1', output: '0.2' }))).toBe(
      100_000_200n,
    )
  })

  test('is rounded once, half-even', () => {
    expect(costOf({ ...none, input: 1 }, prices({ input: '0.0005' }))).toBe(0n)
    expect(costOf({ ...none, input: 3 }, prices({ input: '0.0005' }))).toBe(2n)
    expect(costOf({ ...none, input: 1, output: 1 }, prices({ input: '0.0005', output: '0.0005' }))).toBe(1n)
  })

  test('of a kind without a price is that of what it is a part of', () => {
    const two = prices({ input: 1, output: 2 })
    const all = { input: 1, output: 1, reasoning: 1, cacheRead: 1, cacheWrite: 1, cacheWrite1h: 1 }
    expect(costOf(all, two)).toBe(8000n)
    expect(costOf(all, { ...two, ...prices({ cacheWrite: 3, cacheRead: 0.5, reasoning: 4 }) })).toBe(13_500n)
  })

  test('is not known where tokens have no price, and never 0 then', () => {
    expect(costOf({ ...none, output: 1 }, prices({ input: 1 }))).toBeUndefined()
    expect(costOf({ ...none, cacheRead: 1 }, prices({ output: 1 }))).toBeUndefined()
    expect(costOf({ ...none, input: 1 }, prices({ input: 1 }))).toBe(1000n)
    expect(costOf({ ...none, input: 1 }, prices({ input: 0 }))).toBe(0n)
  })

  test('has the price of the request, unless there are no tokens', () => {
    expect(costOf({ ...none, input: 1 }, prices({ input: 1, request: '0.01' }))).toBe(10_001_000n)
    expect(costOf(none, prices({ input: 1, request: '0.01' }))).toBe(0n)
  })
})
