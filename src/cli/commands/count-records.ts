// Counts the rows of every record that has a repository.

import type { Store } from '../../index.ts'
import { recordNames } from '../../records/names.ts'

/** The property of a store whose repository counts. */
interface Counted<P extends string> {
  readonly table: string
  readonly property: P | null
}

/**
 * Row counts by table, in registry order. With `lenient`, a table that an older layout lacks is
 * skipped.
 */
export function countRecords(
  store: Store,
  options?: { readonly lenient: boolean },
): Promise<Readonly<Record<string, number>>> {
  return countEach(store, recordNames, options)
}

/** The same for a list of records. */
export async function countEach<P extends string>(
  store: Readonly<Record<P, { count(): Promise<number> }>>,
  names: readonly Counted<P>[],
  { lenient }: { readonly lenient: boolean } = { lenient: false },
): Promise<Readonly<Record<string, number>>> {
  const rows: Record<string, number> = {}
  for (const { table, property } of names) {
    if (property === null) continue
    try {
      rows[table] = await store[property].count()
    } catch (error) {
      if (!lenient) throw error
    }
  }
  return rows
}
