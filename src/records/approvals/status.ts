// The status of an approval at a time: pending until it is decided, or until it expires.

import type { Locking } from '../../engines/contract/engine.ts'
import { InvalidTransitionError } from '../../errors.ts'
import type { StatusConditions } from '../repository/database-time.ts'
import type { Approval, ApprovalStatus } from './definition.ts'

/**
 * How each status is asked of the database: an approval expires by the database's clock, without a
 * write.
 */
export function approvalConditions({ now }: Locking): StatusConditions<ApprovalStatus> {
  return {
    pending: `(status = 'pending' and (expires_at is null or expires_at > ${now}))`,
    approved: `(status = 'approved')`,
    rejected: `(status = 'rejected')`,
    expired: `(status = 'expired' or (status = 'pending' and expires_at <= ${now}))`,
    withdrawn: `(status = 'withdrawn')`,
  }
}

/** Whether the time decides what the approval is. */
export function mayExpire({ status, expiresAt }: Approval): boolean {
  return status === 'pending' && expiresAt !== null
}

/**
 * The approval with its status at a time.
 * @param asked statuses of the filter that found it, a moment earlier or later than `now`
 */
export function approvalAt(approval: Approval, now: Date, asked?: readonly ApprovalStatus[]): Approval {
  const { expiresAt } = approval
  if (!mayExpire(approval) || expiresAt === null) return approval
  const [status, other] =
    expiresAt <= now ? (['expired', 'pending'] as const) : (['pending', 'expired'] as const)
  const isBetween = asked !== undefined && !asked.includes(status) && asked.includes(other)
  return { ...approval, status: isBetween ? other : status }
}

/** The error for a decision about an approval that is not pending. */
export function alreadyDecided({ id, status }: Approval, to: ApprovalStatus): InvalidTransitionError {
  return new InvalidTransitionError(`approval ${JSON.stringify(id)}`, status, to, [])
}
