// Which checkpoints of a plan are deleted. Pure.

import { z } from 'zod'
import { InvalidRecordError } from '../../errors.ts'
import { durationRule } from '../model/duration.ts'
import { idRule, integerRule } from '../model/rules.ts'

/** Whose checkpoints, and which of them to keep: at least one of the bounds is given. */
export interface CheckpointPruning {
  readonly planId: string
  /** The newest so many are kept; 0 or more. */
  readonly keepLast?: number | undefined
  /** Younger ones are kept: an age such as `7d`, or milliseconds. */
  readonly olderThan?: string | number | undefined
}

export const pruneRules = { planId: idRule, keepLast: integerRule(0), olderThan: durationRule }
export const pruneRule = z.strictObject({
  planId: idRule,
  keepLast: pruneRules.keepLast.optional(),
  olderThan: pruneRules.olderThan.optional(),
})

/**
 * The ids of those that go.
 * @param found newest first
 * @throws InvalidRecordError if nothing says what to keep
 */
export function deletable(
  found: readonly { readonly id: string; readonly createdAt: Date }[],
  {
    keepLast,
    olderThan,
  }: { readonly keepLast?: number | undefined; readonly olderThan?: number | undefined },
  now: Date,
): readonly string[] {
  if (keepLast === undefined && olderThan === undefined) {
    const message = 'nothing says what to keep: give keepLast, olderThan, or both'
    throw new InvalidRecordError('prune', [{ path: [], code: 'required', message }])
  }
  const bound = olderThan === undefined ? Infinity : now.getTime() - olderThan
  return found
    .slice(keepLast ?? 0)
    .filter(({ createdAt }) => createdAt.getTime() < bound)
    .map(({ id }) => id)
}
