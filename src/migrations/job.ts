// What one run of the step runner is about.

import type { Engine, Query } from '../engines/contract/engine.ts'
import { chain, type MigrationHead } from './chain.ts'
import { type AppliedFacts, checksumOf, ledgerRow, noteReverted, noteRows } from './ledger.ts'

/** What a run is about, and how the ledger notes it: one migration, or the creation of the whole schema. */
export interface MigrationJob {
  readonly version: number
  readonly name: string
  readonly checksum: string
  noteUp(facts: AppliedFacts): Query
  /** Absent where there is no way down. */
  noteDown?(): Query
}

export function migrationJob(engine: Engine, { version, name, breaking }: MigrationHead): MigrationJob {
  const head = chain.find((one) => one.version === version) ?? { version, name, breaking }
  return {
    version,
    name,
    checksum: checksumOf(engine, head),
    noteUp: (facts) => noteRows(engine, [ledgerRow(engine, head, facts)]),
    noteDown: () => noteReverted(engine, head),
  }
}
