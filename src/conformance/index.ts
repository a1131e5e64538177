// The conformance cases: what every engine must do. One list, neutral towards engines and test
// runners; an engine's author implements `ConformanceHarness` and runs every case (see harness.ts).

import { agentCases } from './approvals/agents.ts'
import { approvalTimeCases } from './approvals/approval-times.ts'
import { approvalCases } from './approvals/approvals.ts'
import { gateCases } from './approvals/gates.ts'
import { parkedRunCases } from './approvals/parked-runs.ts'
import { auditChainCases } from './audit/audit-chain.ts'
import { auditEntryCases } from './audit/audit-entries.ts'
import { auditGuardCases } from './audit/audit-guards.ts'
import { auditHeadCases } from './audit/audit-heads.ts'
import { auditMoveCases } from './audit/audit-moves.ts'
import { auditRecordCases } from './audit/audit-records.ts'
import { auditVerifyCases } from './audit/audit-verify.ts'
import { budgetCases } from './budgets/budgets.ts'
import { budgetNoticeCases } from './budgets/notices.ts'
import { planLimitCases } from './budgets/plan-limits.ts'
import { reservationCases } from './budgets/reservations.ts'
import { budgetSpentCases } from './budgets/spent.ts'
import { changesFollowingCases } from './changes/following.ts'
import { changesReadingCases } from './changes/reading.ts'
import { claimCases } from './claims/claims.ts'
import { dependencyCases } from './claims/dependencies.ts'
import { leaseCases } from './claims/leases.ts'
import { queueCareCases } from './claims/queue-care.ts'
import { readyCases } from './claims/ready.ts'
import { costGroupCases } from './costs/cost-groups.ts'
import { costPeriodCases } from './costs/cost-periods.ts'
import { costPriceCases } from './costs/cost-prices.ts'
import { costRecordCases } from './costs/cost-records.ts'
import { costRepeatCases } from './costs/cost-repeats.ts'
import { costStatusCases } from './costs/cost-status.ts'
import { costTotalCases } from './costs/cost-totals.ts'
import { correctionCases } from './decisions/corrections.ts'
import { decisionCases } from './decisions/decisions.ts'
import { reversionCases } from './decisions/reversions.ts'
import { messageListCases } from './messages/message-lists.ts'
import { messagePartsCases } from './messages/message-parts.ts'
import { messageSearchCases } from './messages/message-search.ts'
import { messageCases } from './messages/messages.ts'
import { actionArgumentCases } from './plans/action-arguments.ts'
import { actionCases } from './plans/actions.ts'
import { automationProfileCases } from './plans/automation-profiles.ts'
import { checkpointCases } from './plans/checkpoints.ts'
import { endedPlanCases } from './plans/ended-plans.ts'
import { moveGateCases } from './plans/move-gates.ts'
import { planDepthCases } from './plans/plan-depth.ts'
import { planGuardCases } from './plans/plan-guards.ts'
import { planListCases } from './plans/plan-lists.ts'
import { planMoveCases } from './plans/plan-moves.ts'
import { planProfileCases } from './plans/plan-profiles.ts'
import { planRaceCases } from './plans/plan-races.ts'
import { planStrictnessCases } from './plans/plan-strictness.ts'
import { planTreeCases } from './plans/plan-trees.ts'
import { planCases } from './plans/plans.ts'
import { preflightCases } from './plans/preflight.ts'
import { projectCases } from './plans/projects.ts'
import { planStepCases } from './plans/steps.ts'
import { corruptRowCases } from './reading/corrupt-rows.ts'
import { damagedRowCases } from './reading/damaged-rows.ts'
import { examinationCases } from './reading/examination.ts'
import { idCases } from './reading/ids.ts'
import { listFilterCases } from './reading/list-filters.ts'
import { pagingCases } from './reading/paging.ts'
import { repairCases } from './reading/repairs.ts'
import { textCases } from './reading/text.ts'
import { retentionCases } from './retention/retention.ts'
import { retentionAuditCases } from './retention/retention-audit.ts'
import { retentionCostCases } from './retention/retention-costs.ts'
import { enforcementCases } from './rules/enforcement.ts'
import { settingCases } from './settings/settings.ts'
import { argumentCases } from './store/arguments.ts'
import { beginningCases } from './store/beginnings.ts'
import { closingCases } from './store/closing.ts'
import { concurrentWriteCases } from './store/concurrent-writes.ts'
import { divergenceCases } from './store/divergence.ts'
import { eventCases } from './store/events.ts'
import { isolationCases } from './store/isolation.ts'
import { lifecycleCases } from './store/lifecycle.ts'
import { lifecycleFailureCases } from './store/lifecycle-failures.ts'
import { referenceCases } from './store/references.ts'
import { returnedRecordCases } from './store/returned-records.ts'
import { sharingCases } from './store/sharing.ts'
import { snapshotCases } from './store/snapshots.ts'
import { storeTimeCases } from './store/store-times.ts'
import { transactionConflictCases } from './store/transaction-conflicts.ts'
import { transactionPartCases } from './store/transaction-parts.ts'
import { transactionCases } from './store/transactions.ts'
import type { ConformanceCase } from './support/case.ts'
import { taskChangeCases } from './tasks/task-changes.ts'
import { taskLinkOrderCases } from './tasks/task-link-order.ts'
import { taskLinkCases } from './tasks/task-links.ts'
import { taskListCases } from './tasks/task-lists.ts'
import { taskSearchCases } from './tasks/task-search.ts'
import { taskCases } from './tasks/tasks.ts'

export { type ConformanceCase, unmetNeeds } from './support/case.ts'
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
} from './support/harness.ts'
export { type JobRequest, performJob } from './support/process-job.ts'

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
  ...costStatusCases,
  ...costPeriodCases,
  ...costPriceCases,
  ...costGroupCases,
  ...budgetCases,
  ...reservationCases,
  ...planLimitCases,
  ...budgetSpentCases,
  ...budgetNoticeCases,
  ...messageCases,
  ...messageListCases,
  ...messageSearchCases,
  ...messagePartsCases,
  ...planCases,
  ...planMoveCases,
  ...planRaceCases,
  ...planTreeCases,
  ...endedPlanCases,
  ...planDepthCases,
  ...checkpointCases,
  ...planStepCases,
  ...planGuardCases,
  ...planProfileCases,
  ...planStrictnessCases,
  ...planListCases,
  ...decisionCases,
  ...correctionCases,
  ...reversionCases,
  ...beginningCases,
  ...actionCases,
  ...actionArgumentCases,
  ...projectCases,
  ...automationProfileCases,
  ...auditEntryCases,
  ...auditChainCases,
  ...auditVerifyCases,
  ...auditGuardCases,
  ...auditHeadCases,
  ...auditMoveCases,
  ...auditRecordCases,
  ...retentionCostCases,
  ...retentionAuditCases,
  ...retentionCases,
  ...transactionCases,
  ...transactionPartCases,
  ...transactionConflictCases,
  ...storeTimeCases,
  ...returnedRecordCases,
  ...taskLinkCases,
  ...taskLinkOrderCases,
  ...snapshotCases,
  ...eventCases,
  ...agentCases,
  ...approvalCases,
  ...approvalTimeCases,
  ...gateCases,
  ...moveGateCases,
  ...preflightCases,
  ...parkedRunCases,
  ...readyCases,
  ...claimCases,
  ...leaseCases,
  ...dependencyCases,
  ...queueCareCases,
  ...settingCases,
  ...enforcementCases,
  ...examinationCases,
  ...repairCases,
  ...changesReadingCases,
  ...changesFollowingCases,
]
