// The changes that claims make to tasks, as compare-and-sets with their audit entries.

import type { Row, WriteOperation } from '../../../engines/contract/engine.ts'
import { CorruptRecordError } from '../../../errors.ts'
import { MAX_INSTANT } from '../../../values/instant.ts'
import type { AuditTrail } from '../../audit-entries/trail.ts'
import type { RecordCodec } from '../../model/record-codec.ts'
import type { RecordSession } from '../../repository/session.ts'
import { type Task, type TaskFields, taskDefinition } from '../definition.ts'

export type ClaimVerb = 'claim' | 'complete' | 'fail' | 'release' | 'expire'

/** What the decisions about claims work with. */
export interface ClaimContext {
  readonly session: RecordSession
  readonly codec: RecordCodec<TaskFields>
  readonly trail: AuditTrail
}

/** A change of a task that was read in the same transaction. */
export interface ClaimMove {
  readonly before: Task
  readonly after: Task
  readonly operation: WriteOperation
}

/** No claim, whatever the status becomes. */
export const unclaimed = { claimId: null, leaseExpiresAt: null } as const

/** @throws InvalidRecordError if the task breaks a rule afterwards */
export function moveOf(
  { session, codec, trail }: ClaimContext,
  verb: ClaimVerb,
  before: Task,
  changes: Partial<Task>,
): ClaimMove {
  const now = session.now().getTime()
  const last = before.updatedAt.getTime()
  const updatedAt = new Date(now < last ? Math.min(last + 1, MAX_INSTANT) : now)
  const after: Task = {
    ...before,
    ...changes,
    updatedAt,
    version: before.version + 1,
    unreadable: before.unreadable.filter((field) => !(field in changes)),
  }
  taskDefinition.assertRules(after)
  const { id, planId, version, assignedTo, attempt } = after
  const operation: WriteOperation = {
    kind: 'compareAndSet',
    shape: taskDefinition.shape,
    key: id,
    ...codec.encodeChanges({ ...changes, updatedAt, version }),
    expect: { column: 'version', value: codec.encodeField('version', before.version) },
    auditEntry: trail.entry({
      action: `task:${verb}`,
      subjectType: 'task',
      subjectId: id,
      taskId: id,
      planId,
      details: {
        from: before.status,
        to: after.status,
        version,
        assignedTo,
        attempt,
        claimId: after.claimId ?? before.claimId,
        ...(after.leaseExpiresAt && { leaseExpiresAt: after.leaseExpiresAt.toISOString() }),
        ...(after.availableAt && { availableAt: after.availableAt.toISOString() }),
      },
    }),
  }
  return { before, after, operation }
}

/** How a failed or expired attempt leaves a task. */
export function afterFailure(task: Task, error: string, availableAt: Date | null): Partial<Task> {
  const isUsedUp = task.attempt > task.maxRetries
  return {
    ...unclaimed,
    status: isUsedUp ? 'failed' : 'interrupted',
    availableAt: isUsedUp ? null : availableAt,
    lastError: error,
  }
}

/** A time that the database gave as a column. */
export function timeIn({ engine }: RecordSession, row: Row | undefined): Date {
  const now = engine.codec.decode.instant(row?.[0] ?? '')
  if (now instanceof Date) return now
  throw new TypeError('the clock of the database cannot be read')
}

/** The task of a row, or why it cannot be read. */
export function readTask(codec: RecordCodec<TaskFields>, row: Row): Task | CorruptRecordError {
  try {
    return codec.decode(row)
  } catch (error) {
    if (error instanceof CorruptRecordError) return error
    throw error
  }
}

/**
 * What a change by people ends. Where it moves the task, or gives it to another agent, the worker
 * that has claimed it has lost it; a move also ends a delay.
 */
export function overruledBy(current: Task, changes: Readonly<Record<string, unknown>>): Partial<Task> {
  const { status = current.status, assignedTo = current.assignedTo } = changes
  const isMoved = status !== current.status
  const isLost = current.claimId !== null && (isMoved || assignedTo !== current.assignedTo)
  return {
    ...(isLost ? unclaimed : {}),
    ...(isMoved && current.availableAt !== null ? { availableAt: null } : {}),
  }
}
