// Every event that Purser publishes: its name and its payload. Payloads hold ids, counts and
// durations, never content. An event is sent to `diagnostics_channel` (channel name = event name),
// to `store.on` listeners and to the logger.

import { channel } from 'node:diagnostics_channel'

/** Event names, by subject. */
export const events = {
  backendConnected: 'persistence.backend.connected',
  backendDisconnected: 'persistence.backend.disconnected',
  migrationStarted: 'persistence.migration.started',
  migrationStep: 'persistence.migration.step',
  migrationApplied: 'persistence.migration.applied',
  migrationReverted: 'persistence.migration.reverted',
  migrationFailed: 'persistence.migration.failed',
  migrationBackup: 'persistence.migration.backup',
  databaseAdopted: 'persistence.database.adopted',
  schemaNewer: 'persistence.schema.newer',
  setCommitted: 'persistence.set.committed',
  setFailed: 'persistence.set.failed',
  transactionRetried: 'persistence.transaction.retried',
  valueUnreadable: 'persistence.value.unreadable',
  rowCorrupt: 'persistence.row.corrupt',
  planCreated: 'persistence.plan.created',
  planUpdated: 'persistence.plan.updated',
  planMoved: 'persistence.plan.moved',
  planDeleted: 'persistence.plan.deleted',
  decisionRecorded: 'persistence.decision.recorded',
  correctionRequested: 'persistence.correction.requested',
  correctionCompleted: 'persistence.correction.completed',
  correctionFailed: 'persistence.correction.failed',
  checkpointCreated: 'persistence.checkpoint.created',
  checkpointRestored: 'persistence.checkpoint.restored',
  checkpointDeleted: 'persistence.checkpoint.deleted',
  stepRecorded: 'persistence.step.recorded',
  stepsDropped: 'persistence.step.dropped',
  actionCreated: 'persistence.action.created',
  actionUpdated: 'persistence.action.updated',
  actionDeleted: 'persistence.action.deleted',
  projectCreated: 'persistence.project.created',
  projectUpdated: 'persistence.project.updated',
  projectDeleted: 'persistence.project.deleted',
  tokenCreated: 'persistence.token.created',
  tokenRevoked: 'persistence.token.revoked',
  profileCreated: 'persistence.profile.created',
  profileUpdated: 'persistence.profile.updated',
  profileDeleted: 'persistence.profile.deleted',
  auditAppended: 'persistence.audit.appended',
  taskCreated: 'persistence.task.created',
  taskUpdated: 'persistence.task.updated',
  taskTransitioned: 'persistence.task.transitioned',
  taskDeleted: 'persistence.task.deleted',
  costRecorded: 'persistence.cost.recorded',
  costRepeated: 'persistence.cost.repeated',
  budgetCreated: 'persistence.budget.created',
  budgetUpdated: 'persistence.budget.updated',
  budgetDeleted: 'persistence.budget.deleted',
  budgetWarned: 'persistence.budget.warned',
  budgetExceeded: 'persistence.budget.exceeded',
  messageAppended: 'persistence.message.appended',
  messageDuplicate: 'persistence.message.duplicate',
  agentCreated: 'persistence.agent.created',
  agentUpdated: 'persistence.agent.updated',
  agentStopped: 'persistence.agent.stopped',
  approvalRequested: 'persistence.approval.requested',
  approvalDecided: 'persistence.approval.decided',
  approvalUsed: 'persistence.approval.used',
  runParked: 'persistence.run.parked',
  runResumed: 'persistence.run.resumed',
  runDeleted: 'persistence.run.deleted',
  settingCreated: 'persistence.setting.created',
  settingUpdated: 'persistence.setting.updated',
  settingDeleted: 'persistence.setting.deleted',
  ruleRefused: 'persistence.rule.refused',
  ruleRecorded: 'persistence.rule.recorded',
  transferExported: 'persistence.transfer.exported',
  transferImported: 'persistence.transfer.imported',
  retentionPruned: 'persistence.retention.pruned',
  retentionFailed: 'persistence.retention.failed',
  changesTrimmed: 'persistence.changes.trimmed',
  changesFailed: 'persistence.changes.failed',
} as const

/** The payload of each event. Durations are in milliseconds. */
export interface EventPayloads {
  'persistence.backend.connected': { readonly backend: string; readonly durationMs: number }
  'persistence.backend.disconnected': { readonly backend: string }
  'persistence.migration.started': {
    readonly version: number
    readonly name: string
    readonly direction: 'up' | 'down'
  }
  'persistence.migration.step': {
    readonly version: number
    readonly step: number
    readonly steps: number
    readonly label: string
  }
  'persistence.migration.applied': {
    readonly version: number
    readonly name: string
    readonly durationMs: number
  }
  'persistence.migration.reverted': {
    readonly version: number
    readonly name: string
    readonly durationMs: number
  }
  /** `version` is that of the migration in progress; absent if none had begun. */
  'persistence.migration.failed': { readonly version?: number; readonly code: string }
  'persistence.migration.backup': {
    readonly path: string
    readonly bytes: number
    readonly durationMs: number
  }
  'persistence.database.adopted': { readonly rows: Readonly<Record<string, number>> }
  'persistence.schema.newer': { readonly version: number; readonly known: number }
  'persistence.set.committed': {
    readonly operations: number
    readonly queued: number
    readonly durationMs: number
  }
  'persistence.set.failed': { readonly operations: number; readonly code: string }
  'persistence.transaction.retried': { readonly attempt: number; readonly code: string }
  'persistence.value.unreadable': { readonly table: string; readonly id: string; readonly column: string }
  'persistence.row.corrupt': { readonly table: string; readonly id: string; readonly column: string }
  'persistence.plan.created': { readonly id: string }
  'persistence.plan.updated': { readonly id: string; readonly version: number }
  'persistence.plan.moved': {
    readonly id: string
    readonly move: string
    readonly from: string
    readonly to: string
    readonly version: number
  }
  /** `plans` counts the plan and the cancelled plans below it. */
  'persistence.plan.deleted': { readonly id: string; readonly plans: number }
  'persistence.decision.recorded': { readonly id: string; readonly planId: string }
  'persistence.correction.requested': { readonly id: string; readonly planId: string }
  'persistence.correction.completed': { readonly id: string; readonly planId: string }
  'persistence.correction.failed': { readonly id: string; readonly planId: string; readonly code: string }
  'persistence.checkpoint.created': { readonly id: string; readonly planId: string; readonly bytes: number }
  'persistence.checkpoint.restored': {
    readonly id: string
    readonly planId: string
    readonly version: number
  }
  'persistence.checkpoint.deleted': { readonly id: string }
  'persistence.step.recorded': {
    readonly id: string
    readonly planId: string
    readonly index: number
    readonly status: string
  }
  'persistence.step.dropped': { readonly planId: string; readonly steps: number }
  'persistence.action.created': { readonly name: string }
  'persistence.action.updated': { readonly name: string; readonly version: number }
  'persistence.action.deleted': { readonly name: string }
  'persistence.project.created': { readonly name: string }
  'persistence.project.updated': { readonly name: string; readonly version: number }
  'persistence.project.deleted': { readonly name: string }
  'persistence.token.created': { readonly name: string }
  'persistence.token.revoked': { readonly name: string }
  'persistence.profile.created': { readonly name: string }
  'persistence.profile.updated': { readonly name: string; readonly version: number }
  'persistence.profile.deleted': { readonly name: string }
  'persistence.audit.appended': { readonly id: string; readonly sequence: number }
  'persistence.task.created': { readonly id: string }
  'persistence.task.updated': { readonly id: string; readonly version: number }
  'persistence.task.transitioned': {
    readonly id: string
    readonly from: string
    readonly to: string
    readonly version: number
  }
  'persistence.task.deleted': { readonly id: string }
  'persistence.cost.recorded': { readonly id: string }
  'persistence.cost.repeated': { readonly id: string }
  'persistence.budget.created': { readonly name: string }
  'persistence.budget.updated': { readonly name: string; readonly version: number }
  'persistence.budget.deleted': { readonly name: string }
  /** `share` is what was spent, as a share of the limit. */
  'persistence.budget.warned': { readonly name: string; readonly share: number }
  'persistence.budget.exceeded': { readonly name: string; readonly share: number }
  'persistence.message.appended': { readonly id: string }
  'persistence.message.duplicate': { readonly id: string }
  'persistence.agent.created': { readonly id: string }
  'persistence.agent.updated': { readonly id: string; readonly version: number }
  'persistence.agent.stopped': { readonly id: string; readonly version: number }
  'persistence.approval.requested': { readonly id: string }
  /** `status`: approved, rejected or withdrawn. An approval that expires publishes nothing. */
  'persistence.approval.decided': {
    readonly id: string
    readonly status: string
    readonly version: number
  }
  'persistence.approval.used': { readonly id: string; readonly version: number }
  'persistence.run.parked': { readonly id: string; readonly bytes: number }
  'persistence.run.resumed': { readonly id: string }
  'persistence.run.deleted': { readonly id: string }
  'persistence.setting.created': { readonly name: string }
  'persistence.setting.updated': { readonly name: string; readonly version: number }
  'persistence.setting.deleted': { readonly name: string }
  'persistence.rule.refused': { readonly rule: string }
  'persistence.rule.recorded': { readonly rule: string }
  'persistence.transfer.exported': {
    readonly records: number
    readonly bytes: number
    readonly durationMs: number
  }
  'persistence.transfer.imported': {
    readonly records: number
    readonly stored: number
    readonly unchanged: number
    readonly failed: number
    readonly durationMs: number
  }
  'persistence.retention.pruned': {
    readonly kind: string
    readonly rows: number
    readonly left: number
    readonly durationMs: number
  }
  'persistence.retention.failed': { readonly code: string }
  'persistence.changes.trimmed': { readonly rows: number }
  'persistence.changes.failed': { readonly code: string }
}

export type EventName = keyof EventPayloads
export type EventListener<N extends EventName> = (payload: EventPayloads[N]) => void

/** A structured logger; a pino logger works as it is. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

const levels: Partial<Record<EventName, 'info' | 'warn'>> = {
  [events.backendConnected]: 'info',
  [events.backendDisconnected]: 'info',
  [events.migrationApplied]: 'info',
  [events.migrationReverted]: 'info',
  [events.migrationFailed]: 'warn',
  [events.migrationBackup]: 'info',
  [events.databaseAdopted]: 'info',
  [events.schemaNewer]: 'warn',
  [events.transferExported]: 'info',
  [events.transferImported]: 'info',
  [events.setFailed]: 'warn',
  [events.valueUnreadable]: 'warn',
  [events.rowCorrupt]: 'warn',
  [events.budgetWarned]: 'warn',
  [events.budgetExceeded]: 'warn',
  [events.retentionPruned]: 'info',
  [events.retentionFailed]: 'warn',
  [events.changesFailed]: 'warn',
}

const channels = new Map(Object.values(events).map((name) => [name, channel(name)]))

/**
 * Publishes one store's events. Without a subscriber, listener or logger a call costs one map
 * lookup.
 */
export class EventPublisher {
  readonly #logger: Logger | undefined
  readonly #listeners = new Map<EventName, Set<(payload: never) => void>>()

  constructor(logger?: Logger) {
    this.#logger = logger
  }

  /** True if the event has any receiver; callers may skip building its payload otherwise. */
  wants(name: EventName): boolean {
    return (
      this.#logger !== undefined || this.#listeners.has(name) || channels.get(name)?.hasSubscribers === true
    )
  }

  /**
   * Notifies all receivers. A listener or logger that throws is reported as a process warning and
   * does not interrupt anything.
   */
  emit<N extends EventName>(name: N, payload: EventPayloads[N]): void {
    const target = channels.get(name)
    if (target?.hasSubscribers) target.publish(payload)
    if (this.#logger)
      isolate(name, () => this.#logger?.[levels[name] ?? 'debug']({ event: name, ...payload }, name))
    const listeners = this.#listeners.get(name)
    if (!listeners) return
    for (const listener of listeners) isolate(name, () => (listener as EventListener<N>)(payload))
  }

  /** Adds a listener; the returned function removes it. */
  on<N extends EventName>(name: N, listener: EventListener<N>): () => void {
    const set = this.#listeners.get(name) ?? new Set()
    set.add(listener)
    this.#listeners.set(name, set)
    return () => {
      set.delete(listener)
      if (set.size === 0) this.#listeners.delete(name)
    }
  }
}

function isolate(name: EventName, call: () => void): void {
  try {
    call()
  } catch (error) {
    const what = error instanceof Error ? error.name : typeof error
    process.emitWarning(`a listener or logger of ${name} threw ${what}`, 'PurserListenerWarning')
  }
}
