// The budgets that are nearest to their limits.

import { Link } from 'wouter-preact'
import { useRead } from '../../api/queries.ts'
import type { BudgetStatus, Items } from '../../api/records.ts'
import { BudgetMeter } from '../../parts/budget-meter.tsx'
import { Money } from '../../parts/money.tsx'
import { Empty, Panel, Read } from '../../parts/panel.tsx'
import { BudgetLevelView } from '../../parts/state.tsx'
import { percent } from '../../parts/words.ts'

const SHOWN = 5

export function BudgetsPanel() {
  const statuses = useRead<Items<BudgetStatus>>('/budgets/status', {
    query: { active: true },
    records: ['budget', 'cost_record'],
    every: 60_000,
  })
  return (
    <Panel title="Budgets" beside={<Link href="/budgets">All budgets</Link>}>
      <Read of={statuses}>
        {({ items: all }) =>
          all.length === 0 ? (
            <Empty
              title="No budget is set"
              then="A budget refuses calls that there is no money for."
              command="purser budgets create --help"
            />
          ) : (
            <ul class="rows">
              {[...all]
                .sort((a, b) => b.share - a.share)
                .slice(0, SHOWN)
                .map((status) => (
                  <li key={status.budget.name} class="budget">
                    <div class="line">
                      <span class="grow clip">
                        <Link href={`/budgets?open=${encodeURIComponent(status.budget.name)}`} data-row="">
                          {status.budget.name}
                        </Link>
                      </span>
                      <BudgetLevelView level={status.level} />
                    </div>
                    <BudgetMeter status={status} />
                    <div class="line muted small">
                      <span>
                        <Money value={status.spent} currency={status.budget.currency} /> of{' '}
                        <Money value={status.budget.limit} currency={status.budget.currency} />
                      </span>
                      <span>{percent(status.share)}</span>
                    </div>
                  </li>
                ))}
            </ul>
          )
        }
      </Read>
    </Panel>
  )
}
