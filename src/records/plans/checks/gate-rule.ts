// The rule `gate`: a move whose step the frozen profile leaves to a human is made by one, with an
// approval for this plan, step and version, or not at all.

import { GateClosedError } from '../../../errors.ts'
import type { Approval } from '../../approvals/definition.ts'
import type { GateApprovals } from '../../approvals/gate-approvals.ts'
import type { AutomationStep } from '../../automation-profiles/profile.ts'
import type { Violation } from '../../rules/enforce.ts'
import type { Plan } from '../definition.ts'
import { gate } from '../gate.ts'
import type { PlanMove } from '../moves.ts'
import { stepOfMove } from '../steps.ts'
import { isHuman } from './human.ts'

/** What a gate says of a move; at most one of both. */
export interface GateAnswer {
  readonly violation?: Violation | undefined
  /** Approved and not used yet: the move uses it up. */
  readonly approval?: (Approval & { readonly step: AutomationStep }) | undefined
}

/** Whether a move needs a human who is not there. */
export function needsHuman(
  plan: Plan,
  move: PlanMove,
  actor: string,
  confidence?: number,
): AutomationStep | undefined {
  const step = stepOfMove(plan, move)
  if (step === undefined || isHuman(actor)) return undefined
  return gate(plan, step, confidence) === 'auto' ? undefined : step
}

/** Asks the gate of a move; an approval is found, and never requested. */
export async function askGate(
  approvals: GateApprovals,
  plan: Plan,
  move: PlanMove,
  { actor, confidence }: { readonly actor: string; readonly confidence?: number | undefined },
): Promise<GateAnswer> {
  const step = needsHuman(plan, move, actor, confidence)
  if (step === undefined) return {}
  const approval = await approvals.find({ planId: plan.planId, planVersion: plan.version, step })
  if (approval?.status === 'approved') return { approval: { ...approval, step } }
  const threshold = plan.effectiveProfile?.[step] ?? null
  const about = { step, threshold, confidence: confidence ?? null, approvalId: approval?.id }
  const message = `the step ${step} needs a human: ask for an approval with proceed, or let a human make the move`
  const error = () => new GateClosedError(plan.planId, about)
  return { violation: { rule: 'gate', message, error } }
}
