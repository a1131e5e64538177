// Lists the tenants of a file: each has a separate file beside it.

import { readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { resolveDatabasePath } from './path.ts'
import { withTenant } from './url.ts'

/** A name that no tenant can have, to find what surrounds a tenant's name. */
const MARK = '\u0001'

/** The tenants with a file beside the path, unordered; empty if the folder does not exist. */
export function tenantsBeside(path: string, root?: string): readonly string[] {
  if (path === ':memory:') return []
  const absolute = resolveDatabasePath(path, root)
  const [before = '', after = ''] = basename(withTenant(absolute, MARK)).split(MARK)
  return namesIn(dirname(absolute))
    .filter(
      (file) => file.startsWith(before) && file.endsWith(after) && file.length > before.length + after.length,
    )
    .map((file) => file.slice(before.length, file.length - after.length))
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
