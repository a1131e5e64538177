// The decisions of a plan as a tree, built without recursion.

import type { CorruptRow } from '../repository/page.ts'
import type { Decision } from './definition.ts'

/** One decision in the tree of its plan. */
export interface DecisionNode {
  readonly decision: Decision
  /** Null for a root. */
  readonly parent: DecisionNode | null
  /** By their numbers. */
  readonly children: readonly DecisionNode[]
  /** 1 for a root. */
  readonly level: number
}

export interface DecisionTree {
  /** The root that is live; null if there is none, or if it cannot be read. */
  readonly root: DecisionNode | null
  /** Every root, those that were superseded too, by their numbers. */
  readonly roots: readonly DecisionNode[]
  /** Every node by its decision's id: parents before their children, each subtree contiguous. */
  readonly nodes: ReadonlyMap<string, DecisionNode>
  /** Decisions that cannot be read; what is directly under them is among the roots. */
  readonly corrupt: readonly CorruptRow[]
}

interface Growing {
  readonly decision: Decision
  parent: Growing | null
  readonly children: Growing[]
  level: number
}

/** @param decisions of one plan, by their numbers */
export function buildDecisionTree(
  decisions: readonly Decision[],
  corrupt: readonly CorruptRow[],
): DecisionTree {
  const growing = new Map<string, Growing>(
    decisions.map((decision) => [decision.decisionId, { decision, parent: null, children: [], level: 1 }]),
  )
  const roots: Growing[] = []
  for (const node of growing.values()) {
    const { parentDecisionId, sequence } = node.decision
    const above = parentDecisionId === null ? undefined : growing.get(parentDecisionId)
    // A parent is recorded before what is under it, so no cycle can arise.
    if (above && above.decision.sequence < sequence) {
      node.parent = above
      above.children.push(node)
    } else roots.push(node)
  }
  const nodes = new Map<string, DecisionNode>()
  const waiting = roots.toReversed()
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    nodes.set(node.decision.decisionId, node)
    node.level = (node.parent?.level ?? 0) + 1
    for (const child of node.children.toReversed()) waiting.push(child)
  }
  const root = roots.find(
    ({ decision }) => decision.type === 'prompt_definition' && decision.supersededBy === null,
  )
  return { root: root ?? null, roots, nodes, corrupt }
}
