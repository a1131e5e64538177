// Trees of plans: one query for any depth, which terminates even if parents form a cycle. The nodes
// are built without recursion, so a chain of 100,000 plans needs no more stack than a single one.

import type { Row, TableShape } from '../../engines/contract/engine.ts'
import type { CorruptRow } from '../repository/page.ts'
import type { Builder, SlotOf } from '../repository/statements.ts'
import type { Plan } from './definition.ts'

/** One plan in its tree. */
export interface PlanNode {
  readonly plan: Plan
  /** Null for the plan that the tree was requested for. */
  readonly parent: PlanNode | null
  /** By creation time, then id. */
  readonly children: readonly PlanNode[]
  /** 1 for the plan that the tree was requested for. */
  readonly level: number
}

export interface PlanTree {
  readonly root: PlanNode
  /** Every node by its plan's id, parents before their children, each subtree contiguous. */
  readonly nodes: ReadonlyMap<string, PlanNode>
  /** The number of levels; 1 for a plan without children. */
  readonly depth: number
  /** Plans that cannot be read; their descendants are attached to the nearest readable ancestor. */
  readonly corrupt: readonly CorruptRow[]
}

/** The rows of a plan and of everything below it, in no particular order. */
export function subtreeQuery(builder: Builder, shape: TableShape, slot: SlotOf) {
  return builder
    .withRecursive('tree(id)', (db) =>
      db
        .selectFrom('plans')
        .select('plan_id as id')
        .where('plan_id', '=', slot(0))
        .union(
          db
            .selectFrom('tree')
            .innerJoin('plans', 'plans.parent_plan_id', 'tree.id')
            .select('plans.plan_id as id'),
        ),
    )
    .selectFrom('tree')
    .innerJoin('plans', 'plans.plan_id', 'tree.id')
    .select(shape.columns.map((column) => `plans.${column}`))
}

/** The rows of a plan and of everything above it up to its root, in no particular order. */
export function ancestorsQuery(builder: Builder, shape: TableShape, slot: SlotOf) {
  return builder
    .withRecursive('above(id)', (db) =>
      db
        .selectFrom('plans')
        .select('plan_id as id')
        .where('plan_id', '=', slot(0))
        .union(
          db
            .selectFrom('above')
            .innerJoin('plans', 'plans.plan_id', 'above.id')
            .select('plans.parent_plan_id as id'),
        ),
    )
    .selectFrom('above')
    .innerJoin('plans', 'plans.plan_id', 'above.id')
    .select(shape.columns.map((column) => `plans.${column}`))
}

interface Growing {
  readonly plan: Plan
  parent: Growing | null
  readonly children: Growing[]
  level: number
}

/**
 * @param rows each row's plan and parent ids, and the plan itself if it can be read
 * @param id the plan at the top, which can be read
 */
export function buildTree(
  rows: readonly { readonly id: string; readonly parentId: string | null; readonly plan: Plan | undefined }[],
  id: string,
  corrupt: readonly CorruptRow[],
): PlanTree {
  const parents = new Map(rows.map((row) => [row.id, row.parentId]))
  const growing = new Map<string, Growing>()
  for (const { id: planId, plan } of rows) {
    if (plan) growing.set(planId, { plan, parent: null, children: [], level: 1 })
  }
  const root = growing.get(id) as Growing
  for (const [planId, node] of growing) {
    if (node === root) continue
    node.parent = nearestAbove(planId, parents, growing) ?? root
    node.parent.children.push(node)
  }
  const nodes = new Map<string, PlanNode>()
  const waiting: Growing[] = [root]
  let depth = 1
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    nodes.set(node.plan.planId, node)
    node.level = (node.parent?.level ?? 0) + 1
    depth = Math.max(depth, node.level)
    if (node.children.length > 1) node.children.sort(byCreation)
    for (let index = node.children.length - 1; index >= 0; index -= 1) {
      waiting.push(node.children[index] as Growing)
    }
  }
  return { root, nodes, depth, corrupt }
}

/** The nearest readable ancestor. */
function nearestAbove(
  id: string,
  parents: ReadonlyMap<string, string | null>,
  nodes: ReadonlyMap<string, Growing>,
): Growing | undefined {
  const passed = new Set<string>()
  for (let above = parents.get(id); above && !passed.has(above); above = parents.get(above)) {
    const node = nodes.get(above)
    if (node) return node
    passed.add(above)
  }
  return undefined
}

function byCreation(a: Growing, b: Growing): number {
  const time = a.plan.createdAt.getTime() - b.plan.createdAt.getTime()
  return time || (a.plan.planId < b.plan.planId ? -1 : 1)
}

/** The plan id and the parent id of a row. */
export function placeInTree(row: Row, shape: TableShape): { id: string; parentId: string | null } {
  const parent = row[shape.columns.indexOf('parent_plan_id')] ?? null
  return {
    id: String(row[shape.columns.indexOf('plan_id')]),
    parentId: parent === null ? null : String(parent),
  }
}
