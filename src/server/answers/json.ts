// Results of repositories as JSON: an object at the top, bytes as base64, times as ISO 8601, money
// as decimal strings.

import type { DecisionNode, DecisionTree } from '../../records/decisions/tree.ts'
import type { PlanNode, PlanTree } from '../../records/plans/tree.ts'
import { base64Of } from '../../values/bytes.ts'

/** Verbs whose results programs use in a form that JSON does not have. */
const forms: Readonly<Record<string, (result: never) => object>> = { tree: listOfTree }

/**
 * What a verb returned, as the object of an answer; undefined if there is nothing to say. Lists are
 * under `items`, numbers and truth values under `value`.
 */
export function envelopeOf(verb: string, result: unknown): object | undefined {
  if (result === null || result === undefined) return undefined
  const form = forms[verb]
  if (form) return form(result as never)
  if (Array.isArray(result)) return { items: result }
  if (typeof result === 'object') return result
  return verb === 'count' ? { count: result } : { value: result }
}

export function jsonOf(value: object): string {
  return JSON.stringify(value, withBytes)
}

/**
 * A tree as the list of its nodes, parents before their children and each subtree contiguous: a
 * tree may be deeper than JSON can nest. What leads from node to node is left out.
 */
function listOfTree(tree: PlanTree | DecisionTree): object {
  const nodes: Iterable<PlanNode | DecisionNode> = tree.nodes.values()
  const items = [...nodes].map(({ parent: _, children, ...own }) => ({ ...own, children: children.length }))
  const { corrupt } = tree
  return 'depth' in tree ? { items, depth: tree.depth, corrupt } : { items, corrupt }
}

function withBytes(this: unknown, key: string, value: unknown): unknown {
  // A Buffer has become an object by then.
  const original = (this as Readonly<Record<string, unknown>>)[key]
  return original instanceof Uint8Array ? base64Of(original) : value
}
