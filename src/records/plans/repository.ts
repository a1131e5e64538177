// Plans: create, change under version control, move through the phases, read and delete whole
// trees.

import { z } from 'zod'
import type { ChainAppend, Row, WriteOperation } from '../../engines/contract/engine.ts'
import {
  ConstraintViolationError,
  CorruptRecordError,
  DuplicateRecordError,
  RecordNotFoundError,
  ReversionLimitError,
} from '../../errors.ts'
import { events } from '../../observability/events.ts'
import type { AsOf, BeginsNow } from '../model/beginning.ts'
import { parseOrThrow } from '../model/issues.ts'
import { bodyRule, idRule } from '../model/rules.ts'
import { base, checkArguments, options, record, records, text, textOrNull } from '../repository/arguments.ts'
import { changeAll, type RecordSession, type Runner } from '../repository/session.ts'
import type { Base } from '../repository/versioned-repository.ts'
import {
  type CreateOptions,
  type CreatePlanOptions,
  createOptions,
  creationDetails,
  type PlanDraft,
  placeIn,
  planOf,
  profileOfProjects,
  withAction,
} from './begin.ts'
import {
  MAX_REVERSIONS,
  type NewPlan,
  type Plan,
  type PlanHistory,
  type PlanPatch,
  planDefinition,
  type TakenOverPlan,
} from './definition.ts'
import { deletePlans } from './delete-tree.ts'
import { isTerminal, moveFrom, nameOf, type PlanMove, refused } from './moves.ts'
import { PlanReader } from './reader.ts'
import { PlanReferences } from './references.ts'
import { beforeExecution, discarded } from './reversion.ts'
import { type PlanTree, placeInTree } from './tree.ts'

/** Why a plan failed. */
export interface PlanError {
  readonly message: string
  readonly details?: NonNullable<Plan['error']>['details'] | undefined
}

/** Rows that one step of a long transaction writes; other work runs between two steps. */
const STEP_ROWS = 200

export class PlanRepository extends PlanReader {
  static {
    checkArguments(PlanRepository, {
      create: [record, options(createOptions)],
      createMany: [records, options(createOptions)],
      update: [text('planId'), record, base()],
      use: [text('planId'), base()],
      start: [text('planId'), base()],
      complete: [text('planId'), base()],
      advance: [text('planId'), base()],
      constrain: [text('planId'), base()],
      fail: [text('planId'), record, base()],
      retry: [text('planId'), base()],
      revert: [text('planId'), text('reason'), base()],
      cancel: [text('planId'), textOrNull('reason'), base({ tree: z.boolean() })],
      delete: [text('planId'), options({ tree: z.boolean() })],
    })
  }

  readonly #references: PlanReferences

  constructor(session: RecordSession) {
    super(planDefinition, session)
    this.#references = new PlanReferences(session)
  }

  /**
   * Stores a new plan with its audit entry, and returns it as written. Omitted fields come from the
   * action of that name; a name without an action is only a label. The automation profile that
   * applies is frozen on the plan permanently.
   *
   * A plan begins in action/queued; only its moves write its phase, state, attempts, reversions,
   * error and times. A plan with a history elsewhere is taken over with `asOf`: the input describes
   * it at that instant. Omitted times of its current state default to that instant, times of
   * earlier moves to null.
   * @throws InvalidRecordError (also for a history without `asOf`), DuplicateRecordError (an id, or
   * a root's name, that exists), ConstraintViolationError (an unknown parent)
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
    const plan = await this.#begin(input, options)
    const outcome = await this.session.write(this.#creation(plan, options))
    if (outcome.kind === 'duplicate') throw this.#duplicate(plan, outcome.existing)
    this.session.whenCommitted(() => this.session.events.emit(events.planCreated, { id: plan.planId }))
    return plan
  }

  /**
   * As `create`, for many: all are stored, or none. A plan may be the parent of later ones in the
   * list if it has an explicit id.
   */
  createMany(inputs: readonly NewPlan[], options?: CreatePlanOptions & BeginsNow): Promise<readonly Plan[]>
  createMany(inputs: readonly TakenOverPlan[], options: CreatePlanOptions & AsOf): Promise<readonly Plan[]>
  async createMany(inputs: readonly TakenOverPlan[], options: CreateOptions = {}): Promise<readonly Plan[]> {
    const made = new Map<string, Plan>()
    for (const input of inputs) {
      const plan = await this.#begin(input, options, made)
      if (made.has(plan.planId)) throw new DuplicateRecordError('plans', plan.planId)
      made.set(plan.planId, plan)
    }
    const plans = [...made.values()]
    await this.session.inTransaction(async (runner) => {
      const outcomes = await runner.writeSet(plans.map((plan) => this.#creation(plan, options)))
      // The first refusal is the cause: the plans below it fail because their parent is missing.
      outcomes.forEach((outcome, index) => {
        if (outcome.kind === 'failed') throw outcome.error
        if (outcome.kind === 'duplicate') throw this.#duplicate(plans[index] as Plan, outcome.existing)
      })
    })
    this.session.whenCommitted(() => {
      for (const { planId } of plans) this.session.events.emit(events.planCreated, { id: planId })
    })
    return plans
  }

  /**
   * Changes fields of the plan at `version` and appends an audit entry that names them; of
   * concurrent callers with the same version exactly one succeeds. Members of `actors` that the
   * patch does not name keep their values. Only moves change phase, state and the fields that moves
   * set; nothing changes the frozen profile.
   * @throws RecordNotFoundError, VersionConflictError, InvalidRecordError, DuplicateRecordError (a
   * root's name that exists)
   */
  async update(id: string, patch: PlanPatch, base: Base): Promise<Plan> {
    const changes = this.definition.parsePatch(patch)
    const expected = this.versionOf(base)
    const current = await this.getAt(id, expected)
    const plan = this.applyChanges(current, changes, expected)
    try {
      await this.writeChanges(plan, changes)
    } catch (error) {
      const taken = error instanceof ConstraintViolationError && error.constraint === 'unique'
      throw taken && plan.name !== null
        ? new DuplicateRecordError('plans', plan.name, { column: 'name' })
        : error
    }
    const { version } = plan
    this.session.whenCommitted(() => this.session.events.emit(events.planUpdated, { id, version }))
    return plan
  }

  // Moves: each checks the version and the current state, and writes its audit entry in the same
  // transaction. All throw RecordNotFoundError, VersionConflictError and InvalidTransitionError.

  /** From action/queued to strategize/queued. */
  use(id: string, base: Base): Promise<Plan> {
    return this.#move(id, 'use', base)
  }

  /** From queued to processing, in strategize, execute and apply. */
  start(id: string, base: Base): Promise<Plan> {
    return this.#move(id, 'start', base)
  }

  /** From processing to complete; in apply to applied, which is final. */
  complete(id: string, base: Base): Promise<Plan> {
    return this.#move(id, 'complete', base)
  }

  /** From strategize/complete to execute/queued, and from execute/complete to apply/queued. */
  advance(id: string, base: Base): Promise<Plan> {
    return this.#move(id, 'advance', base)
  }

  /** From apply/processing to apply/constrained: the result violates a constraint. */
  constrain(id: string, base: Base): Promise<Plan> {
    return this.#move(id, 'constrain', base)
  }

  /** From processing to errored, with the reason. */
  fail(id: string, error: PlanError, base: Base): Promise<Plan> {
    const failure = this.definition.fields.error.spec.schema
    const parsed = parseOrThrow('error of the plan', failure, error) as NonNullable<Plan['error']>
    return this.#move(id, 'fail', base, { changes: { error: parsed }, reason: reasonOf(parsed.message) })
  }

  /** From errored to queued in the same phase; `attempt` rises by one, and the error is cleared. */
  retry(id: string, base: Base): Promise<Plan> {
    return this.#move(id, 'retry', base)
  }

  /**
   * Back to strategize/queued from execute (processing, complete, errored) or apply (queued,
   * constrained, errored). The results of the execution are discarded with the strategy: the last
   * step and checkpoint, the changeset, the validation summary. The audit entry names them.
   * `sandboxRefs` and `decisionRootId` are kept: what they refer to still exists.
   * @throws ReversionLimitError if the plan was reverted three times
   */
  revert(id: string, reason: string, base: Base): Promise<Plan> {
    return this.#move(id, 'revert', base, { reason: parseOrThrow('reason', bodyRule, reason) })
  }

  /**
   * Cancels a plan that is neither applied nor cancelled. With `tree`, also every live plan below
   * it, in one transaction: all or none. Returns the plan itself.
   */
  async cancel(
    id: string,
    reason: string | null,
    base: Base & { readonly tree?: boolean | undefined },
  ): Promise<Plan> {
    const why = reason === null ? null : parseOrThrow('reason', bodyRule, reason)
    const extra = { changes: { cancelReason: why }, reason: why }
    if (!base?.tree) return this.#move(id, 'cancel', base, extra)
    const expected = this.versionOf(base)
    const moved: { before: Plan; after: Plan }[] = []
    await this.session.inTransaction(async (runner) => {
      moved.length = 0
      const { root, nodes } = await this.#readTree(runner, id, expected)
      this.#assertMove(root.plan, 'cancel')
      const live = [...nodes.values()].map((node) => node.plan).filter((plan) => !isTerminal(plan.state))
      for (let start = 0; start < live.length; start += STEP_ROWS) {
        const step = live.slice(start, start + STEP_ROWS).map((plan) => this.#moved(plan, 'cancel', extra))
        await changeAll(
          runner,
          step.map(({ operation }) => operation),
        )
        moved.push(...step.map(({ before, after }) => ({ before, after })))
        await new Promise((resolve) => setImmediate(resolve))
      }
    })
    this.session.whenCommitted(() => {
      for (const { before, after } of moved) this.#announce('cancel', before, after)
    })
    return (moved[0] as { after: Plan }).after
  }

  /**
   * Deletes a plan; its costs, messages and audit entries are kept. With `tree`, deletes everything
   * below it too, in one transaction, with an audit entry for each plan. True if the plan existed.
   * @throws PlanHasChildrenError without `tree`, if there are plans below it;
   * ConstraintViolationError if tasks belong to it
   */
  async delete(id: string, options: { readonly tree?: boolean | undefined } = {}): Promise<boolean> {
    const key = parseOrThrow('id of the plan', idRule, id)
    const deleted = await this.session.inTransaction((runner) =>
      deletePlans(this.session, runner, this.trail, key, options.tree === true),
    )
    if (deleted === 0) return false
    this.session.whenCommitted(() =>
      this.session.events.emit(events.planDeleted, { id: key, plans: deleted }),
    )
    return true
  }

  /** @param made plans that are created in the same call */
  async #begin(
    { automationProfile, ...given }: TakenOverPlan,
    options: CreateOptions,
    made: ReadonlyMap<string, Plan> = new Map(),
  ): Promise<Plan> {
    const { profiles } = this.session
    const action = await this.#references.action(given.actionName)
    const draft = this.begun(withAction(given, action), options) as unknown as PlanDraft
    const { parentPlanId: parent } = draft
    const parentRoot =
      parent === null ? undefined : (made.get(parent)?.rootPlanId ?? (await this.#references.rootOf(parent)))
    const rootPlanId = placeIn(draft, parentRoot)
    const profile = await this.#references.profile({
      plan: automationProfile,
      action: action?.automationProfile,
      project: options.projectProfile ?? profileOfProjects(draft.projects, profiles),
      global: profiles.global,
    })
    const plan = planOf(draft, rootPlanId, profile)
    this.definition.assertRules(plan)
    return plan
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

  async #move(id: string, move: PlanMove, base: Base, extra: MoveExtra = {}): Promise<Plan> {
    const expected = this.versionOf(base)
    const current = await this.getAt(id, expected)
    const { after, changes, auditEntry } = this.#moved(current, move, extra)
    await this.writeChanges(after, changes, {
      whereIn: { column: 'state', values: [current.state] },
      auditEntry,
      mismatch: (state) => refused(current, String(state), move),
    })
    this.session.whenCommitted(() => this.#announce(move, current, after))
    return after
  }

  /** The changes of a move, with its audit entry, as a compare-and-set. */
  #moved(before: Plan, move: PlanMove, { changes: given, reason = null }: MoveExtra) {
    const { phase, state, stamps } = this.#assertMove(before, move)
    if (move === 'revert' && before.reversionCount >= MAX_REVERSIONS) {
      throw new ReversionLimitError(before.planId, MAX_REVERSIONS)
    }
    const at = this.changeTime(before)
    // Only moves write these fields: neither `create` nor `update` does.
    const changes: Partial<PlanHistory & typeof beforeExecution> = {
      phase,
      state,
      ...(stamps === undefined ? {} : { [stamps]: at }),
      ...(move === 'retry' ? { attempt: before.attempt + 1 } : {}),
      ...(move === 'revert' ? { reversionCount: before.reversionCount + 1 } : {}),
      ...(move === 'retry' || move === 'revert' ? { error: null } : {}),
      ...(move === 'revert' ? beforeExecution : {}),
      ...given,
    }
    const after = this.applyChanges(before, changes, before.version, at)
    const auditEntry = this.#entry(move, before, after, reason)
    const { updatedAt, version } = after
    const operation: WriteOperation = {
      kind: 'compareAndSet',
      shape: this.definition.shape,
      key: before.planId,
      ...this.codec.encodeChanges({ ...changes, updatedAt, version }),
      expect: { column: 'version', value: before.version },
      auditEntry,
    }
    return { before, after, changes, auditEntry, operation }
  }

  /** @throws InvalidTransitionError */
  #assertMove(plan: Plan, move: PlanMove) {
    const to = moveFrom(plan, move)
    if (to === undefined) throw refused(plan, plan.state, move)
    return to
  }

  #entry(move: PlanMove, before: Plan, after: Plan, reason: string | null): ChainAppend {
    const { planId, attempt, reversionCount, version } = after
    return this.trail.entry({
      action: `plan:${move}`,
      subjectType: 'plan',
      subjectId: planId,
      planId,
      reason,
      details: {
        ...{ from: nameOf(before), to: nameOf(after), attempt, reversionCount, version },
        ...(move === 'revert' ? discarded(before) : {}),
      },
    })
  }

  #announce(move: PlanMove, before: Plan, after: Plan): void {
    const { planId: id, version } = after
    this.session.events.emit(events.planMoved, { id, move, from: nameOf(before), to: nameOf(after), version })
  }

  /**
   * The tree as the transaction sees it; every plan of it must be readable, and its top at the
   * expected version.
   */
  async #readTree(runner: Runner, id: string, expected: number): Promise<PlanTree> {
    const rows = await runner.read(this.subtree(parseOrThrow('id of the plan', idRule, id)))
    if (rows.length === 0) throw new RecordNotFoundError('plans', id)
    const tree = this.toTree(rows, id)
    const [unreadable] = tree.corrupt
    if (unreadable) throw new CorruptRecordError(unreadable.table, unreadable.id, unreadable.column)
    this.assertVersion(tree.root.plan, expected)
    return tree
  }
}

/** A reason is either non-empty or absent. */
function reasonOf(text: string): string | null {
  return text.trim() === '' ? null : text
}

interface MoveExtra {
  readonly changes?: Partial<PlanHistory>
  readonly reason?: string | null
}
