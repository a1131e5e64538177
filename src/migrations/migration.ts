// A migration: a numbered, immutable pair of statement lists in the vocabulary of
// engines/contract/schema.ts. The runner handles order, transactions, the ledger and the lock;
// chain.ts lists the migrations.

import type { Query, Row } from '../engines/contract/engine.ts'
import type { LiveSchema, MigrationStatement, SchemaWriter } from '../engines/contract/schema.ts'

/** Something that migrating down would drop: a description, and a statement that counts it. */
export interface Loss {
  readonly what: string
  readonly count: string
}

/**
 * References that will be dangling after migrating down, as they were before: the number of rows
 * per column.
 */
export interface OpenReferences {
  readonly table: string
  readonly column: string
  readonly count: string
}

/** How to resolve inconsistencies in an ancestor's records. */
export interface Choices {
  /**
   * Plans that are their own ancestors: reject the database, or make one plan of each cycle a root.
   */
  readonly onCycle: 'abort' | 'break'
  /** Plans whose parent is missing: make them roots, or reject the database. */
  readonly onOrphan: 'root' | 'abort'
}

/** What a migration may inspect before anything is changed. */
export interface Inspection<W extends SchemaWriter = SchemaWriter> extends Choices {
  readonly live: LiveSchema
  readonly writer: W
  read(query: Query): Promise<readonly Row[]>
}

export interface Migration<W extends SchemaWriter = SchemaWriter> {
  readonly version: number
  readonly name: string
  /** Builds that do not know this migration cannot work with a database that has it. */
  readonly breaking: boolean
  /**
   * Inspects existing rows, in any layout before this migration, and either rejects them or returns
   * statements that run before those of `up`. Called before the first pending migration, and again
   * before this one. Not part of the checksum.
   */
  inspect?(inspection: Inspection<W>): Promise<readonly MigrationStatement[]>
  up(writer: W): readonly MigrationStatement[]
  down(writer: W): readonly MigrationStatement[]
  /**
   * What `down` would lose of the existing rows. It is rejected if any count is above zero. Counted
   * before the first migration is reverted, so the statements must also work in the layouts of
   * later migrations. Not part of the checksum.
   */
  losses?(writer: W): readonly Loss[]
  /**
   * Counted like losses. If `down` leaves more dangling references than these, it is rolled back.
   */
  openReferences?(writer: W): readonly OpenReferences[]
}
