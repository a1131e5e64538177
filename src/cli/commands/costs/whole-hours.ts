// Reports over pruned costs: of those only sums by the hour are kept. A range that splits such an
// hour is widened to whole hours, a period that does takes it where it begins, and the command says
// so.

import type { CostFilter } from '../../../index.ts'
import type { Call } from '../../run/command.ts'
import { absolute } from '../../screen/times.ts'

const HOUR = 3_600_000

/**
 * The result of `work` for the filter, or if necessary for the filter in whole hours, and with
 * whole hours in periods.
 */
export async function inWholeHours<T>(
  filter: CostFilter,
  note: Call['note'],
  work: (filter: CostFilter, wholeHours: boolean) => Promise<T>,
): Promise<{ readonly result: T; readonly filter: CostFilter }> {
  let range = filter
  let wholeHours = false
  for (;;) {
    try {
      return { result: await work(range, wholeHours), filter: range }
    } catch (error) {
      const code = faultOf(error)
      if (code === 'pruned_hour' && range === filter) {
        range = widened(filter)
        const bounds = [boundText('since', range.since), boundText('until', range.until)].filter(Boolean)
        note(
          'info',
          `Some of these costs were pruned, and only their sums by the hour are kept; the range is in whole hours: ${bounds.join(', ')}.`,
          'WHOLE_HOURS',
        )
      } else if (code === 'pruned_period' && !wholeHours) {
        wholeHours = true
        note(
          'info',
          'Some of these costs were pruned, and only their sums by the hour of UTC are kept; an hour in which a period of the time zone begins counts in the one before.',
          'WHOLE_HOURS',
        )
      } else throw error
    }
  }
}

/** The smallest range of whole hours that contains the range. */
function widened(filter: CostFilter): CostFilter {
  const { since, until } = filter
  return {
    ...filter,
    ...(since instanceof Date ? { since: new Date(Math.floor(since.getTime() / HOUR) * HOUR) } : {}),
    ...(until instanceof Date ? { until: new Date(Math.ceil(until.getTime() / HOUR) * HOUR) } : {}),
  }
}

function boundText(name: string, bound: CostFilter['since']): string {
  return bound instanceof Date ? `${name} ${absolute(bound)}` : ''
}

const faults = ['pruned_hour', 'pruned_period'] as const

function faultOf(error: unknown): (typeof faults)[number] | undefined {
  const { issues } = (error ?? {}) as { readonly issues?: readonly { readonly code: string }[] }
  return faults.find((fault) => issues?.some(({ code }) => code === fault))
}
