// How a plan moves: the changes of a move with its audit entry, as one compare-and-set. moves.ts
// says which moves there are; repository.ts has a verb for each.

import type { ChainAppend, WriteOperation } from '../../engines/contract/engine.ts'
import { CorruptRecordError, ReversionLimitError, TransactionConflictError } from '../../errors.ts'
import { events } from '../../observability/events.ts'
import type { Approval } from '../approvals/definition.ts'
import { GateApprovals } from '../approvals/gate-approvals.ts'
import type { AutomationStep } from '../automation-profiles/profile.ts'
import { decideReversion, type ReversionDecision } from '../decisions/reversion.ts'
import { DecisionWrites } from '../decisions/writes.ts'
import { StepWrites } from '../plan-steps/writes.ts'
import { changeAll, type RecordSession, type Runner, writeAll } from '../repository/session.ts'
import type { Base } from '../repository/versioned-repository.ts'
import {
  auditOf,
  enforceRules,
  nothingBroken,
  type Overriding,
  type Ruling,
  type Violation,
} from '../rules/enforce.ts'
import { askGate } from './checks/gate-rule.ts'
import { findingsOf, preflightViolations, startsWork } from './checks/preflight.ts'
import { MAX_REVERSIONS, type Plan, type PlanHistory, planDefinition } from './definition.ts'
import { isTerminal, moveFrom, nameOf, type PlanMove, refused } from './moves.ts'
import { PlanReader } from './reader.ts'
import { PlanReferences } from './references.ts'
import { beforeExecution, discarded } from './reversion.ts'
import { stepOfMove } from './steps.ts'
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
  /** How many live plans below a reversion cancels. */
  readonly cancelled?: number | undefined
  /** An approved approval that the move uses up. */
  readonly approval?: Pick<Approval, 'id'> | undefined
  /** What came of the rules. */
  readonly ruling?: Ruling | undefined
  /** For rules that are asked in the transaction of the move. */
  readonly overriding?: Overriding | undefined
}

/** Options of every move, beside the version that it is based on. */
export interface MoveOptions extends Overriding {
  /** How sure the caller is that the move is right, from 0 to 1; some gates need it. */
  readonly confidence?: number | undefined
}

/** The version that a move is based on, and its options. */
export type MoveBase = Base & MoveOptions

/** The moves that begin a strategy anew: what was done by the one before counts no longer. */
function dropsSteps(move: PlanMove): boolean {
  return move === 'revert' || move === 'redo'
}

/** Rows that one step of a long transaction writes; other work runs between two steps. */
const STEP_ROWS = 200

export abstract class PlanMover extends PlanReader {
  protected readonly gateApprovals: GateApprovals

  constructor(session: RecordSession) {
    super(planDefinition, session)
    this.gateApprovals = new GateApprovals(session)
  }

  /** What plans refer to, read once for one call. */
  protected references(): PlanReferences {
    return new PlanReferences(this.session, async (id) => {
      // Not as `get` reads: the caller has not read it.
      const [row] = await this.session.read(this.session.statements.rowsByKey(this.definition.shape, [id]))
      return row && this.codec.decode(row)
    })
  }

  protected async move(id: string, move: PlanMove, base: MoveBase, extra: MoveExtra = {}): Promise<Plan> {
    const current = await this.getAt(id, this.versionOf(base))
    // Throws what no rule could let pass, before one is asked.
    this.moved(current, move, extra)
    const { plan } = await this.make(current, move, await this.asked(current, move, base, extra))
    return plan
  }

  /**
   * Asks the rules of a move.
   * @returns what the move writes of their answers
   * @throws PreflightError, GateClosedError, InvalidRecordError (an override without a reason)
   */
  protected async asked(
    plan: Plan,
    move: PlanMove,
    { override, reason = null, confidence }: MoveOptions,
    extra: MoveExtra,
  ): Promise<MoveExtra> {
    const why = extra.reason ?? reason
    const { actor } = this.session
    const { approval, violation } =
      extra.gate === undefined ? await askGate(this.gateApprovals, plan, move, { actor, confidence }) : {}
    const violations = [...(await this.preflightOf(plan, move)), ...(violation ? [violation] : [])]
    const ruling = await enforceRules(this.session, violations, { override, reason: why })
    const step = approval?.step ?? (confidence === undefined ? undefined : stepOfMove(plan, move))
    const isAuto = violation === undefined && step !== undefined
    const gate = { step, confidence: confidence ?? null, approvalId: approval?.id ?? null }
    return {
      ...extra,
      reason: why,
      ruling,
      ...(isAuto ? { gate: gate as NonNullable<MoveExtra['gate']>, approval } : {}),
    }
  }

  /** What has to be put right before a move that puts a plan to use or starts a phase. */
  protected async preflightOf(plan: Plan, move: PlanMove): Promise<readonly Violation[]> {
    if (!startsWork(move)) return []
    const findings = await findingsOf(this.session, this.references(), plan)
    return preflightViolations(plan, move, findings)
  }

  /** Makes a move that may be made, and uses up its approval, if it has one. */
  protected async make(
    current: Plan,
    move: PlanMove,
    extra: MoveExtra,
  ): Promise<{ readonly plan: Plan; readonly used: Approval | null }> {
    if (dropsSteps(move) || extra.approval) return this.#makeTogether(current, move, extra)
    const { after, changes, auditEntry } = this.moved(current, move, extra)
    await this.writeChanges(after, changes, {
      whereIn: { column: 'state', values: [current.state] },
      auditEntry,
      mismatch: (state) => refused(current, String(state), move),
    })
    this.session.whenCommitted(() => this.announce(move, current, after))
    return { plan: after, used: null }
  }

  /** The move with the decisions of a reversion and the use of an approval: all, or nothing. */
  async #makeTogether({ planId, version }: Plan, move: PlanMove, extra: MoveExtra) {
    const done = await this.session.inTurn(async (runner) => {
      const before = await this.lockedAt(runner, planId, version)
      const decision = move === 'revert' ? await this.reversionOf(runner, before, extra) : undefined
      const use = extra.approval && (await this.gateApprovals.use(runner, extra.approval.id))
      if (extra.approval && use === undefined) return undefined
      const below = decision ? await this.liveBelow(runner, planId) : []
      const { after, operation } = this.moved(before, move, { ...extra, decision, cancelled: below.length })
      await changeAll(runner, [operation, ...(use ? [use.change] : [])])
      const reason = extra.reason ?? null
      const why = { reason, changes: { cancelReason: reason } }
      const ended = await this.cancelAll(runner, below, why)
      const ids = ended.map((plan) => plan.after.planId)
      const late = await this.cancelRest(runner, ids, why)
      const cancelled = [...ended, ...late]
      if (decision) await writeAll(runner, decision.operations)
      const steps = dropsSteps(move) ? await new StepWrites(this.session).drop(runner, planId) : 0
      return { before, after, used: use?.approval ?? null, decision, cancelled, steps }
    })
    if (done === undefined) throw usedMeanwhile()
    const { before, after, used, decision, cancelled, steps } = done
    this.session.whenCommitted(() => {
      this.announce(move, before, after)
      for (const ended of cancelled) this.announce('cancel', ended.before, ended.after)
      if (decision) this.announceDecisions(decision)
      if (used) this.gateApprovals.announceUse(used)
      if (steps > 0) this.session.events.emit(events.stepsDropped, { planId, steps })
    })
    return { plan: after, used }
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

  /** The live plans below one, parents first; every plan there must be readable. */
  protected async liveBelow(runner: Runner, planId: string): Promise<readonly Plan[]> {
    const { corrupt, nodes } = this.toTree(await runner.read(this.subtree(planId)), planId)
    const [unreadable] = corrupt
    if (unreadable) throw new CorruptRecordError(unreadable.table, unreadable.id, unreadable.column)
    const plans = [...nodes.values()].map(({ plan }) => plan)
    return plans.filter((plan) => plan.planId !== planId && !isTerminal(plan.state))
  }

  /**
   * Cancels live plans that were read in the same transaction.
   * @throws TransactionConflictError if one was changed meanwhile
   */
  protected async cancelAll(runner: Runner, live: readonly Plan[], extra: MoveExtra) {
    const moved: { readonly before: Plan; readonly after: Plan }[] = []
    for (let start = 0; start < live.length; start += STEP_ROWS) {
      const step = live.slice(start, start + STEP_ROWS).map((plan) => this.moved(plan, 'cancel', extra))
      await changeAll(
        runner,
        step.map(({ operation }) => operation),
      )
      moved.push(...step.map(({ before, after }) => ({ before, after })))
      await new Promise((resolve) => setImmediate(resolve))
    }
    return moved
  }

  /**
   * Cancels what others have made below plans that this transaction has ended, since it read what
   * is below them.
   */
  protected abstract cancelRest(
    runner: Runner,
    ended: readonly string[],
    extra: MoveExtra,
  ): Promise<readonly { readonly before: Plan; readonly after: Plan }[]>

  protected reversionOf(
    runner: Runner,
    plan: Plan,
    { reason = null }: MoveExtra,
  ): Promise<ReversionDecision> {
    return decideReversion(this.session, runner, plan, reason)
  }

  /** The changes of a move, with its audit entry, as a compare-and-set. */
  protected moved(before: Plan, move: PlanMove, extra: MoveExtra) {
    const { changes: given, decision } = extra
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
      ...(dropsSteps(move) ? beforeExecution : {}),
      ...(decision && decision.decisionRootId !== before.decisionRootId
        ? { decisionRootId: decision.decisionRootId }
        : {}),
      ...given,
    }
    const after = this.applyChanges(before, changes, before.version, at)
    const auditEntry = this.#entry(move, before, after, extra)
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

  #entry(move: PlanMove, before: Plan, after: Plan, extra: MoveExtra): ChainAppend {
    const { reason = null, gate, decision, ruling = nothingBroken } = extra
    const { planId, attempt, reversionCount, version } = after
    const details = {
      ...{ from: nameOf(before), to: nameOf(after), attempt, reversionCount, version },
      ...(move === 'revert' ? discarded(before) : {}),
      ...decision?.details,
      ...(extra.cancelled ? { cancelled: extra.cancelled } : {}),
      ...(gate && { gate: { ...gate } }),
    }
    const matchedRules = gate ? [gate.step] : []
    return this.trail.entry({
      action: `plan:${move}`,
      subjectType: 'plan',
      subjectId: planId,
      planId,
      reason,
      ...(gate && { verdict: 'allow' }),
      matchedRules,
      details,
      ...auditOf(ruling, { matchedRules, details }),
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

function usedMeanwhile(): TransactionConflictError {
  return new TransactionConflictError('another writer changed the approval in the meantime; repeat the call')
}
