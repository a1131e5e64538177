// Latency and failures by model, of the newest calls that the filters find.

import type { Query } from '../../api/client.ts'
import { useRead } from '../../api/queries.ts'
import type { CostRecord, Page } from '../../api/records.ts'
import { Panel, Read } from '../../parts/panel.tsx'
import { count, percent } from '../../parts/words.ts'

const SAMPLE = 1000

export function Performance({ query }: { readonly query: Query }) {
  const calls = useRead<Page<CostRecord>>('/costs', {
    query: { ...query, limit: SAMPLE },
    records: ['cost_record'],
  })
  const models = byModel(calls.data?.items ?? [])
  const isMeasured = models.some(({ latencies, outcomes }) => latencies.length + outcomes > 0)
  if (calls.data !== undefined && !isMeasured) return null
  return (
    <Panel
      title="Latency and failures by model"
      beside={`of the newest ${count(calls.data?.items.length ?? 0)} calls`}
    >
      <Read of={calls}>
        {() => (
          <table>
            <thead>
              <tr>
                <th>Model</th>
                <th class="end only-wide">Calls</th>
                <th class="end">Median</th>
                <th class="end">95 of 100 within</th>
                <th class="end">Failed</th>
              </tr>
            </thead>
            <tbody>
              {models.map(({ model, calls: number, latencies, failures, outcomes }) => (
                <tr key={model}>
                  <td>{model}</td>
                  <td class="end only-wide">{count(number)}</td>
                  <td class="end">{milliseconds(quantile(latencies, 0.5))}</td>
                  <td class="end">{milliseconds(quantile(latencies, 0.95))}</td>
                  <td class="end">{outcomes === 0 ? '–' : percent(failures / outcomes, 1)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Read>
    </Panel>
  )
}

interface ModelCalls {
  readonly model: string
  readonly calls: number
  readonly latencies: readonly number[]
  readonly failures: number
  /** Calls of which it is known whether they failed. */
  readonly outcomes: number
}

function byModel(calls: readonly CostRecord[]): readonly ModelCalls[] {
  const groups = Object.groupBy(calls, ({ model }) => model)
  return Object.entries(groups)
    .map(([model, all = []]) => ({
      model,
      calls: all.length,
      latencies: all.flatMap(({ latencyMs }) => latencyMs ?? []).sort((a, b) => a - b),
      failures: all.filter(({ success }) => success === false).length,
      outcomes: all.filter(({ success }) => success !== null).length,
    }))
    .sort((a, b) => b.calls - a.calls)
}

/** @param sorted ascending */
function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

function milliseconds(value: number | undefined): string {
  if (value === undefined) return '–'
  return value < 1000 ? `${count(value)} ms` : `${(value / 1000).toFixed(1)} s`
}
