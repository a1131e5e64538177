// Costs by any grouping and range in the viewer's time zone: as a chart, as a table, as CSV, and
// down to the single call.

import { Download, X } from 'lucide-preact'
import { useSearchParams } from 'wouter-preact'
import { costGroupings } from '../../../src/records/cost-records/enums.ts'
import { Choice, Segments } from '../../parts/fields.tsx'
import { PageFrame } from '../../parts/page.tsx'
import { useParam } from '../../parts/params.ts'
import { viewerZone } from '../../parts/time.tsx'
import { Calls } from './calls.tsx'
import { CostChart } from './chart.tsx'
import { downloadReport } from './csv.ts'
import { Performance } from './performance.tsx'
import { type CostQuery, useCostQuery } from './query.ts'
import { ranges } from './ranges.ts'
import { Totals } from './totals.tsx'

const groupings = costGroupings.filter((name) => name !== 'currency')

export default function Costs() {
  const asked = useCostQuery()
  const [chosen, setBy] = useParam('by', 'model')
  const by = groupings.find((name) => name === chosen) ?? 'model'
  const [, setRange] = useParam('range', '30d')
  const { currency, rangeName, query } = asked
  return (
    <PageFrame
      title="Costs"
      beside={<span class="muted small">days of {viewerZone}</span>}
      actions={
        <>
          <Segments label="Range" value={rangeName} options={ranges} onChange={setRange} />
          <button
            type="button"
            onClick={() => void downloadReport({ ...query, by, timeZone: viewerZone })}
            title="The table as a file for spreadsheets"
          >
            <Download aria-hidden="true" />
            CSV
          </button>
        </>
      }
    >
      <div class="filters">
        <Choice label="Group by" value={by} options={groupings} onChange={setBy} />
        {currency.currencies.length > 1 && (
          <Choice
            label="Currency"
            value={currency.currency}
            options={currency.currencies}
            onChange={currency.choose}
          />
        )}
        <ChosenFilters asked={asked} />
      </div>
      <CostChart asked={asked} by={by} />
      <Totals asked={asked} by={by} />
      <Performance query={query} />
      <Calls query={query} />
    </PageFrame>
  )
}

/** What the costs are narrowed to; each can be taken away. */
function ChosenFilters({ asked: { filters, rangeName } }: { readonly asked: CostQuery }) {
  const [params, setParams] = useSearchParams()
  const chosen = { ...filters, ...(rangeName === 'day' && { day: params.get('day') ?? '' }) }
  const without = (name: string) =>
    setParams((before) => {
      const after = new URLSearchParams(before)
      after.delete(name)
      if (name === 'day') after.delete('range')
      return after
    })
  return (
    <>
      {Object.entries(chosen).map(([name, value]) => (
        <button
          key={name}
          type="button"
          class="chosen"
          title="Take this filter away"
          onClick={() => without(name)}
        >
          <span class="muted">{name}</span> {value} <X aria-hidden="true" />
        </button>
      ))}
    </>
  )
}
