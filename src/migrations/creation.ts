// Creates a new database directly in the latest layout instead of running the chain, and records
// every version of the chain in the ledger. The chain is for existing databases. A test shows on
// every engine that both produce the same schema.

import type { Engine, Query } from '../engines/contract/engine.ts'
import type { LiveSchema, MigrationStatement, SchemaWriter } from '../engines/contract/schema.ts'
import { layoutStatements } from '../engines/core/layout-statements.ts'
import { chain } from './chain.ts'
import { declaredSchema } from './declared-schema.ts'
import type { MigrationJob } from './job.ts'
import { type AppliedFacts, checksumOfStatements, ledgerRow, noteRows } from './ledger.ts'

const NAME = 'schema'

/** Keeps the ancestor's program from opening a layout it does not know: it opens version 1 only. */
const LAYOUT_MARK = 2

/**
 * The creation as one job for the step runner: it has the latest version, and records all of them.
 */
export function creationJob(engine: Engine): MigrationJob {
  return {
    version: chain.at(-1)?.version ?? 0,
    name: NAME,
    checksum: checksumOfStatements(creationStatements(engine.schema.writer(new Date(0)))),
    noteUp: (facts) => noteCreated(engine, facts),
  }
}

/** The statements that create the declared schema in an empty database, in execution order. */
export function creationStatements(writer: SchemaWriter): readonly MigrationStatement[] {
  return [...layoutStatements(declaredSchema, writer), ...writer.setLayoutMark(LAYOUT_MARK)]
}

/** True if there is nothing that a migration would have to preserve. */
export function isEmpty(live: LiveSchema): boolean {
  return live.tables.length === 0
}

/**
 * The ledger rows of a creation. No migration ran, so each row has a duration of 0; the last one
 * has the duration of the creation.
 */
function noteCreated(engine: Engine, facts: AppliedFacts): Query {
  const last = chain.at(-1)
  return noteRows(
    engine,
    chain.map((migration) =>
      ledgerRow(engine, migration, migration === last ? facts : { ...facts, durationMs: 0 }),
    ),
  )
}
