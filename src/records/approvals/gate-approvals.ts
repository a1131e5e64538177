// Approvals of gates: the one approval for a plan, a step and a version, found or made, and its use
// by the move that it allows. Its key makes two callers who ask at once get the same one.

import { createHash } from 'node:crypto'
import type { Row, WriteOperation } from '../../engines/contract/engine.ts'
import { events } from '../../observability/events.ts'
import { makeUlid } from '../../values/ids.ts'
import { AuditTrail } from '../audit-entries/trail.ts'
import { createCodec, type RecordCodec } from '../model/record-codec.ts'
import { databaseNow, lockedRow } from '../repository/database-time.ts'
import type { RecordSession, Runner } from '../repository/session.ts'
import { changeOf, eventOf, used } from './decisions.ts'
import { type Approval, type ApprovalFields, approvalDefinition } from './definition.ts'
import { approvalAt } from './status.ts'

/** What an approval is for. */
export interface GateKey {
  readonly planId: string
  /** The plan's version: an approval is for the plan as it was seen. */
  readonly planVersion: number
  readonly step: string
  /** What else the approval is for, if it is for one thing only: the id of a checkpoint. */
  readonly about?: string | undefined
}

/** What a gate asks about. */
export interface GateQuestion extends GateKey {
  readonly move: string
  readonly from: string
  readonly confidence: number | null
  readonly threshold: number | null
  /** Why it is needed, for who decides. */
  readonly reason: string | null
}

/** More than are ever withdrawn or expire for one version of a plan. */
const MAX_ATTEMPTS = 1000

export class GateApprovals {
  readonly #session: RecordSession
  readonly #trail: AuditTrail
  readonly #codec: RecordCodec<ApprovalFields>

  constructor(session: RecordSession) {
    this.#session = session
    this.#trail = new AuditTrail(session)
    this.#codec = createCodec(approvalDefinition, session.engine.codec, () => undefined)
  }

  /**
   * The approval that counts: pending, approved or rejected. One that has expired, was withdrawn or
   * used up counts no more, and another one is asked for; after one that was used up only if
   * `whenUsed` does not throw, since a concurrent caller may just have moved the plan with it.
   */
  async findOrRequest(question: GateQuestion, whenUsed: () => Promise<unknown>): Promise<Approval> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const key = keyOf(question, attempt)
      const approval = (await this.#find(key)) ?? (await this.#request(question, key))
      const { status, usedAt } = approvalAt(approval, await databaseNow(this.#session))
      if (usedAt !== null) await whenUsed()
      else if (status !== 'expired' && status !== 'withdrawn') return approval
    }
    throw new RangeError(`more than ${MAX_ATTEMPTS} approvals were asked for`)
  }

  /**
   * The approval that counts, if there is one: nothing is asked for.
   */
  async find(question: GateKey): Promise<Approval | undefined> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const approval = await this.#find(keyOf(question, attempt))
      if (approval === undefined) return undefined
      const { status, usedAt } = approvalAt(approval, await databaseNow(this.#session))
      if (usedAt === null && status !== 'expired' && status !== 'withdrawn') return approval
    }
    return undefined
  }

  /**
   * The write that uses up an approved approval, while no other transaction can.
   * @returns undefined if it is not approved any more, or was used up
   */
  async use(runner: Runner, id: string): Promise<UsedApproval | undefined> {
    const row = await lockedRow(this.#session, runner, approvalDefinition, id)
    const before = row && this.#codec.decode(row)
    if (before?.status !== 'approved' || before.usedAt !== null) return undefined
    const now = await databaseNow(this.#session, runner)
    const time = Math.max(this.#session.now().getTime(), before.updatedAt.getTime())
    const approval: Approval = {
      ...used(before, now),
      updatedAt: new Date(time),
      version: before.version + 1,
    }
    const change = changeOf(this.#codec, before, approval, { trail: this.#trail, verb: 'use' })
    return { approval, change }
  }

  announceUse({ id, version }: Approval): void {
    this.#session.events.emit(events.approvalUsed, { id, version })
  }

  async #find(key: string): Promise<Approval | undefined> {
    const { table, columns } = approvalDefinition.shape
    const query = this.#session.statements.query(`${table} by key`, [key], (builder, slot) =>
      builder
        .selectFrom(table)
        .select([...columns])
        .where('idempotency_key', '=', slot(0)),
    )
    const [row] = await this.#session.read(query)
    return row && this.#codec.decode(row)
  }

  async #request(question: GateQuestion, idempotencyKey: string): Promise<Approval> {
    const { planId, step, reason, about: _, ...seen } = question
    const now = this.#session.now()
    const approval: Approval = {
      id: makeUlid(),
      idempotencyKey,
      kind: `plan:${step}`,
      subjectType: 'plan',
      subjectId: planId,
      planId,
      taskId: null,
      requestedBy: this.#session.actor,
      reason,
      details: { step, ...seen },
      riskLevel: 'medium',
      status: 'pending',
      expiresAt: null,
      decidedBy: null,
      decidedAt: null,
      decisionReason: null,
      usedAt: null,
      createdAt: now,
      updatedAt: now,
      version: 1,
      unreadable: [],
    }
    const outcome = await this.#session.write({
      kind: 'insert',
      shape: approvalDefinition.shape,
      row: this.#codec.encode(approval),
      auditEntry: this.#trail.entry(eventOf(approval, 'request')),
    })
    if (outcome.kind === 'duplicate') return this.#codec.decode(outcome.existing as Row)
    const { id } = approval
    this.#session.whenCommitted(() => this.#session.events.emit(events.approvalRequested, { id }))
    return this.#codec.decode(this.#codec.encode(approval))
  }
}

export interface UsedApproval {
  readonly approval: Approval
  readonly change: WriteOperation
}

/** The same for everybody who asks the same, and no longer than a key may be. */
function keyOf({ planId, planVersion, step, about }: GateKey, attempt: number): string {
  const content = JSON.stringify([
    planId,
    step,
    planVersion,
    attempt,
    ...(about === undefined ? [] : [about]),
  ])
  return `gate:${createHash('sha256').update(content).digest('hex')}`
}
