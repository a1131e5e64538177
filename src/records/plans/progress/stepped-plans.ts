// The verbs of plans about their steps: record one, list them, and where to go on.

import { z } from 'zod'
import { InvalidTransitionError, RecordNotFoundError, TransactionConflictError } from '../../../errors.ts'
import { events } from '../../../observability/events.ts'
import { type Decision, decisionDefinition } from '../../decisions/definition.ts'
import { parseOrThrow } from '../../model/issues.ts'
import { createCodec } from '../../model/record-codec.ts'
import { idRule, integerRule, nameRule } from '../../model/rules.ts'
import { planCheckpointSummaryDefinition } from '../../plan-checkpoints/definition.ts'
import { MAX_STEPS, type PlanStep } from '../../plan-steps/definition.ts'
import { planStepStatuses } from '../../plan-steps/enums.ts'
import { type Resumability, resumeMoveOf } from '../../plan-steps/resume.ts'
import { type StepReport, StepWrites } from '../../plan-steps/writes.ts'
import { checkArguments, options, text } from '../../repository/arguments.ts'
import { writeAll } from '../../repository/session.ts'
import { PlanCreator } from '../creator.ts'
import { planPhases } from '../enums.ts'
import { isTerminal, nameOf } from '../moves.ts'
import { PlanChanges } from '../work/plan-change.ts'

const stepRules = {
  index: integerRule(0).refine((index) => index < MAX_STEPS, `must be less than ${MAX_STEPS}`),
  status: z.enum(planStepStatuses),
  total: integerRule(1).nullable(),
  name: nameRule.nullable(),
}
const reportRule = z.strictObject({
  index: stepRules.index,
  status: stepRules.status,
  total: stepRules.total.optional(),
  name: stepRules.name.optional(),
})

export abstract class SteppedPlans extends PlanCreator {
  static {
    checkArguments(SteppedPlans, {
      step: [text('planId'), options(stepRules)],
      steps: [text('planId')],
      resumable: [text('planId')],
    })
  }

  /**
   * Records how far the plan has come: the step of this index in the plan's present phase, from 0.
   * What is left out of `total` and `name` stays as it was recorded before. The plan's
   * `lastCompletedStep` follows in the same transaction, and raises its version where it changes:
   * it is the greatest step that is `completed` or `skipped` before the first that is `pending`,
   * `running` or `failed`. Steps before it that were never recorded count as done. A step that is
   * recorded again as it is changes nothing.
   *
   * Of concurrent callers each one is stored, one after the other. What puts the plan back drops
   * the steps that no longer count: a reversion all of them, the restoration of a checkpoint those
   * after it.
   * @throws RecordNotFoundError, InvalidRecordError, InvalidTransitionError (the plan is applied or
   * cancelled)
   * @example await store.as('agent-7').plans.step(plan.planId, { index: 0, total: 5, name: 'read the schema', status: 'completed' })
   */
  async step(id: string, report: StepReport): Promise<PlanStep> {
    const key = parseOrThrow('id of the plan', idRule, id)
    const said = parseOrThrow('step', reportRule, report)
    const writes = new StepWrites(this.session)
    const plans = new PlanChanges(this.session)
    const done = await this.session.inTurn(async (runner) => {
      const plan = await plans.locked(runner, key)
      if (isTerminal(plan.state)) throw ended(key, nameOf(plan))
      const change = await writes.recorded(runner, plan, said)
      const last = await writes.lastCompleted(runner, plan, change.after)
      const moved =
        last === plan.lastCompletedStep ? undefined : plans.change(plan, { lastCompletedStep: last })
      const outcomes = await writeAll(runner, [
        ...(change.operation ? [change.operation] : []),
        ...(moved ? [moved.operation] : []),
      ])
      if (!outcomes.every(({ kind }) => kind === 'stored' || kind === 'updated')) throw changedMeanwhile()
      return { change, moved }
    })
    const { after, operation } = done.change
    this.session.whenCommitted(() => {
      const { stepId, index, status } = after
      if (operation) this.session.events.emit(events.stepRecorded, { id: stepId, planId: key, index, status })
      const version = done.moved?.after.version
      if (version !== undefined) this.session.events.emit(events.planUpdated, { id: key, version })
    })
    return after
  }

  /**
   * The steps of a plan, by phase and index; none if none was recorded.
   * @throws RecordNotFoundError
   */
  async steps(id: string): Promise<readonly PlanStep[]> {
    const { planId } = await this.#existing(id)
    const found = await new StepWrites(this.session).all(this.session, planId)
    return found.toSorted(
      (a, b) => planPhases.indexOf(a.planPhase) - planPhases.indexOf(b.planPhase) || a.index - b.index,
    )
  }

  /**
   * Whether the plan can be resumed, and where: after its last completed step, with its last
   * checkpoint and its last decision that was not superseded. Otherwise the reason: it has `ended`,
   * has `not_begun`, its phase is complete (`phase_complete`), or it is `constrained`.
   * @throws RecordNotFoundError
   * @example
   * const where = await store.plans.resumable(plan.planId)
   * if (where.resumable) console.log(where.move, 'from step', where.step, where.checkpoint?.sandboxRef)
   */
  async resumable(id: string): Promise<Resumability> {
    const plan = await this.#existing(id)
    const answer = resumeMoveOf(plan)
    if ('reason' in answer) return { resumable: false, plan, ...answer }
    const writes = new StepWrites(this.session)
    const steps = (await writes.all(this.session, plan.planId)).filter(
      ({ planPhase }) => planPhase === plan.phase,
    )
    const step = (await writes.lastKnown(this.session, plan, steps.length > 0)) + 1
    const totals = steps.flatMap(({ total }) => total ?? [])
    return {
      resumable: true,
      plan,
      move: answer.move,
      step,
      total: totals.length === 0 ? null : Math.max(...totals),
      recorded: steps.find(({ index }) => index === step) ?? null,
      checkpoint: await this.#checkpoint(plan.lastCheckpointId),
      decision: await this.#lastDecision(plan.planId),
    }
  }

  async #existing(id: string) {
    const key = parseOrThrow('id of the plan', idRule, id)
    const plan = await this.get(key)
    if (plan === null) throw new RecordNotFoundError('plans', key)
    return plan
  }

  async #checkpoint(checkpointId: string | null) {
    if (checkpointId === null) return null
    const { shape } = planCheckpointSummaryDefinition
    const [row] = await this.session.read(this.session.statements.rowsByKey(shape, [checkpointId]))
    const codec = createCodec(planCheckpointSummaryDefinition, this.session.engine.codec, () => undefined)
    return row === undefined ? null : codec.decode(row)
  }

  async #lastDecision(planId: string): Promise<Decision | null> {
    const { columns } = decisionDefinition.shape
    const sql = `select ${columns.join(', ')} from decisions where plan_id = ? and superseded_by is null order by sequence desc limit 1`
    const [row] = await this.session.read(this.session.statements.raw(sql, sql, [planId]))
    const codec = createCodec(decisionDefinition, this.session.engine.codec, () => undefined)
    return row === undefined ? null : codec.decode(row)
  }
}

function ended(planId: string, at: string): InvalidTransitionError {
  return new InvalidTransitionError(`plan ${JSON.stringify(planId)}`, at, 'another step', [])
}

function changedMeanwhile(): TransactionConflictError {
  return new TransactionConflictError('another writer changed the plan in the meantime; repeat the call')
}
