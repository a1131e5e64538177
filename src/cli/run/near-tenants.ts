// The tenants whose names are close to an unknown one: for a mistyped `--tenant`.

/** The most suggestions. */
const MOST = 3

/** @returns the existing ones, nearest first */
export function nearTenants(tenant: string, others: readonly string[]): readonly string[] {
  return others
    .map((found) => ({ found, distance: distanceOf(tenant, found) }))
    .filter(({ found, distance }) => distance <= Math.max(1, found.length / 2) || found.startsWith(tenant))
    .sort((a, b) => a.distance - b.distance || (a.found < b.found ? -1 : 1))
    .slice(0, MOST)
    .map(({ found }) => found)
}

/** How many letters must be inserted, deleted or replaced (Levenshtein). */
function distanceOf(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1]
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
