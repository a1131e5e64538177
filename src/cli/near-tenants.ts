// The tenants whose names are near one that there is not: for a mistyped `--tenant`. They are looked for where each tenant has a file of
// its own; a server is not asked for the databases of others.

import { readdirSync } from 'node:fs'
import { basename, dirname, isAbsolute } from 'node:path'

/** At most so many are told. */
const MOST = 3

/**
 * @param location of the tenant's own database, which is not there
 * @returns the nearest first; none where the folder cannot be read
 */
export function nearTenants(tenant: string, location: string): readonly string[] {
  const name = basename(location)
  const at = name.lastIndexOf(`.${tenant}`)
  if (!isAbsolute(location) || at < 0) return []
  const [before, after] = [name.slice(0, at + 1), name.slice(at + 1 + tenant.length)]
  return namesIn(dirname(location))
    .filter((file) => file.startsWith(before) && file.endsWith(after))
    .map((file) => file.slice(before.length, after === '' ? undefined : -after.length))
    .filter((found) => /^[a-z][a-z0-9_]{0,30}$/.test(found))
    .map((found) => ({ found, distance: distanceOf(tenant, found) }))
    .filter(({ found, distance }) => distance <= Math.max(1, found.length / 2) || found.startsWith(tenant))
    .sort((a, b) => a.distance - b.distance || (a.found < b.found ? -1 : 1))
    .slice(0, MOST)
    .map(({ found }) => found)
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** How many letters have to be put in, left out or replaced (Levenshtein). */
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
