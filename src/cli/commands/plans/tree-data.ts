// Prepares a tree of plans for display: the cost of each subtree, which plans match, and the nested
// form of JSON. Nothing here is recursive: a chain may be 100,000 plans long.

import type { CostTotal, ExactCount, Plan, PlanState, PlanTree } from '../../../index.ts'
import { planStates } from '../../../records/plans/enums.ts'

/** Levels drawn by default; deeper ones would exceed the screen's width. */
export const DRAWN_LEVELS = 30

/** A plan in its tree, with aggregates of everything below it. */
export interface Branch {
  readonly plan: Plan
  readonly level: number
  readonly children: Branch[]
  /** Whether it is in one of the requested states; true if none were requested. */
  readonly matches: boolean
  /** How many plans of the shown tree are below it. */
  below: number
  /** The cost of it and everything below it, by currency; exact. */
  readonly costs: readonly Cost[]
}

export interface Cost {
  readonly currency: string
  readonly cost: string
  /** How many model calls have no known cost; exact, as text if no number holds it. */
  readonly unpriced: ExactCount
}

export interface TreeSummary {
  readonly nodes: number
  readonly depth: number
  readonly byState: Readonly<Partial<Record<PlanState, number>>>
  /** Plans in the requested states; all if none were requested. */
  readonly matching: number
}

const SCALE = 1_000_000_000n

/**
 * The tree without the branches that have no plan in one of `states`; its top is always included.
 * @param costs totals of every plan of the tree, by plan and currency
 * @param states empty for all
 */
export function branchesOf(
  tree: PlanTree,
  costs: readonly CostTotal<'plan' | 'currency', ExactCount>[],
  states: ReadonlySet<PlanState>,
  formatMoney: (billionths: bigint) => string,
): Branch {
  const sums = addUp(tree, costs)
  const branches = new Map<string, Branch>()
  // Children before their parents.
  for (const { plan, level, children } of [...tree.nodes.values()].reverse()) {
    const matches = states.size === 0 || states.has(plan.state)
    const kept = children.flatMap((child) => branches.get(child.plan.planId) ?? [])
    if (!matches && kept.length === 0 && plan !== tree.root.plan) continue
    const amounts = [...(sums.get(plan.planId) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
    branches.set(plan.planId, {
      plan,
      level,
      children: kept,
      matches,
      below: kept.reduce((sum, child) => sum + child.below + 1, 0),
      costs: amounts.map(([currency, { cost, unpriced }]) => ({
        currency,
        cost: formatMoney(cost),
        unpriced: unpriced > BigInt(Number.MAX_SAFE_INTEGER) ? String(unpriced) : Number(unpriced),
      })),
    })
  }
  return branches.get(tree.root.plan.planId) as Branch
}

/** A sum in billionths, and how many calls it lacks. */
interface Sum {
  readonly cost: bigint
  readonly unpriced: bigint
}

/** Sums in each currency by plan, everything below it included. */
function addUp(
  tree: PlanTree,
  costs: readonly CostTotal<'plan' | 'currency', ExactCount>[],
): ReadonlyMap<string, ReadonlyMap<string, Sum>> {
  const sums = new Map<string, Map<string, Sum>>()
  const add = (planId: string, currency: string, { cost, unpriced }: Sum) => {
    const ofPlan = sums.get(planId) ?? new Map<string, Sum>()
    const sum = ofPlan.get(currency) ?? { cost: 0n, unpriced: 0n }
    ofPlan.set(currency, { cost: sum.cost + cost, unpriced: sum.unpriced + unpriced })
    sums.set(planId, ofPlan)
  }
  const top = tree.root.plan.planId
  for (const { plan, currency, cost, unpriced } of costs) {
    // The cost of an unreadable plan still belongs to the tree.
    const planId = plan !== null && tree.nodes.has(plan) ? plan : top
    add(planId, currency, { cost: billionths(cost), unpriced: BigInt(unpriced) })
  }
  for (const { plan, parent } of [...tree.nodes.values()].reverse()) {
    if (parent === null) continue
    for (const [currency, amount] of sums.get(plan.planId) ?? []) add(parent.plan.planId, currency, amount)
  }
  return sums
}

function billionths(cost: string): bigint {
  const [units = '0', fraction = ''] = cost.split('.')
  return BigInt(units) * SCALE + BigInt(fraction.padEnd(9, '0'))
}

/** Counts of a tree: its plans, depth, states and matches. */
export function treeSummary(tree: PlanTree, top: Branch): TreeSummary {
  const counts = new Map<PlanState, number>(planStates.map((state) => [state, 0]))
  for (const { plan } of tree.nodes.values()) counts.set(plan.state, (counts.get(plan.state) ?? 0) + 1)
  const byState = Object.fromEntries([...counts].filter(([, count]) => count > 0))
  let matching = 0
  for (const branch of walk(top)) if (branch.matches) matching += 1
  return { nodes: tree.nodes.size, depth: tree.depth, byState, matching }
}

/** Every branch, parents before their children. */
export function* walk(top: Branch): Generator<Branch> {
  const waiting = [top]
  for (let branch = waiting.pop(); branch; branch = waiting.pop()) {
    yield branch
    for (const child of branch.children.toReversed()) waiting.push(child)
  }
}

/** A plan in the JSON of a tree. */
export type Nested = Plan & {
  /** The exact sum of the subtree; null if it is in several currencies. */
  readonly cost: string | null
  /**
   * How many model calls of the subtree have no known cost; null if they are in several currencies.
   */
  readonly unpriced: ExactCount | null
  readonly costs: readonly Cost[]
  readonly matches: boolean
  /** Plans below it that --depth omitted. */
  readonly left: number
  readonly children: Nested[]
}

/** The tree with its children in place, down to a level. */
export function nest(top: Branch, depth: number | undefined): Nested {
  const nested = new Map<Branch, Nested>()
  const from = top.level
  for (const branch of [...walk(top)].reverse()) {
    const level = branch.level - from + 1
    if (depth !== undefined && level > depth) continue
    const { plan, costs, matches, below } = branch
    const isLast = depth !== undefined && level === depth
    const [only, ...others] = costs
    nested.set(branch, {
      ...plan,
      cost: others.length > 0 ? null : (only?.cost ?? '0'),
      unpriced: others.length > 0 ? null : (only?.unpriced ?? 0),
      costs,
      matches,
      left: isLast ? below : 0,
      children: branch.children.flatMap((child) => nested.get(child) ?? []),
    })
  }
  return nested.get(top) as Nested
}
