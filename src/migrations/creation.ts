// Creates a new database directly in the newest layout, in place of running the chain, and enters every version of the chain in
// the ledger. The chain serves databases that exist. A test shows on every engine that both ways lead to one schema.

import type { Engine, Query } from '../engines/contract/engine.ts'
import type { LiveSchema, MigrationStatement, SchemaWriter } from '../engines/contract/schema.ts'
import { layoutStatements } from '../engines/core/layout-statements.ts'
import { chain } from './chain.ts'
import { declaredSchema } from './declared-schema.ts'
import type { MigrationJob } from './job.ts'
import { type AppliedFacts, checksumOfStatements, ledgerRow, noteRows } from './ledger.ts'

const NAME = 'schema'

/** Keeps the ancestor's program away from a layout that is not its own: it opens version 1 only. */
const LAYOUT_MARK = 2

/** The creation as one job for the step runner: it has the newest version, and enters all of them. */
export function creationJob(engine: Engine): MigrationJob {
  return {
    version: chain.at(-1)?.version ?? 0,
    name: NAME,
    checksum: checksumOfStatements(creationStatements(engine.schema.writer(new Date(0)))),
    noteUp: (facts) => noteCreated(engine, facts),
  }
}

export function creationStatements(writer: SchemaWriter): readonly MigrationStatement[] {
  return [...layoutStatements(declaredSchema, writer), ...writer.setLayoutMark(LAYOUT_MARK)]
}

/** True when there is nothing that a migration would have to keep. */
export function isEmpty(live: LiveSchema): boolean {
  return live.tables.length === 0
}

/** No migration ran, so each row has a duration of 0; the last one has that of the creation. */
function noteCreated(engine: Engine, facts: AppliedFacts): Query {
  const last = chain.at(-1)
  return noteRows(
    engine,
    chain.map((migration) =>
      ledgerRow(engine, migration, migration === last ? facts : { ...facts, durationMs: 0 }),
    ),
  )
}
