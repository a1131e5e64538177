// Plans: change under version control, move through the phases, delete whole trees. creator.ts
// creates them.

import { z } from 'zod'
import { ConstraintViolationError, DuplicateRecordError } from '../../errors.ts'
import { events } from '../../observability/events.ts'
import { parseOrThrow } from '../model/issues.ts'
import { bodyRule, idRule } from '../model/rules.ts'
import { base, checkArguments, options, record, text, textOrNull } from '../repository/arguments.ts'
import type { Base } from '../repository/versioned-repository.ts'
import { overrideOptions } from '../rules/enforce.ts'
import { checkedArguments } from './begin.ts'
import type { Plan, PlanPatch } from './definition.ts'
import type { MoveBase } from './mover.ts'
import { confidenceRule } from './proceed.ts'
import { SteppedPlans } from './progress/stepped-plans.ts'
import { deletePlans } from './trees/delete-tree.ts'
import type { EndBase } from './trees/end-plans.ts'

/** Why a plan failed. */
export interface PlanError {
  readonly message: string
  readonly details?: NonNullable<Plan['error']>['details'] | undefined
}

const { reason, ...reasonedOptions } = { ...overrideOptions, confidence: confidenceRule }
const moveOptions = { ...reasonedOptions, reason }

/** The base of a move that has its reason already. */
export type ReasonedBase = Omit<MoveBase, 'reason'>

export class PlanRepository extends SteppedPlans {
  static {
    checkArguments(PlanRepository, {
      update: [text('planId'), record, base()],
      use: [text('planId'), base(moveOptions)],
      start: [text('planId'), base(moveOptions)],
      complete: [text('planId'), base({ ...moveOptions, tree: z.boolean() })],
      advance: [text('planId'), base(moveOptions)],
      constrain: [text('planId'), base(moveOptions)],
      fail: [text('planId'), record, base(moveOptions)],
      retry: [text('planId'), base(moveOptions)],
      redo: [text('planId'), text('reason'), base(reasonedOptions)],
      revert: [text('planId'), text('reason'), base(reasonedOptions)],
      cancel: [text('planId'), textOrNull('reason'), base({ ...reasonedOptions, tree: z.boolean() })],
      delete: [text('planId'), options({ tree: z.boolean() })],
    })
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
    const action = 'arguments' in changes ? await this.references().action(current.actionName) : null
    if (action) changes.arguments = checkedArguments(action, changes.arguments as Plan['arguments'])
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
  // transaction. All throw RecordNotFoundError, VersionConflictError and InvalidTransitionError;
  // those whose step the frozen profile leaves to a human, GateClosedError (checks/gate-rule.ts).

  /** From action/queued to strategize/queued. */
  use(id: string, base: MoveBase): Promise<Plan> {
    return this.move(id, 'use', base)
  }

  /** From queued to processing, in strategize, execute and apply. */
  start(id: string, base: MoveBase): Promise<Plan> {
    return this.move(id, 'start', base)
  }

  /**
   * From processing to complete; in apply to applied, which is final. With `tree`, every live plan
   * below it is cancelled then, in one transaction: all or none.
   * @throws PlanHasChildrenError without `tree`, if it would be applied with live plans directly
   * below it
   */
  complete(id: string, base: EndBase): Promise<Plan> {
    return base?.tree ? this.endTree(id, 'complete', base) : this.move(id, 'complete', base)
  }

  /** From strategize/complete to execute/queued, and from execute/complete to apply/queued. */
  advance(id: string, base: MoveBase): Promise<Plan> {
    return this.move(id, 'advance', base)
  }

  /** From apply/processing to apply/constrained: the result violates a constraint. */
  constrain(id: string, base: MoveBase): Promise<Plan> {
    return this.move(id, 'constrain', base)
  }

  /** From processing to errored, with the reason. */
  fail(id: string, error: PlanError, base: MoveBase): Promise<Plan> {
    const failure = this.definition.fields.error.spec.schema()
    const parsed = parseOrThrow('error of the plan', failure, error) as NonNullable<Plan['error']>
    return this.move(id, 'fail', base, { changes: { error: parsed }, reason: reasonOf(parsed.message) })
  }

  /** From errored to queued in the same phase; `attempt` rises by one, and the error is cleared. */
  retry(id: string, base: MoveBase): Promise<Plan> {
    return this.move(id, 'retry', base)
  }

  /**
   * From strategize/complete to strategize/queued: the strategy is thought over again before
   * anything was done by it. It is no reversion. It drops the steps that were recorded; decisions
   * count until they are corrected.
   */
  redo(id: string, reason: string, base: ReasonedBase): Promise<Plan> {
    return this.move(id, 'redo', base, { reason: parseOrThrow('reason', bodyRule, reason) })
  }

  /**
   * Back to strategize/queued from execute (queued, processing, complete, errored) or apply
   * (queued, processing, constrained, errored). What belongs to the strategy is dropped with it, in
   * one transaction: the steps and results of the execution (the last step and checkpoint, the
   * changeset, the validation summary, which the audit entry names), the live plans below, which
   * are cancelled with the same reason, and the decisions, which its own (`reversion`) supersedes.
   * That one is under the root, which a plan without one gets. `sandboxRefs` are kept: what they
   * refer to still exists.
   * @throws ReversionLimitError if the plan was reverted three times
   */
  revert(id: string, reason: string, base: ReasonedBase): Promise<Plan> {
    return this.move(id, 'revert', base, { reason: parseOrThrow('reason', bodyRule, reason) })
  }

  /**
   * Cancels a plan that is neither applied nor cancelled. With `tree`, also every live plan below
   * it, in one transaction: all or none. Returns the plan itself.
   * @throws PlanHasChildrenError without `tree`, if live plans are directly below it
   */
  async cancel(
    id: string,
    reason: string | null,
    base: ReasonedBase & { readonly tree?: boolean | undefined },
  ): Promise<Plan> {
    const why = reason === null ? null : parseOrThrow('reason', bodyRule, reason)
    const extra = { changes: { cancelReason: why }, reason: why }
    return base?.tree ? this.endTree(id, 'cancel', base, extra) : this.move(id, 'cancel', base, extra)
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
}

/** A reason is either non-empty or absent. */
function reasonOf(text: string): string | null {
  return text.trim() === '' ? null : text
}
