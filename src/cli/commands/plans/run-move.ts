// What all moves share: making a move by its verb, reporting a refusal in terms of the command
// line, and showing a plan after its move.

import type {
  GateClosedError,
  MoveBase,
  Plan,
  PlanHasChildrenError,
  PlanMove,
  Store,
} from '../../../index.ts'
import { ruleNames } from '../../../records/rules/enums.ts'
import { type ChangeCall, ifVersion } from '../../flags/actor-flag.ts'
import { type FlagValues, text, whole, words } from '../../flags/flags.ts'
import type { Outcome } from '../../run/command.ts'
import { CommandError } from '../../run/failure.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { counted, printableLine } from '../../screen/text.ts'
import { findPlan, type planArgument } from './find.ts'
import { painted, phaseAndStateText } from './view.ts'

/** Flags of every move. */
export const moveFlags = { ifVersion: ifVersion('plan') }

/** Flags of moves that rules may stand in the way of. */
export const ruleFlags = {
  override: words(ruleNames, 'rules to break knowingly; needs a reason', { metavar: 'rule,…' }),
  ...moveFlags,
}

/** Flags of moves that have no other reason. */
export const reasonedFlags = {
  confidence: whole('percent', 'how sure the move is, for gates that depend on it', {
    max: 100,
    field: 'confidence',
  }),
  reason: text('text', 'why, for the audit trail', { field: 'reason' }),
  ...ruleFlags,
}

type MoveFlags = FlagValues<typeof ruleFlags> &
  Partial<Pick<FlagValues<typeof reasonedFlags>, 'confidence' | 'reason'>>
type MoveCallPlace = Pick<ChangeCall, 'global' | 'screen'>
export type MoveCall = Pick<ChangeCall<typeof planArgument>, 'args' | 'note' | 'withStore' | 'acting'> &
  MoveCallPlace & { readonly flags: MoveFlags }

/** The options of a move, without a version. */
export function optionsOf({ override, confidence }: MoveFlags): Omit<MoveBase, 'version' | 'reason'> {
  return {
    ...(override.length === 0 ? {} : { override }),
    ...(confidence === undefined ? {} : { confidence: confidence / 100 }),
  }
}

/** Finds the plan, makes the move, and shows the result. */
export function moveByVerb(
  call: MoveCall,
  make: (plans: Store['plans'], plan: Plan, base: MoveBase) => Promise<Plan>,
  takesReason = true,
): Promise<Outcome> {
  return call.withStore('existing', async (store) => {
    const before = await findPlan(store, call.args.plan)
    const { ifVersion: version = before.version, reason } = call.flags
    const base = {
      version,
      ...optionsOf(call.flags),
      ...(takesReason && reason !== undefined ? { reason } : {}),
    }
    const { plans } = call.acting(store)
    try {
      const after = await make(plans, before, base)
      return movedOutcome(before, after, await verbsFrom(after))
    } catch (error) {
      throw await inVerbs(error, before, call)
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
 * Where a gate is closed, the next command is named.
 */
export async function inVerbs(error: unknown, plan: Plan, call: MoveCallPlace): Promise<unknown> {
  if (!(error instanceof Error && 'code' in error)) return error
  if (error.code === 'GATE_CLOSED') return closedGate(error as GateClosedError, plan, call)
  if (error.code === 'PLAN_HAS_CHILDREN') return hasLiveChildren(error as PlanHasChildrenError, plan)
  if (error.code !== 'INVALID_TRANSITION') return error
  const next = await verbsFrom(plan)
  return next.length === 0
    ? error
    : new CommandError('INVALID_TRANSITION', `${error.message} (${next.join(', ')})`)
}

function hasLiveChildren({ count }: PlanHasChildrenError, { planId }: Plan): CommandError {
  const them = count === 1 ? 'is 1 live plan' : `are ${counted(count, 'live plan')}`
  return new CommandError(
    'PLAN_HAS_CHILDREN',
    `there ${them} directly below ${printableLine(planId)}; --tree cancels what is live below it too, purser plans tree shows it`,
  )
}

function closedGate(
  error: GateClosedError,
  { planId }: Plan,
  { global, screen }: MoveCallPlace,
): CommandError {
  const { step, approvalId } = error
  const words =
    approvalId === undefined ? ['plans', 'proceed', planId, step] : ['approvals', 'show', approvalId]
  const command = commandLine(screen, [...words, ...sameDatabase(global)])
  return new CommandError('GATE_CLOSED', `${error.message}: ${command}`)
}
