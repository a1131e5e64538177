// What a reversion discards: the fields that hold the results of an execution. A new strategy
// begins without them. The audit entry of the reversion keeps their values, so that a checkpoint
// can still be found.

import type { JsonObject } from '../model/rules.ts'
import type { Plan } from './definition.ts'

/** The fields as they are before the first step of an execution. */
export const beforeExecution = {
  lastCompletedStep: -1,
  lastCheckpointId: null,
  changesetId: null,
  validationSummary: null,
} as const satisfies Partial<Plan>

/**
 * For the audit entry: the discarded values, if any. A summary may be large, so only its existence
 * is recorded.
 */
export function discarded(plan: Plan): JsonObject {
  const { lastCompletedStep, lastCheckpointId, changesetId, validationSummary } = plan
  const dropped = {
    ...(lastCompletedStep === beforeExecution.lastCompletedStep ? {} : { lastCompletedStep }),
    ...(lastCheckpointId === null ? {} : { lastCheckpointId }),
    ...(changesetId === null ? {} : { changesetId }),
    ...(validationSummary === null ? {} : { validationSummary: true }),
  }
  return Object.keys(dropped).length === 0 ? {} : { discarded: dropped }
}
