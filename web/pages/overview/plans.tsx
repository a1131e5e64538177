// Plans in motion, the last changed first, with what each has cost.

import { Link } from 'wouter-preact'
import { useRead } from '../../api/queries.ts'
import type { CostTotal, Items, Page, Plan } from '../../api/records.ts'
import { PlanLink, planTitle } from '../../parts/links.tsx'
import { Money } from '../../parts/money.tsx'
import { Empty, Panel, Read } from '../../parts/panel.tsx'
import { PlanStateView } from '../../parts/state.tsx'
import { Time } from '../../parts/time.tsx'
import { useCurrency } from '../costs/currency.ts'

const SHOWN = 8

export function PlansPanel() {
  const { currency } = useCurrency()
  const plans = useRead<Page<Plan>>('/plans', {
    query: { state: ['queued', 'processing', 'complete', 'errored', 'constrained'], limit: 1000 },
    records: ['plan'],
  })
  return (
    <Panel title="Plans in motion" beside={<Link href="/plans">All plans</Link>}>
      <Read of={plans} lines={6}>
        {({ items }) => {
          const moving = items
            .filter(({ phase }) => phase !== 'action')
            .sort((a, b) => b.updatedAt.localeCompare(a.updatedAt))
            .slice(0, SHOWN)
          if (moving.length === 0) {
            return (
              <Empty
                title="No plan is in motion"
                then="Plans are made by agents, or by hand."
                command="purser plans create --help"
              />
            )
          }
          return (
            <div class="scroll">
              <table>
                <thead>
                  <tr>
                    <th>Plan</th>
                    <th class="fit">State</th>
                    <th class="end fit only-wide">Attempt</th>
                    <th class="end fit">Cost</th>
                    <th class="end fit only-wide">Changed</th>
                  </tr>
                </thead>
                <tbody>
                  {moving.map((plan) => (
                    <tr key={plan.planId}>
                      <td>
                        <PlanLink id={plan.planId} row>
                          {planTitle(plan)}
                        </PlanLink>
                      </td>
                      <td>
                        <PlanStateView plan={plan} />
                      </td>
                      <td class="end only-wide">{plan.attempt}</td>
                      <td class="end">
                        <TreeCost planId={plan.planId} currency={currency} />
                      </td>
                      <td class="end only-wide muted">
                        <Time at={plan.updatedAt} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }}
      </Read>
    </Panel>
  )
}

/** What a plan cost with everything below it. */
function TreeCost({ planId, currency }: { readonly planId: string; readonly currency: string }) {
  const report = useRead<Items<CostTotal>>('/costs/report', {
    query: { planId, tree: true, currency },
    records: ['cost_record'],
  })
  const total = report.data?.items[0]
  return total ? <Money value={total.cost} currency={currency} /> : <>…</>
}
