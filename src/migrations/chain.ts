// The chain of migrations, in order. A new migration is a file in versions/ and one line here; none
// is ever changed. The first six adopt the databases of earlier programs and are loaded only if one
// of them has to run (load-migrations.ts).

import type { Migration } from './migration.ts'
import { automationProfiles } from './versions/0007-automation-profiles.ts'
import { audit } from './versions/0008-audit.ts'
import { retention } from './versions/0009-retention.ts'
import { search } from './versions/0010-search.ts'
import { changeFeed } from './versions/0011-changes.ts'
import { budgetTables } from './versions/0012-budgets.ts'
import { approvalsMigration } from './versions/0013-approvals.ts'
import { costRecord } from './versions/0014-cost-record.ts'
import { claims } from './versions/0015-claims.ts'
import { decisionsMigration } from './versions/0016-decisions.ts'
import { settingsMigration } from './versions/0017-settings.ts'
import { projectsMigration } from './versions/0018-projects.ts'
import { tokensMigration } from './versions/0019-tokens.ts'
import { planCheckpoints } from './versions/0020-plan-checkpoints.ts'
import { planSteps } from './versions/0021-plan-steps.ts'

/** What is known about a migration without its statements. */
export type MigrationHead = Pick<Migration, 'version' | 'name' | 'breaking'>

/** Adopts an ancestor's tables; it creates the ledger. */
export const BASELINE_VERSION = 1

/** Creates the table of findings; later migrations write to it. */
export const FINDINGS_VERSION = 2

export const chain: readonly (MigrationHead | Migration)[] = [
  { version: BASELINE_VERSION, name: 'baseline', breaking: false },
  { version: FINDINGS_VERSION, name: 'findings', breaking: false },
  { version: 3, name: 'tasks', breaking: true },
  { version: 4, name: 'cost-records', breaking: true },
  { version: 5, name: 'messages', breaking: true },
  { version: 6, name: 'plans', breaking: true },
  automationProfiles,
  audit,
  retention,
  search,
  changeFeed,
  budgetTables,
  approvalsMigration,
  costRecord,
  claims,
  decisionsMigration,
  settingsMigration,
  projectsMigration,
  tokensMigration,
  planCheckpoints,
  planSteps,
]
