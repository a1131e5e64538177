// What a correction does, in the transaction of its caller: the guidance becomes a decision; in the
// mode `revert` it takes the place of what was decided and of all that depended on it.

import type { Row, WriteOperation } from '../../engines/contract/engine.ts'
import { DecisionSupersededError, RecordNotFoundError, TransactionConflictError } from '../../errors.ts'
import { events } from '../../observability/events.ts'
import { makeUlid } from '../../values/ids.ts'
import { type Decision, decisionDefinition } from '../decisions/definition.ts'
import { dependentsOf } from '../decisions/dependents.ts'
import { DecisionWrites, decisionEvent } from '../decisions/writes.ts'
import { StepWrites } from '../plan-steps/writes.ts'
import { type Plan, planDefinition } from '../plans/definition.ts'
import { isTerminal, moveFrom, nameOf, refused } from '../plans/moves.ts'
import { beforeExecution } from '../plans/reversion.ts'
import { PlanEnder } from '../plans/trees/end-plans.ts'
import { PlanChanges } from '../plans/work/plan-change.ts'
import { type RecordSession, type Runner, writeAll } from '../repository/session.ts'
import type { Correction } from './definition.ts'

export type Announcement = () => void

export interface Effects {
  readonly resultDecisionId: string
  readonly superseded: number
  readonly cancelledPlanIds: readonly string[]
  /** Publishes the events of what was done; to be called once it is committed. */
  readonly announce: Announcement
}

/** A plan that the correction moves or changes. */
interface Moved {
  readonly before: Plan
  readonly after: Plan
  readonly operation: WriteOperation
  readonly move: 'revert' | 'cancel' | undefined
}

/** Plans that one statement set cancels; other work runs between two sets. */
const STEP_ROWS = 200

export class CorrectedPlans extends PlanEnder {
  readonly #decisions: DecisionWrites
  readonly #changes: PlanChanges

  constructor(session: RecordSession) {
    super(session)
    this.#decisions = new DecisionWrites(session)
    this.#changes = new PlanChanges(session)
  }

  /**
   * Carries out a correction that is `executing`.
   * @throws DecisionSupersededError, RecordNotFoundError, InvalidTransitionError,
   * ReversionLimitError
   */
  async correct(runner: Runner, correction: Correction): Promise<Effects> {
    const { decisionId, planId } = correction
    await this.#decisions.lockTreeOf(runner, planId)
    const [row] = await runner.read(this.session.statements.rowsByKey(decisionDefinition.shape, [decisionId]))
    if (row === undefined) throw new RecordNotFoundError('decisions', decisionId)
    const decision = this.#decisions.codec.decode(row)
    if (decision.supersededBy !== null) throw new DecisionSupersededError(decisionId, decision.supersededBy)
    return correction.mode === 'append'
      ? this.#append(runner, correction, decision)
      : this.#revert(runner, correction, decision)
  }

  async #append(runner: Runner, correction: Correction, under: Decision): Promise<Effects> {
    const result = await this.#result(runner, correction, under, {
      type: 'user_intervention',
      parentDecisionId: under.decisionId,
    })
    await writeAll(runner, [this.#insertion(result)])
    const { decisionId: resultDecisionId } = result
    return {
      resultDecisionId,
      superseded: 0,
      cancelledPlanIds: [],
      announce: () => this.#announceDecision(result),
    }
  }

  async #revert(runner: Runner, correction: Correction, decision: Decision): Promise<Effects> {
    const { planId, rootPlanId, decisionId, parentDecisionId } = decision
    const plan = await this.#changes.locked(runner, planId)
    if (isTerminal(plan.state)) throw refused(plan, plan.state, 'revert')
    const places = await this.#decisions.placesInTree(runner, rootPlanId)
    const dropped = [
      ...places.filter((place) => place.decisionId === decisionId),
      ...dependentsOf(places, decisionId),
    ].filter(({ supersededBy }) => supersededBy === null)
    const isRoot = parentDecisionId === null
    const result = await this.#result(runner, correction, decision, {
      type: isRoot ? 'prompt_definition' : 'user_intervention',
      parentDecisionId,
    })
    const root = isRoot ? { decisionRootId: result.decisionId } : {}
    const back = this.#back(plan, correction, root)
    const cancelled = await this.#cancelled(
      runner,
      correction,
      dropped.flatMap(({ spawnedPlanIds }) => spawnedPlanIds),
    )
    const moved = [...(back ? [back] : []), ...cancelled]
    for (let start = 0; start < moved.length; start += STEP_ROWS) {
      await this.#changeAll(runner, moved.slice(start, start + STEP_ROWS))
      await new Promise((resolve) => setImmediate(resolve))
    }
    const steps =
      back !== undefined && nameOf(back.before) !== nameOf(back.after)
        ? await new StepWrites(this.session).drop(runner, planId)
        : 0
    const reason = `correction ${correction.correctionId}`
    const late = await this.cancelRest(
      runner,
      cancelled.map(({ after }) => after.planId),
      { reason, changes: { cancelReason: reason } },
    )
    const ids = dropped.map((place) => place.decisionId)
    await writeAll(runner, [this.#insertion(result), ...this.#decisions.supersession(ids, result.decisionId)])
    return {
      resultDecisionId: result.decisionId,
      superseded: ids.length,
      cancelledPlanIds: [...cancelled, ...late].map(({ after }) => after.planId),
      announce: () => {
        for (const { move, before, after } of moved) {
          if (move) this.announce(move, before, after)
          else this.session.events.emit(events.planUpdated, { id: after.planId, version: after.version })
        }
        if (steps > 0) this.session.events.emit(events.stepsDropped, { planId, steps })
        for (const { before, after } of late) this.announce('cancel', before, after)
        this.#announceDecision(result)
      },
    }
  }

  /** The plan as it was before its strategy; undefined if it is there already. */
  #back(
    plan: Plan,
    { correctionId }: Correction,
    root: Partial<Pick<Plan, 'decisionRootId'>>,
  ): Moved | undefined {
    const reason = `correction ${correctionId}`
    if (moveFrom(plan, 'revert')) {
      return { ...this.moved(plan, 'revert', { reason, changes: root }), move: 'revert' }
    }
    const isBack = plan.state === 'queued' && (plan.phase === 'action' || plan.phase === 'strategize')
    if (isBack) {
      return 'decisionRootId' in root ? { ...this.#changes.change(plan, root), move: undefined } : undefined
    }
    const to = { phase: 'strategize', state: 'queued' } as const
    const changes = { ...to, error: null, ...beforeExecution, ...root }
    const details = { from: nameOf(plan), to: nameOf(to) }
    return { ...this.#changes.change(plan, changes, 'correct', { reason, details }), move: undefined }
  }

  /** Every live plan among these and below them. */
  async #cancelled(
    runner: Runner,
    { correctionId }: Correction,
    planIds: readonly string[],
  ): Promise<readonly Moved[]> {
    const rows = new Map<string, Row>()
    const key = planDefinition.shape.columns.indexOf(planDefinition.shape.key)
    for (const planId of new Set(planIds)) {
      if (rows.has(planId)) continue
      for (const row of await runner.read(this.subtree(planId))) rows.set(String(row[key]), row)
    }
    const reason = `correction ${correctionId}`
    return [...rows.values()]
      .map((row) => this.codec.decode(row))
      .filter(({ state }) => !isTerminal(state))
      .map((plan) => ({
        ...this.moved(plan, 'cancel', { reason, changes: { cancelReason: reason } }),
        move: 'cancel' as const,
      }))
  }

  /** @throws TransactionConflictError if a plan was changed since it was read */
  async #changeAll(runner: Runner, moved: readonly Moved[]): Promise<void> {
    const outcomes = await writeAll(
      runner,
      moved.map(({ operation }) => operation),
    )
    if (outcomes.every(({ kind }) => kind === 'updated')) return
    throw new TransactionConflictError(
      'a plan was changed by another writer in the meantime; nothing was stored',
    )
  }

  async #result(
    runner: Runner,
    { guidance, correctionId, mode }: Correction,
    { planId, rootPlanId, question }: Decision,
    content: Pick<Decision, 'type' | 'parentDecisionId'>,
  ): Promise<Decision> {
    const sequence = await this.#decisions.nextSequence(runner, planId)
    return this.#decisions.made(
      { planId, rootPlanId, sequence },
      { ...content, question, chosenOption: guidance, contextSnapshot: { correctionId, mode } },
      makeUlid(),
    )
  }

  #insertion(decision: Decision): WriteOperation {
    return { ...this.#decisions.insertion(decision), auditEntry: this.trail.entry(decisionEvent(decision)) }
  }

  #announceDecision({ decisionId: id, planId }: Decision): void {
    this.session.events.emit(events.decisionRecorded, { id, planId })
  }
}
