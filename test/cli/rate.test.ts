// The words of a long run's progress: how many, how fast, how long it will take.

import { expect, test } from 'vitest'
import { createRate } from '../../src/cli/screen/throughput.ts'

function clock() {
  let at = 0
  return {
    now: () => at,
    pass: (milliseconds: number) => {
      at += milliseconds
    },
  }
}

test('says nothing of the rate before there is one, then what it is and how long is left', () => {
  const { now, pass } = clock()
  const rate = createRate(now)
  pass(100)
  expect(rate.describe(1000, 0.01)).toBe('1,000 records')
  pass(900)
  expect(rate.describe(100_000, 0.2)).toBe('100,000 records  100,000/s  4.0 s left')
  expect(rate.describe(100_000, null)).toBe('100,000 records  100,000/s')
  expect(rate.describe(100_000, 1)).toBe('100,000 records  100,000/s')
})

test('is the rate of the last seconds, and long times are round', () => {
  const { now, pass } = clock()
  const rate = createRate(now)
  for (let second = 1; second <= 20; second += 1) {
    pass(1000)
    rate.describe(second * 1000, second / 1000)
  }
  for (let second = 1; second <= 6; second += 1) {
    pass(1000)
    rate.describe(20_000 + second * 50, 0.02)
  }
  expect(rate.describe(20_300, 0.02)).toMatch(/^20,300 records {2}\d{2,3}\/s {2}21 min 14 s left$/)
})
