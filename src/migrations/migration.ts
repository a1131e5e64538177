// What a migration is: a numbered, immutable pair of statement lists in the vocabulary of engines/contract/schema.ts. Order,
// transactions, the ledger and the lock are the runner's business; chain.ts lists the migrations.

import type { Query, Row } from '../engines/contract/engine.ts'
import type { LiveSchema, MigrationStatement, SchemaWriter } from '../engines/contract/schema.ts'

/** Something that going down would drop: words for people, and a statement that counts it. */
export interface Loss {
  readonly what: string
  readonly count: string
}

/** References that are open again after going down, as they were before: so many rows of a column refer to nothing. */
export interface OpenReferences {
  readonly table: string
  readonly column: string
  readonly count: string
}

/** What is to be done where the records of an ancestor contradict each other. */
export interface Choices {
  /** Plans that are their own ancestors: refuse the database, or make a root of one of each cycle. */
  readonly onCycle: 'abort' | 'break'
  /** Plans whose parent is missing: make roots of them, or refuse the database. */
  readonly onOrphan: 'root' | 'abort'
}

/** What a migration may look at before anything is changed. */
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
   * Looks at the rows that are there, in whatever layout before this migration, and refuses them or gives statements that run
   * before those of `up`. Asked before the first pending migration, and again before this one. Not part of the checksum.
   */
  inspect?(inspection: Inspection<W>): Promise<readonly MigrationStatement[]>
  up(writer: W): readonly MigrationStatement[]
  down(writer: W): readonly MigrationStatement[]
  /**
   * What `down` would lose of the rows that are there now; it refuses when any count is above zero. Counted before the first
   * migration is reverted, so the statements must hold in the layouts of later migrations too. Not part of the checksum.
   */
  losses?(writer: W): readonly Loss[]
  /** Counted like losses; a reference that `down` would leave open beyond these takes it back. */
  openReferences?(writer: W): readonly OpenReferences[]
}
