// How a plan is put back to a checkpoint: what it decided and spawned since then no longer counts.

import { z } from 'zod'
import { InvalidTransitionError, TransactionConflictError } from '../../errors.ts'
import { events } from '../../observability/events.ts'
import type { Approval } from '../approvals/definition.ts'
import type { Decision } from '../decisions/definition.ts'
import { dependentsOf } from '../decisions/dependents.ts'
import { type DecisionPlace, DecisionWrites, decisionEvent } from '../decisions/writes.ts'
import { parseOrThrow } from '../model/issues.ts'
import { bodyRule } from '../model/rules.ts'
import { StepWrites } from '../plan-steps/writes.ts'
import { isHuman } from '../plans/checks/human.ts'
import type { Plan } from '../plans/definition.ts'
import { planPhases } from '../plans/enums.ts'
import { gate } from '../plans/gate.ts'
import { isTerminal, nameOf } from '../plans/moves.ts'
import { PlanEnder } from '../plans/trees/end-plans.ts'
import { PlanChanges } from '../plans/work/plan-change.ts'
import { changeAll, type RecordSession, type Runner, writeAll } from '../repository/session.ts'
import type { Base } from '../repository/versioned-repository.ts'
import type { PlanCheckpoint } from './definition.ts'

export interface RestoreOptions {
  /** Why: for who decides, and for the audit entry. */
  readonly reason: string
  /** How sure the caller is, from 0 to 1; some gates need it. */
  readonly confidence?: number | undefined
}

/**
 * What came of it. `restored`: the plan is as it was, by itself (`approval` is null) or with the
 * approval that it used up. `waiting`: the approval has to be decided first. `refused`: it was
 * rejected.
 */
export type Restoration =
  | {
      readonly outcome: 'restored'
      readonly plan: Plan
      readonly checkpoint: PlanCheckpoint
      readonly approval: Approval | null
    }
  | {
      readonly outcome: 'waiting' | 'refused'
      readonly plan: Plan
      readonly checkpoint: PlanCheckpoint
      readonly approval: Approval
    }

export const restoreRules = { reason: bodyRule, confidence: z.number().min(0).max(1) }
const restoreRule = z.strictObject({
  reason: restoreRules.reason,
  confidence: restoreRules.confidence.optional(),
})

/** Plans that one statement set cancels; other work runs between two sets. */
const STEP_ROWS = 200
const STEP = 'approvePlan'

/** What a restoration does in its transaction. */
interface Effects {
  readonly after: Plan
  readonly cancelled: readonly { readonly before: Plan; readonly after: Plan }[]
  readonly decision: Decision | undefined
  readonly used: Approval | null
  /** How many steps of the plan no longer count. */
  readonly steps: number
}

export class RestoredPlans extends PlanEnder {
  readonly #decisions: DecisionWrites
  readonly #changes: PlanChanges

  constructor(session: RecordSession) {
    super(session)
    this.#decisions = new DecisionWrites(session)
    this.#changes = new PlanChanges(session)
  }

  async restore(checkpoint: PlanCheckpoint, options: RestoreOptions, base: Base): Promise<Restoration> {
    const { reason, confidence } = parseOrThrow('restore', restoreRule, options)
    const expected = this.versionOf(base)
    const { planId, checkpointId } = checkpoint
    const plan = await this.getAt(planId, expected)
    assertPossible(plan, checkpoint)
    if (isHuman(this.session.actor) || gate(plan, STEP, confidence) === 'auto') {
      const { after } = await this.#restoreWith(checkpoint, expected, { reason, confidence })
      return { outcome: 'restored', plan: after, checkpoint, approval: null }
    }
    const question = {
      planId,
      planVersion: expected,
      step: STEP,
      about: checkpointId,
      move: `restore ${checkpointId}`,
      from: nameOf(plan),
      confidence: confidence ?? null,
      threshold: plan.effectiveProfile?.[STEP] ?? null,
      reason,
    }
    const approval = await this.gateApprovals.findOrRequest(question, () => this.getAt(planId, expected))
    if (approval.status === 'pending') return { outcome: 'waiting', plan, checkpoint, approval }
    if (approval.status === 'rejected') return { outcome: 'refused', plan, checkpoint, approval }
    const { after, used } = await this.#restoreWith(checkpoint, expected, { reason, confidence, approval })
    return { outcome: 'restored', plan: after, checkpoint, approval: used }
  }

  /** All of it in one transaction, and the use of the approval with it. */
  async #restoreWith(
    checkpoint: PlanCheckpoint,
    expected: number,
    why: { readonly reason: string; readonly confidence?: number | undefined; readonly approval?: Approval },
  ): Promise<Effects> {
    const { planId } = checkpoint
    const effects = await this.session.inTransaction(async (runner): Promise<Effects> => {
      const plan = await this.lockedAt(runner, planId, expected)
      assertPossible(plan, checkpoint)
      const use = why.approval && (await this.gateApprovals.use(runner, why.approval.id))
      if (why.approval && use === undefined) throw approvalChanged()
      const { dropped, decision, spawned } = await this.#dropped(runner, plan, checkpoint, why.reason)
      const cancelled = await this.#later(runner, plan, checkpoint, spawned)
      const details = {
        ...{
          checkpointId: checkpoint.checkpointId,
          from: nameOf(plan),
          to: nameOf(backTo(plan, checkpoint)),
        },
        ...{ superseded: dropped.length, cancelled: cancelled.length },
        approvalId: why.approval?.id ?? null,
      }
      const change = this.#changes.change(plan, changesOf(plan, checkpoint), 'restore', {
        ...{ reason: why.reason, verdict: 'allow', matchedRules: [STEP], details },
      })
      await changeAll(runner, [change.operation, ...(use ? [use.change] : [])])
      for (let start = 0; start < cancelled.length; start += STEP_ROWS) {
        const step = cancelled.slice(start, start + STEP_ROWS)
        await changeAll(
          runner,
          step.map(({ operation }) => operation),
        )
        await new Promise((resolve) => setImmediate(resolve))
      }
      const late = await this.cancelRest(
        runner,
        cancelled.map(({ before }) => before.planId),
        cancelledBy(checkpoint),
      )
      if (decision) {
        const auditEntry = this.trail.entry(decisionEvent(decision))
        await writeAll(runner, [
          { ...this.#decisions.insertion(decision), auditEntry },
          ...this.#decisions.supersession(dropped, decision.decisionId),
        ])
      }
      const steps = await new StepWrites(this.session).drop(runner, planId, {
        phase: change.after.phase,
        last: checkpoint.step,
        keep: planPhases.slice(0, planPhases.indexOf(change.after.phase)),
      })
      const used = use?.approval ?? null
      return { after: change.after, cancelled: [...cancelled, ...late], decision, used, steps }
    })
    this.session.whenCommitted(() => this.#announce(checkpoint, effects))
    return effects
  }

  /** The live decisions that the plan made after the checkpoint, and what depends on them. */
  async #dropped(runner: Runner, plan: Plan, checkpoint: PlanCheckpoint, reason: string) {
    const { planId, rootPlanId } = plan
    const places = await this.#decisions.placesInTree(runner, rootPlanId)
    const own = places.filter((place) => place.planId === planId)
    const later = own.filter(
      ({ sequence, type }) => sequence > checkpoint.decisionSequence && type !== 'prompt_definition',
    )
    const gone = new Set<DecisionPlace>(later)
    for (const { decisionId } of later) for (const place of dependentsOf(places, decisionId)) gone.add(place)
    const live = [...gone].filter(({ supersededBy }) => supersededBy === null)
    const root = own.find(({ type, supersededBy }) => type === 'prompt_definition' && supersededBy === null)
    // Without a root there is nothing that a decision could be under.
    const decision =
      live.length === 0 || root === undefined
        ? undefined
        : this.#decisions.made(
            { planId, rootPlanId, sequence: (own.at(-1)?.sequence ?? 0) + 1 },
            {
              type: 'error_recovery',
              parentDecisionId: root.decisionId,
              question: 'How does the plan go on?',
              chosenOption: `from checkpoint ${checkpoint.alias ?? checkpoint.checkpointId}`,
              rationale: reason,
              contextSnapshot: { checkpointId: checkpoint.checkpointId },
            },
          )
    const dropped = decision === undefined ? [] : live.map(({ decisionId }) => decisionId)
    return { dropped, decision, spawned: new Set(live.flatMap(({ spawnedPlanIds }) => spawnedPlanIds)) }
  }

  /** The cancellations of live plans that were made below the plan after the checkpoint. */
  async #later(runner: Runner, { planId }: Plan, checkpoint: PlanCheckpoint, spawned: ReadonlySet<string>) {
    const { createdAt } = checkpoint
    const found = (await runner.read(this.subtree(planId))).map((row) => this.codec.decode(row))
    const below = Map.groupBy(found, ({ parentPlanId }) => parentPlanId ?? '')
    const later = new Set(
      found
        .filter((plan) => plan.planId !== planId)
        .filter((plan) => plan.createdAt > createdAt || spawned.has(plan.planId))
        .map((plan) => plan.planId),
    )
    // A set visits what is added while it is iterated.
    for (const id of later) for (const child of below.get(id) ?? []) later.add(child.planId)
    return found
      .filter((plan) => later.has(plan.planId) && !isTerminal(plan.state))
      .map((plan) => this.moved(plan, 'cancel', cancelledBy(checkpoint)))
  }

  #announce(
    { checkpointId: id, planId }: PlanCheckpoint,
    { after, cancelled, decision, used, steps }: Effects,
  ): void {
    const { events: bus } = this.session
    bus.emit(events.checkpointRestored, { id, planId, version: after.version })
    for (const { before, after: ended } of cancelled) this.announce('cancel', before, ended)
    if (decision) bus.emit(events.decisionRecorded, { id: decision.decisionId, planId })
    if (used) this.gateApprovals.announceUse(used)
    if (steps > 0) bus.emit(events.stepsDropped, { planId, steps })
  }
}

function cancelledBy({ checkpointId }: PlanCheckpoint) {
  const reason = `checkpoint ${checkpointId} was restored`
  return { reason, changes: { cancelReason: reason } }
}

/** Where the plan is put: queued again, so that a worker starts it. */
function backTo(plan: Plan, { planPhase }: PlanCheckpoint): Pick<Plan, 'phase' | 'state'> {
  return planPhase === 'action'
    ? { phase: plan.phase, state: plan.state }
    : { phase: planPhase, state: 'queued' }
}

function changesOf(plan: Plan, checkpoint: PlanCheckpoint): Partial<Plan> {
  const { step, checkpointId } = checkpoint
  return {
    ...backTo(plan, checkpoint),
    error: null,
    lastCompletedStep: step,
    lastCheckpointId: checkpointId,
  }
}

/**
 * A plan that was put back to an earlier phase has dropped the strategy of the checkpoint.
 * @throws InvalidTransitionError
 */
function assertPossible(plan: Plan, { planPhase }: PlanCheckpoint): void {
  const isEarlier = planPhases.indexOf(plan.phase) < planPhases.indexOf(planPhase)
  if (!isTerminal(plan.state) && !isEarlier) return
  const name = `plan ${JSON.stringify(plan.planId)}`
  throw new InvalidTransitionError(name, nameOf(plan), `${planPhase}/queued`, [])
}

function approvalChanged(): TransactionConflictError {
  return new TransactionConflictError('another writer changed the approval in the meantime; repeat the call')
}
