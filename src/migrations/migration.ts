// What a migration is: a numbered, immutable pair of statement lists in the vocabulary of engines/schema.ts. Order,
// transactions, the ledger and the lock are the runner's business.

import type { MigrationStatement, SchemaWriter } from '../engines/schema.ts'

/** Something that going down would drop: words for people, and a statement that counts it. */
export interface Loss {
  readonly what: string
  readonly count: string
}

export interface Migration {
  readonly version: number
  readonly name: string
  /** Builds that do not know this migration cannot work with a database that has it. */
  readonly breaking: boolean
  up(writer: SchemaWriter): readonly MigrationStatement[]
  down(writer: SchemaWriter): readonly MigrationStatement[]
  /**
   * What `down` would lose of the rows that are there now; it refuses when any count is above zero. Counted before the first
   * migration is reverted, so the statements must hold in the layouts of later migrations too. Not part of the checksum.
   */
  losses?(writer: SchemaWriter): readonly Loss[]
}
