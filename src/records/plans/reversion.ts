// What a reversion discards: the fields in which a plan keeps what its execution came to. A new strategy begins without them, and
// the audit entry of the reversion keeps what they said, so that a checkpoint can still be found.

import type { JsonObject } from '../model/rules.ts'
import type { Plan } from './definition.ts'

/** The fields as they are before the first step of an execution. */
export const beforeExecution = {
  lastCompletedStep: -1,
  lastCheckpointId: null,
  changesetId: null,
  validationSummary: null,
} as const satisfies Partial<Plan>

/** For the audit entry: what is dropped, where there is anything. A summary may be large, so only that there was one is kept. */
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
