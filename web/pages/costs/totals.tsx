// The totals of each group: calls, tokens of each kind, share of the cache, cost and its share. A
// group leads to its costs alone.

import { Link, useSearchParams } from 'wouter-preact'
import type { CostGrouping } from '../../../src/records/cost-records/enums.ts'
import { useRead } from '../../api/queries.ts'
import type { CostTotal, Items } from '../../api/records.ts'
import { Money } from '../../parts/money.tsx'
import { Empty, Panel, Read } from '../../parts/panel.tsx'
import { viewerZone } from '../../parts/time.tsx'
import { compact, count, formatMoney, nanos, percent, spaced } from '../../parts/words.ts'
import { type CostQuery, filterOf } from './query.ts'

/** Rows at once; the file has all of them. */
const MOST = 200

export function Totals({
  asked: { query, currency },
  by,
}: {
  readonly asked: CostQuery
  readonly by: CostGrouping
}) {
  const report = useRead<Items<CostTotal>>('/costs/report', {
    query: { ...query, by, timeZone: viewerZone },
    records: ['cost_record'],
  })
  return (
    <Panel title={`Totals by ${spaced(by)}`}>
      <Read of={report} lines={6}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="There is nothing to add up" then="Choose a longer range, or take away a filter." />
          ) : (
            <Table items={items} by={by} currency={currency.currency} />
          )
        }
      </Read>
    </Panel>
  )
}

interface TableProps {
  readonly items: readonly CostTotal[]
  readonly by: CostGrouping
  readonly currency: string
}

function Table({ items, by, currency }: TableProps) {
  const sum = items.reduce((all, { cost }) => all + nanos(cost), 0n)
  const unpriced = items.reduce((all, total) => all + Number(total.unpriced), 0)
  return (
    <>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>{spaced(by)}</th>
              <th class="end">Calls</th>
              <th class="end only-wide">Input</th>
              <th class="end only-wide">Output</th>
              <th class="end only-wide" title="Tokens that were read from a cache, of all that went in">
                From cache
              </th>
              <th class="end only-wide">Share</th>
              <th class="end">Cost</th>
            </tr>
          </thead>
          <tbody>
            {items.slice(0, MOST).map((total) => (
              <Group key={total[by] ?? ''} total={total} by={by} currency={currency} sum={sum} />
            ))}
          </tbody>
          <tfoot>
            <tr>
              <td>Total</td>
              <td class="end">{count(items.reduce((all, total) => all + Number(total.records), 0))}</td>
              <td class="only-wide" colSpan={4} />
              <td class="end">
                <Money value={formatMoney(sum)} currency={currency} exact />
              </td>
            </tr>
          </tfoot>
        </table>
      </div>
      {items.length > MOST && (
        <p class="body muted">{count(items.length - MOST)} more groups are in the file (CSV).</p>
      )}
      {unpriced > 0 && (
        <p class="note">
          The cost of {count(unpriced)} calls is not known; the sums are those of the others.{' '}
          <code>purser prices apply</code> prices them.
        </p>
      )}
    </>
  )
}

interface GroupProps {
  readonly total: CostTotal
  readonly by: CostGrouping
  readonly currency: string
  /** Billionths of all groups. */
  readonly sum: bigint
}

function Group({ total, by, currency, sum }: GroupProps) {
  const name = total[by] ?? null
  const cached = Number(total.cacheReadTokens)
  const given = Number(total.inputTokens) + cached + Number(total.cacheWriteTokens)
  return (
    <tr>
      <td>
        <GroupLink by={by} name={name} />
      </td>
      <td class="end">{count(total.records)}</td>
      <td class="end only-wide" title={count(total.inputTokens)}>
        {compact(total.inputTokens)}
      </td>
      <td class="end only-wide" title={count(total.outputTokens)}>
        {compact(total.outputTokens)}
      </td>
      <td class="end only-wide">{given === 0 ? '–' : percent(cached / given)}</td>
      <td class="end only-wide">
        {sum === 0n ? '–' : percent(Number((nanos(total.cost) * 10_000n) / sum) / 10_000, 1)}
      </td>
      <td class="end">
        <Money value={total.cost} currency={currency} />
      </td>
    </tr>
  )
}

function GroupLink({ by, name }: { readonly by: CostGrouping; readonly name: string | null }) {
  const [params] = useSearchParams()
  const filter = filterOf[by]
  if (name === null) return <span class="muted">none</span>
  const narrowed = new URLSearchParams(params)
  if (filter !== undefined) narrowed.set(filter, name)
  else if (by === 'day') {
    narrowed.set('range', 'day')
    narrowed.set('day', name)
    narrowed.delete('by')
  } else return <>{name}</>
  return (
    <Link href={`/costs?${narrowed}`} data-row="">
      {name}
    </Link>
  )
}
