// Approvals: ask, decide once, withdraw, wait, and lists by status.

import { z } from 'zod'
import type { WireValue } from '../../engines/contract/engine.ts'
import { DuplicateRecordError, InvalidRecordError, QueryError, RecordNotFoundError } from '../../errors.ts'
import { events } from '../../observability/events.ts'
import { differingFields, leftOut } from '../model/differing-fields.ts'
import { parseOrThrow } from '../model/issues.ts'
import { bodyRule, idRule } from '../model/rules.ts'
import {
  anAbortSignal,
  base,
  checkArguments,
  filter,
  options,
  record,
  text,
  texts,
} from '../repository/arguments.ts'
import { databaseNow, lockedRow, statusesAsked, statusFilter } from '../repository/database-time.ts'
import type { FilterOf, OwnFilters } from '../repository/filters.ts'
import {
  type OrderRequest,
  orderOptions,
  type Page,
  type PageRequest,
  pageOptions,
} from '../repository/page.ts'
import { type RecordSession, writeAll } from '../repository/session.ts'
import { type ChangeRange, changeRange } from '../repository/time-range.ts'
import { type Base, VersionedRepository } from '../repository/versioned-repository.ts'
import { assertMayDecide, assertUpdated, changeOf, type Decision, decided, eventOf } from './decisions.ts'
import {
  type Approval,
  type ApprovalFields,
  approvalDefinition,
  approvalStatuses,
  type NewApproval,
} from './definition.ts'
import { approvalAt, approvalConditions, mayExpire } from './status.ts'
import { type WaitOptions, waitUntil } from './wait.ts'

export type ApprovalFilter = FilterOf<
  ApprovalFields,
  | 'kind'
  | 'subjectType'
  | 'subjectId'
  | 'planId'
  | 'taskId'
  | 'requestedBy'
  | 'decidedBy'
  | 'riskLevel'
  | 'status'
> &
  ChangeRange

/** Why an actor decides so. */
export interface DecisionReason {
  readonly reason?: string | null | undefined
}

/** How often `each` asks for the time: after this many approvals. */
const STEP = 500
/** What a repeated request need not have in common with the stored one. */
const notCompared = [
  'status',
  'decidedBy',
  'decidedAt',
  'decisionReason',
  'usedAt',
  'createdAt',
  'updatedAt',
  'version',
] as const
const MAX_TIMEOUT = 2_147_483_647

const filtersOf = ({ engine }: Pick<RecordSession, 'engine'>): OwnFilters => ({
  ...changeRange(),
  status: statusFilter(approvalStatuses, () => approvalConditions(engine.locking)),
})

/** Their names, for the registry. */
export const approvalFilters: OwnFilters = {
  ...changeRange(),
  status: () => ({ conditions: [] }),
}

const reasonOption = { reason: bodyRule.nullable() }

export class ApprovalRepository extends VersionedRepository<ApprovalFields> {
  static {
    checkArguments(ApprovalRepository, {
      get: [text('id')],
      getMany: [texts('ids')],
      request: [record],
      approve: [text('id'), options(reasonOption), base()],
      reject: [text('id'), options(reasonOption), base()],
      withdraw: [text('id'), options(reasonOption), base()],
      wait: [text('id'), options({ signal: anAbortSignal, timeout: z.int().min(0).max(MAX_TIMEOUT) })],
      list: [filter, options(pageOptions)],
      count: [filter],
    })
    checkArguments(ApprovalRepository, { each: [filter, options(orderOptions)] }, { throwing: true })
  }

  readonly #filters: OwnFilters

  constructor(session: RecordSession) {
    super(approvalDefinition, session)
    this.#filters = filtersOf(session)
  }

  /** The approval with its status at this moment, or null. */
  override async get(id: string): Promise<Approval | null> {
    const first = await super.get(id)
    if (first === null || !mayExpire(first)) return first
    // The row is read again after the clock: it may have been decided just before it expired.
    const now = await databaseNow(this.session)
    if (first.expiresAt !== null && now < first.expiresAt) return first
    const second = await super.get(id)
    return second && approvalAt(second, now)
  }

  override async getMany(ids: readonly string[]): Promise<ReadonlyMap<string, Approval>> {
    const now = await databaseNow(this.session)
    const found = await super.getMany(ids)
    return new Map([...found].map(([id, approval]) => [id, approvalAt(approval, now)]))
  }

  /**
   * Asks for an approval in the name of the store's actor, with its audit entry (`escalate`), and
   * returns it as written. A repeated request with the same `idempotencyKey`, actor and content
   * returns the stored approval, whatever was decided about it; other content is refused.
   * @throws InvalidRecordError (also if `expiresAt` is past by the database's clock),
   * DuplicateRecordError
   * @example
   * const approval = await store.as('agent-7').approvals.request({
   *   kind: 'tool:call', subjectType: 'tool', subjectId: 'shell', riskLevel: 'high',
   *   reason: 'The migration has to run', expiresAt: new Date(Date.now() + 3_600_000),
   * })
   */
  async request(input: NewApproval): Promise<Approval> {
    const now = this.session.now()
    const made = {
      requestedBy: this.session.actor,
      status: 'pending',
      createdAt: now,
      updatedAt: now,
      version: 1,
    }
    const approval = this.completeRecord(input, made) as unknown as Approval
    await this.#refusePast(approval)
    const auditEntry = this.trail.entry(eventOf(approval, 'request'))
    const outcome = await this.session.write(this.insertion(approval, auditEntry))
    if (outcome.kind === 'duplicate') return this.#repeated(input, approval, outcome.existing)
    const { id } = approval
    this.session.whenCommitted(() => this.session.events.emit(events.approvalRequested, { id }))
    return approval
  }

  /**
   * Allows what was asked for. Of two who decide at the same version, in any number of processes,
   * one wins; the other gets a VersionConflictError and has changed nothing.
   * @param why `reason`, for the record and the audit entry (`allow`)
   * @throws RecordNotFoundError, VersionConflictError, SelfApprovalError (the actor asked for it),
   * InvalidTransitionError (it was decided, or has expired by the database's clock),
   * InvalidRecordError
   * @example await store.as('ada').approvals.approve(approval.id, { reason: 'Reviewed' }, approval)
   */
  approve(id: string, why: DecisionReason | undefined, base: Base): Promise<Approval> {
    return this.#decide(id, 'approve', why, base)
  }

  /** Refuses what was asked for, as `approve` allows it; its audit entry says `deny`. */
  reject(id: string, why: DecisionReason | undefined, base: Base): Promise<Approval> {
    return this.#decide(id, 'reject', why, base)
  }

  /**
   * Takes a request back; only the actor that asked for it may. Its audit entry says `deny`.
   * @throws as `approve`; NotRequesterError instead of SelfApprovalError
   */
  withdraw(id: string, why: DecisionReason | undefined, base: Base): Promise<Approval> {
    return this.#decide(id, 'withdraw', why, base)
  }

  /**
   * Resolves with the approval once it is not pending any more: approved, rejected, withdrawn or
   * expired; at once if it is not. It hears by the feed of changes: of a decision by this store
   * within 20 ms, of one by another process within 300 ms, and misses none. Where the configuration
   * says `changes: false` it looks instead, at first often and then every second.
   * @param options `signal` ends the wait with its reason; `timeout` in milliseconds
   * @throws RecordNotFoundError, TimeoutError, the signal's reason; QueryError inside of a
   * transaction, which sees no decision that is made meanwhile
   * @example const { status } = await store.approvals.wait(approval.id, { timeout: 60_000 })
   */
  async wait(id: string, options: WaitOptions = {}): Promise<Approval> {
    const key = parseOrThrow('approval', idRule, id, ['id'])
    if (this.session.watch !== undefined) {
      throw new QueryError(
        'inside of a transaction no decision of another one can be waited for; wait outside of it',
      )
    }
    const look = async () => {
      const approval = await this.get(key)
      if (approval === null) throw new RecordNotFoundError('approvals', key)
      if (approval.status !== 'pending') return { found: approval }
      const { expiresAt } = approval
      if (expiresAt === null) return { within: Number.POSITIVE_INFINITY }
      return { within: expiresAt.getTime() - (await databaseNow(this.session)).getTime() }
    }
    return waitUntil(this.session, key, look, options)
  }

  /**
   * Approvals in the order in which they were asked for; `order: 'desc'` has the newest first. The
   * status is the one by the database's clock, in the filter and in what is returned.
   * @example await store.approvals.list({ status: 'pending', planId: plan.planId })
   */
  async list(filter: ApprovalFilter = {}, page: PageRequest = {}): Promise<Page<Approval>> {
    const asked = askedOf(filter)
    const now = await databaseNow(this.session)
    const found = await this.page(this.selection(filter, this.#filters), page)
    return { ...found, items: found.items.map((approval) => approvalAt(approval, now, asked)) }
  }

  /** Every approval that matches a filter, fetched in pages as the loop advances. */
  each(filter: ApprovalFilter = {}, options: OrderRequest = {}): AsyncIterable<Approval> {
    const approvals = this.iterate(this.selection(filter, this.#filters), options)
    return this.#eachAt(approvals, askedOf(filter))
  }

  async count(filter: ApprovalFilter = {}): Promise<number> {
    return this.countOf(this.selection(filter, this.#filters))
  }

  async *#eachAt(
    approvals: AsyncIterable<Approval>,
    asked: ReturnType<typeof askedOf>,
  ): AsyncGenerator<Approval> {
    let now: Date | undefined
    let count = 0
    for await (const approval of approvals) {
      if (now === undefined || count % STEP === 0) now = await databaseNow(this.session)
      count += 1
      yield approvalAt(approval, now, asked)
    }
  }

  async #decide(
    id: string,
    decision: Decision,
    why: DecisionReason | undefined,
    base: Base,
  ): Promise<Approval> {
    const key = parseOrThrow('approval', idRule, id, ['id'])
    const expected = this.versionOf(base)
    const reason = why?.reason ?? null
    const { actor } = this.session
    const approval = await this.session.inTransaction(async (runner) => {
      const row = await lockedRow(this.session, runner, this.definition, key)
      if (row === undefined) throw new RecordNotFoundError('approvals', key)
      const before = this.codec.decode(row)
      this.assertVersion(before, expected)
      assertMayDecide(this.session, before, decision)
      const now = await databaseNow(this.session, runner)
      const after = this.#next(before, decided(before, decision, { actor, reason, now }))
      const change = changeOf(this.codec, before, after, { trail: this.trail, verb: decision })
      const [outcome] = await writeAll(runner, [change])
      assertUpdated(outcome)
      return after
    })
    const { status, version } = approval
    this.session.whenCommitted(() =>
      this.session.events.emit(events.approvalDecided, { id: key, status, version }),
    )
    return approval
  }

  #next(before: Approval, after: Approval): Approval {
    return this.applyChanges(after, {}, before.version, this.changeTime(before))
  }

  /** @throws InvalidRecordError */
  async #refusePast({ expiresAt }: Approval): Promise<void> {
    if (expiresAt === null || expiresAt > (await databaseNow(this.session))) return
    const message = "must be in the future by the database's clock"
    throw new InvalidRecordError('approval', [{ path: ['expiresAt'], code: 'past', message }])
  }

  /** The stored approval of a repeated request. @throws DuplicateRecordError */
  async #repeated(input: NewApproval, given: Approval, existing: readonly WireValue[]): Promise<Approval> {
    const stored = this.codec.decode(existing)
    const { idempotencyKey } = given
    if (idempotencyKey === null || stored.idempotencyKey !== idempotencyKey) {
      throw new DuplicateRecordError('approvals', given.id)
    }
    const ignored = [...leftOut(input, ['id']), ...notCompared, ...stored.unreadable]
    const fields = differingFields(this.asRead(given), stored, ignored)
    if (fields.length > 0) {
      throw new DuplicateRecordError('approvals', idempotencyKey, { column: 'idempotencyKey', fields })
    }
    return approvalAt(stored, await databaseNow(this.session))
  }
}

function askedOf({ status }: ApprovalFilter) {
  return status === undefined ? undefined : statusesAsked(approvalStatuses, status, approvalDefinition.plural)
}
