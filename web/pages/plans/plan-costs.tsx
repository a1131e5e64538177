// What a plan costs with everything below it, by model.

import { Link } from 'wouter-preact'
import { useRead } from '../../api/queries.ts'
import type { CostTotal, Items } from '../../api/records.ts'
import { Money } from '../../parts/money.tsx'
import { Empty, Panel, Read } from '../../parts/panel.tsx'
import { compact, count, formatMoney, nanos } from '../../parts/words.ts'
import { useCurrency } from '../costs/currency.ts'

export function PlanCosts({ planId }: { readonly planId: string }) {
  const { currency } = useCurrency()
  const report = useRead<Items<CostTotal>>('/costs/report', {
    query: { planId, tree: true, by: 'model', currency },
    records: ['cost_record'],
  })
  return (
    <Panel
      title="Cost with everything below"
      beside={<Link href={`/costs?range=all&planId=${planId}&by=model`}>Costs</Link>}
    >
      <Read of={report}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="It has cost nothing yet" />
          ) : (
            <table>
              <thead>
                <tr>
                  <th>Model</th>
                  <th class="end">Tokens</th>
                  <th class="end">Calls</th>
                  <th class="end">Cost</th>
                </tr>
              </thead>
              <tbody>
                {items.map((total) => {
                  const tokens = Number(total.inputTokens) + Number(total.outputTokens)
                  return (
                    <tr key={total.model}>
                      <td>{total.model}</td>
                      <td class="end" title={count(tokens)}>
                        {compact(tokens)}
                      </td>
                      <td class="end">{count(total.records)}</td>
                      <td class="end">
                        <Money value={total.cost} currency={currency} />
                      </td>
                    </tr>
                  )
                })}
              </tbody>
              <tfoot>
                <tr>
                  <td colSpan={3}>Total</td>
                  <td class="end">
                    <Money
                      value={formatMoney(items.reduce((sum, { cost }) => sum + nanos(cost), 0n))}
                      currency={currency}
                    />
                  </td>
                </tr>
              </tfoot>
            </table>
          )
        }
      </Read>
    </Panel>
  )
}
