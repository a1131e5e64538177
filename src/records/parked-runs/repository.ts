// Parked runs: park, resume once, delete, and lists without the states.

import { DuplicateRecordError, RecordNotFoundError } from '../../errors.ts'
import { events } from '../../observability/events.ts'
import type { AuditEvent } from '../audit-entries/trail.ts'
import { parseOrThrow } from '../model/issues.ts'
import { idRule } from '../model/rules.ts'
import { checkArguments, filter, options, record, text } from '../repository/arguments.ts'
import {
  type OrderRequest,
  orderOptions,
  type Page,
  type PageRequest,
  pageOptions,
} from '../repository/page.ts'
import { Repository } from '../repository/repository.ts'
import type { RecordSession } from '../repository/session.ts'
import {
  type NewParkedRun,
  type ParkedRun,
  type ParkedRunFields,
  type ParkedRunSummary,
  parkedRunDefinition,
} from './definition.ts'
import { type ParkedRunFilter, ParkedRunSummaries } from './summaries.ts'

export class ParkedRunRepository extends Repository<ParkedRunFields> {
  static {
    checkArguments(ParkedRunRepository, {
      park: [record],
      resume: [text('id')],
      delete: [text('id')],
      list: [filter, options(pageOptions)],
      count: [filter],
    })
    checkArguments(ParkedRunRepository, { each: [filter, options(orderOptions)] }, { throwing: true })
  }

  readonly #summaries: ParkedRunSummaries

  constructor(session: RecordSession) {
    super(parkedRunDefinition, session)
    this.#summaries = new ParkedRunSummaries(session)
  }

  /**
   * Stores the state of a run with its audit entry, and returns the parked run as written. The
   * state is 1 byte to 16 MiB, and is kept byte for byte.
   * @throws InvalidRecordError, DuplicateRecordError (the id exists), QueryError (the server takes
   * less at once; the message says what to set)
   * @example
   * const run = await store.as('agent-7').parkedRuns.park({
   *   agentId: 'agent-7', approvalId: approval.id, format: 'openai-agents/run-state@1',
   *   state: Buffer.from(result.state.toString()),
   * })
   */
  async park(input: NewParkedRun): Promise<ParkedRun> {
    const given = this.completeRecord(input, { createdAt: this.session.now(), version: 1 })
    const run = { ...given, stateSize: (given.state as Uint8Array).byteLength } as unknown as ParkedRun
    const { id, stateSize } = run
    const outcome = await this.session.write(this.insertion(run, this.entryOf('park', run, detailsOf(run))))
    if (outcome.kind === 'duplicate') throw new DuplicateRecordError('parked_runs', id)
    this.session.whenCommitted(() => this.session.events.emit(events.runParked, { id, bytes: stateSize }))
    return run
  }

  /**
   * Takes a run to continue it: the first caller, of any number of processes, gets it with its
   * state, every later one null. Whether its approval was granted is for the caller to ask.
   * @throws RecordNotFoundError
   * @example
   * const run = await store.as('agent-7').parkedRuns.resume(id)
   * if (run !== null) await continueRun(Buffer.from(run.state).toString())
   */
  async resume(id: string): Promise<ParkedRun | null> {
    const key = parseOrThrow('parked run', idRule, id, ['id'])
    const current = await this.get(key)
    if (current === null) throw new RecordNotFoundError('parked_runs', key)
    if (current.resumedAt !== null) return null
    const changes = {
      resumedAt: this.session.now(),
      resumedBy: this.session.actor,
      version: current.version + 1,
    }
    const run = { ...current, ...changes }
    const outcome = await this.session.write({
      kind: 'compareAndSet',
      shape: this.definition.shape,
      key,
      ...this.codec.encodeChanges(changes),
      expect: { column: 'version', value: this.codec.encodeField('version', current.version) },
      auditEntry: this.entryOf('resume', run, detailsOf(run)),
    })
    if (outcome.kind !== 'updated') return null
    this.session.whenCommitted(() => this.session.events.emit(events.runResumed, { id: key }))
    return run
  }

  /** Deletes a parked run with its state, resumed or not. True if it existed. */
  async delete(id: string): Promise<boolean> {
    const key = parseOrThrow('parked run', idRule, id, ['id'])
    const outcome = await this.session.write(this.deletion(key))
    const gone = outcome.kind === 'deleted' && outcome.count > 0
    if (gone) this.session.whenCommitted(() => this.session.events.emit(events.runDeleted, { id: key }))
    return gone
  }

  /**
   * Parked runs without their states, in the order in which they were parked; `get` has the state.
   * @example await store.parkedRuns.list({ approvalId: approval.id, resumed: false })
   */
  async list(filter: ParkedRunFilter = {}, page: PageRequest = {}): Promise<Page<ParkedRunSummary>> {
    return this.#summaries.list(filter, page)
  }

  /** Every parked run that matches a filter, without its state, fetched as the loop advances. */
  each(filter: ParkedRunFilter = {}, options: OrderRequest = {}): AsyncIterable<ParkedRunSummary> {
    return this.#summaries.each(filter, options)
  }

  async count(filter: ParkedRunFilter = {}): Promise<number> {
    return this.#summaries.count(filter)
  }
}

function detailsOf({ agentId, approvalId, format, stateSize }: ParkedRun): AuditEvent['details'] {
  return { agentId, approvalId, format, stateSize }
}
