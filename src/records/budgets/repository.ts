// Budgets: create, change under version control, delete; reserve and release; how much is left.

import type { Engine } from '../../engines/contract/engine.ts'
import { DuplicateRecordError, InvalidRecordError } from '../../errors.ts'
import { events } from '../../observability/events.ts'
import { makeUlid } from '../../values/ids.ts'
import { GroupCommit } from '../group-commit.ts'
import { parseOrThrow } from '../model/issues.ts'
import { idRule, instantRule, nameRule } from '../model/rules.ts'
import { base, checkArguments, filter, options, record, text } from '../repository/arguments.ts'
import type { FilterOf } from '../repository/filters.ts'
import {
  type OrderRequest,
  orderOptions,
  type Page,
  type PageRequest,
  pageOptions,
} from '../repository/page.ts'
import type { RecordSession } from '../repository/session.ts'
import { type Base, VersionedRepository } from '../repository/versioned-repository.ts'
import {
  type Budget,
  type BudgetFields,
  type BudgetPatch,
  budgetDefinition,
  type NewBudget,
} from './definition.ts'
import { assertNoGuard } from './guards.ts'
import { removeHold } from './holds.ts'
import { BudgetPresence } from './presence.ts'
import {
  type Ask,
  askOf,
  type Decision,
  decide,
  type NewReservation,
  type Reservation,
  reservationRule,
} from './reservation.ts'
import { type BudgetStatus, statusOf } from './status.ts'

export type BudgetFilter = FilterOf<BudgetFields, 'name' | 'scope' | 'target' | 'currency' | 'active'>

/** The most reservations of one transaction. */
const MOST = 256

/** Reservations of a store are decided together, whatever their actor: they have no audit entry. */
const groups = new WeakMap<Engine, GroupCommit<Ask, Decision>>()

function groupOf({ engine }: RecordSession): GroupCommit<Ask, Decision> {
  const group = groups.get(engine) ?? new GroupCommit(MOST)
  groups.set(engine, group)
  return group
}

export class BudgetRepository extends VersionedRepository<BudgetFields> {
  static {
    checkArguments(BudgetRepository, {
      create: [record],
      list: [filter, options(pageOptions)],
      count: [filter],
      update: [text('name'), record, base()],
      delete: [text('name')],
      reserve: [record],
      release: [text('id')],
      status: [filter, options({ at: instantRule })],
    })
    checkArguments(BudgetRepository, { each: [filter, options(orderOptions)] }, { throwing: true })
  }

  constructor(session: RecordSession) {
    super(budgetDefinition, session)
  }

  /**
   * Stores a new budget and returns it as written. It counts what was spent in its period before,
   * too.
   * @throws InvalidRecordError (also for a time zone that does not exist, and a plan or task that
   * does not), DuplicateRecordError
   * @example
   * await store.budgets.create({ name: 'daily', scope: 'project', target: 'purser', period: 'day', timeZone: 'Europe/Berlin', limit: '25' })
   */
  async create(input: NewBudget): Promise<Budget> {
    const budget = this.begun(input) as unknown as Budget
    this.definition.assertRules(budget)
    assertNoGuard(budget.name)
    await this.#assertTarget(budget)
    const outcome = await this.session.write(this.insertion(budget))
    if (outcome.kind === 'duplicate') throw new DuplicateRecordError('budgets', budget.name)
    const { name } = budget
    this.#whenStored(() => this.session.events.emit(events.budgetCreated, { name }))
    return budget
  }

  /** Budgets by name. */
  async list(filter: BudgetFilter = {}, page: PageRequest = {}): Promise<Page<Budget>> {
    return this.page(this.selection(filter), page)
  }

  /** Every budget that matches a filter, fetched in pages as the loop advances. */
  each(filter: BudgetFilter = {}, options: OrderRequest = {}): AsyncIterable<Budget> {
    return this.iterate(this.selection(filter), options)
  }

  async count(filter: BudgetFilter = {}): Promise<number> {
    return this.countOf(this.selection(filter))
  }

  /**
   * Changes fields of the budget at `version`, and appends an audit entry that names them. A limit
   * may be lowered below what is spent: nothing more can be reserved then. What reservations hold
   * stays held.
   * @throws RecordNotFoundError, VersionConflictError, InvalidRecordError
   */
  async update(name: string, patch: BudgetPatch, base: Base): Promise<Budget> {
    const changes = this.definition.parsePatch(patch)
    const expected = this.versionOf(base)
    assertNoGuard(name)
    const current = await this.getAt(name, expected)
    const budget = this.applyChanges(current, changes, expected)
    this.definition.assertRules(budget)
    if ('scope' in changes || 'target' in changes) await this.#assertTarget(budget)
    await this.writeChanges(budget, changes)
    const { version } = budget
    this.#whenStored(() => this.session.events.emit(events.budgetUpdated, { name, version }))
    return budget
  }

  /** Deletes a budget and what reservations hold in it. True if it existed. */
  async delete(name: string): Promise<boolean> {
    const key = parseOrThrow('name of the budget', nameRule, name)
    assertNoGuard(key)
    const outcome = await this.session.write(this.deletion(key))
    const gone = outcome.kind === 'deleted' && outcome.count > 0
    if (gone) this.session.whenCommitted(() => this.session.events.emit(events.budgetDeleted, { name: key }))
    return gone
  }

  /**
   * Holds what a call is expected to cost in every active budget that applies to it, or in none. Of
   * any number of callers in any number of processes, exactly as many get a hold as fit. The hold
   * ends after `ttl`, by `release`, or when a cost record with its id as `reservationId` settles
   * it. A reservation that names a task and omits `planId` or `project` takes them from the task,
   * as a cost record does.
   *
   * The frozen profiles of its plan and the plans above act, too: `guards.maxCostUsd` is a budget
   * of the plan with its tree, named `guard:` and the plan's id, and nothing is held any more once
   * the recorded costs have `guards.maxTokens`.
   *
   * Calls made at the same time share a commit. Inside a transaction the budgets stay locked until
   * its end: other reservations in them wait, so keep it short.
   * @throws BudgetExceededError naming the budget that has the least left (of a guard of tokens its
   * `currency` is `tokens`); CorruptRecordError if such a profile is unreadable;
   * InvalidRecordError; TransactionConflictError or TimeoutError (retryable) inside a transaction
   * that had to wait
   * @example
   * const { id } = await store.budgets.reserve({ agentId: 'agent-7', project: 'purser', estimate: '0.02' })
   * await store.costRecords.append({ ...call, reservationId: id })
   */
  async reserve(input: NewReservation): Promise<Reservation> {
    const ask = askOf(makeUlid(), parseOrThrow('reservation', reservationRule, input))
    const decision = await (this.session.watch
      ? this.#decide(this.session, [ask]).then(([only]) => only as Decision)
      : groupOf(this.session).decide(ask, (asks) => this.#decide(this.session, asks)))
    if (decision.kind === 'refused') throw decision.error
    return decision.reservation
  }

  /** Ends a reservation. True if it held something until now. */
  async release(id: string): Promise<boolean> {
    const key = parseOrThrow('id of the reservation', idRule, id)
    const outcome = await this.session.write(removeHold(this.session, key))
    return outcome.kind === 'executed' && outcome.count > 0
  }

  /**
   * What is spent, held and left of the budgets that match, by name. What is spent is exactly the
   * sum of the costs with times in the period, also of records that arrive late, and of pruned
   * ones; costs in other currencies are apart. From the first reservation in a period on, no record
   * is read for it.
   * @param options `at`: an instant of the period to look at; by default the present one
   * @example const [{ spent, remaining }] = await store.budgets.status({ name: 'daily' })
   */
  async status(
    filter: BudgetFilter = {},
    options: { readonly at?: Date | string | undefined } = {},
  ): Promise<readonly BudgetStatus[]> {
    const budgets: Budget[] = []
    for await (const budget of this.iterate(this.selection(filter))) budgets.push(budget)
    return statusOf(this.session, budgets, options.at as Date | undefined)
  }

  async #decide(session: RecordSession, asks: readonly Ask[]): Promise<readonly Decision[]> {
    const { decisions, made } = await session.inTransaction((runner) =>
      decide(session, runner, this.codec, asks),
    )
    for (const name of made) this.#whenStored(() => this.session.events.emit(events.budgetCreated, { name }))
    return decisions
  }

  #whenStored(emit: () => void): void {
    this.session.whenCommitted(() => {
      BudgetPresence.of(this.session).note()
      emit()
    })
  }

  /** A limit for a plan or task with a mistyped id would never hold anything back. */
  async #assertTarget({ scope, target }: Budget): Promise<void> {
    if ((scope !== 'plan' && scope !== 'task') || target === null) return
    const sql =
      scope === 'plan' ? 'select 1 from plans where plan_id = ?' : 'select 1 from tasks where id = ?'
    const rows = await this.session.read(this.session.statements.raw(sql, sql, [target]))
    if (rows.length > 0) return
    const message = `names no ${scope} that there is; check the id, and the tenant`
    throw new InvalidRecordError('budget', [{ path: ['target'], code: 'unknown_target', message }])
  }
}
