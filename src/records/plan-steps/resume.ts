// Whether a plan can be resumed, and from where. Pure, but for what it is given.

import type { Decision } from '../decisions/definition.ts'
import type { PlanCheckpointSummary } from '../plan-checkpoints/definition.ts'
import type { Plan } from '../plans/definition.ts'
import { nameOf } from '../plans/moves.ts'
import type { PlanStep } from './definition.ts'
import type { ResumeObstacle } from './enums.ts'

/** The move that continues a plan: none if it is in processing. */
export type ResumeMove = 'start' | 'retry' | null

/**
 * Where a plan continues. `step` is the next one, from 0, and `total` how many there are, if
 * a step said so; `recorded` is the next step as it was recorded, if it was. `checkpoint` is the
 * plan's last one, without its state, and `decision` its last one that was not superseded. `move`
 * is what makes the plan work again; after `retry` it has to be started.
 */
export type Resumability =
  | {
      readonly resumable: true
      readonly plan: Plan
      readonly move: ResumeMove
      readonly step: number
      readonly total: number | null
      readonly recorded: PlanStep | null
      readonly checkpoint: PlanCheckpointSummary | null
      readonly decision: Decision | null
    }
  | {
      readonly resumable: false
      readonly plan: Plan
      readonly reason: ResumeObstacle
      readonly message: string
    }

const moves: Partial<Record<Plan['state'], ResumeMove>> = {
  queued: 'start',
  processing: null,
  errored: 'retry',
}

const reasons: Readonly<Record<ResumeObstacle, (plan: Plan) => string>> = {
  ended: ({ state }) => `the plan is ${state}, which is final`,
  not_begun: () => 'the plan has not begun: use it first',
  phase_complete: ({ phase }) => `the phase ${phase} is complete: advance the plan`,
  constrained: () => 'the result violates a constraint: revert the plan',
}

/** What keeps a plan from being resumed, or the move that resumes it. */
export function resumeMoveOf(
  plan: Plan,
): { readonly move: ResumeMove } | { readonly reason: ResumeObstacle; readonly message: string } {
  const reason = obstacleOf(plan)
  if (reason !== undefined) return { reason, message: `${nameOf(plan)}: ${reasons[reason](plan)}` }
  return { move: moves[plan.state] ?? null }
}

function obstacleOf({ phase, state }: Plan): ResumeObstacle | undefined {
  if (state === 'applied' || state === 'cancelled') return 'ended'
  if (phase === 'action') return 'not_begun'
  if (state === 'complete') return 'phase_complete'
  return state === 'constrained' ? 'constrained' : undefined
}
