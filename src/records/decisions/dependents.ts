// What depends on a decision: everything under it or influenced by it, directly or through others.
// Pure, and without recursion: trees may be deep.

import type { DecisionPlace } from './writes.ts'

/** The decisions that depend on one, in the order of `places`; not that one itself. */
export function dependentsOf(places: readonly DecisionPlace[], decisionId: string): readonly DecisionPlace[] {
  const direct = new Map<string, string[]>()
  const note = (from: string, to: string) => {
    const known = direct.get(from)
    if (known) known.push(to)
    else direct.set(from, [to])
  }
  for (const { decisionId: id, parentDecisionId, influences } of places) {
    if (parentDecisionId !== null) note(parentDecisionId, id)
    for (const influence of influences) note(influence, id)
  }
  const reached = new Set([decisionId])
  // A set visits what is added while it is iterated.
  for (const id of reached) for (const next of direct.get(id) ?? []) reached.add(next)
  reached.delete(decisionId)
  return places.filter(({ decisionId: id }) => reached.has(id))
}
