// What one run of the step runner is about.

import type { Engine, Query } from '../engines/engine.ts'
import { type AppliedFacts, checksumOf, ledgerRow, noteReverted, noteRows } from './ledger.ts'
import type { Migration } from './migration.ts'

/** What a run is about, and how the ledger notes it: one migration, or the creation of the whole schema. */
export interface MigrationJob {
  readonly version: number
  readonly name: string
  readonly checksum: string
  noteUp(facts: AppliedFacts): Query
  /** Absent where there is no way down. */
  noteDown?(): Query
}

export function migrationJob(engine: Engine, migration: Migration): MigrationJob {
  return {
    version: migration.version,
    name: migration.name,
    checksum: checksumOf(engine, migration),
    noteUp: (facts) => noteRows(engine, [ledgerRow(engine, migration, facts)]),
    noteDown: () => noteReverted(engine, migration),
  }
}
