// Trees from their lists of nodes: parents before their children, each subtree contiguous.

import type { DecisionNode, DecisionTree } from '../records/decisions/tree.ts'
import type { PlanNode, PlanTree } from '../records/plans/tree.ts'

/** A node while its children are still added. */
type Growing<V> = V & {
  readonly parent: Growing<V> | null
  readonly children: Growing<V>[]
  readonly level: number
}

type PlanOnly = Pick<PlanNode, 'plan'>
type DecisionOnly = Pick<DecisionNode, 'decision'>
type Listed<V> = V & { readonly level: number }

export function planTreeOf(list: {
  readonly items: readonly Listed<PlanOnly>[]
  readonly depth: number
  readonly corrupt: PlanTree['corrupt']
}): PlanTree {
  const { items, depth, corrupt } = list
  const nodes = grow(items, ({ plan }): PlanOnly => ({ plan }))
  return {
    root: nodes[0] as PlanNode,
    nodes: new Map(nodes.map((node) => [node.plan.planId, node])),
    depth,
    corrupt,
  }
}

export function decisionTreeOf(list: {
  readonly items: readonly Listed<DecisionOnly>[]
  readonly corrupt: DecisionTree['corrupt']
}): DecisionTree {
  const { items, corrupt } = list
  const nodes = grow(items, ({ decision }): DecisionOnly => ({ decision }))
  const roots = nodes.filter(({ parent }) => parent === null)
  const live = roots.find(
    ({ decision }) => decision.type === 'prompt_definition' && decision.supersededBy === null,
  )
  return {
    root: live ?? null,
    roots,
    nodes: new Map(nodes.map((node) => [node.decision.decisionId, node])),
    corrupt,
  }
}

function grow<V extends object>(items: readonly Listed<V>[], own: (item: V) => V): readonly Growing<V>[] {
  /** The nodes that enclose the next one, outermost first. */
  const above: Growing<V>[] = []
  return items.map((item) => {
    const { level } = item
    above.length = level - 1
    const parent = above.at(-1) ?? null
    const node: Growing<V> = { ...own(item), parent, children: [], level }
    parent?.children.push(node)
    above.push(node)
    return node
  })
}
