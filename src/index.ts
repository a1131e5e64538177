// The public API on one screen. Errors and events also have subpaths: `purser/errors`,
// `purser/events`.

// Imported first, so that an old Node.js loads no driver.
import './config/node-version.ts'

export type {
  ChangedRecord,
  ChangeOperation,
  CommittedChanges,
  RecordChange,
} from './changes/change.ts'
export type {
  ChangeFilter,
  Changes,
  ChangesRead,
  FollowChangesOptions,
  ReadChangesOptions,
} from './changes/changes.ts'
export {
  type ConfigSources,
  type PersistenceConfig,
  resolveConfig,
  type StoreOptions,
} from './config/config.ts'
export type { DoctorCheck, DoctorCheckName } from './doctor/check.ts'
export type { Finding } from './doctor/findings.ts'
export type { DoctorOptions, DoctorReport } from './doctor/run-doctor.ts'
export type {
  BackupCommand,
  BackupOptions,
  BrokenReference,
  Engine,
  EngineCapabilities,
  EngineSnapshot,
  EngineTransaction,
  WriteOperation,
  WriteOutcome,
} from './engines/contract/engine.ts'
export type { StoreDriver } from './engines/core/load-driver.ts'
export * from './errors.ts'
export type { DifferenceKind, SchemaDifference } from './migrations/drift.ts'
export type { MigrationReport } from './migrations/run-report.ts'
export type { MigrateOptions } from './migrations/runner.ts'
export type { MigrationStatus, PlannedMigration, PlanOptions } from './migrations/schema-state.ts'
export { type EventName, type EventPayloads, events, type Logger } from './observability/events.ts'
export type { ActionArgument } from './records/actions/argument.ts'
export {
  type Action,
  type ActionPatch,
  actionDefinition,
  actionStates,
  argumentTypes,
  type NewAction,
} from './records/actions/definition.ts'
export type { Invariant } from './records/actions/invariant.ts'
export type { ActionFilter, ActionRepository } from './records/actions/repository.ts'
export {
  type Agent,
  type AgentPatch,
  type AgentStatus,
  agentDefinition,
  agentStatuses,
} from './records/agents/definition.ts'
export type { AgentFilter, AgentRepository } from './records/agents/repository.ts'
export {
  type Approval,
  type ApprovalStatus,
  approvalDefinition,
  approvalStatuses,
  type NewApproval,
} from './records/approvals/definition.ts'
export type { ApprovalFilter, ApprovalRepository, DecisionReason } from './records/approvals/repository.ts'
export type { WaitOptions } from './records/approvals/wait.ts'
export type { AuditCut } from './records/audit-cuts/definition.ts'
export { canonicalEntry, GENESIS_HASH, hashOf } from './records/audit-entries/chain.ts'
export {
  type AuditEntry,
  auditEntryDefinition,
  auditVerdicts,
  type NewAuditEntry,
  riskLevels,
} from './records/audit-entries/definition.ts'
export type { AuditFilter, AuditRepository } from './records/audit-entries/repository.ts'
export type {
  AuditHead,
  AuditProblem,
  AuditVerification,
  VerifyOptions,
} from './records/audit-entries/verify.ts'
export { builtInProfiles, DEFAULT_AUTOMATION_PROFILE } from './records/automation-profiles/built-in.ts'
export { automationProfileDefinition } from './records/automation-profiles/definition.ts'
export { parseAutomationProfile } from './records/automation-profiles/parse.ts'
export {
  type AutomationProfile,
  type AutomationProfilePatch,
  type AutomationStep,
  automationSteps,
  type NewAutomationProfile,
  stepMeanings,
} from './records/automation-profiles/profile.ts'
export type { AutomationProfileRepository, KnownProfile } from './records/automation-profiles/repository.ts'
export { type ProfileProvenance, profileProvenances } from './records/automation-profiles/resolve.ts'
export {
  type Budget,
  type BudgetPatch,
  budgetDefinition,
  budgetPeriods,
  budgetScopes,
  type NewBudget,
} from './records/budgets/definition.ts'
export type { BudgetLevel, BudgetPeriod, BudgetScope } from './records/budgets/enums.ts'
export type { AppendedCost, BudgetNotice } from './records/budgets/notices.ts'
export type { BudgetFilter, BudgetRepository } from './records/budgets/repository.ts'
export type { NewReservation, Reservation } from './records/budgets/reservation.ts'
export type { BudgetStatus } from './records/budgets/status.ts'
export type { CorrectionRequest } from './records/corrections/carry-out.ts'
export {
  type Correction,
  type CorrectionMode,
  type CorrectionState,
  correctionDefinition,
  correctionModes,
  correctionStates,
} from './records/corrections/definition.ts'
export type { CorrectionFilter, CorrectionRepository } from './records/corrections/repository.ts'
export type { CostSums, CostTotal, ExactCount, LargeCounts } from './records/cost-records/aggregate.ts'
export type { AggregateOptions, ComparedTotal } from './records/cost-records/aggregate-options.ts'
export type { ApplyOptions, PricesApplied } from './records/cost-records/apply-prices.ts'
export {
  type CostRecord,
  callCategories,
  costGroupings,
  costRecordDefinition,
  type NewCostRecord,
} from './records/cost-records/definition.ts'
export type { CostGrouping } from './records/cost-records/enums.ts'
export type { PriceAnswer, PriceQuestion } from './records/cost-records/price.ts'
export type { CostFilter, CostRecordRepository } from './records/cost-records/repository.ts'
export {
  type Decision,
  type DecisionType,
  decisionDefinition,
  decisionTypes,
  type NewDecision,
} from './records/decisions/definition.ts'
export type { DecisionFilter } from './records/decisions/filter.ts'
export type { DecisionRepository } from './records/decisions/repository.ts'
export type { DecisionNode, DecisionTree } from './records/decisions/tree.ts'
export {
  type Message,
  type MessageMetadata,
  type MessagePart,
  messageDefinition,
  messagePriorities,
  messageTypes,
  type NewMessage,
} from './records/messages/definition.ts'
export type {
  MessageFilter,
  MessagePage,
  MessagePlace,
  MessageRepository,
} from './records/messages/repository.ts'
export type { AsOf } from './records/model/beginning.ts'
export {
  type NewParkedRun,
  type ParkedRun,
  type ParkedRunSummary,
  parkedRunDefinition,
} from './records/parked-runs/definition.ts'
export type { ParkedRunRepository } from './records/parked-runs/repository.ts'
export type { ParkedRunFilter } from './records/parked-runs/summaries.ts'
export {
  type NewPlanCheckpoint,
  type PlanCheckpoint,
  type PlanCheckpointSummary,
  planCheckpointDefinition,
} from './records/plan-checkpoints/definition.ts'
export type { CheckpointPruning } from './records/plan-checkpoints/prune.ts'
export type { PlanCheckpointRepository } from './records/plan-checkpoints/repository.ts'
export type { Restoration, RestoreOptions } from './records/plan-checkpoints/restore.ts'
export type { PlanCheckpointFilter } from './records/plan-checkpoints/summaries.ts'
export { type PlanStep, planStepDefinition } from './records/plan-steps/definition.ts'
export {
  type PlanStepStatus,
  planStepStatuses,
  type ResumeObstacle,
  resumeObstacles,
} from './records/plan-steps/enums.ts'
export type { PlanStepFilter, PlanStepRepository } from './records/plan-steps/repository.ts'
export type { Resumability, ResumeMove } from './records/plan-steps/resume.ts'
export type { StepReport } from './records/plan-steps/writes.ts'
export type { CreatePlanOptions } from './records/plans/begin.ts'
export type { Preflight } from './records/plans/checks/preflight.ts'
export {
  MAX_REVERSIONS,
  type NewPlan,
  type Plan,
  type PlanPatch,
  type PlanPhase,
  type PlanState,
  planDefinition,
  planPhases,
  planStates,
  statesOfPhase,
  type TakenOverPlan,
} from './records/plans/definition.ts'
export type { PlanFilter } from './records/plans/filter.ts'
export { gate } from './records/plans/gate.ts'
export type { MoveBase, MoveOptions } from './records/plans/mover.ts'
export { movesFrom, type PlanMove, planMoves } from './records/plans/moves.ts'
export type { NextStep, Proceeding } from './records/plans/proceed.ts'
export type { PlanError, PlanRepository, ReasonedBase } from './records/plans/repository.ts'
export type { PlanNode, PlanTree } from './records/plans/tree.ts'
export {
  type NewProject,
  type Project,
  type ProjectPatch,
  projectDefinition,
} from './records/projects/definition.ts'
export type { ProjectFilter, ProjectRepository } from './records/projects/repository.ts'
export type { CorruptRow, ListOrder, OrderRequest, Page, PageRequest } from './records/repository/page.ts'
export type { Overriding } from './records/rules/enforce.ts'
export { type RuleName, ruleMeanings, ruleNames } from './records/rules/enums.ts'
export { type Setting, settingDefinition } from './records/settings/definition.ts'
export type { SettingBase, SettingFilter, SettingRepository } from './records/settings/repository.ts'
export type { ClaimedTask } from './records/tasks/claims/claim.ts'
export type {
  ClaimRequest,
  Duration,
  FailOptions,
  ReadyFilter,
  WorkFilter,
} from './records/tasks/claims/options.ts'
export type { CompletionPatch } from './records/tasks/claims/repository.ts'
export type { UnmetDependency } from './records/tasks/claims/waiting.ts'
export type { TaskCount, TaskGrouping } from './records/tasks/counts.ts'
export {
  type NewTask,
  type TakenOverTask,
  type Task,
  type TaskPatch,
  type TaskStatus,
  taskDefinition,
  taskPriorities,
  taskStatuses,
  taskTypes,
} from './records/tasks/definition.ts'
export type { MetadataValue, TaskFilter } from './records/tasks/filter.ts'
export type { TaskRepository, WholeTask } from './records/tasks/repository.ts'
export { taskTransitions } from './records/tasks/transitions.ts'
export {
  type NewToken,
  type Token,
  type TokenRole,
  tokenDefinition,
  tokenRoles,
} from './records/tokens/definition.ts'
export type { MadeToken, TokenFilter, TokenRepository } from './records/tokens/repository.ts'
export type {
  Repair,
  RepairKind,
  RepairPlan,
  RepairReport,
  Unrepaired,
} from './repair/repair-plan.ts'
export { type RetentionKind, type RetentionRequest, retentionKinds } from './retention/request.ts'
export type {
  PruneOptions,
  Retention,
  RetentionPreview,
  RetentionProgress,
  RetentionResult,
} from './retention/retention.ts'
export { createBackend, openStore } from './store/open-store.ts'
export type { ActingStore, Health, PersistenceBackend, Store } from './store/store.ts'
export type { Transaction, TransactionOptions } from './store/transaction/transaction.ts'
export { type BackupStoreOptions, backupStore, type FileBackup, type ToolBackup } from './transfer/backup.ts'
export type {
  CopiedTable,
  CopyPhase,
  CopyProblem,
  CopyProgress,
  CopyReport,
} from './transfer/copy/copy-report.ts'
export { type CopyOptions, copyRecords } from './transfer/copy.ts'
export { type ErrorPolicy, errorPolicies, type RecordType, recordTypes } from './transfer/enums.ts'
export {
  type ExportOptions,
  type ExportProgress,
  type ExportReport,
  exportRecords,
} from './transfer/export.ts'
export { type ExportFileOptions, type ExportFileReport, exportToFile } from './transfer/export-file.ts'
export type { LineFault } from './transfer/import/import-tally.ts'
export {
  type ImportOptions,
  type ImportProgress,
  type ImportReport,
  importRecords,
} from './transfer/import.ts'
export type { Loss } from './transfer/losses.ts'
export type { PartialContent } from './transfer/rows/file-format.ts'
export { newId } from './values/ids.ts'
export { formatMoney, MAX_MONEY, parseMoney } from './values/money.ts'
