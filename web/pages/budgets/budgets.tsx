// Budgets: what is spent, held and left in the present period, and what is to be expected by its
// end.

import { useRead } from '../../api/queries.ts'
import type { BudgetStatus, Items } from '../../api/records.ts'
import { PageFrame } from '../../parts/page.tsx'
import { Empty, Panel, Read } from '../../parts/panel.tsx'
import { BudgetView } from './budget.tsx'

export default function Budgets() {
  const statuses = useRead<Items<BudgetStatus>>('/budgets/status', {
    records: ['budget', 'cost_record'],
    every: 30_000,
  })
  return (
    <PageFrame title="Budgets">
      <Panel title="In the present period" beside="the nearest to its limit first">
        <Read of={statuses} lines={5}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty
                title="No budget is set"
                then="A budget says how much may be spent, and refuses calls that there is no money for."
                command="purser budgets create --help"
              />
            ) : (
              <ul class="rows">
                {[...items]
                  .sort((a, b) => Number(b.budget.active) - Number(a.budget.active) || b.share - a.share)
                  .map((status) => (
                    <BudgetView key={status.budget.name} status={status} />
                  ))}
              </ul>
            )
          }
        </Read>
      </Panel>
    </PageFrame>
  )
}
