// The conformance cases: what every engine must do. One list, neutral towards engines and test runners; an engine's author
// implements `ConformanceHarness` and runs every case (see harness.ts for how).

import { actionCases } from './actions.ts'
import { argumentCases } from './arguments.ts'
import { auditChainCases } from './audit-chain.ts'
import { auditEntryCases } from './audit-entries.ts'
import { auditGuardCases } from './audit-guards.ts'
import { auditHeadCases } from './audit-heads.ts'
import { auditMoveCases } from './audit-moves.ts'
import { auditVerifyCases } from './audit-verify.ts'
import { automationProfileCases } from './automation-profiles.ts'
import { beginningCases } from './beginnings.ts'
import type { ConformanceCase } from './case.ts'
import { closingCases } from './closing.ts'
import { concurrentWriteCases } from './concurrent-writes.ts'
import { corruptRowCases } from './corrupt-rows.ts'
import { costGroupCases } from './cost-groups.ts'
import { costRecordCases } from './cost-records.ts'
import { costRepeatCases } from './cost-repeats.ts'
import { costTotalCases } from './cost-totals.ts'
import { damagedRowCases } from './damaged-rows.ts'
import { divergenceCases } from './divergence.ts'
import { eventCases } from './events.ts'
import { examinationCases } from './examination.ts'
import { idCases } from './ids.ts'
import { isolationCases } from './isolation.ts'
import { lifecycleCases } from './lifecycle.ts'
import { lifecycleFailureCases } from './lifecycle-failures.ts'
import { listFilterCases } from './list-filters.ts'
import { messageListCases } from './message-lists.ts'
import { messagePartsCases } from './message-parts.ts'
import { messageSearchCases } from './message-search.ts'
import { messageCases } from './messages.ts'
import { pagingCases } from './paging.ts'
import { planDepthCases } from './plan-depth.ts'
import { planGuardCases } from './plan-guards.ts'
import { planListCases } from './plan-lists.ts'
import { planMoveCases } from './plan-moves.ts'
import { planProfileCases } from './plan-profiles.ts'
import { planRaceCases } from './plan-races.ts'
import { planTreeCases } from './plan-trees.ts'
import { planCases } from './plans.ts'
import { referenceCases } from './references.ts'
import { repairCases } from './repairs.ts'
import { retentionCases } from './retention.ts'
import { retentionAuditCases } from './retention-audit.ts'
import { retentionCostCases } from './retention-costs.ts'
import { returnedRecordCases } from './returned-records.ts'
import { sharingCases } from './sharing.ts'
import { snapshotCases } from './snapshots.ts'
import { storeTimeCases } from './store-times.ts'
import { taskChangeCases } from './task-changes.ts'
import { taskLinkCases } from './task-links.ts'
import { taskListCases } from './task-lists.ts'
import { taskSearchCases } from './task-search.ts'
import { taskCases } from './tasks.ts'
import { textCases } from './text.ts'
import { transactionConflictCases } from './transaction-conflicts.ts'
import { transactionPartCases } from './transaction-parts.ts'
import { transactionCases } from './transactions.ts'

export { type ConformanceCase, unmetNeeds } from './case.ts'
export type {
  Cell,
  ConformanceHarness,
  DurabilityMode,
  Exposure,
  FaultyStore,
  HarnessFeatures,
  Need,
  Place,
  PlaceOptions,
  UnusableLocation,
} from './harness.ts'
export { type JobRequest, performJob } from './process-job.ts'

export const conformanceCases: readonly ConformanceCase[] = [
  ...lifecycleCases,
  ...lifecycleFailureCases,
  ...closingCases,
  ...sharingCases,
  ...isolationCases,
  ...taskCases,
  ...concurrentWriteCases,
  ...taskListCases,
  ...taskSearchCases,
  ...taskChangeCases,
  ...referenceCases,
  ...damagedRowCases,
  ...corruptRowCases,
  ...pagingCases,
  ...listFilterCases,
  ...argumentCases,
  ...idCases,
  ...textCases,
  ...divergenceCases,
  ...costRecordCases,
  ...costRepeatCases,
  ...costTotalCases,
  ...costGroupCases,
  ...messageCases,
  ...messageListCases,
  ...messageSearchCases,
  ...messagePartsCases,
  ...planCases,
  ...planMoveCases,
  ...planRaceCases,
  ...planTreeCases,
  ...planDepthCases,
  ...planGuardCases,
  ...planProfileCases,
  ...planListCases,
  ...beginningCases,
  ...actionCases,
  ...automationProfileCases,
  ...auditEntryCases,
  ...auditChainCases,
  ...auditVerifyCases,
  ...auditGuardCases,
  ...auditHeadCases,
  ...auditMoveCases,
  ...retentionCostCases,
  ...retentionAuditCases,
  ...retentionCases,
  ...transactionCases,
  ...transactionPartCases,
  ...transactionConflictCases,
  ...storeTimeCases,
  ...returnedRecordCases,
  ...taskLinkCases,
  ...snapshotCases,
  ...eventCases,
  ...examinationCases,
  ...repairCases,
]
