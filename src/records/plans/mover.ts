// How a plan moves: the changes of a move with its audit entry, as one compare-and-set. moves.ts
// says which moves there are; repository.ts has a verb for each.

import type { ChainAppend, WriteOperation } from '../../engines/contract/engine.ts'
import { ReversionLimitError, TransactionConflictError } from '../../errors.ts'
import { events } from '../../observability/events.ts'
import type { AutomationStep } from '../automation-profiles/profile.ts'
import { decideReversion, type ReversionDecision } from '../decisions/reversion.ts'
import { DecisionWrites } from '../decisions/writes.ts'
import { type Runner, writeAll } from '../repository/session.ts'
import type { Base } from '../repository/versioned-repository.ts'
import { MAX_REVERSIONS, type Plan, type PlanHistory } from './definition.ts'
import { moveFrom, nameOf, type PlanMove, refused } from './moves.ts'
import { PlanReader } from './reader.ts'
import { beforeExecution, discarded } from './reversion.ts'
import { PlanChanges } from './work/plan-change.ts'

/** What a move writes besides what every move does. */
export interface MoveExtra {
  readonly changes?: Partial<PlanHistory & Pick<Plan, 'decisionRootId'>>
  readonly reason?: string | null
  /** What a reversion decides. */
  readonly decision?: ReversionDecision | undefined
  /** The gate that let the plan move, and the approval that it used up. */
  readonly gate?:
    | {
        readonly step: AutomationStep
        readonly confidence: number | null
        readonly approvalId: string | null
      }
    | undefined
}

export abstract class PlanMover extends PlanReader {
  protected async move(id: string, move: PlanMove, base: Base, extra: MoveExtra = {}): Promise<Plan> {
    const expected = this.versionOf(base)
    if (move === 'revert') return this.#revert(id, expected, extra)
    const current = await this.getAt(id, expected)
    const { after, changes, auditEntry } = this.moved(current, move, extra)
    await this.writeChanges(after, changes, {
      whereIn: { column: 'state', values: [current.state] },
      auditEntry,
      mismatch: (state) => refused(current, String(state), move),
    })
    this.session.whenCommitted(() => this.announce(move, current, after))
    return after
  }

  /** A reversion changes decisions too. */
  async #revert(id: string, expected: number, extra: MoveExtra): Promise<Plan> {
    // Refused without a transaction where it can be.
    this.moved(await this.getAt(id, expected), 'revert', extra)
    const { before, after, decision } = await this.session.inTurn(async (runner) => {
      const before = await this.lockedAt(runner, id, expected)
      const decision = await this.reversionOf(runner, before, extra)
      const { after, operation } = this.moved(before, 'revert', { ...extra, decision })
      const [outcome] = await writeAll(runner, [operation, ...decision.operations])
      if (outcome?.kind !== 'updated') throw changedMeanwhile()
      return { before, after, decision }
    })
    this.session.whenCommitted(() => {
      this.announce('revert', before, after)
      this.announceDecisions(decision)
    })
    return after
  }

  /**
   * The plan, locked together with the decisions of its tree.
   * @throws RecordNotFoundError, VersionConflictError
   */
  protected async lockedAt(runner: Runner, id: string, expected: number): Promise<Plan> {
    await new DecisionWrites(this.session).lockTreeOf(runner, id)
    const plan = await new PlanChanges(this.session).locked(runner, id)
    this.assertVersion(plan, expected)
    return plan
  }

  protected reversionOf(
    runner: Runner,
    plan: Plan,
    { reason = null }: MoveExtra,
  ): Promise<ReversionDecision> {
    return decideReversion(this.session, runner, plan, reason)
  }

  /** The changes of a move, with its audit entry, as a compare-and-set. */
  protected moved(before: Plan, move: PlanMove, extra: MoveExtra) {
    const { changes: given, reason = null, gate, decision } = extra
    const { phase, state, stamps } = this.assertMove(before, move)
    if (move === 'revert' && before.reversionCount >= MAX_REVERSIONS) {
      throw new ReversionLimitError(before.planId, MAX_REVERSIONS)
    }
    const at = this.changeTime(before)
    // Only moves write these fields: neither `create` nor `update` does.
    const changes: Partial<PlanHistory & typeof beforeExecution & Pick<Plan, 'decisionRootId'>> = {
      phase,
      state,
      ...(stamps === undefined ? {} : { [stamps]: at }),
      ...(move === 'retry' ? { attempt: before.attempt + 1 } : {}),
      ...(move === 'revert' ? { reversionCount: before.reversionCount + 1 } : {}),
      ...(move === 'retry' || move === 'revert' ? { error: null } : {}),
      ...(move === 'revert' ? beforeExecution : {}),
      ...(decision && decision.decisionRootId !== before.decisionRootId
        ? { decisionRootId: decision.decisionRootId }
        : {}),
      ...given,
    }
    const after = this.applyChanges(before, changes, before.version, at)
    const auditEntry = this.#entry(move, before, after, { reason, gate, decision })
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
  protected assertMove(plan: Plan, move: PlanMove) {
    const to = moveFrom(plan, move)
    if (to === undefined) throw refused(plan, plan.state, move)
    return to
  }

  #entry(
    move: PlanMove,
    before: Plan,
    after: Plan,
    { reason = null, gate, decision }: Pick<MoveExtra, 'reason' | 'gate' | 'decision'>,
  ): ChainAppend {
    const { planId, attempt, reversionCount, version } = after
    return this.trail.entry({
      action: `plan:${move}`,
      subjectType: 'plan',
      subjectId: planId,
      planId,
      reason,
      ...(gate && { verdict: 'allow', matchedRules: [gate.step] }),
      details: {
        ...{ from: nameOf(before), to: nameOf(after), attempt, reversionCount, version },
        ...(move === 'revert' ? discarded(before) : {}),
        ...decision?.details,
        ...(gate && { gate: { ...gate } }),
      },
    })
  }

  protected announce(move: PlanMove, before: Plan, after: Plan): void {
    const { planId: id, version } = after
    this.session.events.emit(events.planMoved, { id, move, from: nameOf(before), to: nameOf(after), version })
  }

  protected announceDecisions({ decisions }: ReversionDecision): void {
    for (const { decisionId: id, planId } of decisions) {
      this.session.events.emit(events.decisionRecorded, { id, planId })
    }
  }
}

function changedMeanwhile(): TransactionConflictError {
  return new TransactionConflictError('another writer changed the plan in the meantime; repeat the call')
}
