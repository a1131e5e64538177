// What changes an approval: a decision, and the use of an approved one. Each is a compare-and-set
// inside a transaction that has locked the row and read the database's clock after that, so that of
// two deciders one wins, and what has expired cannot be decided.

import type { WriteOperation } from '../../engines/contract/engine.ts'
import { NotRequesterError, SelfApprovalError, TransactionConflictError } from '../../errors.ts'
import type { AuditEvent, AuditTrail } from '../audit-entries/trail.ts'
import type { RecordCodec } from '../model/record-codec.ts'
import type { RecordSession } from '../repository/session.ts'
import { type Approval, type ApprovalFields, approvalDefinition } from './definition.ts'
import { alreadyDecided, approvalAt } from './status.ts'

export type Decision = 'approve' | 'reject' | 'withdraw'

/** What a decision makes of an approval, and what the audit trail says about it. */
const outcomes = {
  approve: { status: 'approved', verdict: 'allow' },
  reject: { status: 'rejected', verdict: 'deny' },
  withdraw: { status: 'withdrawn', verdict: 'deny' },
} as const satisfies Record<Decision, Pick<Approval, 'status'> & Pick<AuditEvent, 'verdict'>>

/** @throws SelfApprovalError, NotRequesterError */
export function assertMayDecide(
  { actor, policies }: Pick<RecordSession, 'actor' | 'policies'>,
  { id, requestedBy }: Approval,
  decision: Decision,
): void {
  const isRequester = actor === requestedBy
  if (decision === 'withdraw') {
    if (!isRequester) throw new NotRequesterError(id)
  } else if (isRequester && !policies.selfApproval) throw new SelfApprovalError(id)
}

/**
 * The approval as decided at a time.
 * @throws InvalidTransitionError if it is not pending then
 */
export function decided(
  current: Approval,
  decision: Decision,
  { actor, reason, now }: { readonly actor: string; readonly reason: string | null; readonly now: Date },
): Approval {
  const { status } = outcomes[decision]
  const found = approvalAt(current, now)
  if (found.status !== 'pending') throw alreadyDecided(found, status)
  return { ...current, status, decidedBy: actor, decidedAt: now, decisionReason: reason }
}

/** The approval, used up by the move that it allowed. */
export function used(current: Approval, now: Date): Approval {
  return { ...current, usedAt: now }
}

const changeable = ['status', 'decidedBy', 'decidedAt', 'decisionReason', 'usedAt'] as const

/**
 * The write of a change to the row that was read.
 * @param updatedAt the time of the change by the store's clock
 */
export function changeOf(
  codec: RecordCodec<ApprovalFields>,
  before: Approval,
  after: Approval,
  event: { readonly trail: AuditTrail; readonly verb: Decision | 'use' },
): WriteOperation {
  const changes = Object.fromEntries(changeable.map((field) => [field, after[field]]))
  const { version, updatedAt } = after
  return {
    kind: 'compareAndSet',
    shape: approvalDefinition.shape,
    key: before.id,
    ...codec.encodeChanges({ ...changes, updatedAt, version }),
    expect: { column: 'version', value: codec.encodeField('version', before.version) },
    auditEntry: event.trail.entry(eventOf(after, event.verb)),
  }
}

/** What the audit trail says about a step of an approval: ids and words, never its contents. */
export function eventOf(approval: Approval, verb: Decision | 'request' | 'use'): AuditEvent {
  const { id, kind, subjectType, subjectId, planId, taskId, riskLevel, status, version } = approval
  return {
    action: `approval:${verb}`,
    subjectType: 'approval',
    subjectId: id,
    planId,
    taskId,
    verdict: verb === 'request' ? 'escalate' : verb === 'use' ? 'allow' : outcomes[verb].verdict,
    riskLevel,
    reason: verb === 'request' ? approval.reason : approval.decisionReason,
    details: { kind, subjectType, subjectId, status, version },
  }
}

/** @throws TransactionConflictError unless the row was as it had been read */
export function assertUpdated(outcome: { readonly kind: string } | undefined): void {
  if (outcome?.kind === 'updated') return
  throw new TransactionConflictError('another writer changed the approval in the meantime; repeat the call')
}
