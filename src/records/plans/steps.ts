// The move of a plan that each step of its profile decides about. Steps that decide about work
// inside of a phase have none.

import { InvalidRecordError, type InvalidTransitionError } from '../../errors.ts'
import { type AutomationStep, stepMeanings } from '../automation-profiles/profile.ts'
import type { PlanPhase } from './enums.ts'
import { moveFrom, type PhaseAndState, type PlanMove, refused } from './moves.ts'

type StepMove = Extract<PlanMove, 'use' | 'start' | 'advance' | 'retry' | 'revert'>

/**
 * The moves of a step, and the phases in which it decides about them; the first possible one is
 * made.
 */
const movesOfSteps: Partial<
  Record<AutomationStep, readonly { readonly move: StepMove; readonly phases: readonly PlanPhase[] }[]>
> = {
  decomposeTask: [
    { move: 'use', phases: ['action'] },
    { move: 'start', phases: ['strategize'] },
  ],
  createTool: [{ move: 'advance', phases: ['strategize'] }],
  selectTool: [{ move: 'advance', phases: ['execute'] }],
  deleteContent: [{ move: 'revert', phases: ['execute'] }],
  accessNetwork: [{ move: 'revert', phases: ['apply'] }],
  modifyConfig: [{ move: 'retry', phases: ['strategize', 'execute', 'apply'] }],
}

/** The steps that decide about a move. */
export const movingSteps = Object.keys(movesOfSteps) as readonly AutomationStep[]

/**
 * The move that a step makes of a plan.
 * @throws InvalidRecordError if the step decides about no move; InvalidTransitionError if the plan
 * cannot make it now
 */
export function moveOfStep(
  plan: PhaseAndState & { readonly planId: string },
  step: AutomationStep,
): StepMove {
  const moves = movesOfSteps[step]
  if (moves === undefined) {
    const message = `${step} (${stepMeanings[step]}) makes no move of a plan: ask gate, and request an approval for it; steps with a move are ${movingSteps.join(', ')}`
    throw new InvalidRecordError('proceed', [{ path: ['step'], code: 'step', message }])
  }
  const possible = moves.find(({ move, phases }) => phases.includes(plan.phase) && moveFrom(plan, move))
  if (possible) return possible.move
  throw notNow(plan, moves[0]?.move ?? 'advance')
}

/** The step that decides about a move of a plan; undefined if none does. */
export function stepOfMove(plan: PhaseAndState, move: PlanMove): AutomationStep | undefined {
  return movingSteps.find((step) =>
    movesOfSteps[step]?.some((one) => one.move === move && one.phases.includes(plan.phase)),
  )
}

function notNow(plan: PhaseAndState & { readonly planId: string }, move: PlanMove): InvalidTransitionError {
  return refused(plan, plan.state, move)
}
