// Checkpoints of plans: create, restore, prune, delete, and lists without the states.

import { DuplicateRecordError, RecordNotFoundError } from '../../errors.ts'
import { events } from '../../observability/events.ts'
import type { AuditEvent } from '../audit-entries/trail.ts'
import { DecisionWrites } from '../decisions/writes.ts'
import { parseOrThrow } from '../model/issues.ts'
import { idRule } from '../model/rules.ts'
import { planDefinition } from '../plans/definition.ts'
import { PlanChanges } from '../plans/work/plan-change.ts'
import { base, checkArguments, filter, options, record, text } from '../repository/arguments.ts'
import {
  type OrderRequest,
  orderOptions,
  type Page,
  type PageRequest,
  pageOptions,
} from '../repository/page.ts'
import { Repository } from '../repository/repository.ts'
import { type RecordSession, type Runner, writeAll } from '../repository/session.ts'
import type { Base } from '../repository/versioned-repository.ts'
import {
  type NewPlanCheckpoint,
  type PlanCheckpoint,
  type PlanCheckpointFields,
  type PlanCheckpointSummary,
  planCheckpointDefinition,
} from './definition.ts'
import { type CheckpointPruning, deletable, pruneRule, pruneRules } from './prune.ts'
import { type Restoration, RestoredPlans, type RestoreOptions, restoreRules } from './restore.ts'
import { type PlanCheckpointFilter, PlanCheckpointSummaries } from './summaries.ts'

/** Deletions that one set makes. */
const STEP_ROWS = 100

export class PlanCheckpointRepository extends Repository<PlanCheckpointFields> {
  static {
    checkArguments(PlanCheckpointRepository, {
      create: [record],
      restore: [text('checkpointId'), options(restoreRules), base({}, Object.keys(planDefinition.fields))],
      prune: [options(pruneRules)],
      delete: [text('checkpointId')],
      list: [filter, options(pageOptions)],
      count: [filter],
    })
    checkArguments(PlanCheckpointRepository, { each: [filter, options(orderOptions)] }, { throwing: true })
  }

  readonly #summaries: PlanCheckpointSummaries
  readonly #plans: PlanChanges
  readonly #decisions: DecisionWrites

  constructor(session: RecordSession) {
    super(planCheckpointDefinition, session)
    this.#summaries = new PlanCheckpointSummaries(session)
    this.#plans = new PlanChanges(session)
    this.#decisions = new DecisionWrites(session)
  }

  /**
   * Keeps a point to which a plan can be put back: its phase, state, last completed step and last
   * decision, and a state of 1 byte to 16 MiB from its tool or sandbox, byte for byte. The plan's
   * `lastCheckpointId` becomes its id in the same transaction, which raises the plan's version.
   * @throws RecordNotFoundError (the plan), InvalidRecordError, DuplicateRecordError (the id, or
   * the alias in this plan), QueryError (the server takes less at once; the message says what to
   * set)
   * @example
   * const { checkpointId } = await store.as('agent-7').planCheckpoints.create({
   *   planId: plan.planId, alias: 'before the schema', sandboxRef: 'git:1f3c9d', tool: 'shell',
   * })
   */
  async create(input: NewPlanCheckpoint): Promise<PlanCheckpoint> {
    const given = this.completeRecord(input, { createdAt: this.session.now() })
    const state = given.state as Uint8Array | null
    const stateSize = state?.byteLength ?? 0
    const { planId, alias } = given as unknown as PlanCheckpoint
    const stored = await this.session.inTurn(async (runner) => {
      await this.#decisions.lockTreeOf(runner, planId)
      const plan = await this.#plans.locked(runner, planId)
      if (alias !== null) await this.#assertFree(runner, planId, alias)
      const checkpoint = {
        ...given,
        stateSize,
        step: given.step ?? plan.lastCompletedStep,
        planPhase: plan.phase,
        planState: plan.state,
        planAttempt: plan.attempt,
        decisionSequence: (await this.#decisions.nextSequence(runner, planId)) - 1,
      } as unknown as PlanCheckpoint
      const { checkpointId } = checkpoint
      const isKnown = plan.lastCheckpointId === checkpointId
      const change = isKnown ? undefined : this.#plans.change(plan, { lastCheckpointId: checkpointId })
      const entry = this.entryOf('create', checkpoint, detailsOf(checkpoint))
      const outcomes = await writeAll(runner, [
        this.insertion(checkpoint, entry),
        ...(change ? [change.operation] : []),
      ])
      if (outcomes[0]?.kind === 'duplicate') throw new DuplicateRecordError('plan_checkpoints', checkpointId)
      return { checkpoint: this.asRead(checkpoint), version: change?.after.version }
    })
    const { checkpointId: id } = stored.checkpoint
    this.session.whenCommitted(() => {
      this.session.events.emit(events.checkpointCreated, { id, planId, bytes: stateSize })
      const { version } = stored
      if (version !== undefined) this.session.events.emit(events.planUpdated, { id: planId, version })
    })
    return stored.checkpoint
  }

  /**
   * Puts the plan of a checkpoint back to it, if the step `approvePlan` of its frozen profile lets
   * it, or the actor is a human (`human:ada`); otherwise the approval for this checkpoint and this
   * version of the plan is found or made, as by `plans.proceed`, and an approved one is used up.
   * The plan is queued again in the phase of the checkpoint (a plan that was in action is left
   * there), with its last completed step. Decisions that the plan made after the checkpoint are
   * superseded by one of the type `error_recovery`, and the live plans below that were made after
   * it are cancelled: in one transaction, all or nothing.
   * What a sandbox or tool has to put back is for the caller, who gets the state.
   * @param base the version of the plan; of concurrent callers, and moves, at one version exactly
   * one wins
   * @throws RecordNotFoundError (the checkpoint, or its plan), VersionConflictError,
   * InvalidTransitionError (the plan is applied or cancelled, or was put back to an earlier phase
   * than the checkpoint's), InvalidRecordError
   * @example
   * const result = await store.as('ada').planCheckpoints.restore(id, { reason: 'wrong table' }, plan)
   * if (result.outcome === 'restored') await sandbox.checkout(result.checkpoint.sandboxRef)
   */
  async restore(checkpointId: string, options: RestoreOptions, base: Base): Promise<Restoration> {
    const key = parseOrThrow('checkpoint', idRule, checkpointId, ['checkpointId'])
    const checkpoint = await this.get(key)
    if (checkpoint === null) throw new RecordNotFoundError('plan_checkpoints', key)
    return new RestoredPlans(this.session).restore(checkpoint, options, base)
  }

  /**
   * Deletes checkpoints of a plan, each with an audit entry: those that are neither among the
   * newest `keepLast` nor younger than `olderThan`, if both are given. The one that the plan names
   * as its last is kept.
   * @returns how many were deleted
   * @throws RecordNotFoundError (the plan), InvalidRecordError (neither is given)
   * @example await store.planCheckpoints.prune({ planId: plan.planId, keepLast: 5, olderThan: '7d' })
   */
  async prune(options: CheckpointPruning): Promise<number> {
    const { planId: key, ...bounds } = parseOrThrow('prune', pruneRule, options)
    const ids: string[] = await this.session.inTransaction(async (runner) => {
      const plan = await this.#plans.locked(runner, key)
      const sql =
        'select checkpoint_id, created_at from plan_checkpoints where plan_id = ? order by created_at desc, checkpoint_id desc'
      const rows = await runner.read(this.session.statements.raw(sql, sql, [key]))
      const found = rows.map(([id, at]) => ({
        id: String(id),
        createdAt: this.codec.decodeField('createdAt', at ?? null) as Date,
      }))
      const chosen = deletable(found, bounds, this.session.now()).filter((id) => id !== plan.lastCheckpointId)
      for (let start = 0; start < chosen.length; start += STEP_ROWS) {
        const step = chosen.slice(start, start + STEP_ROWS)
        await writeAll(
          runner,
          step.map((id) => this.deletion(id, this.#goneEntry(id, key))),
        )
      }
      return chosen
    })
    this.session.whenCommitted(() => {
      for (const id of ids) this.session.events.emit(events.checkpointDeleted, { id })
    })
    return ids.length
  }

  /** Deletes a checkpoint with its state. True if it existed. */
  async delete(checkpointId: string): Promise<boolean> {
    const key = parseOrThrow('checkpoint', idRule, checkpointId, ['checkpointId'])
    const outcome = await this.session.write(this.deletion(key))
    const gone = outcome.kind === 'deleted' && outcome.count > 0
    if (gone)
      this.session.whenCommitted(() => this.session.events.emit(events.checkpointDeleted, { id: key }))
    return gone
  }

  /**
   * Checkpoints without their states, in the order in which they were made; `get` has the state.
   * @example await store.planCheckpoints.list({ planId: plan.planId }, { order: 'desc', limit: 1 })
   */
  async list(
    filter: PlanCheckpointFilter = {},
    page: PageRequest = {},
  ): Promise<Page<PlanCheckpointSummary>> {
    return this.#summaries.list(filter, page)
  }

  /** Every checkpoint that matches a filter, without its state, fetched as the loop advances. */
  each(filter: PlanCheckpointFilter = {}, options: OrderRequest = {}): AsyncIterable<PlanCheckpointSummary> {
    return this.#summaries.each(filter, options)
  }

  async count(filter: PlanCheckpointFilter = {}): Promise<number> {
    return this.#summaries.count(filter)
  }

  /** The plan is locked, so no other writer takes the name meanwhile. */
  async #assertFree(runner: Pick<Runner, 'read'>, planId: string, alias: string): Promise<void> {
    const sql = 'select 1 from plan_checkpoints where plan_id = ? and alias = ?'
    const rows = await runner.read(this.session.statements.raw(sql, sql, [planId, alias]))
    if (rows.length > 0) throw new DuplicateRecordError('plan_checkpoints', alias, { column: 'alias' })
  }

  #goneEntry(checkpointId: string, planId: string) {
    return this.entryOf('delete', { checkpointId, planId }, { pruned: true })
  }
}

function detailsOf({
  tool,
  step,
  stateSize,
  planPhase,
  planState,
  decisionSequence,
}: PlanCheckpoint): AuditEvent['details'] {
  return { tool, step, stateSize, at: `${planPhase}/${planState}`, decisionSequence }
}
