// The verbs of claims: which tasks are ready, taking them under a lease, and giving them back. The
// other verbs of tasks are in ../repository.ts.

import { InvalidRecordError, LeaseLostError, type PersistenceError } from '../../../errors.ts'
import { events } from '../../../observability/events.ts'
import { AgentRepository } from '../../agents/repository.ts'
import { GroupCommit } from '../../group-commit.ts'
import { parseOrThrow } from '../../model/issues.ts'
import { idRule, integerRule } from '../../model/rules.ts'
import { checkArguments, checkedLater, filter, options, record, text } from '../../repository/arguments.ts'
import {
  checkLimit,
  decodeCursor,
  encodeCursor,
  type Page,
  type PageRequest,
  pageOptions,
} from '../../repository/page.ts'
import type { RecordSession, Runner } from '../../repository/session.ts'
import { VersionedRepository } from '../../repository/versioned-repository.ts'
import { type Task, type TaskFields, type TaskPatch, taskDefinition } from '../definition.ts'
import { ANYONE, nextDue, readProspect, readyPage } from './candidates.ts'
import { type ClaimedTask, claimTogether } from './claim.ts'
import { afterFailure, type ClaimContext, type ClaimMove, timeIn, unclaimed } from './moves.ts'
import {
  type ClaimRequest,
  type Duration,
  type FailOptions,
  failRule,
  failRules,
  leaseRule,
  type ParsedClaim,
  parseClaim,
  parseReady,
  type ReadyFilter,
  retryDelay,
  withinRule,
} from './options.ts'
import { recountWaiting } from './recount.ts'
import { EXPIRED_PER_CLAIM, recoverExpired } from './recover.ts'
import { type Settled, type Settlement, settleTogether } from './settle.ts'
import { type UnmetDependency, unmetOf } from './waiting.ts'

/** The fields that `complete` may change: what a finished task depends on is not among them. */
export type CompletionPatch = Omit<TaskPatch, 'dependencies'>

type ClaimDecision = readonly ClaimMove[]

/** The most claims of one transaction, and the most settlements. */
const MOST = 64

/** Claims and settlements of a session are decided together: they have the same actor. */
const claimGroups = new WeakMap<RecordSession, GroupCommit<ParsedClaim, ClaimDecision>>()
const settleGroups = new WeakMap<RecordSession, GroupCommit<Settlement, Settled>>()

function groupOf<Ask, Decision>(
  groups: WeakMap<RecordSession, GroupCommit<Ask, Decision>>,
  session: RecordSession,
): GroupCommit<Ask, Decision> {
  const group = groups.get(session) ?? new GroupCommit<Ask, Decision>(MOST)
  groups.set(session, group)
  return group
}

export abstract class ClaimableTasks extends VersionedRepository<TaskFields> {
  static {
    checkArguments(ClaimableTasks, {
      ready: [filter, options(pageOptions)],
      readyIn: [filter, options({ within: withinRule })],
      waiting: [text('id')],
      claim: [record],
      heartbeat: [text('id'), text('claimId'), options({ lease: leaseRule })],
      complete: [text('id'), text('claimId'), options({ patch: checkedLater })],
      fail: [text('id'), text('claimId'), options(failRules)],
      release: [text('id'), text('claimId')],
      recover: [options({ limit: integerRule(1) })],
    })
  }

  constructor(session: RecordSession) {
    super(taskDefinition, session)
  }

  /**
   * Tasks that can be claimed now: `created` or `interrupted`, or `assigned` to the agent of the
   * filter; whose `availableAt` is null or past by the database's clock; and whose dependencies are
   * all completed. Critical ones first, then by creation time, then id: the order in which `claim`
   * takes them. Pages have no other order.
   * @throws InvalidRecordError
   * @example await store.tasks.ready({ agent: 'agent-7', project: 'purser' }, { limit: 10 })
   */
  async ready(filter: ReadyFilter = {}, page: Omit<PageRequest, 'order'> = {}): Promise<Page<Task>> {
    const asked = parseReady(filter)
    const limit = checkLimit(page.limit)
    const list = `ready tasks ${JSON.stringify([asked.agent, asked.project, asked.type, asked.planId, asked.tree])}`
    const after = page.cursor === undefined ? undefined : decodeCursor(list, page.cursor, 3)
    const owners = asked.agent === undefined ? [ANYONE] : [ANYONE, asked.agent]
    const query = readyPage(this.session, owners, asked, after, limit + 1)
    const positions = await this.session.read(query)
    const shown = positions.slice(0, limit)
    const ids = shown.map(([, , id]) => String(id))
    const found = await this.rowsOf(ids)
    const last = shown.at(-1)
    return {
      ...this.decodeRows(found),
      nextCursor: positions.length > limit && last ? encodeCursor(list, last) : null,
    }
  }

  /**
   * In how many milliseconds time alone may make a task ready: when the next delay (`availableAt`)
   * ends, or the next lease, by the database's clock; 0 if that is past and no claim has noticed it
   * yet. Null if there is none `within` that time, `60s` by default. Whoever found nothing to claim
   * need not look again before, unless tasks change.
   * @throws InvalidRecordError
   * @example await store.tasks.readyIn({ agent: 'agent-7', project: 'purser' }, { within: '5s' })
   */
  async readyIn(
    filter: ReadyFilter = {},
    options: { readonly within?: Duration | undefined } = {},
  ): Promise<number | null> {
    const { agent, ...asked } = parseReady(filter)
    const within = parseOrThrow('readyIn', withinRule, options.within, ['within'])
    const owners = agent === undefined ? [ANYONE] : [ANYONE, agent]
    const rows = await this.session.read(nextDue(this.session, owners, asked, within))
    const left = rows.map(
      (row) => timeIn(this.session, row.slice(1)).getTime() - timeIn(this.session, row).getTime(),
    )
    return left.length === 0 ? null : Math.max(0, Math.min(...left))
  }

  /**
   * What a task waits for: each dependency that is not completed, in the order of `dependencies`;
   * empty if there is none. A dependency that names no task has the status null.
   * @throws RecordNotFoundError
   */
  async waiting(id: string): Promise<readonly UnmetDependency[]> {
    return unmetOf(this.session, id, await this.get(id))
  }

  /**
   * Takes ready tasks for an agent, at most `limit`, in the order of `ready`, and moves them to
   * `in_progress` with a `claimId`, one more `attempt` and a lease. Each is taken once over all
   * processes and machines; tasks that another claim is taking are left out, not waited for, so
   * fewer than there are may be returned. Before that, up to 100 tasks with expired leases are
   * taken back (`recover`). Leases are by the database's clock. The agent is noted as seen. A claim
   * that gets less than its limit looks, at most once a second, at 1,000 open tasks, each time the
   * next, and makes those ready that wait though all that they depend on is completed.
   *
   * Inside a transaction the tasks stay locked until its end, and so does the audit trail.
   * @returns the tasks, all with one claim; none if nothing is ready
   * @throws InvalidRecordError
   * @example
   * const [task] = await store.tasks.claim({ agent: 'agent-7', lease: '60s' })
   * if (task) await store.tasks.complete(task.id, task.claimId)
   */
  async claim(request: ClaimRequest): Promise<readonly ClaimedTask[]> {
    const claim = parseClaim(request)
    const moves = await (this.session.watch
      ? this.#claim([claim]).then(([only]) => only as ClaimDecision)
      : groupOf(claimGroups, this.session).decide(claim, (claims) => this.#claim(claims)))
    return moves.map(({ after }) => after as ClaimedTask)
  }

  /**
   * Extends a claim: its lease ends `lease` from now (`60s` by default) by the database's clock.
   * Raises no version, and has neither audit entry nor event.
   * @throws LeaseLostError, InvalidRecordError
   */
  async heartbeat(
    id: string,
    claimId: string,
    options: { readonly lease?: Duration | undefined } = {},
  ): Promise<void> {
    const [key, claim] = keysOf(id, claimId)
    const { lease = parseOrThrow('heartbeat', leaseRule, undefined) } = options as { lease?: number }
    const { now, ago } = this.session.engine.locking
    const sql = `update tasks set lease_expires_at = ${ago(-lease)} where id = ? and claim_id = ? and status = 'in_progress' and lease_expires_at > ${now}`
    const query = this.session.statements.raw(sql, sql, [key, claim])
    const outcome = await this.session.write({ kind: 'execute', query })
    if (outcome.kind !== 'executed' || outcome.count === 0) throw new LeaseLostError(key, claim)
  }

  /**
   * Completes a claimed task, and changes the fields of the patch; its claim and last error are
   * cleared. Tasks that waited for it may be ready with the same commit.
   * @throws LeaseLostError (also when it is completed a second time), InvalidRecordError
   * @example await store.tasks.complete(task.id, task.claimId, { patch: { metadata: { tests: 12 } } })
   */
  async complete(
    id: string,
    claimId: string,
    options: { readonly patch?: CompletionPatch | undefined } = {},
  ): Promise<Task> {
    const patch = this.definition.parsePatch(options.patch ?? {})
    if ('dependencies' in patch) throw dependenciesKept()
    const changes = { ...patch, ...unclaimed, status: 'completed', lastError: null } as Partial<Task>
    return this.#settle(id, claimId, 'complete', () => changes)
  }

  /**
   * Gives a claimed task up after an error: it is `interrupted`, and ready again after `retryIn`,
   * as long as its `attempt` is not more than `maxRetries`; otherwise it is `failed`.
   * @throws LeaseLostError, InvalidRecordError
   * @example await store.tasks.fail(task.id, task.claimId, { error: 'the tests fail', retryIn: '5m' })
   */
  async fail(id: string, claimId: string, options: FailOptions): Promise<Task> {
    const { error, retryIn } = parseOrThrow('failure', failRule, options ?? {})
    return this.#settle(id, claimId, 'fail', (task, now) => {
      const delay = retryIn ?? retryDelay(task.attempt)
      return afterFailure(task, error, delay === 0 ? null : new Date(now.getTime() + delay))
    })
  }

  /**
   * Gives a claimed task back: it is `interrupted`, and ready for anyone at once. The attempt
   * counts.
   * @throws LeaseLostError, InvalidRecordError
   */
  async release(id: string, claimId: string): Promise<Task> {
    return this.#settle(id, claimId, 'release', () => ({
      ...unclaimed,
      status: 'interrupted',
      availableAt: null,
    }))
  }

  /**
   * Takes back tasks whose lease has expired by the database's clock, those of the oldest leases
   * first: they are `interrupted` and ready, or `failed` if their attempts are used up, and their
   * `lastError` says so. Every claim does this for up to 100; nothing else has to. If there are
   * fewer, it looks at a part of the waiting tasks, each time the next, for those that wait though
   * all that they depend on is completed, as claims do.
   * @param options `limit`: the most tasks; 100 by default
   * @returns the tasks that were taken back
   */
  async recover(options: { readonly limit?: number | undefined } = {}): Promise<readonly Task[]> {
    const limit = checkLimit(options.limit ?? EXPIRED_PER_CLAIM)
    const moves = await this.#recover(limit)
    if (moves.length < limit) await this.#recount(moves, true)
    return moves.map(({ after }) => after)
  }

  /** Rows by their ids, in the order of the ids; those that are gone are left out. */
  protected async rowsOf(ids: readonly string[]) {
    if (ids.length === 0) return []
    const { shape } = this.definition
    const index = shape.columns.indexOf(shape.key)
    const rows = await this.session.read(this.session.statements.rowsByKey(shape, [...ids]))
    const byId = new Map(rows.map((row) => [String(row[index]), row]))
    return ids.flatMap((id) => {
      const row = byId.get(id)
      return row ? [row] : []
    })
  }

  get #context(): ClaimContext {
    return { session: this.session, codec: this.codec, trail: this.trail }
  }

  async #claim(claims: readonly ParsedClaim[]): Promise<readonly ClaimDecision[]> {
    const decisions = await this.#take(claims)
    const isShort = claims.some(({ limit }, index) => (decisions[index]?.length ?? 0) < limit)
    if (!isShort || !(await this.#recount(decisions.flat(), false))) return decisions
    return decisions.every((moves) => moves.length === 0) ? this.#take(claims) : decisions
  }

  /** What was done before it stays done if it fails: the next look tries again. */
  async #recount(done: readonly ClaimMove[], isUrged: boolean): Promise<boolean> {
    return recountWaiting(this.session, isUrged).catch((error) => {
      if (done.length === 0) throw error
      return false
    })
  }

  async #take(claims: readonly ParsedClaim[]): Promise<readonly ClaimDecision[]> {
    const agents = [...new Set(claims.map(({ agent }) => agent))]
    const owners = [ANYONE, ...agents]
    let prospect = await readProspect(this.session, owners)
    if (prospect.hasDue) {
      await this.#recover(EXPIRED_PER_CLAIM)
      prospect = await readProspect(this.session, owners)
    }
    if (prospect.owners.size === 0) {
      await this.#seen(agents)
      return claims.map(() => [])
    }
    const { moves, unseen } = await this.#within((runner) =>
      claimTogether(this.#context, runner, claims, prospect),
    )
    this.#announce(moves.flat())
    const empty = claims.filter((_, index) => moves[index]?.length === 0).map(({ agent }) => agent)
    await this.#seen([...new Set([...unseen, ...empty])])
    return moves
  }

  /** A claim says that its agent is there, even if it gets nothing. */
  async #seen(agents: readonly string[]): Promise<void> {
    const repository = new AgentRepository(this.session)
    for (const agent of agents) await repository.seen(agent)
  }

  async #recover(limit: number): Promise<readonly ClaimMove[]> {
    const moves = await this.#within((runner) => recoverExpired(this.#context, runner, limit))
    this.#announce(moves)
    return moves
  }

  async #settle(
    id: string,
    claimId: string,
    verb: Settlement['verb'],
    changesOf: Settlement['changesOf'],
  ): Promise<Task> {
    const [key, claim] = keysOf(id, claimId)
    const settlement: Settlement = { id: key, claimId: claim, verb, changesOf }
    const settled = await (this.session.watch
      ? this.#settleAll([settlement]).then(([only]) => only as Settled)
      : groupOf(settleGroups, this.session).decide(settlement, (all) => this.#settleAll(all)))
    if (isError(settled)) throw settled
    this.#announce([settled])
    return settled.after
  }

  #settleAll(settlements: readonly Settlement[]): Promise<readonly Settled[]> {
    return this.#within((runner) => settleTogether(this.#context, runner, settlements))
  }

  #within<T>(work: (runner: Runner) => Promise<T>): Promise<T> {
    return this.session.inTransaction(work)
  }

  #announce(moves: readonly ClaimMove[]): void {
    this.session.whenCommitted(() => {
      for (const { before, after } of moves) {
        const { id, version, status } = after
        this.session.events.emit(events.taskTransitioned, { id, from: before.status, to: status, version })
      }
    })
  }
}

function dependenciesKept(): InvalidRecordError {
  const message = 'must be left out: a task that is completed waits for nothing'
  return new InvalidRecordError('task', [{ path: ['dependencies'], code: 'rule', message }])
}

function isError(settled: Settled): settled is PersistenceError {
  return settled instanceof Error
}

function keysOf(id: string, claimId: string): readonly [string, string] {
  return [parseOrThrow('task', idRule, id, ['id']), parseOrThrow('task', idRule, claimId, ['claimId'])]
}
