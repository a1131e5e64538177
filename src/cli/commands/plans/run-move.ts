// What all moves share: making a move by its verb, reporting a refusal in terms of the command
// line, and showing a plan after its move.

import type { Plan, PlanMove, Store } from '../../../index.ts'
import { type ChangeCall, ifVersion } from '../../flags/actor-flag.ts'
import type { FlagValues } from '../../flags/flags.ts'
import type { Outcome } from '../../run/command.ts'
import { CommandError } from '../../run/failure.ts'
import { printableLine } from '../../screen/text.ts'
import { findPlan, type planArgument } from './find.ts'
import { painted, phaseAndStateText } from './view.ts'

/** Flags of every move. */
export const moveFlags = { ifVersion: ifVersion('plan') }

type Base = { readonly version: number }
type MoveCall = Pick<ChangeCall<typeof planArgument>, 'args' | 'note' | 'withStore' | 'acting'> & {
  readonly flags: FlagValues<typeof moveFlags>
}

/** Finds the plan, makes the move, and shows the result. */
export function moveByVerb(
  call: MoveCall,
  make: (plans: Store['plans'], plan: Plan, base: Base) => Promise<Plan>,
): Promise<Outcome> {
  return call.withStore('existing', async (store) => {
    const before = await findPlan(store, call.args.plan)
    const base = { version: call.flags.ifVersion ?? before.version }
    const { plans } = call.acting(store)
    try {
      const after = await make(plans, before, base)
      return movedOutcome(before, after, await verbsFrom(after))
    } catch (error) {
      throw await inVerbs(error, before)
    }
  })
}

/** The moves allowed from a plan's current state. */
export async function verbsFrom(plan: Plan): Promise<readonly PlanMove[]> {
  const { movesFrom } = await import('../../../index.ts')
  return movesFrom(plan).map(({ move }) => move)
}

/** What a move prints: from where, to where, and what can follow. */
export function movedOutcome(before: Plan, after: Plan, next: readonly string[]): Outcome {
  return {
    data: after,
    show: (screen) => {
      if (screen.quiet) return ''
      const { dim } = screen.paint
      const attempt = after.attempt === before.attempt ? '' : `, attempt ${after.attempt}`
      const may = next.length === 0 ? 'this is final' : `next: ${next.join(', ')}`
      return [
        `${printableLine(after.planId)} is now ${painted(screen.paint, after)}${attempt}  ${dim(`it was ${phaseAndStateText(before)}`)}`,
        dim(`  ${may}`),
      ].join('\n')
    },
  }
}

/**
 * The library lists the states a plan may move to; here moves are verbs, so these are listed too.
 */
export async function inVerbs(error: unknown, plan: Plan): Promise<unknown> {
  const isRefusal = error instanceof Error && 'code' in error && error.code === 'INVALID_TRANSITION'
  if (!isRefusal) return error
  const next = await verbsFrom(plan)
  return next.length === 0
    ? error
    : new CommandError('INVALID_TRANSITION', `${error.message} (${next.join(', ')})`)
}
