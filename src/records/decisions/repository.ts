// Decisions: record them, read the tree of a plan, what depends on one, and correct one.

import { z } from 'zod'
import { DuplicateRecordError, RecordNotFoundError } from '../../errors.ts'
import { events } from '../../observability/events.ts'
import { AuditTrail } from '../audit-entries/trail.ts'
import { CarryOut, type CorrectionRequest } from '../corrections/carry-out.ts'
import type { Correction } from '../corrections/definition.ts'
import { correctionModes } from '../corrections/enums.ts'
import { parseOrThrow } from '../model/issues.ts'
import { bodyRule, idRule } from '../model/rules.ts'
import { PlanChanges } from '../plans/work/plan-change.ts'
import { checkArguments, filter, options, record, text } from '../repository/arguments.ts'
import {
  type OrderRequest,
  orderOptions,
  type Page,
  type PageRequest,
  pageOptions,
} from '../repository/page.ts'
import { Repository } from '../repository/repository.ts'
import { type RecordSession, type Runner, writeAll } from '../repository/session.ts'
import { type Decision, type DecisionFields, decisionDefinition, type NewDecision } from './definition.ts'
import { dependentsOf } from './dependents.ts'
import { type DecisionFilter, decisionFilters } from './filter.ts'
import { assertFits } from './references.ts'
import { buildDecisionTree, type DecisionTree } from './tree.ts'
import { DecisionWrites, decisionEvent } from './writes.ts'

const correctionRules = { mode: z.enum(correctionModes), guidance: bodyRule }
const correctionRule = z.strictObject(correctionRules)

export class DecisionRepository extends Repository<DecisionFields> {
  static {
    checkArguments(DecisionRepository, {
      record: [record],
      correct: [text('decisionId'), options(correctionRules)],
      tree: [text('planId')],
      influenced: [text('decisionId')],
      list: [filter, options(pageOptions)],
      count: [filter],
    })
    checkArguments(DecisionRepository, { each: [filter, options(orderOptions)] }, { throwing: true })
  }

  readonly #trail: AuditTrail
  readonly #writes: DecisionWrites
  readonly #plans: PlanChanges

  constructor(session: RecordSession) {
    super(decisionDefinition, session)
    this.#trail = new AuditTrail(session)
    this.#writes = new DecisionWrites(session)
    this.#plans = new PlanChanges(session)
  }

  /**
   * Stores a decision of a plan with its audit entry, and returns it as written, with the next
   * number of its plan: there is no gap, whoever else records at the same time. The first decision
   * of a plan is a `prompt_definition` without a parent; the plan's `decisionRootId` becomes its id
   * in the same transaction, which raises the version of the plan. Every other decision names a
   * live parent of the same plan, and may name live decisions of the same tree of plans that
   * influenced it.
   * @throws RecordNotFoundError (the plan), InvalidRecordError (also for a second root),
   * DuplicateRecordError, ConstraintViolationError (a parent, an influence or a spawned plan that
   * is not there), DecisionSupersededError (one of them was superseded)
   * @example
   * const root = await store.decisions.record({
   *   planId: plan.planId, type: 'prompt_definition',
   *   question: 'What is wanted?', chosenOption: 'A parser for plan files',
   * })
   * await store.decisions.record({
   *   planId: plan.planId, parentDecisionId: root.decisionId, type: 'strategy_choice',
   *   question: 'By hand or generated?', chosenOption: 'By hand',
   *   alternatives: [{ option: 'Generated', reason: 'The grammar is small' }], confidence: 0.8,
   * })
   */
  async record(input: NewDecision): Promise<Decision> {
    const given = this.completeRecord(input, { createdAt: this.session.now() }) as unknown as Decision
    this.definition.assertRules(given)
    const { decision, plan } = await this.session.inTurn(async (runner) => {
      const rootPlanId = await this.#writes.lockTreeOf(runner, given.planId)
      await assertFits(this.session, runner, given, rootPlanId)
      const sequence = await this.#writes.nextSequence(runner, given.planId)
      const decision = { ...given, rootPlanId, sequence }
      const plan = await this.#rootChange(runner, decision)
      const auditEntry = this.#trail.entry(decisionEvent(decision))
      const outcomes = await writeAll(runner, [
        ...(plan ? [plan.operation] : []),
        { ...this.#writes.insertion(decision), auditEntry },
      ])
      if (outcomes.at(-1)?.kind === 'duplicate')
        throw new DuplicateRecordError('decisions', decision.decisionId)
      return { decision: this.asRead(decision), plan }
    })
    const { decisionId: id, planId } = decision
    this.session.whenCommitted(() => {
      this.session.events.emit(events.decisionRecorded, { id, planId })
      if (plan) this.session.events.emit(events.planUpdated, { id: planId, version: plan.after.version })
    })
    return decision
  }

  /**
   * Corrects a decision by guidance, which becomes a decision itself (`user_intervention`).
   *
   * `append` puts it under the decision, and changes nothing else. `revert` puts it in the place of
   * the decision: that one, and everything under it or influenced by it, is superseded; the plans
   * that they spawned are cancelled with everything below them; and the plan goes back to
   * strategize/queued, without the results of an execution, as by `plans.revert` where it has one.
   * All of that is one transaction. The correction is stored before as `pending`, so that the
   * guidance of a correction that fails is kept, with the code of its error.
   *
   * Of two who correct one decision at once, one wins; the other gets a DecisionSupersededError,
   * and its correction is `failed`.
   * @returns the correction, `completed`
   * @throws RecordNotFoundError, InvalidRecordError, DecisionSupersededError,
   * InvalidTransitionError (`revert` of a plan that is applied or cancelled), ReversionLimitError
   * @example
   * const { resultDecisionId } = await store.as('ada').decisions.correct(choice.decisionId, {
   *   mode: 'revert', guidance: 'Generate it: the grammar will grow',
   * })
   */
  async correct(decisionId: string, request: CorrectionRequest): Promise<Correction> {
    const key = parseOrThrow('decision', idRule, decisionId, ['decisionId'])
    const asked = parseOrThrow('correction', correctionRule, request)
    const corrections = new CarryOut(this.session)
    return corrections.execute(await corrections.request(key, asked))
  }

  /**
   * The decisions of a plan as a tree, superseded ones too; null if it has none. What is under one
   * decision is in the order of the numbers.
   */
  async tree(planId: string): Promise<DecisionTree | null> {
    const key = parseOrThrow('id of the plan', idRule, planId)
    const query = this.session.statements.query('decisions of a plan', [key], (builder, slot) =>
      builder
        .selectFrom('decisions')
        .select([...this.definition.shape.columns])
        .where('plan_id', '=', slot(0))
        .orderBy('sequence'),
    )
    const { items, corrupt } = this.decodeRows(await this.session.read(query))
    return items.length === 0 && corrupt.length === 0 ? null : buildDecisionTree(items, corrupt)
  }

  /**
   * Everything under a decision or influenced by it, directly or through others, in the whole tree
   * of plans and by plan and number: what `correct` would supersede besides the decision itself,
   * and what was superseded already.
   * @throws RecordNotFoundError
   */
  async influenced(decisionId: string): Promise<readonly Decision[]> {
    const key = parseOrThrow('decision', idRule, decisionId, ['decisionId'])
    const decision = await this.get(key)
    if (decision === null) throw new RecordNotFoundError('decisions', key)
    const places = await this.#writes.placesInTree(this.session, decision.rootPlanId)
    const ids = dependentsOf(places, key).map((place) => place.decisionId)
    const found = await this.getMany(ids)
    return ids.flatMap((id) => found.get(id) ?? [])
  }

  /** Decisions in the order in which they were recorded. */
  async list(filter: DecisionFilter = {}, page: PageRequest = {}): Promise<Page<Decision>> {
    return this.page(this.selection(filter, decisionFilters), page)
  }

  /** Every decision that matches a filter, fetched in pages as the loop advances. */
  each(filter: DecisionFilter = {}, options: OrderRequest = {}): AsyncIterable<Decision> {
    return this.iterate(this.selection(filter, decisionFilters), options)
  }

  async count(filter: DecisionFilter = {}): Promise<number> {
    return this.countOf(this.selection(filter, decisionFilters))
  }

  /** A root is what the plan points to. */
  async #rootChange(runner: Runner, { type, planId, decisionId }: Decision) {
    if (type !== 'prompt_definition') return undefined
    const plan = await this.#plans.locked(runner, planId)
    if (plan.decisionRootId === decisionId) return undefined
    return this.#plans.change(plan, { decisionRootId: decisionId })
  }
}
