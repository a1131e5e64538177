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
  actionCreated: 'persistence.action.created',
  actionUpdated: 'persistence.action.updated',
  actionDeleted: 'persistence.action.deleted',
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
  messageAppended: 'persistence.message.appended',
  messageDuplicate: 'persistence.message.duplicate',
  transferExported: 'persistence.transfer.exported',
  transferImported: 'persistence.transfer.imported',
  retentionPruned: 'persistence.retention.pruned',
  retentionFailed: 'persistence.retention.failed',
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
  'persistence.action.created': { readonly name: string }
  'persistence.action.updated': { readonly name: string; readonly version: number }
  'persistence.action.deleted': { readonly name: string }
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
  'persistence.message.appended': { readonly id: string }
  'persistence.message.duplicate': { readonly id: string }
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
  [events.retentionPruned]: 'info',
  [events.retentionFailed]: 'warn',
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
