// Spend of the last 30 days, a bar a day, stacked by model or by agent.

import { useMemo } from 'preact/hooks'
import { useLocation } from 'wouter-preact'
import { useRead } from '../../api/queries.ts'
import type { CostTotal, Items } from '../../api/records.ts'
import { Segments } from '../../parts/fields.tsx'
import { Empty, Panel, Read } from '../../parts/panel.tsx'
import { useParam } from '../../parts/params.ts'
import { StackedBars } from '../../parts/stacked-bars.tsx'
import { useNow, viewerZone } from '../../parts/time.tsx'
import { amount } from '../../parts/words.ts'
import { useCurrency } from '../costs/currency.ts'
import { daysOf, lastDays } from '../costs/ranges.ts'
import { seriesOf } from '../costs/series.ts'

const DAYS = 30
const groupings = [
  ['model', 'By model'],
  ['agent', 'By agent'],
] as const

export function SpendPanel() {
  const { currency } = useCurrency()
  const [chosen, choose] = useParam('by', 'model')
  const by = chosen === 'agent' ? 'agent' : 'model'
  const range = lastDays(useNow(), DAYS)
  const report = useRead<Items<CostTotal>>('/costs/report', {
    query: { ...range, by: ['day', by], currency, timeZone: viewerZone },
    records: ['cost_record'],
  })
  return (
    <Panel
      title="Spend per day"
      beside={<Segments label="Stacked" value={by} options={groupings} onChange={choose} />}
    >
      <Read of={report} lines={6}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty
              title="No costs in the last 30 days"
              then="They are recorded by programs, or by hand."
              command="purser costs add --help"
            />
          ) : (
            <div class="body">
              <Bars {...{ items, by, currency, since: range.since, until: range.until }} />
            </div>
          )
        }
      </Read>
    </Panel>
  )
}

interface BarsProps {
  readonly items: readonly CostTotal[]
  readonly by: 'model' | 'agent'
  readonly currency: string
  readonly since: string
  readonly until: string
}

function Bars({ items, by, currency, since, until }: BarsProps) {
  const [, navigate] = useLocation()
  const labels = useMemo(() => daysOf({ since, until }), [since, until])
  const series = useMemo(() => seriesOf(items, { period: 'day', by, labels }), [items, by, labels])
  const format = useMemo(
    () => (value: number) => `${amount(value.toFixed(9), digitsFor(value))} ${currency}`,
    [currency],
  )
  const sum = items.reduce((all, { cost }) => all + Number(cost), 0)
  return (
    <StackedBars
      label={`Spend of the last ${DAYS} days by ${by}: ${format(sum)}`}
      labels={labels}
      series={series}
      format={format}
      height={220}
      onPick={(index) => navigate(`/costs?range=day&day=${labels[index] ?? ''}&by=${by}`)}
    />
  )
}

function digitsFor(value: number): number {
  return value >= 1 || value === 0 ? 2 : 4
}
