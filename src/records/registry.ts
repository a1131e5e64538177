// The registry of records: one line each. All code that handles every record uses it: repositories
// of stores and transactions, the declared schema, transfer, counts, names on the command line
// (names.ts is generated from it), the doctor and the reference pages.

import { actionEntry } from './actions/entry.ts'
import { auditCutEntry } from './audit-cuts/entry.ts'
import { auditEntryEntry } from './audit-entries/entry.ts'
import { automationProfileEntry } from './automation-profiles/entry.ts'
import { costRecordEntry } from './cost-records/entry.ts'
import { costRollupEntry } from './cost-rollups/entry.ts'
import { type RepositoriesOf, repositoriesOf } from './entry.ts'
import { messageEntry } from './messages/entry.ts'
import { planEntry } from './plans/entry.ts'
import type { RecordSession } from './repository/session.ts'
import { taskEntry } from './tasks/entry.ts'

/** Every record, referenced ones first: tables are created, and rows moved, in this order. */
export const records = [
  actionEntry,
  automationProfileEntry,
  planEntry,
  taskEntry,
  costRecordEntry,
  costRollupEntry,
  messageEntry,
  auditCutEntry,
  auditEntryEntry,
] as const

/** The repositories, the same on a store and in a transaction. */
export type Repositories = RepositoriesOf<typeof records>

export function createRepositories(session: RecordSession): Repositories {
  return repositoriesOf(records, session)
}
