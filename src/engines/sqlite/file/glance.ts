// A quick lookup of names in a file, for shell completion. It does without the record definitions,
// the statement builder and the migrations, which take longer to load than the lookup itself.

import { existsSync } from 'node:fs'
import { loadSqlite, type OpenDriver } from '../driver.ts'
import { quoteName } from '../quoting.ts'
import { Reading } from '../reading.ts'
import { prepareDatabaseFile, resolveDatabasePath } from './path.ts'

/** A column of names. */
export interface NameColumn {
  readonly table: string
  readonly column: string
}

/**
 * The distinct names in a column that start with a prefix, sorted, at most `limit`. Each of them is
 * one seek in the column's index.
 * @throws whatever the driver throws: a missing table, a lock, damage
 */
export async function glance(
  file: { readonly path: string; readonly root?: string | undefined },
  columns: readonly NameColumn[],
  start: string,
  limit: number,
): Promise<readonly string[]> {
  const path = resolveDatabasePath(file.path, file.root)
  if (!existsSync(path)) return []
  const { readOnly } = prepareDatabaseFile(path, true)
  const { open } = await loadSqlite()
  const openFile: OpenDriver = readOnly ? new Reading(path).open(open, open) : open
  const handle = openFile(path, { timeout: 0, readonly: readOnly })
  try {
    handle.pragma('query_only = on')
    return columns.flatMap(({ table, column }) => {
      const [from, name] = [quoteName(table), quoteName(column)]
      const next = (operator: string) =>
        handle.prepare(`SELECT min(${name}) FROM ${from} WHERE ${name} ${operator} ? AND ${name} < ?`).pluck()
      // The last code point: every name with this prefix sorts before it.
      const end = `${start}\u{10ffff}`
      const [first, further] = [next('>='), next('>')]
      const found: string[] = []
      for (let name = first.get(start, end); typeof name === 'string' && found.length < limit; ) {
        found.push(name)
        name = further.get(name, end)
      }
      return found
    })
  } finally {
    handle.close()
  }
}
