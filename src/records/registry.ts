// The registry of records: one line each. All code that handles every record uses it: repositories
// of stores and transactions, the declared schema, transfer, counts, names on the command line
// (names.ts is generated from it), the doctor and the reference pages.

import { actionEntry } from './actions/entry.ts'
import { agentEntry } from './agents/entry.ts'
import { approvalEntry } from './approvals/entry.ts'
import { auditCutEntry } from './audit-cuts/entry.ts'
import { auditEntryEntry } from './audit-entries/entry.ts'
import { automationProfileEntry } from './automation-profiles/entry.ts'
import { budgetEntry } from './budgets/entry.ts'
import { correctionEntry } from './corrections/entry.ts'
import { costRecordEntry } from './cost-records/entry.ts'
import { costRollupEntry } from './cost-rollups/entry.ts'
import { decisionEntry } from './decisions/entry.ts'
import { type RepositoriesOf, repositoriesOf } from './entry.ts'
import { messageEntry } from './messages/entry.ts'
import { parkedRunEntry } from './parked-runs/entry.ts'
import { planCheckpointEntry } from './plan-checkpoints/entry.ts'
import { planStepEntry } from './plan-steps/entry.ts'
import { planEntry } from './plans/entry.ts'
import { projectEntry } from './projects/entry.ts'
import type { RecordSession } from './repository/session.ts'
import { settingEntry } from './settings/entry.ts'
import { taskEntry } from './tasks/entry.ts'
import { tokenEntry } from './tokens/entry.ts'

/** Every record, referenced ones first: tables are created, and rows moved, in this order. */
export const records = [
  actionEntry,
  automationProfileEntry,
  projectEntry,
  planEntry,
  decisionEntry,
  correctionEntry,
  planCheckpointEntry,
  planStepEntry,
  taskEntry,
  budgetEntry,
  costRecordEntry,
  costRollupEntry,
  messageEntry,
  agentEntry,
  approvalEntry,
  parkedRunEntry,
  settingEntry,
  tokenEntry,
  auditCutEntry,
  auditEntryEntry,
] as const

/** The repositories, the same on a store and in a transaction. */
export type Repositories = RepositoriesOf<typeof records>

/** The repositories of every record, over one session. */
export function createRepositories(session: RecordSession): Repositories {
  return repositoriesOf(records, session)
}
