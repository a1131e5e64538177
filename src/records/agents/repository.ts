// Agents: beats, changes of what an agent says of itself, stop, and lists by status.

import { isDeepStrictEqual } from 'node:util'
import type { Row, WriteOperation } from '../../engines/contract/engine.ts'
import { RecordNotFoundError, TransactionConflictError } from '../../errors.ts'
import { events } from '../../observability/events.ts'
import { parseOrThrow } from '../model/issues.ts'
import { idRule } from '../model/rules.ts'
import { checkArguments, filter, options, recordOrNothing, text, texts } from '../repository/arguments.ts'
import { databaseNow, lockedRow, statusesAsked, statusFilter } from '../repository/database-time.ts'
import type { FilterOf, OwnFilters } from '../repository/filters.ts'
import {
  type OrderRequest,
  orderOptions,
  type Page,
  type PageRequest,
  pageOptions,
} from '../repository/page.ts'
import { type RecordSession, type Runner, writeAll } from '../repository/session.ts'
import { type ChangeRange, changeRange } from '../repository/time-range.ts'
import { VersionedRepository } from '../repository/versioned-repository.ts'
import {
  type Agent,
  type AgentFields,
  type AgentPatch,
  agentDefinition,
  agentStatuses,
} from './definition.ts'
import { agentAt, agentConditions } from './status.ts'

export type AgentFilter = FilterOf<AgentFields, 'role' | 'status'> & ChangeRange

/** How often `each` asks for the time: after this many agents. */
const STEP = 500

/** The filters of an engine; the status is a condition on its clock. */
const filtersOf = ({ engine, policies }: Pick<RecordSession, 'engine' | 'policies'>): OwnFilters => ({
  ...changeRange(),
  status: statusFilter(agentStatuses, () => agentConditions(engine.locking, policies.agentIdleAfter)),
})

/** Their names, for the registry. */
export const agentFilters: OwnFilters = {
  ...changeRange(),
  status: () => ({ conditions: [] }),
}

export class AgentRepository extends VersionedRepository<AgentFields> {
  static {
    checkArguments(AgentRepository, {
      get: [text('id')],
      getMany: [texts('ids')],
      seen: [text('id'), recordOrNothing],
      stop: [text('id')],
      list: [filter, options(pageOptions)],
      count: [filter],
    })
    checkArguments(AgentRepository, { each: [filter, options(orderOptions)] }, { throwing: true })
  }

  readonly #filters: OwnFilters

  constructor(session: RecordSession) {
    super(agentDefinition, session)
    this.#filters = filtersOf(session)
  }

  /** The agent with its status at this moment, or null. */
  override async get(id: string): Promise<Agent | null> {
    const now = await databaseNow(this.session)
    const agent = await super.get(id)
    return agent && this.#at(agent, now)
  }

  override async getMany(ids: readonly string[]): Promise<ReadonlyMap<string, Agent>> {
    const now = await databaseNow(this.session)
    const found = await super.getMany(ids)
    return new Map([...found].map(([id, agent]) => [id, this.#at(agent, now)]))
  }

  /**
   * Notes that an agent is alive, and what it says of itself: creates its record, or sets
   * `lastSeenAt` to the time by the database's clock. Fields that the patch names are set, all
   * others keep their values, so patches of several processes to different fields are all kept;
   * of two to the same field the later one counts. An agent that was stopped is active again.
   *
   * A beat that changes nothing else is one statement: it raises no version, has no audit entry and
   * publishes no event. Everything else does.
   * @param patch `displayName`, `role`, `capabilities`, `metadata`
   * @throws InvalidRecordError
   * @example await store.as('agent-7').agents.seen('agent-7', { role: 'coder', capabilities: ['typescript'] })
   */
  async seen(id: string, patch: AgentPatch = {}): Promise<Agent> {
    const key = parseOrThrow('agent', idRule, id, ['id'])
    const changes = this.definition.parsePatch(patch)
    if ((await this.#isUnchanged(key, changes)) && (await this.#beat(key))) return this.#found(key)
    return this.#change(key, (current) => ({ ...differing(current, changes), status: 'active' }), changes)
  }

  /**
   * Notes that an agent has stopped working. It stays stopped until it is seen again. Stopping it
   * again changes nothing.
   * @throws RecordNotFoundError
   */
  async stop(id: string): Promise<Agent> {
    const key = parseOrThrow('agent', idRule, id, ['id'])
    return this.#change(key, () => ({ status: 'stopped' }))
  }

  /**
   * Agents by id. The status is the one by the database's clock.
   * @example await store.agents.list({ status: ['active', 'idle'] })
   */
  async list(filter: AgentFilter = {}, page: PageRequest = {}): Promise<Page<Agent>> {
    const asked = askedOf(filter)
    const now = await databaseNow(this.session)
    const found = await this.page(this.selection(filter, this.#filters), page)
    return { ...found, items: found.items.map((agent) => this.#at(agent, now, asked)) }
  }

  /** Every agent that matches a filter, fetched in pages as the loop advances. */
  each(filter: AgentFilter = {}, options: OrderRequest = {}): AsyncIterable<Agent> {
    const agents = this.iterate(this.selection(filter, this.#filters), options)
    return this.#eachAt(agents, askedOf(filter))
  }

  async count(filter: AgentFilter = {}): Promise<number> {
    return this.countOf(this.selection(filter, this.#filters))
  }

  async *#eachAt(agents: AsyncIterable<Agent>, asked: ReturnType<typeof askedOf>): AsyncGenerator<Agent> {
    let now: Date | undefined
    let count = 0
    for await (const agent of agents) {
      if (now === undefined || count % STEP === 0) now = await databaseNow(this.session)
      count += 1
      yield this.#at(agent, now, asked)
    }
  }

  #at(agent: Agent, now: Date, asked?: ReturnType<typeof askedOf>): Agent {
    return agentAt(agent, now, this.session.policies.agentIdleAfter, asked)
  }

  /** Whether the agent has every value of a patch already. An agent without a record does not. */
  async #isUnchanged(id: string, changes: Readonly<Record<string, unknown>>): Promise<boolean> {
    if (Object.keys(changes).length === 0) return true
    const current = await super.get(id)
    return current !== null && Object.keys(differing(current, changes)).length === 0
  }

  /** True if there was an agent to beat that is not stopped. */
  async #beat(id: string): Promise<boolean> {
    const { now } = this.session.engine.locking
    const sql = `update agents set last_seen_at = ${now} where id = ? and status <> 'stopped'`
    const query = this.session.statements.raw(sql, sql, [this.codec.encodeField('id', id)])
    const outcome = await this.session.write({ kind: 'execute', query })
    return outcome.kind === 'executed' && outcome.count > 0
  }

  async #found(id: string): Promise<Agent> {
    const agent = await this.get(id)
    if (agent === null) throw new RecordNotFoundError('agents', id)
    return agent
  }

  /**
   * Changes the record while no other writer can.
   * @param changesOf the fields that differ; the status if it does not
   * @param first the fields of a record that is created; absent if it must exist
   */
  async #change(
    id: string,
    changesOf: (current: Agent) => Partial<Agent>,
    first?: Readonly<Record<string, unknown>>,
  ): Promise<Agent> {
    let changed: { readonly agent: Agent; readonly before: Agent | null; readonly isNew: boolean } | undefined
    const agent = await this.session.inTransaction(async (runner) => {
      changed = undefined
      const row = await lockedRow(this.session, runner, this.definition, id)
      const now = await databaseNow(this.session, runner)
      if (row === undefined) {
        if (first === undefined) throw new RecordNotFoundError('agents', id)
        const created = await this.#create(runner, id, first, now)
        changed = { agent: created, before: null, isNew: true }
        return created
      }
      const result = await this.#write(runner, row, changesOf, now, first !== undefined)
      if (result.isChanged) changed = { agent: result.agent, before: result.before, isNew: false }
      return result.agent
    })
    this.session.whenCommitted(() => this.#announce(changed))
    return agent
  }

  async #create(
    runner: Runner,
    id: string,
    given: Readonly<Record<string, unknown>>,
    now: Date,
  ): Promise<Agent> {
    const at = this.session.now()
    const made = { status: 'active', lastSeenAt: now, createdAt: at, updatedAt: at, version: 1 }
    const agent = this.completeRecord({ id, ...given }, made) as unknown as Agent
    const [outcome] = await writeAll(runner, [this.insertion(agent)])
    // Two processes see an agent for the first time at once: the second finds it in the next turn.
    if (outcome?.kind !== 'stored') {
      throw new TransactionConflictError('another writer has just noted the agent; repeat the call')
    }
    return agent
  }

  async #write(
    runner: Runner,
    row: Row,
    changesOf: (current: Agent) => Partial<Agent>,
    now: Date,
    isSeen: boolean,
  ): Promise<{ readonly agent: Agent; readonly before: Agent; readonly isChanged: boolean }> {
    const before = this.codec.decode(row)
    const { status, ...others } = changesOf(before)
    const isStopped = before.status === 'stopped'
    const isMoved = status !== undefined && (status === 'stopped') !== isStopped
    const changes = { ...others, ...(isMoved ? { status } : {}) }
    const isChanged = Object.keys(changes).length > 0
    const seen = isSeen ? { lastSeenAt: now } : {}
    const agent = isChanged
      ? this.applyChanges(before, { ...changes, ...seen }, before.version)
      : { ...before, ...seen }
    if (!isChanged && !isSeen) return { agent: before, before, isChanged }
    const { version, updatedAt } = agent
    const verb = isMoved ? (status === 'stopped' ? 'stop' : 'start') : 'update'
    const fields = Object.keys(changes)
    const operation: WriteOperation = {
      kind: 'compareAndSet',
      shape: this.definition.shape,
      key: before.id,
      ...this.codec.encodeChanges({ ...changes, ...seen, updatedAt, version }),
      expect: { column: 'version', value: this.codec.encodeField('version', before.version) },
      ...(isChanged ? { auditEntry: this.entryOf(verb, agent, { fields, version }) } : {}),
    }
    const [outcome] = await writeAll(runner, [operation])
    if (outcome?.kind !== 'updated') {
      throw new TransactionConflictError('another writer changed the agent in the meantime; repeat the call')
    }
    return { agent: this.#at(agent, now), before, isChanged }
  }

  #announce(
    changed: { readonly agent: Agent; readonly before: Agent | null; readonly isNew: boolean } | undefined,
  ): void {
    if (changed === undefined) return
    const { id, version, status } = changed.agent
    if (changed.isNew) this.session.events.emit(events.agentCreated, { id })
    else if (status === 'stopped' && changed.before?.status !== 'stopped')
      this.session.events.emit(events.agentStopped, { id, version })
    else this.session.events.emit(events.agentUpdated, { id, version })
  }
}

/** The fields of a patch that an agent does not have yet; an unreadable one differs. */
function differing(current: Agent, changes: Readonly<Record<string, unknown>>): Partial<Agent> {
  return Object.fromEntries(
    Object.entries(changes).filter(
      ([field, value]) =>
        current.unreadable.includes(field) || !isDeepStrictEqual(current[field as keyof Agent], value),
    ),
  )
}

function askedOf({ status }: AgentFilter) {
  return status === undefined ? undefined : statusesAsked(agentStatuses, status, agentDefinition.plural)
}
