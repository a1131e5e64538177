// The figures on top of the overview: spend of today, of 7 and of 30 days, each against as many
// days before, and what is in motion.

import type { ComponentChildren } from 'preact'
import { Link } from 'wouter-preact'
import { useRead } from '../../api/queries.ts'
import type { Agent, CostTotal, Items, Page, Plan, TaskCount } from '../../api/records.ts'
import { useNow, viewerZone } from '../../parts/time.tsx'
import { amount, changeOf, count, roughDigits } from '../../parts/words.ts'
import { useCurrency } from '../costs/currency.ts'
import { lastDays } from '../costs/ranges.ts'

const openStatuses = new Set(['created', 'assigned', 'in_progress', 'in_review', 'blocked', 'interrupted'])

export function Figures() {
  const { currency } = useCurrency()
  const plans = useRead<Page<Plan>>('/plans', {
    query: { state: ['queued', 'processing', 'complete', 'errored', 'constrained'], limit: 1000 },
    records: ['plan'],
  })
  const tasks = useRead<Items<TaskCount>>('/tasks/counts', { query: { by: 'status' }, records: ['task'] })
  const agents = useRead<Page<Agent>>('/agents', {
    query: { limit: 1000 },
    records: ['agent'],
    every: 30_000,
  })
  const open = (tasks.data?.items ?? []).filter(({ status }) => openStatuses.has(status ?? ''))
  const openTasks = open.reduce((sum, { count: tasksOf }) => sum + tasksOf, 0)
  const working = open.find(({ status }) => status === 'in_progress')?.count ?? 0
  const moving = plans.data?.items.filter(({ phase }) => phase !== 'action') ?? []
  const failed = moving.filter(({ state }) => state === 'errored').length
  const alive = agents.data?.items.filter(({ status }) => status === 'active').length ?? 0
  return (
    <div class="figures">
      <Spend title="Spent today" days={1} currency={currency} />
      <Spend title="Spent in 7 days" days={7} currency={currency} />
      <Spend title="Spent in 30 days" days={30} currency={currency} />
      <Figure href="/plans" title="Plans in motion" number={plans.data && count(moving.length)}>
        {failed > 0 ? `${count(failed)} failed` : 'none failed'}
      </Figure>
      <Figure href="/tasks" title="Open tasks" number={tasks.data && count(openTasks)}>
        {count(working)} in progress
      </Figure>
      <Figure href="/tasks?view=leases" title="Agents alive" number={agents.data && count(alive)}>
        of {count(agents.data?.items.length ?? 0)} that are known
      </Figure>
    </div>
  )
}

interface FigureProps {
  readonly href: string
  readonly title: string
  readonly number: ComponentChildren
  readonly children: ComponentChildren
}

function Figure({ href, title, number, children }: FigureProps) {
  return (
    <Link href={href} data-row="">
      <div class="name">{title}</div>
      <div class="number">{number ?? '…'}</div>
      <div class="note-line">{children}</div>
    </Link>
  )
}

/** Rendered again each second; the range changes at midnight alone. */
function Spend({ title, days, currency }: { title: string; days: number; currency: string }) {
  const { since, until } = lastDays(useNow(), days)
  const report = useRead<Items<CostTotal>>('/costs/report', {
    query: { since, until, currency, compare: 'previous', timeZone: viewerZone },
    records: ['cost_record'],
    every: 60_000,
  })
  const total = report.data?.items[0]
  const before = total?.previous
  const change = total && before && changeOf(total.cost, before.cost)
  return (
    <Figure
      href={`/costs?range=${days === 1 ? 'today' : `${days}d`}`}
      title={title}
      number={
        total && (
          <span title={`${amount(total.cost)} ${currency}`}>
            {amount(total.cost, roughDigits(total.cost))} <small>{currency}</small>
          </span>
        )
      }
    >
      {change ? (
        <span title={`${amount(before.cost)} ${currency} before`}>
          {change.text} against {days === 1 ? 'all of yesterday' : `the ${days} days before`}
        </span>
      ) : (
        `nothing ${days === 1 ? 'yesterday' : `in the ${days} days before`}`
      )}
    </Figure>
  )
}
