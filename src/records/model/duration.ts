// How long something lasts: `90s`, `10m`, `2h`, `1d`, or milliseconds.

import { z } from 'zod'
import { DAY } from '../../values/instant.ts'

const form = /^(\d{1,9})(ms|s|m|h|d)$/
const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: DAY }
const LONGEST = 7 * DAY

/** @param least the fewest milliseconds; the most are those of 7 days */
export function durationFrom(least: number): z.ZodType<number, string | number> {
  return z.unknown().transform((value, ctx) => {
    const [, count, unit = ''] = (typeof value === 'string' && form.exec(value)) || []
    const milliseconds = typeof value === 'number' ? value : Number(count) * (units[unit] ?? Number.NaN)
    if (Number.isSafeInteger(milliseconds) && milliseconds >= least && milliseconds <= LONGEST)
      return milliseconds
    ctx.issues.push({
      code: 'custom',
      input: value,
      params: { code: 'duration' },
      message: `must be a text with a unit (ms, s, m, h, d) such as "90s", "10m" or "2h", or a number of whole milliseconds: at least ${least} ms, at most 7 days${isBare(value) ? '; it is a text without a unit' : ''}`,
    })
    return z.NEVER
  }) as unknown as z.ZodType<number, string | number>
}

/** Digits alone could be seconds as well as milliseconds. */
function isBare(value: unknown): boolean {
  return typeof value === 'string' && /^\d+$/.test(value)
}

/** At least a millisecond. */
export const durationRule = durationFrom(1)
