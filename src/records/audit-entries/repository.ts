// Audit entries: append, list, and prove that nothing was changed since (verify.ts).

import type { QueuedWrite } from '../../engines/core/dependent-writes.ts'
import { DuplicateRecordError, InvalidRecordError } from '../../errors.ts'
import { events } from '../../observability/events.ts'
import type { AuditCut } from '../audit-cuts/definition.ts'
import { parseOrThrow } from '../model/issues.ts'
import { integerRule, nameRule } from '../model/rules.ts'
import { checkArguments, checkedLater, filter, options, record } from '../repository/arguments.ts'
import type { Condition } from '../repository/conditions.ts'
import type { FilterOf, OwnFilters } from '../repository/filters.ts'
import {
  type OrderRequest,
  orderOptions,
  type Page,
  type PageRequest,
  pageOptions,
} from '../repository/page.ts'
import { Repository } from '../repository/repository.ts'
import { type RecordSession, writeAll } from '../repository/session.ts'
import { linkedWrite, writePending } from '../repository/task-links.ts'
import { sinceUntil, type TimeRange } from '../repository/time-range.ts'
import {
  auditOf,
  enforceRule,
  nothingBroken,
  type Overriding,
  overrideOptions,
  type Ruling,
} from '../rules/enforce.ts'
import { CUT_SUBJECT, readCuts } from './cuts.ts'
import { type AuditEntry, type AuditFields, auditEntryDefinition, type NewAuditEntry } from './definition.ts'
import { allowsTool, deniedTool } from './denied-tools.ts'
import {
  type AuditHead,
  type AuditVerification,
  parseHead,
  type VerifyOptions,
  verifyRows,
} from './verify.ts'

/** Filters of audit lists. `action` is a complete action or a prefix that ends in `*`: `plan:*`. */
export type AuditFilter = Omit<
  FilterOf<
    AuditFields,
    'actor' | 'subjectType' | 'subjectId' | 'planId' | 'taskId' | 'verdict' | 'riskLevel'
  >,
  'action'
> &
  TimeRange & {
    readonly action?: string | undefined
    /**
     * Entries with this rule among their `matchedRules`, to the letter. It is not indexed: every
     * entry that the other filters return is read.
     */
    readonly matchedRule?: string | undefined
  }

export const auditFilters: OwnFilters = {
  ...sinceUntil('timestamp'),
  action: (name, filter, { plural }) => ({
    conditions: actionConditions(parseOrThrow(`filter of ${plural}`, nameRule, filter[name], [name]), plural),
  }),
  matchedRule: (name, filter, { plural, column, decode }) => {
    const rule = parseOrThrow(`filter of ${plural}`, nameRule, filter[name], [name])
    return {
      conditions: [],
      test: {
        key: `${name} ${JSON.stringify(rule)}`,
        columns: [column('matchedRules')],
        passes: ([stored = null]) => {
          const rules = decode('matchedRules', stored)
          return Array.isArray(rules) && rules.includes(rule)
        },
      },
    }
  },
}
/** Entries that `verify` reads at once; it yields to other work between two reads. */
const VERIFY_ROWS = 500
/**
 * How many entries about one cut are examined. There is one, unless another writer appends more.
 */
const MAX_CONFIRMING = 100

export class AuditRepository extends Repository<AuditFields> {
  static {
    checkArguments(AuditRepository, {
      append: [record, options(overrideOptions)],
      query: [filter, options(pageOptions)],
      count: [filter],
      head: [],
      cuts: [],
      verify: [options({ from: checkedLater, to: checkedLater, expectedHead: checkedLater })],
    })
    checkArguments(AuditRepository, { each: [filter, options(orderOptions)] }, { throwing: true })
  }

  constructor(session: RecordSession) {
    super(auditEntryDefinition, session)
  }

  /**
   * Appends an entry to the chain and returns it as written. Concurrent callers, in any number of
   * processes, each get a unique number, and no number is skipped. An entry that names a task but
   * no plan takes the task's plan at the time of writing, and the hash covers it; see
   * `costRecords.append`.
   *
   * An entry of a tool that was allowed (`subjectType: 'tool'`, verdict `allow`) is refused if the
   * frozen profile of its plan denies the tool. A database that records what breaks a rule, and a
   * call that overrides `deniedTools`, store it with a second entry that says so.
   * @throws InvalidRecordError, DuplicateRecordError (the id exists), ToolDeniedError
   * @example
   * await store.as('gatekeeper').audit.append({
   *   action: 'tool:call', subjectType: 'tool', subjectId: 'shell', verdict: 'deny', riskLevel: 'high',
   *   reason: 'not in the allow list', planId: plan.planId,
   * })
   */
  async append(input: NewAuditEntry, overriding: Overriding = {}): Promise<AuditEntry> {
    const entry = this.#begin(input)
    // Others are queued at once, in the order of the calls.
    const ruling =
      allowsTool(entry) || overriding.override !== undefined
        ? await enforceRule(this.session, await deniedTool(this.session, entry), overriding)
        : nothingBroken
    let written = entry
    const append = (planId: string | null) => ({
      kind: 'append' as const,
      chain: this.trail.append({ ...entry, planId }, (linked) => {
        written = linked
      }),
    })
    const { taskId, planId } = entry
    const queued =
      taskId === null || planId !== null
        ? append(planId)
        : linkedWrite(this.session, taskId, (links) => append(links.planId))
    const outcome =
      ruling === nothingBroken
        ? await this.session.write(queued)
        : await this.#withRuling(queued, entry, ruling, overriding)
    if (outcome.kind === 'duplicate') throw new DuplicateRecordError('audit_entries', entry.id)
    this.session.whenCommitted(() =>
      this.session.events.emit(events.auditAppended, { id: written.id, sequence: written.sequence }),
    )
    return written
  }

  /** Entries, newest first. */
  async query(filter: AuditFilter = {}, page: PageRequest = {}): Promise<Page<AuditEntry>> {
    return this.page(this.selection(filter, auditFilters), page)
  }

  /** Every entry that matches a filter, newest first, fetched in pages as the loop advances. */
  each(filter: AuditFilter = {}, options: OrderRequest = {}): AsyncIterable<AuditEntry> {
    return this.iterate(this.selection(filter, auditFilters), options)
  }

  async count(filter: AuditFilter = {}): Promise<number> {
    return this.countOf(this.selection(filter, auditFilters))
  }

  /** The number and hash of the last entry, to be kept elsewhere; null if there is none. */
  async head(): Promise<AuditHead | null> {
    const rows = await this.rowsFrom({ conditions: [] }, undefined, 1)
    const [last] = rows
    if (!last) return null
    const { sequence, hash } = this.codec.decode(last)
    return { sequence, hash }
  }

  /**
   * Where the beginning of the trail was removed deliberately (docs/retention.md), newest cut
   * first.
   */
  cuts(): Promise<readonly AuditCut[]> {
    return readCuts(this.session)
  }

  /**
   * Recomputes the chain. It detects every entry that was changed, removed, inserted or moved. With
   * `expectedHead`, a head kept elsewhere, it also detects a truncated end. After an approved cut
   * the check begins with the first remaining entry.
   * @param options `from` and `to` are sequence numbers, both inclusive; the whole chain by default
   * @example const { ok, firstBad } = await store.audit.verify({ expectedHead: kept })
   */
  async verify(options: VerifyOptions = {}): Promise<AuditVerification> {
    const from = parseOrThrow('from', integerRule(1), options.from ?? 1)
    const to = options.to === undefined ? undefined : parseOrThrow('to', integerRule(from), options.to)
    const expected = options.expectedHead === undefined ? undefined : parseHead(options.expectedHead)
    return verifyRows(
      {
        codec: this.codec,
        exactJson: this.session.engine.capabilities.keepsJsonText,
        rowsAfter: async (sequence, limit) => {
          const conditions: Condition[] = [
            {
              column: 'sequence',
              operator: '>=',
              values: [this.codec.encodeField('sequence', sequence + 1)],
            },
          ]
          // The list is newest first, so its reverse is the order of the chain.
          return this.rowsFrom({ conditions }, undefined, limit, true)
        },
        cuts: () => readCuts(this.session),
        rowsAbout: ({ id }) => {
          const about = this.selection({ subjectType: CUT_SUBJECT, subjectId: id })
          return this.rowsFrom(about, undefined, MAX_CONFIRMING)
        },
      },
      { from, to, expected, rows: VERIFY_ROWS },
    )
  }

  /** The entry, and a second one about the rule that it breaks, in one transaction. */
  #withRuling(
    queued: QueuedWrite,
    { planId, taskId, subjectId }: AuditEntry,
    ruling: Ruling,
    { reason }: Overriding,
  ) {
    return this.session.inTurn(async (runner) => {
      const [outcome] = await writePending(this.session, runner, [{ write: queued }])
      if (outcome?.kind === 'duplicate') return outcome
      const entry = { action: 'tool:use', subjectType: 'tool', subjectId, planId, taskId } as const
      const chain = this.trail.entry({ ...entry, reason: reason ?? null, ...auditOf(ruling) })
      await writeAll(runner, [{ kind: 'append', chain }])
      return { kind: 'stored' as const }
    })
  }

  #begin(input: NewAuditEntry): AuditEntry {
    return this.completeRecord(input, {
      timestamp: this.session.now(),
      actor: this.session.actor,
    }) as unknown as AuditEntry
  }
}

/**
 * A prefix of an action is a range: from the prefix to the first text that does not begin with it.
 */
function actionConditions(text: string, plural: string): readonly Condition[] {
  const column = 'action'
  if (!text.endsWith('*')) return [{ column, operator: '=', values: [text] }]
  const beginning = text.slice(0, -1)
  if (beginning === '') return []
  if (!/^[a-z0-9_.:-]+$/.test(beginning)) {
    const message = 'must be an action, or the beginning of one followed by *, for example plan:*'
    throw new InvalidRecordError(`filter of ${plural}`, [{ path: ['action'], code: 'action', message }])
  }
  const end = beginning.slice(0, -1) + String.fromCharCode(beginning.charCodeAt(beginning.length - 1) + 1)
  return [
    { column, operator: '>=', values: [beginning] },
    { column, operator: '<', values: [end] },
  ]
}
