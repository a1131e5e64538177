// Plans as trees: who is below whom, which rows are open, and what each costs with everything below
// it. Without recursion, so that a chain of 10,000 plans is no problem.

import type { CostTotal, Plan } from '../../api/records.ts'
import { formatMoney, nanos } from '../../parts/words.ts'

export interface Row {
  readonly plan: Plan
  readonly level: number
  readonly children: number
  readonly isOpen: boolean
}

interface Shown {
  readonly plans: readonly Plan[]
  readonly isOpen: (plan: Plan) => boolean
  /** If given, only these and what is above them, all open. */
  readonly matches?: ((plan: Plan) => boolean) | undefined
}

/** The rows of the trees from top to bottom; plans without a parent among them are on top. */
export function rowsOf({ plans, isOpen, matches }: Shown): readonly Row[] {
  const children = childrenOf(plans)
  const kept = matches && withAncestors(plans, matches)
  const rows: Row[] = []
  const waiting = [...(children.get(null) ?? [])].reverse().map((plan) => ({ plan, level: 0 }))
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { plan, level } = next
    if (kept && !kept.has(plan.planId)) continue
    const below = children.get(plan.planId) ?? []
    const open = below.length > 0 && (kept !== undefined || isOpen(plan))
    rows.push({ plan, level, children: below.length, isOpen: open })
    if (open) for (const child of [...below].reverse()) waiting.push({ plan: child, level: level + 1 })
  }
  return rows
}

function childrenOf(plans: readonly Plan[]): ReadonlyMap<string | null, readonly Plan[]> {
  const there = new Set(plans.map(({ planId }) => planId))
  const children = new Map<string | null, Plan[]>()
  for (const plan of plans) {
    const { parentPlanId } = plan
    const parent = parentPlanId !== null && there.has(parentPlanId) ? parentPlanId : null
    const siblings = children.get(parent)
    if (siblings) siblings.push(plan)
    else children.set(parent, [plan])
  }
  return children
}

function withAncestors(plans: readonly Plan[], matches: (plan: Plan) => boolean): ReadonlySet<string> {
  const byId = new Map(plans.map((plan) => [plan.planId, plan]))
  const kept = new Set<string>()
  for (const plan of plans) {
    if (!matches(plan)) continue
    let above: Plan | undefined = plan
    while (above && !kept.has(above.planId)) {
      kept.add(above.planId)
      above = above.parentPlanId === null ? undefined : byId.get(above.parentPlanId)
    }
  }
  return kept
}

/** The exact cost of each plan with all below it. Parents were made before their children. */
export function subtreeCosts(
  plans: readonly Plan[],
  totals: readonly CostTotal[],
): ReadonlyMap<string, string> {
  const costs = new Map(totals.map(({ plan, cost }) => [plan ?? '', nanos(cost)]))
  const order = [...plans].sort(
    (a, b) => b.createdAt.localeCompare(a.createdAt) || b.planId.localeCompare(a.planId),
  )
  for (const { planId, parentPlanId } of order) {
    if (parentPlanId === null) continue
    costs.set(parentPlanId, (costs.get(parentPlanId) ?? 0n) + (costs.get(planId) ?? 0n))
  }
  return new Map(plans.map(({ planId }) => [planId, formatMoney(costs.get(planId) ?? 0n)]))
}
