// Retention: preview and removal. Old messages, cost records and audit entries are deleted on
// request, oldest first and bounded; cost totals are preserved, and the audit trail remains
// verifiable (docs/retention.md).

import { events } from '../observability/events.ts'
import { createAuditPruner } from '../records/audit-entries/prune.ts'
import { AuditTrail } from '../records/audit-entries/trail.ts'
import type { AuditHead } from '../records/audit-entries/verify.ts'
import { createCostPruner } from '../records/cost-records/prune.ts'
import { createMessagePruner } from '../records/messages/prune.ts'
import {
  aFunction,
  anAbortSignal,
  checkArguments,
  checkedLater,
  options,
} from '../records/repository/arguments.ts'
import type { FirstBatchExtras, Pruner } from '../records/repository/pruning.ts'
import type { RecordSession } from '../records/repository/session.ts'
import { makeUlid } from '../values/ids.ts'
import { removeInBatches } from './batches.ts'
import {
  checkMaxRows,
  cutoffsOf,
  type RetentionKind,
  type RetentionRequest,
  retentionKinds,
} from './request.ts'

/** The most rows that one call deletes, unless it says otherwise. */
export const DEFAULT_MAX_ROWS = 100_000

/** What would be deleted of one kind. */
export interface RetentionPreview {
  readonly kind: RetentionKind
  /** Older rows are deleted. Costs are deleted by whole hours. */
  readonly cutoff: Date
  readonly rows: number
  /** The times of the oldest and the newest row that would be deleted; null if there are none. */
  readonly oldest: Date | null
  readonly newest: Date | null
  /**
   * An estimate of the rows' contents, without indexes. A database keeps the freed space for later
   * rows.
   */
  readonly bytes: number
}

/** What was deleted of one kind. */
export interface RetentionResult {
  readonly kind: RetentionKind
  readonly cutoff: Date
  readonly rows: number
  readonly bytes: number
  /** Remaining rows older than the cutoff: beyond `maxRows`, or unreadable. */
  readonly left: number
  /** How many of the remaining ones cannot be read; they are not touched. */
  readonly skipped: number
  /** Where this call cut the audit trail; null if it did not. */
  readonly cut: AuditHead | null
}

export interface PruneOptions extends RetentionRequest {
  /**
   * The most rows to delete, of all kinds together; 100,000 by default. Calling again continues.
   */
  readonly maxRows?: number | undefined
  /**
   * Ends the work after the current batch; the call rejects with the signal's reason, and deleted
   * rows stay deleted.
   */
  readonly signal?: AbortSignal | undefined
  /**
   * Called after each batch: of `total` rows of a kind to delete, `done` are deleted. If it throws,
   * the work ends as by the signal, and the error is rethrown.
   */
  readonly onProgress?: ((progress: RetentionProgress) => void) | undefined
}

export interface RetentionProgress {
  readonly kind: RetentionKind
  readonly done: number
  readonly total: number
}

/** What a store gives its retention. */
export interface RetentionHost {
  readonly session: RecordSession
  /** Ages of the configuration. */
  readonly configured: RetentionRequest
  /** Runs a removal so that the store can end it when it closes. */
  track<T>(work: (closing: AbortSignal) => Promise<T>): Promise<T>
}

const pruners: Readonly<Record<RetentionKind, (session: RecordSession) => Pruner>> = {
  messages: createMessagePruner,
  costs: createCostPruner,
  audit: createAuditPruner,
}

/** The action and the subject type of entries that record a removal. */
export const PRUNE_ACTION = 'retention:prune'
export const PRUNE_SUBJECT = 'retention'

const request = Object.fromEntries(retentionKinds.map((kind) => [kind, checkedLater]))

export class Retention {
  static {
    const prune = { ...request, maxRows: checkedLater, signal: anAbortSignal, onProgress: aFunction }
    checkArguments(Retention, { preview: [options(request)], prune: [options(prune)] })
  }

  readonly #host: RetentionHost
  readonly #pruners = new Map<RetentionKind, Pruner>()

  constructor(host: RetentionHost) {
    this.#host = host
  }

  /**
   * What `prune` would remove without its limits. Nothing is changed.
   * @param request ages or instants by kind; those of the configuration if it names none
   * @throws InvalidRecordError for an invalid age, or one of less than a day, and if no kind is
   * named at all
   * @example const [messages] = await store.retention.preview({ messages: '90d' })
   */
  async preview(request: RetentionRequest = {}): Promise<readonly RetentionPreview[]> {
    const previews: RetentionPreview[] = []
    for (const [kind, before] of this.#cutoffs(request)) {
      const pruner = this.#pruner(kind)
      previews.push({ kind, cutoff: pruner.cutoff(before), ...(await pruner.survey(before)) })
    }
    return previews
  }

  /**
   * Deletes what exceeds the ages, oldest first: in short transactions, with pauses in which others
   * write. Cost totals are the same at every moment. The beginning of the audit trail is cut off,
   * and the trail itself records the approved cut. Each kind with deleted rows gets an audit entry
   * `retention:prune`, stored together with the first deletions.
   * @returns for each kind what was deleted and what is left; call again until nothing is
   * @throws InvalidRecordError as `preview`; QueryError if the part of the audit trail to delete is
   * not as it was written
   * @example
   * const kinds = await store.retention.prune({ messages: '90d', costs: '400d' })
   * console.log(kinds.map(({ kind, rows, left }) => `${kind}: ${rows} removed, ${left} left`))
   */
  prune(options: PruneOptions = {}): Promise<readonly RetentionResult[]> {
    return this.run(options)
  }

  /**
   * @internal `check` is called within the first transaction, once its entry is written; if it
   * throws, that is rolled back.
   */
  async run(
    options: PruneOptions,
    check?: (run: string) => FirstBatchExtras['check'],
  ): Promise<readonly RetentionResult[]> {
    const cutoffs = this.#cutoffs(options)
    const maxRows = checkMaxRows(options.maxRows, DEFAULT_MAX_ROWS)
    return this.#host.track(async (closing) => {
      const run = makeUlid()
      const results: RetentionResult[] = []
      let room = maxRows
      let guard = check?.(run)
      for (const [kind, before] of cutoffs) {
        const result = await this.#remove(kind, before, room, { ...options, closing, run, check: guard })
        results.push(result)
        room -= result.rows
        if (result.rows > 0) guard = undefined
      }
      return results
    })
  }

  async #remove(
    kind: RetentionKind,
    before: Date,
    room: number,
    options: PruneOptions & {
      readonly closing: AbortSignal
      readonly run: string
      readonly check: FirstBatchExtras['check']
    },
  ): Promise<RetentionResult> {
    const { session } = this.#host
    const started = performance.now()
    const pruner = this.#pruner(kind)
    const cutoff = pruner.cutoff(before)
    const { rows, bytes } = await pruner.survey(before)
    const nothing = { kind, cutoff, rows: 0, bytes: 0, left: rows, skipped: 0, cut: null }
    if (room < 1 || rows === 0) return nothing
    const proceed = () => {
      options.signal?.throwIfAborted()
      options.closing.throwIfAborted()
    }
    proceed()
    const run = await pruner.begin(before, room)
    const { planned, cut = null } = run
    const details = { before: cutoff.toISOString(), rows: planned, run: options.run }
    const along: FirstBatchExtras = {
      entry: new AuditTrail(session).entry({
        action: PRUNE_ACTION,
        subjectType: PRUNE_SUBJECT,
        subjectId: kind,
        reason: `rows before ${details.before} were removed`,
        details,
      }),
      ...(options.check && { check: options.check }),
    }
    const { removed, skipped } = await removeInBatches(run, {
      limit: room,
      isRemote: session.engine.capabilities.batchesReads,
      along,
      proceed,
      removed: (done) => options.onProgress?.({ kind, done, total: planned }),
    })
    const left = (await pruner.survey(before)).rows
    const durationMs = performance.now() - started
    session.events.emit(events.retentionPruned, { kind, rows: removed, left, durationMs })
    const share = Math.min(1, removed / rows)
    return { kind, cutoff, rows: removed, bytes: Math.round(bytes * share), left, skipped, cut }
  }

  #cutoffs(request: RetentionRequest): ReadonlyMap<RetentionKind, Date> {
    const isNamed = retentionKinds.some((kind) => request?.[kind] !== undefined)
    return cutoffsOf(isNamed ? request : { ...request, ...this.#host.configured }, new Date())
  }

  #pruner(kind: RetentionKind): Pruner {
    const known = this.#pruners.get(kind) ?? pruners[kind](this.#host.session)
    this.#pruners.set(kind, known)
    return known
  }
}
