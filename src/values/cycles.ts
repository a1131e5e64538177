// Cycles in a relation of nodes to their parents.

/** The cycles, each from its smallest id upward from parent to parent, ordered by these ids. */
export function cyclesOf(parents: ReadonlyMap<string, string>): readonly (readonly string[])[] {
  const cycles: string[][] = []
  const walked = new Map<string, string>()
  for (const start of parents.keys()) {
    const way: string[] = []
    let id: string | undefined = start
    while (id !== undefined && !walked.has(id)) {
      walked.set(id, start)
      way.push(id)
      id = parents.get(id)
    }
    // A node of the current walk was reached again: the nodes in between form a cycle. One of an
    // earlier walk is already handled.
    if (id !== undefined && walked.get(id) === start) cycles.push(fromSmallest(way.slice(way.indexOf(id))))
  }
  return cycles.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
}

function fromSmallest(cycle: readonly string[]): string[] {
  const smallest = cycle.reduce((least, id, index) => (id < (cycle[least] ?? id) ? index : least), 0)
  return [...cycle.slice(smallest), ...cycle.slice(0, smallest)]
}
