// Cost records: append once, list, and sum exactly.

import type { WireValue } from '../../engines/contract/engine.ts'
import { DuplicateRecordError, InvalidRecordError } from '../../errors.ts'
import { events } from '../../observability/events.ts'
import { differingFields, leftOut } from '../model/differing-fields.ts'
import { parseOrThrow } from '../model/issues.ts'
import { idRule, instantRule } from '../model/rules.ts'
import { checkArguments, checkedLater, filter, options, record, records } from '../repository/arguments.ts'
import type { FilterOf, OwnFilters } from '../repository/filters.ts'
import {
  type OrderRequest,
  orderOptions,
  type Page,
  type PageRequest,
  pageOptions,
} from '../repository/page.ts'
import { inPlanTree } from '../repository/plan-tree.ts'
import { Repository } from '../repository/repository.ts'
import type { Selection } from '../repository/selection.ts'
import type { RecordSession } from '../repository/session.ts'
import { type Pending, pendingRecord, writePending } from '../repository/task-links.ts'
import { sinceUntil, type TimeRange } from '../repository/time-range.ts'
import {
  aggregateCosts,
  type CostTotal,
  checkGroupings,
  checkLargeCounts,
  type ExactCount,
  type LargeCounts,
} from './aggregate.ts'
import {
  type CostRecord,
  type CostRecordFields,
  costRecordDefinition,
  type NewCostRecord,
} from './definition.ts'
import type { CostGrouping } from './enums.ts'
import { wholeHour } from './start-of-hour.ts'
import type { PrunedSelection } from './sums.ts'

/**
 * Filters of cost lists and totals. With `tree`, `planId` means the plan and everything below it.
 */
export type CostFilter = FilterOf<
  CostRecordFields,
  'agentId' | 'taskId' | 'planId' | 'project' | 'provider' | 'model' | 'callCategory' | 'currency'
> &
  TimeRange & { readonly tree?: boolean | undefined }

export const costFilters: OwnFilters = { ...sinceUntil('timestamp'), tree: () => ({ conditions: [] }) }

export class CostRecordRepository extends Repository<CostRecordFields> {
  static {
    checkArguments(CostRecordRepository, {
      append: [record],
      appendMany: [records],
      query: [filter, options(pageOptions)],
      count: [filter],
      aggregate: [filter, options({ by: checkedLater, largeCounts: checkedLater })],
    })
    checkArguments(CostRecordRepository, { each: [filter, options(orderOptions)] }, { throwing: true })
  }

  constructor(session: RecordSession) {
    super(costRecordDefinition, session)
  }

  /**
   * Stores one model call and adds it to the totals in the same transaction. If the
   * `idempotencyKey` already exists, also from a concurrent call or another process, nothing is
   * written: equal content returns the stored record, different content is refused. An `id` or
   * `timestamp` that Purser generates is not compared, nor are a plan and a project taken from the
   * task.
   *
   * A record that names a task and omits `planId` or `project` takes them from the task at the time
   * of writing: after all acknowledged changes, and after a create or delete that was called
   * earlier without being awaited. A nonexistent task gives none. If another writer moves the task
   * concurrently, the record and all totals agree on either the old or the new plan. The returned
   * record includes them.
   * @throws InvalidRecordError, DuplicateRecordError (the id exists, or the key exists with
   * different content: `fields` names the differences), ConstraintViolationError (`range`: a
   * running total would exceed 64 bits; nothing was written)
   * @example
   * await store.costRecords.append({
   *   agentId: 'agent-7', provider: 'acme', model: 'large-1', inputTokens: 1200, outputTokens: 80, cost: '0.001309',
   * })
   */
  async append(input: NewCostRecord): Promise<CostRecord> {
    const pending = this.#begin(input)
    const outcome = await this.session.write(pending.write)
    const existing = outcome.kind === 'duplicate' ? outcome.existing : undefined
    return this.#settle(input, pending, existing, (event) => this.session.whenCommitted(event))
  }

  /**
   * As `append`, for many: either all are stored (or already exist, by key, with equal content), or
   * none. Order is kept.
   */
  async appendMany(inputs: readonly NewCostRecord[]): Promise<readonly CostRecord[]> {
    const pending = inputs.map((input) => this.#begin(input))
    let settled: CostRecord[] = []
    const told: (() => void)[] = []
    await this.session.inTransaction(async (runner) => {
      const outcomes = await writePending(this.session, runner, pending)
      told.length = 0
      settled = outcomes.map((outcome, index) =>
        this.#settle(
          inputs[index] as NewCostRecord,
          pending[index] as Pending<CostRecord>,
          outcome.kind === 'duplicate' ? outcome.existing : undefined,
          (event) => told.push(event),
        ),
      )
    })
    for (const event of told) this.session.whenCommitted(event)
    return settled
  }

  /** Records, newest first; equal times by id, descending. */
  async query(filter: CostFilter = {}, page: PageRequest = {}): Promise<Page<CostRecord>> {
    return this.page(this.#select(filter), page)
  }

  /** Every record that matches a filter, newest first, fetched in pages as the loop advances. */
  each(filter: CostFilter = {}, options: OrderRequest = {}): AsyncIterable<CostRecord> {
    return this.iterate(this.#select(filter), options)
  }

  async count(filter: CostFilter = {}): Promise<number> {
    return this.countOf(this.#select(filter))
  }

  /**
   * The exact cost of the records that match a filter, in total or by group. If a day or an hour is
   * among the keys, groups are in time order; within a time, or without one, the greatest cost
   * comes first, equal costs by key. Without `by` there is always one total, "0" if there are no
   * records. Pruned records still count.
   * @throws MixedCurrencyError if the records are in several currencies and neither `filter` nor
   * `by` separates them; InvalidRecordError if `since` or `until` splits an hour whose records were
   * pruned, because their sums are kept by the hour, or if a count (named in the issue) exceeds
   * `Number.MAX_SAFE_INTEGER`: it is never rounded, and with `largeCounts: 'text'` given as a
   * decimal string instead
   * @example await store.costRecords.aggregate({ project: 'purser' }, { by: ['agent'] })
   */
  async aggregate<const G extends CostGrouping = never, const L extends LargeCounts = 'refuse'>(
    filter: CostFilter = {},
    options: { readonly by?: readonly G[]; readonly largeCounts?: L | undefined } = {},
  ): Promise<readonly CostTotal<G, L extends 'text' ? ExactCount : number>[]> {
    type Total = CostTotal<G, L extends 'text' ? ExactCount : number>
    const largeCounts = checkLargeCounts(options.largeCounts ?? 'refuse')
    const by = checkGroupings(options.by ?? [])
    const totals = await aggregateCosts(
      this.session,
      by,
      this.#select(filter),
      this.#selectPruned(filter),
      largeCounts,
    )
    if (totals.length > 0 || by.length > 0) return totals as readonly unknown[] as readonly Total[]
    return [nothingSpent(typeof filter.currency === 'string' ? filter.currency : 'USD') as Total]
  }

  #begin(input: NewCostRecord): Pending<CostRecord> {
    const record = this.completeRecord(input, { timestamp: this.session.now() }) as unknown as CostRecord
    this.definition.assertRules(record)
    return pendingRecord(
      this.session,
      record,
      toTask(record).length > 0 ? record.taskId : null,
      ({ planId, project }) => ({
        ...record,
        planId: record.planId ?? planId,
        project: record.project ?? project,
      }),
      (complete) => ({
        kind: 'insert',
        shape: this.definition.shape,
        row: this.codec.encode(complete),
      }),
    )
  }

  /**
   * The record as stored: the new one, or the equal one that its key identified. `tell` receives
   * the event to publish.
   */
  #settle(
    input: NewCostRecord,
    { given: record, written }: Pending<CostRecord>,
    existing: readonly WireValue[] | undefined,
    tell: (event: () => void) => void,
  ): CostRecord {
    if (existing === undefined) {
      tell(() => this.session.events.emit(events.costRecorded, { id: record.id }))
      return written()
    }
    const stored = this.codec.decode(existing)
    if (record.idempotencyKey === null || stored.idempotencyKey !== record.idempotencyKey) {
      throw new DuplicateRecordError('cost_records', record.id)
    }
    // A value that has become unreadable is no reason to refuse an already recorded call: the
    // result names it as unreadable.
    const ignored = [...leftOut(input, ['id', 'timestamp']), ...toTask(record), ...stored.unreadable]
    const fields = differingFields(this.asRead(record), stored, ignored)
    if (fields.length > 0) {
      throw new DuplicateRecordError('cost_records', record.idempotencyKey, {
        column: 'idempotencyKey',
        fields,
      })
    }
    tell(() => this.session.events.emit(events.costRepeated, { id: stored.id }))
    return stored
  }

  /**
   * A roll-up has the time of the start of its hour. The one that contains `since` is included, so
   * that it can be refused.
   */
  #selectPruned(filter: CostFilter): PrunedSelection {
    // The given range is checked before it is widened to hours.
    this.selection(filter, costFilters)
    const divided = (['since', 'until'] as const).flatMap((field) => {
      const bound = filter[field]
      if (bound === undefined) return []
      const instant = parseOrThrow(field, instantRule, bound)
      const hour = wholeHour(instant)
      return hour.getTime() === instant.getTime() ? [] : [{ field, hour }]
    })
    const since = divided.find(({ field }) => field === 'since')?.hour ?? filter.since
    return {
      ...this.#select({ ...filter, since }),
      divided: divided.map(({ field, hour }) => ({
        field,
        hour: this.codec.encodeField('timestamp', hour),
      })),
    }
  }

  #select(filter: CostFilter): Selection {
    const { tree, planId, ...rest } = filter ?? {}
    if (tree !== undefined && typeof tree !== 'boolean') throw treeFault('must be true or false')
    if (!tree) return this.selection(filter, costFilters)
    if (typeof planId !== 'string') throw treeFault('needs one planId')
    const extra = inPlanTree('plan_id', parseOrThrow('planId', idRule, planId), this.session.engine.matching)
    return { ...this.selection(rest, costFilters), extra }
  }
}

/** What a record takes from its task: a repeated call need not find the task in the same plan. */
function toTask(record: CostRecord): readonly string[] {
  return record.taskId === null ? [] : leftOut(record, ['planId', 'project'])
}

function treeFault(message: string): InvalidRecordError {
  return new InvalidRecordError('filter of cost records', [{ path: ['tree'], code: 'tree', message }])
}

function nothingSpent(currency: string): CostTotal<never> {
  return {
    cost: '0',
    currency,
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    records: 0,
  }
}
