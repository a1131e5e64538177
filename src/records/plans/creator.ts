// Creates plans: completes an input by what it refers to (begin.ts, references.ts), and stores it.
// A plan below another one is stored while its parent cannot end.

import type { Row, WriteOperation } from '../../engines/contract/engine.ts'
import { DuplicateRecordError, type PersistenceError, TransactionConflictError } from '../../errors.ts'
import { events } from '../../observability/events.ts'
import type { Action } from '../actions/definition.ts'
import { archivalOf } from '../actions/repository.ts'
import type { AsOf, BeginsNow } from '../model/beginning.ts'
import { checkArguments, options, record, records } from '../repository/arguments.ts'
import type { Runner } from '../repository/session.ts'
import {
  archived,
  assertUsableOnce,
  type CreateOptions,
  type CreatePlanOptions,
  createOptions,
  creationDetails,
  type PlanDraft,
  placeIn,
  planOf,
  profilesOfProjects,
  withAction,
  withArguments,
} from './begin.ts'
import type { NewPlan, Plan, TakenOverPlan } from './definition.ts'
import { isTerminal } from './moves.ts'
import { GatedPlans } from './proceed.ts'
import type { PlanReferences } from './references.ts'
import { placeInTree } from './tree.ts'
import { assertParentsLive } from './trees/live-trees.ts'

/** A plan to store, and the action that it uses up. */
interface Begun {
  readonly plan: Plan
  readonly usesUp: Action | null
}

export abstract class PlanCreator extends GatedPlans {
  static {
    checkArguments(PlanCreator, {
      create: [record, options(createOptions)],
      createMany: [records, options(createOptions)],
    })
  }

  /**
   * Stores a new plan with its audit entry, and returns it as written. Omitted fields come from the
   * action of that name; a name without an action is only a label. Where the action defines
   * arguments, the plan's are checked by them and completed. An action that is not reusable is
   * archived in the same transaction. The automation profile that applies is frozen on the plan
   * permanently: below another plan it is never looser than that plan's.
   *
   * A plan begins in action/queued; only its moves write its phase, state, attempts, reversions,
   * error and times. A plan with a history elsewhere is taken over with `asOf`: the input describes
   * it at that instant. Omitted times of its current state default to that instant, times of
   * earlier moves to null.
   *
   * Of a plan that is created below another one and an end of that one at the same time, one is
   * refused.
   * @throws InvalidRecordError (also for a history without `asOf`), DuplicateRecordError (an id, or
   * a root's name, that exists), ConstraintViolationError (an unknown parent), PlanEndedError (a
   * parent that is applied or cancelled)
   * @example
   * const root = await store.plans.create({ name: 'local/release', actionName: 'local/build', description: 'Ship version 2' })
   * const child = await store.plans.create({ parentPlanId: root.planId, actionName: 'local/test', description: 'Test it' })
   * await store.plans.create(
   *   { name: 'local/first', actionName: 'local/build', description: 'Shipped long ago', phase: 'apply', state: 'applied' },
   *   { asOf: '2025-03-01T12:00:00Z' },
   * )
   */
  create(input: NewPlan, options?: CreatePlanOptions & BeginsNow): Promise<Plan>
  create(input: TakenOverPlan, options: CreatePlanOptions & AsOf): Promise<Plan>
  async create(input: TakenOverPlan, options: CreateOptions = {}): Promise<Plan> {
    const begun = await this.#begin(input, options, this.references())
    const { plan, usesUp } = begun
    if (usesUp === null && (plan.parentPlanId === null || isTerminal(plan.state))) {
      const outcome = await this.session.write(this.#creation(plan, options))
      if (outcome.kind === 'duplicate') throw this.#duplicate(plan, outcome.existing)
    } else {
      await this.session.inTurn((runner) => this.#store(runner, [begun], options))
    }
    this.session.whenCommitted(() => this.#announceCreation([begun]))
    return plan
  }

  /**
   * As `create`, for many: all are stored, or none. A plan may be the parent of later ones in the
   * list if it has an explicit id.
   */
  createMany(inputs: readonly NewPlan[], options?: CreatePlanOptions & BeginsNow): Promise<readonly Plan[]>
  createMany(inputs: readonly TakenOverPlan[], options: CreatePlanOptions & AsOf): Promise<readonly Plan[]>
  async createMany(inputs: readonly TakenOverPlan[], options: CreateOptions = {}): Promise<readonly Plan[]> {
    const made = new Map<string, Begun>()
    const references = this.references()
    for (const input of inputs) {
      const begun = await this.#begin(input, options, references)
      const { planId } = begun.plan
      if (made.has(planId)) throw new DuplicateRecordError('plans', planId)
      made.set(planId, begun)
      references.note(begun.plan)
    }
    const all = [...made.values()]
    assertUsableOnce(all)
    await this.session.inTransaction((runner) => this.#store(runner, all, options))
    this.session.whenCommitted(() => this.#announceCreation(all))
    return all.map(({ plan }) => plan)
  }

  async #begin(
    { automationProfile, ...given }: TakenOverPlan,
    options: CreateOptions,
    references: PlanReferences,
  ): Promise<Begun> {
    const action = await references.action(given.actionName)
    const draft = withArguments(
      this.begun(withAction(given, action), options) as unknown as PlanDraft,
      options.asOf === undefined ? action : null,
    )
    const { parentPlanId } = draft
    const parent = parentPlanId === null ? undefined : await references.plan(parentPlanId)
    const rootPlanId = placeIn(draft, parent?.rootPlanId)
    const projects = await references.projects(draft.projects.map(({ name }) => name))
    const profile = await references.profile({
      plan: automationProfile,
      action: action?.automationProfile,
      project: options.projectProfile ?? profilesOfProjects(draft.projects, projects, this.session.profiles),
      global: this.session.profiles.global,
      parent,
    })
    const plan = planOf(draft, rootPlanId, profile)
    this.definition.assertRules(plan)
    return { plan, usesUp: action !== null && !action.reusable && options.asOf === undefined ? action : null }
  }

  /** Stores plans in a transaction, while none of their parents can end. */
  async #store(runner: Runner, begun: readonly Begun[], options: CreateOptions): Promise<void> {
    await assertParentsLive(
      this.session,
      runner,
      begun.map(({ plan }) => plan),
    )
    const used = begun.flatMap(({ usesUp }) => usesUp ?? [])
    const archivals = used.map((action) => archivalOf(this.session, action))
    const operations = [...archivals, ...begun.map(({ plan }) => this.#creation(plan, options))]
    const outcomes = await runner.writeSet(operations as readonly WriteOperation[])
    // The first refusal is the cause: the plans below it fail because their parent is missing.
    outcomes.forEach((outcome, index) => {
      if (outcome.kind === 'failed') throw outcome.error
      const action = used[index]
      if (action && outcome.kind === 'unmatched') throw changedMeanwhile(action, outcome.actual)
      const made = begun[index - archivals.length]
      if (outcome.kind === 'duplicate' && made) throw this.#duplicate(made.plan, outcome.existing)
    })
  }

  #announceCreation(begun: readonly Begun[]): void {
    for (const { plan, usesUp } of begun) {
      this.session.events.emit(events.planCreated, { id: plan.planId })
      if (usesUp) {
        const { name, version } = usesUp
        this.session.events.emit(events.actionUpdated, { name, version: version + 1 })
      }
    }
  }

  #creation(plan: Plan, { asOf }: CreateOptions) {
    return this.insertion(plan, this.entryOf('create', plan, creationDetails(plan, asOf !== undefined)))
  }

  /** The id or the root's name is taken. */
  #duplicate(plan: Plan, existing: Row): DuplicateRecordError {
    const { id } = placeInTree(existing, this.definition.shape)
    if (id === plan.planId || plan.name === null) return new DuplicateRecordError('plans', plan.planId)
    return new DuplicateRecordError('plans', plan.name, { column: 'name' })
  }
}

/** @param actual its version and its state now; null if it is gone */
function changedMeanwhile({ name }: Action, actual: Row | null): PersistenceError {
  if (actual?.[1] === 'archived') return archived(name)
  return new TransactionConflictError(
    'another writer changed the action in the meantime; nothing was stored. Repeat the call',
  )
}
