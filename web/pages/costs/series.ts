// Totals by period and another grouping, as the series of a chart.

import type { CostGrouping } from '../../../src/records/cost-records/enums.ts'
import type { CostTotal } from '../../api/records.ts'
import type { BarSeries } from '../../parts/stacked-bars.tsx'

/** One less than there are colours: the last is for all others. */
const MAX_SERIES = 6

/** The six largest groups, and the others as one. */
export function seriesOf(
  totals: readonly CostTotal[],
  { period, by, labels }: { period: CostGrouping; by: CostGrouping; labels: readonly string[] },
): readonly BarSeries[] {
  const places = new Map(labels.map((label, index) => [label, index]))
  const groups = new Map<string, { sum: number; values: number[] }>()
  for (const total of totals) {
    const place = places.get(total[period] ?? '')
    if (place === undefined) continue
    const name = total[by] ?? 'none'
    const group = groups.get(name) ?? { sum: 0, values: labels.map(() => 0) }
    groups.set(name, group)
    const cost = Number(total.cost)
    group.sum += cost
    group.values[place] = (group.values[place] ?? 0) + cost
  }
  const sorted = [...groups].sort(([, a], [, b]) => b.sum - a.sum)
  const shown = sorted.slice(0, MAX_SERIES).map(([name, { values }]) => ({ name, values }))
  const others = sorted.slice(MAX_SERIES)
  if (others.length === 0) return shown
  const values = labels.map((_, index) =>
    others.reduce((sum, [, group]) => sum + (group.values[index] ?? 0), 0),
  )
  return [...shown, { name: `${others.length} others`, values }]
}
