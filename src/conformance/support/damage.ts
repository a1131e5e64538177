// A store whose rows are damaged behind its back, with its logged warnings: the setup of the cases
// on damaged and corrupt rows.

import type { Logger, Store } from '../../index.ts'
import { feature, openAt } from './case.ts'
import type { Cell, ConformanceHarness, Place } from './harness.ts'
import { fullTask, newTask, takenOver } from './samples.ts'

interface Warning {
  readonly message: string
  readonly fields: object
}

/** Keeps warnings and errors of the log, and drops the rest. */
function warningLogger(): { readonly logger: Logger; readonly warnings: Warning[] } {
  const warnings: Warning[] = []
  const keep = (fields: object, message: string) => {
    warnings.push({ fields, message })
  }
  const drop = () => undefined
  return { logger: { debug: drop, info: drop, warn: keep, error: keep }, warnings }
}

interface Damage {
  readonly place: Place
  readonly store: Store
  readonly warnings: readonly Warning[]
  write(cell: Cell, value: string | Uint8Array): Promise<void>
  read(cell: Cell): Promise<string | null>
}

/** A store with tasks `a`, `b` (full) and `c`. */
export async function openForDamage(harness: ConformanceHarness): Promise<Damage> {
  const cells = feature(harness, 'cells')
  const place = harness.newPlace()
  const { logger, warnings } = warningLogger()
  const store = await openAt(harness, place, { logger })
  await store.tasks.create(newTask({ id: 'a' }))
  await store.tasks.create(fullTask({ id: 'b' }), takenOver())
  await store.tasks.create(newTask({ id: 'c' }))
  return {
    place,
    store,
    warnings,
    write: (cell, value) => cells.write(place, cell, value),
    read: (cell) => cells.read(place, cell),
  }
}

export const taskCell = (column: string, id = 'b'): Cell => ({ table: 'tasks', id, column })
