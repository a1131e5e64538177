// Remembers which unreadable values were reported, so that each is logged once.

/** How many are remembered; further ones are not reported. */
const MAX_REPORTS = 10_000

/** True the first time for a row and column. */
export function reportOnce(): (table: string, id: string, column: string) => boolean {
  const reported = new Set<string>()
  return (table, id, column) => {
    const key = `${table} ${column} ${id}`
    if (reported.has(key) || reported.size >= MAX_REPORTS) return false
    reported.add(key)
    return true
  }
}
