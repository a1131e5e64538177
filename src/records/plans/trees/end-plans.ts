// How plans end: alone, if no live plan is below, or with everything below. Who ends a plan has
// locked its row before it looks for plans below, and who creates one has locked its parent's, so
// of the two at once the second sees what the first has done (live-trees.ts).

import { CorruptRecordError, InvalidRecordError, RecordNotFoundError } from '../../../errors.ts'
import { parseOrThrow } from '../../model/issues.ts'
import { idRule } from '../../model/rules.ts'
import { changeAll, type Runner } from '../../repository/session.ts'
import { enforceRule, type Ruling } from '../../rules/enforce.ts'
import type { Plan } from '../definition.ts'
import { type MoveBase, type MoveExtra, type MoveOptions, PlanMover } from '../mover.ts'
import { isTerminal, moveFrom, type PlanMove, refused } from '../moves.ts'
import type { PlanTree } from '../tree.ts'
import { PlanChanges } from '../work/plan-change.ts'
import {
  countLiveChildren,
  hasLivePlans,
  liveChildrenViolation,
  lockedStates,
  stillLiveBelow,
} from './live-trees.ts'

/** A plan before and after its move. */
export interface MovedPlan {
  readonly before: Plan
  readonly after: Plan
}

/** The end of a plan alone, or with everything that is live below it. */
export type EndBase = MoveBase & { readonly tree?: boolean | undefined }

export abstract class PlanEnder extends PlanMover {
  protected override async asked(
    plan: Plan,
    move: PlanMove,
    options: MoveOptions,
    extra: MoveExtra,
  ): Promise<MoveExtra> {
    const asked = await super.asked(plan, move, options, extra)
    return { ...asked, overriding: { override: options.override, reason: asked.reason } }
  }

  protected override make(current: Plan, move: PlanMove, extra: MoveExtra) {
    return endsBy(current, move) ? this.#end(current, move, extra) : super.make(current, move, extra)
  }

  /**
   * Ends a plan by `cancel` or `complete`, and cancels every live plan below it: all, or none.
   * @throws InvalidRecordError if the move does not end the plan
   */
  protected async endTree(id: string, move: PlanMove, base: EndBase, extra: MoveExtra = {}): Promise<Plan> {
    const expected = this.versionOf(base)
    const moved = await this.session.inTransaction(async (runner) => {
      const { root } = await this.#readTree(runner, id, expected)
      this.assertMove(root.plan, move)
      if (!endsBy(root.plan, move)) throw endsNothing(move)
      if (move === 'cancel') return this.#cancelLive(runner, id, extra)
      const asked = await this.asked(root.plan, move, base, extra)
      const { before, after, operation } = this.moved(root.plan, move, asked)
      await changeAll(runner, [operation])
      const reason = `plan ${id} is ${after.state}`
      const below = await this.#cancelLive(runner, id, { reason, changes: { cancelReason: reason } })
      return [{ before, after }, ...below]
    })
    this.session.whenCommitted(() => {
      for (const [index, { before, after }] of moved.entries())
        this.announce(index === 0 ? move : 'cancel', before, after)
    })
    return (moved[0] as MovedPlan).after
  }

  protected override async cancelRest(
    runner: Runner,
    ended: readonly string[],
    extra: MoveExtra,
  ): Promise<readonly MovedPlan[]> {
    const rest: MovedPlan[] = []
    for (const id of await stillLiveBelow(this.session, runner, ended))
      rest.push(...(await this.#cancelLive(runner, id, extra)))
    return rest
  }

  /** Cancels a plan and every one below it that is live, until there is none. */
  async #cancelLive(runner: Runner, id: string, extra: MoveExtra): Promise<readonly MovedPlan[]> {
    const moved: MovedPlan[] = []
    do {
      const { nodes } = await this.#readTree(runner, id)
      const live = [...nodes.values()].map(({ plan }) => plan).filter(({ state }) => !isTerminal(state))
      await lockedStates(
        this.session,
        runner,
        live.map(({ planId }) => planId),
      )
      moved.push(...(await this.cancelAll(runner, live, extra)))
      // Each plan is locked by its change now: whoever makes one below it has done so, or waits.
    } while (await hasLivePlans(this.session, runner, id))
    return moved
  }

  /** The end of one plan, while no plan can be made below it. */
  async #end({ planId, version }: Plan, move: PlanMove, extra: MoveExtra) {
    const { before, after } = await this.session.inTurn(async (runner) => {
      const plan = await new PlanChanges(this.session).locked(runner, planId)
      this.assertVersion(plan, version)
      // Only a writer that raises no version could have done that.
      if (moveFrom(plan, move) === undefined) throw refused(plan, plan.state, move)
      const ruling = await this.#rulingOnChildren(runner, planId, extra)
      const made = this.moved(plan, move, { ...extra, ruling })
      await changeAll(runner, [made.operation])
      return made
    })
    this.session.whenCommitted(() => this.announce(move, before, after))
    return { plan: after, used: null }
  }

  async #rulingOnChildren(runner: Runner, id: string, { ruling, overriding }: MoveExtra): Promise<Ruling> {
    const count = await countLiveChildren(this.session, runner, id)
    const found = await enforceRule(this.session, liveChildrenViolation(id, count), overriding, runner)
    return {
      overridden: [...(ruling?.overridden ?? []), ...found.overridden],
      recorded: [...(ruling?.recorded ?? []), ...found.recorded],
    }
  }

  /**
   * The tree as the transaction sees it; every plan of it must be readable, and its top at the
   * expected version.
   */
  async #readTree(runner: Runner, id: string, expected?: number): Promise<PlanTree> {
    const rows = await runner.read(this.subtree(parseOrThrow('id of the plan', idRule, id)))
    if (rows.length === 0) throw new RecordNotFoundError('plans', id)
    const tree = this.toTree(rows, id)
    const [unreadable] = tree.corrupt
    if (unreadable) throw new CorruptRecordError(unreadable.table, unreadable.id, unreadable.column)
    if (expected !== undefined) this.assertVersion(tree.root.plan, expected)
    return tree
  }
}

/** Whether a move leads to a state that no move leads out of. */
function endsBy(plan: Plan, move: PlanMove): boolean {
  const to = moveFrom(plan, move)
  return to !== undefined && isTerminal(to.state)
}

function endsNothing(move: PlanMove): InvalidRecordError {
  const message = `ends nothing with a ${move} in this phase; leave it out`
  return new InvalidRecordError('move', [{ path: ['tree'], code: 'not_ending', message }])
}
