// How a correction is asked for and carried out: stored as pending, then all of its effects in one
// transaction, or none and the code of the error.

import {
  InvalidTransitionError,
  PersistenceError,
  RecordNotFoundError,
  VersionConflictError,
} from '../../errors.ts'
import { events } from '../../observability/events.ts'
import { makeUlid } from '../../values/ids.ts'
import { type AuditEvent, AuditTrail } from '../audit-entries/trail.ts'
import { createCodec, type RecordCodec } from '../model/record-codec.ts'
import type { RecordSession } from '../repository/session.ts'
import {
  type Correction,
  type CorrectionFields,
  type CorrectionMode,
  correctionDefinition,
} from './definition.ts'
import { type Announcement, CorrectedPlans, type Effects } from './effects.ts'

/** What is said about a decision. */
export interface CorrectionRequest {
  readonly mode: CorrectionMode
  /** What is to be done instead (`revert`) or besides (`append`); up to 1 MiB. */
  readonly guidance: string
}

const { shape } = correctionDefinition

export class CarryOut {
  readonly #session: RecordSession
  readonly #trail: AuditTrail
  readonly #codec: RecordCodec<CorrectionFields>

  constructor(session: RecordSession) {
    this.#session = session
    this.#trail = new AuditTrail(session)
    this.#codec = createCodec(correctionDefinition, session.engine.codec, () => undefined)
  }

  async request(decisionId: string, { mode, guidance }: CorrectionRequest): Promise<Correction> {
    const { statements } = this.#session
    const sql = 'select plan_id from decisions where decision_id = ?'
    const [row] = await this.#session.read(statements.raw(sql, sql, [decisionId]))
    if (row === undefined) throw new RecordNotFoundError('decisions', decisionId)
    const now = this.#session.now()
    const correction: Correction = {
      correctionId: makeUlid(),
      decisionId,
      planId: String(row[0]),
      mode,
      guidance,
      state: 'pending',
      requestedBy: this.#session.actor,
      resultDecisionId: null,
      superseded: 0,
      cancelledPlanIds: [],
      failure: null,
      createdAt: now,
      updatedAt: now,
      version: 1,
      unreadable: [],
    }
    await this.#session.write({
      kind: 'insert',
      shape,
      row: this.#codec.encode(correction),
      auditEntry: this.#trail.entry(eventOf(correction, 'request')),
    })
    const { correctionId: id, planId } = correction
    this.#session.whenCommitted(() => this.#session.events.emit(events.correctionRequested, { id, planId }))
    return correction
  }

  async execute(correction: Correction): Promise<Correction> {
    const { state } = correction
    if (state === 'completed' || state === 'failed') {
      throw new InvalidTransitionError(
        `correction ${JSON.stringify(correction.correctionId)}`,
        state,
        'executing',
        [],
      )
    }
    const executing = this.#next(correction, { state: 'executing' })
    await this.#store(correction, executing, 'execute')
    try {
      const { completed, announce } = await this.#complete(executing)
      const { correctionId: id, planId } = completed
      this.#session.whenCommitted(() => {
        announce()
        this.#session.events.emit(events.correctionCompleted, { id, planId })
      })
      return completed
    } catch (error) {
      await this.#failed(executing, error)
      throw error
    }
  }

  async #complete(
    executing: Correction,
  ): Promise<{ readonly completed: Correction; readonly announce: Announcement }> {
    const plans = new CorrectedPlans(this.#session)
    return this.#session.inTransaction(async (runner) => {
      const effects = await plans.correct(runner, executing)
      const completed = this.#next(executing, { state: 'completed', ...resultOf(effects) })
      const [outcome] = await runner.writeSet([this.#change(executing, completed, 'complete')])
      if (outcome?.kind === 'failed') throw outcome.error
      if (outcome?.kind !== 'updated') throw this.#conflict(executing, outcome)
      return { completed, announce: effects.announce }
    })
  }

  /** Only what repeating it cannot change is a failure; else it can be carried out later. */
  async #failed(executing: Correction, error: unknown): Promise<void> {
    if (!(error instanceof PersistenceError) || error.retryable) return
    if (error instanceof VersionConflictError) return
    const failed = this.#next(executing, { state: 'failed', failure: error.code })
    await this.#store(executing, failed, 'fail')
    const { correctionId: id, planId } = failed
    this.#session.whenCommitted(() =>
      this.#session.events.emit(events.correctionFailed, { id, planId, code: error.code }),
    )
  }

  async #store(before: Correction, after: Correction, verb: CorrectionVerb): Promise<void> {
    const outcome = await this.#session.write(this.#change(before, after, verb))
    if (outcome.kind !== 'updated') throw this.#conflict(before, outcome)
  }

  #conflict({ correctionId, version }: Correction, outcome: unknown): Error {
    const actual = (outcome as { readonly actual?: readonly unknown[] | null } | undefined)?.actual
    return actual
      ? new VersionConflictError(shape.table, correctionId, version, Number(actual[0]))
      : new RecordNotFoundError(shape.table, correctionId)
  }

  #next(before: Correction, changes: Partial<Correction>): Correction {
    const now = Math.max(this.#session.now().getTime(), before.updatedAt.getTime())
    return { ...before, ...changes, updatedAt: new Date(now), version: before.version + 1 }
  }

  #change(before: Correction, after: Correction, verb: CorrectionVerb) {
    const { state, resultDecisionId, superseded, cancelledPlanIds, failure, updatedAt, version } = after
    const changes = { state, resultDecisionId, superseded, cancelledPlanIds, failure, updatedAt, version }
    return {
      kind: 'compareAndSet',
      shape,
      key: before.correctionId,
      ...this.#codec.encodeChanges(changes),
      expect: { column: 'version', value: this.#codec.encodeField('version', before.version) },
      auditEntry: this.#trail.entry(eventOf(after, verb)),
    } as const
  }
}

type CorrectionVerb = 'execute' | 'complete' | 'fail'

function resultOf({ resultDecisionId, superseded, cancelledPlanIds }: Effects): Partial<Correction> {
  return { resultDecisionId, superseded, cancelledPlanIds }
}

/** What the audit trail says about a step of a correction: ids and words, never its guidance. */
function eventOf(correction: Correction, verb: CorrectionVerb | 'request'): AuditEvent {
  const { correctionId, planId, decisionId, mode, state, version, failure } = correction
  const { resultDecisionId, superseded, cancelledPlanIds } = correction
  return {
    action: `correction:${verb}`,
    subjectType: correctionDefinition.name,
    subjectId: correctionId,
    planId,
    ...(verb === 'fail' && { verdict: 'deny' }),
    details: {
      decisionId,
      mode,
      state,
      version,
      ...(verb === 'complete' && { resultDecisionId, superseded, cancelledPlans: cancelledPlanIds.length }),
      ...(failure !== null && { failure }),
    },
  }
}
