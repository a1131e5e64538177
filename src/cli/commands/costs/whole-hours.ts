// Reports over pruned costs: of those only sums by the hour are kept, so a range that splits such
// an hour is widened to whole hours, and the command says so.

import type { CostFilter } from '../../../index.ts'
import type { Call } from '../../run/command.ts'
import { absolute } from '../../screen/times.ts'

const HOUR = 3_600_000

/** The result of `work` for the filter, or if necessary for the filter in whole hours. */
export async function inWholeHours<T>(
  filter: CostFilter,
  note: Call['note'],
  work: (filter: CostFilter) => Promise<T>,
): Promise<{ readonly result: T; readonly filter: CostFilter }> {
  try {
    return { result: await work(filter), filter }
  } catch (error) {
    if (!dividesHour(error)) throw error
    const whole = widened(filter)
    const bounds = [boundText('since', whole.since), boundText('until', whole.until)].filter(Boolean)
    note(
      'info',
      `Some of these costs were pruned, and only their sums by the hour are kept; the range is in whole hours: ${bounds.join(', ')}.`,
      'WHOLE_HOURS',
    )
    return { result: await work(whole), filter: whole }
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

function dividesHour(error: unknown): boolean {
  const { issues } = (error ?? {}) as { readonly issues?: readonly { readonly code: string }[] }
  return issues?.some(({ code }) => code === 'pruned_hour') === true
}
