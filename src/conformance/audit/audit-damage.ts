// A chain of audit entries that a case then damages behind the library's back: the setup of the
// cases on what verify finds.

import type { AuditEntry, Store } from '../../index.ts'
import { feature, openAt } from '../support/case.ts'
import { collect } from '../support/expect.ts'
import type { ConformanceHarness, Place } from '../support/harness.ts'
import { fullEntry, newEntry, ulid } from '../support/samples.ts'

export const LENGTH = 9
/** The number of the entry that has every field. */
export const BAD = 5
export const TABLE = 'audit_entries'

export interface DamagedChain {
  readonly place: Place
  readonly store: Store
  /** As written, oldest first. */
  readonly entries: readonly AuditEntry[]
  /** Runs a statement with the table's guards disabled. */
  run(sql: string, parameters?: readonly (string | number)[]): Promise<void>
}

/** A chain of nine entries, the fifth of them with every field. */
export async function openWithChain(harness: ConformanceHarness): Promise<DamagedChain> {
  const place = harness.newPlace()
  const store = await openAt(harness, place)
  for (let number = 1; number <= LENGTH; number += 1) {
    const more = { id: ulid(number), details: { number } }
    await store.audit.append(number === BAD ? fullEntry({ id: ulid(BAD) }) : newEntry(more))
  }
  const entries = (await collect(store.audit.each())).toReversed()
  const run = (sql: string, parameters: readonly (string | number)[] = []) =>
    feature(harness, 'guards').lift(place, TABLE, async () => {
      await feature(harness, 'sql')(place, sql, parameters)
    })
  return { place, store, entries, run }
}
