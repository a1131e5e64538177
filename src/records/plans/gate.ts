// Gates: whether a step of a plan may be taken automatically or needs a human, according to the
// plan's frozen profile.

import { InvalidRecordError } from '../../errors.ts'
import { type AutomationStep, automationSteps } from '../automation-profiles/profile.ts'
import type { Plan } from './definition.ts'

/**
 * Whether a step is taken automatically: the moves of plans and `plans.proceed` ask the same. With
 * a threshold of 0 a step always is, with 1 never; in between it needs a `confidence` (0 to 1) of
 * at least the threshold. A plan that captured no profile, or whose profile cannot be read, needs a
 * human.
 * @throws InvalidRecordError for an unknown step, or a confidence that is not a number from 0 to 1
 * @example gate(plan, 'createTool', 0.8) // 'auto' or 'human'
 */
export function gate(
  plan: Pick<Plan, 'effectiveProfile'>,
  step: AutomationStep,
  confidence?: number,
): 'auto' | 'human' {
  if (!automationSteps.includes(step)) {
    throw invalid('step', `must be one of ${automationSteps.join(', ')}`)
  }
  const inRange = typeof confidence === 'number' && confidence >= 0 && confidence <= 1
  if (confidence !== undefined && !inRange) throw invalid('confidence', 'must be a number from 0 to 1')
  const threshold = plan.effectiveProfile?.[step]
  if (threshold === undefined || threshold === 1) return 'human'
  return threshold === 0 || (confidence !== undefined && confidence >= threshold) ? 'auto' : 'human'
}

function invalid(field: string, message: string): InvalidRecordError {
  return new InvalidRecordError('gate', [{ path: [field], code: 'gate', message }])
}
