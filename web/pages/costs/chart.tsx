// The costs of a range as bars: hours of a day, else days, else months; a bar leads to its day.

import { useMemo } from 'preact/hooks'
import { useSearchParams } from 'wouter-preact'
import type { CostGrouping } from '../../../src/records/cost-records/enums.ts'
import { useRead } from '../../api/queries.ts'
import type { CostTotal, Items } from '../../api/records.ts'
import { Empty, Panel, Read } from '../../parts/panel.tsx'
import { StackedBars } from '../../parts/stacked-bars.tsx'
import { viewerZone } from '../../parts/time.tsx'
import { amount, spaced } from '../../parts/words.ts'
import type { CostQuery } from './query.ts'
import { daysOf, type Range } from './ranges.ts'
import { seriesOf } from './series.ts'

type Period = 'hour' | 'day' | 'month'
const periods = new Set<string>(['hour', 'day', 'week', 'month'])

interface CostChartProps {
  readonly asked: CostQuery
  readonly by: CostGrouping
}

export function CostChart({ asked: { rangeName, range, query, currency }, by: grouping }: CostChartProps) {
  const period: Period = rangeName === 'today' || rangeName === 'day' ? 'hour' : range ? 'day' : 'month'
  const by = periods.has(grouping) ? 'model' : grouping
  const report = useRead<Items<CostTotal>>('/costs/report', {
    query: { ...query, by: [period, by], timeZone: viewerZone },
    records: ['cost_record'],
  })
  return (
    <Panel title={`Cost per ${period}, by ${spaced(by)}`}>
      <Read of={report} lines={6}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No costs in this range" then="Choose a longer range, or take away a filter." />
          ) : (
            <div class="body">
              <Bars {...{ items, period, by, range }} currency={currency.currency} />
            </div>
          )
        }
      </Read>
    </Panel>
  )
}

interface BarsProps {
  readonly items: readonly CostTotal[]
  readonly period: Period
  readonly by: CostGrouping
  readonly range: Range | undefined
  readonly currency: string
}

function Bars({ items, period, by, range, currency }: BarsProps) {
  const [, setParams] = useSearchParams()
  const since = range?.since
  const until = range?.until
  const labels = useMemo(() => labelsOf(items, period, since, until), [items, period, since, until])
  const series = useMemo(() => seriesOf(items, { period, by, labels }), [items, period, by, labels])
  const format = useMemo(
    () => (value: number) => `${amount(value.toFixed(9), value >= 1 || value === 0 ? 2 : 4)} ${currency}`,
    [currency],
  )
  const openDay = (index: number) => {
    const label = labels[index]
    if (label === undefined || period !== 'day') return
    setParams((before) => {
      const after = new URLSearchParams(before)
      after.set('range', 'day')
      after.set('day', label)
      return after
    })
  }
  const sum = items.reduce((all, { cost }) => all + Number(cost), 0)
  return (
    <StackedBars
      label={`${format(sum)} per ${period}, by ${spaced(by)}; the table below has the numbers`}
      labels={labels}
      series={series}
      format={format}
      height={240}
      {...(period === 'day' && { onPick: openDay })}
    />
  )
}

/** Days of the range without gaps; hours and months are those that there are costs in. */
function labelsOf(
  items: readonly CostTotal[],
  period: Period,
  since: string | undefined,
  until: string | undefined,
): readonly string[] {
  if (period === 'day' && since !== undefined && until !== undefined) return daysOf({ since, until })
  return [...new Set(items.map((total) => total[period] ?? ''))].sort()
}
