// The moves of plans: a pure table of moves, each with the states it may start from, the state it
// leads to, and the times it sets. The repository consults it, and the statement that moves the
// plan checks version and state again.

import { InvalidTransitionError } from '../../errors.ts'
import { beginningOf } from '../model/beginning-of.ts'
import { type PlanPhase, type PlanState, planPhases, statesOfPhase } from './enums.ts'

export const planMoves = [
  'use',
  'start',
  'complete',
  'advance',
  'constrain',
  'fail',
  'retry',
  'redo',
  'revert',
  'cancel',
] as const
export type PlanMove = (typeof planMoves)[number]

export interface PhaseAndState {
  readonly phase: PlanPhase
  readonly state: PlanState
}

type WorkingPhase = Exclude<PlanPhase, 'action'>
const started = {
  strategize: 'strategizeStartedAt',
  execute: 'executeStartedAt',
  apply: 'applyStartedAt',
} as const
const ended = {
  strategize: 'strategizeCompletedAt',
  execute: 'executeCompletedAt',
  apply: 'appliedAt',
} as const

/** The field of a plan in which a move records its time. */
type Stamp = (typeof started | typeof ended)[WorkingPhase] | 'cancelledAt'
type Moved = PhaseAndState & { readonly stamps?: Stamp }

/** The states from which a plan may be reverted to strategize. */
const revertible: readonly string[] = [
  'execute/queued',
  'execute/processing',
  'execute/complete',
  'execute/errored',
  'apply/queued',
  'apply/processing',
  'apply/constrained',
  'apply/errored',
]

const moves: Readonly<Record<PlanMove, (from: PhaseAndState) => Moved | undefined>> = {
  use: ({ phase, state }) =>
    phase === 'action' && state === 'queued' ? { phase: 'strategize', state: 'queued' } : undefined,
  start: ({ phase, state }) =>
    isWorking(phase) && state === 'queued'
      ? { phase, state: 'processing', stamps: started[phase] }
      : undefined,
  complete: ({ phase, state }) =>
    isWorking(phase) && state === 'processing'
      ? { phase, state: phase === 'apply' ? 'applied' : 'complete', stamps: ended[phase] }
      : undefined,
  advance: ({ phase, state }) => {
    if (state !== 'complete') return undefined
    if (phase === 'strategize') return { phase: 'execute', state: 'queued' }
    return phase === 'execute' ? { phase: 'apply', state: 'queued' } : undefined
  },
  constrain: ({ phase, state }) =>
    phase === 'apply' && state === 'processing' ? { phase, state: 'constrained' } : undefined,
  fail: ({ phase, state }) => (state === 'processing' ? { phase, state: 'errored' } : undefined),
  retry: ({ phase, state }) => (state === 'errored' ? { phase, state: 'queued' } : undefined),
  redo: ({ phase, state }) =>
    phase === 'strategize' && state === 'complete' ? { phase, state: 'queued' } : undefined,
  revert: (from) =>
    revertible.includes(nameOf(from)) ? { phase: 'strategize', state: 'queued' } : undefined,
  cancel: ({ phase, state }) =>
    isTerminal(state) ? undefined : { phase, state: 'cancelled', stamps: 'cancelledAt' },
}

const combinations: readonly PhaseAndState[] = planPhases.flatMap((phase) =>
  statesOfPhase[phase].map((state) => ({ phase, state })),
)

/** Every transition between two states. */
const ways = combinations.flatMap((from) =>
  planMoves.flatMap((move) => {
    const to = moves[move](from)
    return to ? [{ from: nameOf(from), to: nameOf(to), stamps: to.stamps }] : []
  }),
)

/** Where a plan begins: action/queued. */
export const planBeginning: PhaseAndState = beginningOf(combinations, (from, to) =>
  ways.some((way) => way.from === nameOf(from) && way.to === nameOf(to)),
)

/** The times that the moves into a state set. */
export function stampsAt(at: PhaseAndState): readonly Stamp[] {
  const stamps = ways.filter(({ to }) => to === nameOf(at)).map((way) => way.stamps)
  return [...new Set(stamps)].filter((stamp) => stamp !== undefined)
}

/** The state a move leads to; undefined if it is not allowed from the given state. */
export function moveFrom(from: PhaseAndState, move: PlanMove): Moved | undefined {
  return moves[move](from)
}

/** The moves allowed from a state, each with the state it leads to. */
export function movesFrom(from: PhaseAndState): readonly { readonly move: PlanMove; readonly to: string }[] {
  return planMoves.flatMap((move) => {
    const to = moves[move](from)
    return to ? [{ move, to: nameOf(to) }] : []
  })
}

/** The state a move is meant to lead to, whether or not it is allowed: for messages. */
export function targetOf({ phase }: PhaseAndState, move: PlanMove): string {
  switch (move) {
    case 'use':
    case 'redo':
    case 'revert':
      return 'strategize/queued'
    case 'start':
      return `${phase}/processing`
    case 'complete':
      return phase === 'apply' ? 'apply/applied' : `${phase}/complete`
    case 'advance':
      return phase === 'strategize' ? 'execute/queued' : 'apply/queued'
    case 'constrain':
      return 'apply/constrained'
    case 'fail':
      return `${phase}/errored`
    case 'retry':
      return `${phase}/queued`
    case 'cancel':
      return `${phase}/cancelled`
    default:
      return move satisfies never
  }
}

/** `execute/queued`. */
export function nameOf({ phase, state }: PhaseAndState): string {
  return `${phase}/${state}`
}

/** An applied or cancelled plan stays that way. */
export function isTerminal(state: PlanState): boolean {
  return state === 'applied' || state === 'cancelled'
}

/** The error for a plan that cannot make a move from its current state. */
export function refused(
  plan: PhaseAndState & { readonly planId: string },
  state: string,
  move: PlanMove,
): InvalidTransitionError {
  const allowed = state === plan.state ? movesFrom(plan).map(({ to }) => to) : []
  const from = `${plan.phase}/${state}`
  return new InvalidTransitionError(`plan ${JSON.stringify(plan.planId)}`, from, targetOf(plan, move), [
    ...new Set(allowed),
  ])
}

function isWorking(phase: PlanPhase): phase is WorkingPhase {
  return phase !== 'action'
}
