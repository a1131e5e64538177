// The rows of the trees. What is open is kept for this browser tab; rows out of sight are not
// rendered.

import { ChevronRight } from 'lucide-preact'
import { useMemo, useRef, useState } from 'preact/hooks'
import type { Plan } from '../../api/records.ts'
import { PlanLink, planTitle } from '../../parts/links.tsx'
import { Money } from '../../parts/money.tsx'
import { Empty } from '../../parts/panel.tsx'
import { PlanStateView } from '../../parts/state.tsx'
import { Time } from '../../parts/time.tsx'
import { useVirtualRows } from '../../parts/virtual.ts'
import { type Row, rowsOf } from './forest.ts'

const ROW = 38
const HEAD = 32
const INDENT = 18
const KEY = 'purser.plans.toggled'
/** With more plans than this, trees begin closed. */
const OPEN_BELOW = 300

interface PlanTreeProps {
  readonly plans: readonly Plan[]
  readonly costs: ReadonlyMap<string, string>
  readonly currency: string
  readonly matches: ((plan: Plan) => boolean) | undefined
}

export function PlanTree({ plans, costs, currency, matches }: PlanTreeProps) {
  const [toggled, toggle] = useToggled()
  const beginsOpen = plans.length < OPEN_BELOW
  const rows = useMemo(
    () => rowsOf({ plans, isOpen: ({ planId }) => beginsOpen !== toggled.has(planId), matches }),
    [plans, toggled, beginsOpen, matches],
  )
  const place = useRef<HTMLDivElement>(null)
  const { rows: inSight, total } = useVirtualRows({ place, count: rows.length, height: ROW })
  if (rows.length === 0) return <Empty title="No plan matches" then="Take away a filter to see more." />
  return (
    <div class="tree" ref={place}>
      <div class="row head">
        <span>Plan</span>
        <span>State</span>
        <span class="end">Attempt</span>
        <span class="end">Cost with all below</span>
        <span class="end">Changed</span>
      </div>
      <ul style={{ height: `${total}px` }}>
        {inSight.map(({ index, start }) => {
          const row = rows[index]
          if (!row) return null
          const { planId } = row.plan
          return (
            <li key={planId} class="row" style={{ transform: `translateY(${start + HEAD}px)` }}>
              <Name row={row} toggle={() => toggle(planId)} />
              <span>
                <PlanStateView plan={row.plan} />
              </span>
              <span class="end">{row.plan.attempt}</span>
              <span class="end">
                <Money value={costs.get(planId) ?? '0'} currency={currency} />
              </span>
              <span class="end muted">
                <Time at={row.plan.updatedAt} />
              </span>
            </li>
          )
        })}
      </ul>
    </div>
  )
}

function Name({
  row: { plan, level, children, isOpen },
  toggle,
}: {
  readonly row: Row
  readonly toggle: () => void
}) {
  const title = planTitle(plan)
  return (
    <span class="name">
      <span class="indent" style={{ width: `${Math.min(level, 16) * INDENT}px` }} />
      {children > 0 ? (
        <button
          type="button"
          class="bare twist"
          aria-expanded={isOpen}
          aria-label={`${children} below ${title}`}
          onClick={toggle}
        >
          <ChevronRight />
        </button>
      ) : (
        <span class="leaf" />
      )}
      <span class="clip">
        <PlanLink id={plan.planId} row>
          {title}
        </PlanLink>
      </span>
    </span>
  )
}

/** The plans that are not as they begin. */
function useToggled(): [ReadonlySet<string>, (id: string) => void] {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(
    () => new Set(JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as string[]),
  )
  const toggle = (id: string) => {
    const next = new Set(toggled)
    if (!next.delete(id)) next.add(id)
    sessionStorage.setItem(KEY, JSON.stringify([...next]))
    setToggled(next)
  }
  return [toggled, toggle]
}
