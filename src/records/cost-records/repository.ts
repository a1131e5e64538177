// Cost records: append once, list, and sum exactly.

import { z } from 'zod'
import type { WireValue } from '../../engines/contract/engine.ts'
import { DuplicateRecordError, InvalidRecordError } from '../../errors.ts'
import { events } from '../../observability/events.ts'
import { loadTable } from '../../prices/bundled-table.ts'
import { type AppendedCost, withNotices } from '../budgets/notices.ts'
import { differingFields } from '../model/differing-fields.ts'
import { parseOrThrow } from '../model/issues.ts'
import { idRule, instantRule } from '../model/rules.ts'
import {
  aFunction,
  anAbortSignal,
  checkArguments,
  checkedLater,
  filter,
  options,
  record,
  records,
} from '../repository/arguments.ts'
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
  type Aggregation,
  type AnyTotal,
  aggregateCosts,
  assertOneCurrency,
  checkLargeCounts,
  type LargeCounts,
  nothingSpent,
} from './aggregate.ts'
import type { AggregateOptions, ComparedTotal } from './aggregate-options.ts'
import { type ApplyOptions, applyPrices, BATCH_SIZE, type PricesApplied } from './apply-prices.ts'
import {
  type CostRecord,
  type CostRecordFields,
  costRecordDefinition,
  type NewCostRecord,
} from './definition.ts'
import type { CostGrouping } from './enums.ts'
import { checkGroupings } from './groupings.ts'
import { checkTimeZone } from './periods.ts'
import { checkCompare, paired, rangeBefore, rangeToCompare } from './previous.ts'
import {
  answerOf,
  determineCost,
  type PriceAnswer,
  type PriceQuestion,
  priceQuestion,
  tableFor,
} from './price.ts'
import { ignoredOfRepeat, toTask } from './repeated-call.ts'
import { wholeHour } from './start-of-hour.ts'
import type { PrunedSelection } from './sums.ts'

/**
 * Filters of cost lists and totals. With `tree`, `planId` means the plan and everything below it.
 */
export type CostFilter = FilterOf<
  CostRecordFields,
  | 'agentId'
  | 'sessionId'
  | 'taskId'
  | 'planId'
  | 'project'
  | 'provider'
  | 'model'
  | 'biller'
  | 'callCategory'
  | 'costStatus'
  | 'source'
  | 'currency'
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
      priceOf: [record],
      applyPrices: [filter, options({ dryRun: z.boolean(), signal: anAbortSignal, onProgress: aFunction })],
      aggregate: [
        filter,
        options({
          by: checkedLater,
          timeZone: checkedLater,
          largeCounts: checkedLater,
          compare: checkedLater,
          wholeHours: z.boolean(),
        }),
      ],
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
  async append(input: NewCostRecord): Promise<AppendedCost> {
    const table = tableFor([input])
    if (table) await table
    const pending = this.#begin(input)
    const outcome = await this.session.write(pending.write)
    const existing = outcome.kind === 'duplicate' ? outcome.existing : undefined
    const record = this.#settle(input, pending, existing, (event) => this.session.whenCommitted(event))
    if (existing !== undefined) return record
    const [appended = record] = await withNotices(this.session, [record])
    return appended
  }

  /**
   * As `append`, for many: either all are stored (or already exist, by key, with equal content), or
   * none. Order is kept.
   */
  async appendMany(inputs: readonly NewCostRecord[]): Promise<readonly AppendedCost[]> {
    const table = tableFor(inputs)
    if (table) await table
    const pending = inputs.map((input) => this.#begin(input))
    let settled: CostRecord[] = []
    const announcements: (() => void)[] = []
    await this.session.inTransaction(async (runner) => {
      const outcomes = await writePending(this.session, runner, pending)
      announcements.length = 0
      settled = outcomes.map((outcome, index) =>
        this.#settle(
          inputs[index] as NewCostRecord,
          pending[index] as Pending<CostRecord>,
          outcome.kind === 'duplicate' ? outcome.existing : undefined,
          (event) => announcements.push(event),
        ),
      )
    })
    for (const event of announcements) this.session.whenCommitted(event)
    return withNotices(this.session, settled)
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
   * The exact cost of the records that match a filter, in total or by group. If a period (`month`,
   * `week`, `day`, `hour`) is among the keys, groups are in the order of time; within one, or
   * without, the greatest cost comes first, equal costs by key. Without `by` there is always one
   * total, "0" if there are no records. Pruned records still count; their metadata is not kept, so
   * by a key of it they are in the group without one.
   *
   * Periods are those of `timeZone` (of the IANA database; UTC by default): a day has 23 or 25
   * hours where the clock is changed. Keys of hours say the offset: `2026-10-25T02+01:00`.
   *
   * With `compare: 'previous'`, each total has the sums of the range before that of `since` and
   * `until` (by default now): as many whole months or days of the time zone if it is of such, else
   * of the same length.
   * @throws MixedCurrencyError if the records are in several currencies and neither `filter` nor
   * `by` separates them; InvalidRecordError if `since` or `until` splits an hour whose records were
   * pruned, because their sums are kept by the hour, if a period does (code `pruned_period`; with
   * `wholeHours` such an hour counts where it begins), or if a count (named in the issue) exceeds
   * `Number.MAX_SAFE_INTEGER`: it is never rounded, and with `largeCounts: 'text'` given as a
   * decimal string instead
   * @example
   * await store.costRecords.aggregate({ project: 'purser' }, { by: ['agent'] })
   * await store.costRecords.aggregate({}, { by: ['day', 'metadata.team'], timeZone: 'Europe/Berlin' })
   */
  async aggregate<
    const G extends CostGrouping = never,
    const L extends LargeCounts = 'refuse',
    const C extends 'previous' | undefined = undefined,
  >(
    filter: CostFilter = {},
    options: AggregateOptions<G, L, C> = {},
  ): Promise<readonly ComparedTotal<G, L, C>[]> {
    const by = checkGroupings(options.by ?? [])
    const isCompared = checkCompare(options.compare, by)
    const checked: Aggregation = {
      by,
      timeZone: checkTimeZone(options.timeZone ?? 'UTC'),
      largeCounts: checkLargeCounts(options.largeCounts ?? 'refuse'),
      wholeHours: options.wholeHours ?? false,
    }
    const totals = isCompared ? await this.#compare(filter, checked) : await this.#totals(filter, checked)
    return totals as readonly unknown[] as readonly ComparedTotal<G, L, C>[]
  }

  /**
   * What a call would cost by the configured prices, else by the bundled table, exactly, and the
   * prices of a million tokens; null if neither knows one. Reads and stores nothing.
   * @example await store.costRecords.priceOf({ provider: 'openai', model: 'gpt-4o', inputTokens:
   * 1000, outputTokens: 50 })
   */
  async priceOf(call: PriceQuestion): Promise<PriceAnswer | null> {
    const asked = parseOrThrow('call', priceQuestion, call)
    await loadTable()
    return answerOf({ ...asked, timestamp: asked.timestamp ?? this.session.now() }, this.session.prices)
  }

  /**
   * Prices the records that match a filter and whose cost is not known (`costStatus: 'unpriced'`),
   * also those that were given so: in batches of up to 500, each of which changes records, adds
   * what they cost to every total and appends an audit entry `prices:apply`, together or not at
   * all. Each record is priced once, whatever else prices it meanwhile, and totals are exact at any
   * moment. A run that was stopped continues when it is called again. Records of which the tables
   * know no price wait on; pruned ones are sums, and are not priced.
   * @param options `dryRun` only counts; `signal` ends it after a batch; `onProgress` receives how
   * many records were looked at
   * @throws the reason of `signal`, if it was aborted
   */
  async applyPrices(filter: CostFilter = {}, options: ApplyOptions = {}): Promise<PricesApplied> {
    const selection = this.#select({ ...filter, costStatus: 'unpriced' })
    await loadTable()
    return applyPrices(this.session, this.codec, options, async (position) => {
      const rows = await this.rowsFrom(selection, position, BATCH_SIZE, true)
      const last = rows.at(-1)
      return { rows, position: rows.length < BATCH_SIZE || !last ? undefined : this.positionOf(last) }
    })
  }

  async #totals(filter: CostFilter, options: Aggregation): Promise<readonly AnyTotal[]> {
    const totals = await aggregateCosts(
      this.session,
      options,
      this.#select(filter),
      this.#selectPruned(filter),
    )
    if (totals.length > 0 || options.by.length > 0) return totals
    return [nothingSpent(filter.currency)]
  }

  async #compare(filter: CostFilter, options: Aggregation): Promise<readonly AnyTotal[]> {
    // The given range is checked before another one follows from it.
    this.selection({ since: filter.since, until: filter.until }, costFilters)
    const range = rangeToCompare(filter, this.session.now())
    // Not grouped here: a currency that only one of the ranges has is as mixed as two in one.
    const byCurrency = { ...options, by: [...new Set([...options.by, 'currency' as const])] }
    const [now, before] = await Promise.all(
      [range, rangeBefore(range, options.timeZone)].map(async (part) =>
        aggregateCosts(
          this.session,
          byCurrency,
          this.#select({ ...filter, ...part }),
          this.#selectPruned({ ...filter, ...part }),
        ),
      ),
    )
    const totals = paired(options.by, now ?? [], before ?? [])
    if (!options.by.includes('currency')) assertOneCurrency(totals)
    if (totals.length > 0 || options.by.length > 0) return totals
    const nothing = nothingSpent(filter.currency)
    return paired([], [nothing], [nothing])
  }

  #begin(input: NewCostRecord): Pending<CostRecord> {
    const record = this.#complete(input)
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

  /** An input with everything but what its task provides. */
  #complete(input: NewCostRecord): CostRecord {
    const record = this.completeRecord(input, { timestamp: this.session.now() })
    determineCost(record, this.session.prices)
    this.definition.assertRules(record as unknown as CostRecord)
    return record as unknown as CostRecord
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
    const ignored = [...ignoredOfRepeat(input, record), ...stored.unreadable]
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

function treeFault(message: string): InvalidRecordError {
  return new InvalidRecordError('filter of cost records', [{ path: ['tree'], code: 'tree', message }])
}
