// How long something lasts, as people type it: `90s`, `10m`, `2h`, `1d`. Every flag of a duration
// takes the same forms, and none takes a number without a unit: some programs would mean seconds by
// it, others milliseconds.

import { DAY, HOUR } from '../../values/instant.ts'
import { UsageError } from '../run/failure.ts'
import { type Flag, shown } from './flags.ts'

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: HOUR, d: DAY }
const LONGEST = 7 * DAY

interface Bounds {
  readonly field?: string
  /** Milliseconds, like `max`: 0 if omitted. */
  readonly min?: number
  /** 7 days if omitted. */
  readonly max?: number
}

/** A duration, in milliseconds. */
export function duration(description: string, bounds: Bounds = {}): Flag<number | undefined> {
  const { min = 0, max = LONGEST, ...rest } = bounds
  return {
    metavar: 'time',
    description,
    ...rest,
    initial: undefined,
    read: (value) => {
      const milliseconds = readDuration(value)
      if (milliseconds >= min && milliseconds <= max) return milliseconds
      const hint = /^\d+$/.test(value) ? `, which has no unit; seconds are ${shown(`${value}s`)}` : ''
      throw new UsageError(
        `must be a time such as 90s, 10m or 2h, with a unit (ms, s, m, h, d), from ${spelled(min)} to ${spelled(max)}; is ${shown(value)}${hint}`,
      )
    },
  }
}

/** Milliseconds; NaN if the text is no duration. 0 is the same in every unit. */
function readDuration(text: string): number {
  if (text === '0') return 0
  const [, count, unit = ''] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? []
  return Number(count) * (units[unit] ?? Number.NaN)
}

/** `0`, `1s`, `7d`: in the largest unit that fits. */
function spelled(milliseconds: number): string {
  const unit = Object.keys(units).findLast((name) => milliseconds % (units[name] ?? 1) === 0) ?? 'ms'
  return milliseconds === 0 ? '0' : `${milliseconds / (units[unit] ?? 1)}${unit}`
}
