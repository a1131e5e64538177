// The subject of one run of the step runner.

import type { Engine, Query } from '../engines/contract/engine.ts'
import { chain, type MigrationHead } from './chain.ts'
import { type AppliedFacts, checksumOf, ledgerRow, noteReverted, noteRows } from './ledger.ts'

/**
 * What a run does, and how the ledger records it: one migration, or the creation of the whole
 * schema.
 */
export interface MigrationJob {
  readonly version: number
  readonly name: string
  readonly checksum: string
  noteUp(facts: AppliedFacts): Query
  /** Absent if it cannot be reverted. */
  noteDown?(): Query
}

/**
 * What the engine needs to know of a migration to record it in the ledger. `version` may be one
 * that this build does not have, as when going down from a newer database.
 */
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
