// Tasks: create, change under version control, move through the status machine.

import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { ChainAppend, WriteOperation } from '../../engines/contract/engine.ts'
import {
  DuplicateRecordError,
  InvalidRecordError,
  InvalidTransitionError,
  RecordNotFoundError,
  TransactionConflictError,
  VersionConflictError,
} from '../../errors.ts'
import { events } from '../../observability/events.ts'
import { type AsOf, asOfOption, type BeginsNow, type PerhapsAsOf } from '../model/beginning.ts'
import { parseOrThrow } from '../model/issues.ts'
import {
  base,
  checkArguments,
  checkedLater,
  filter,
  options,
  record,
  records,
  text,
} from '../repository/arguments.ts'
import {
  type OrderRequest,
  orderOptions,
  type Page,
  type PageRequest,
  pageOptions,
} from '../repository/page.ts'
import { type Runner, writeAll } from '../repository/session.ts'
import { linkedWrite } from '../repository/task-links.ts'
import type { Base } from '../repository/versioned-repository.ts'
import { assertAcyclic, lockDependencies, mayCloseCycle } from './claims/cycles.ts'
import { overruledBy } from './claims/moves.ts'
import { ClaimableTasks } from './claims/repository.ts'
import { columnsOfGroupings, parseGroupings, type TaskCount, type TaskGrouping, toCounts } from './counts.ts'
import {
  type NewTask,
  type TakenOverTask,
  type Task,
  type TaskPatch,
  type TaskStatus,
  taskStatuses,
} from './definition.ts'
import { type TaskFilter, taskFilters } from './filter.ts'
import { sourcesOf, taskTransitions } from './transitions.ts'

/** The input of `save`: a whole task, as read or newly built. */
export type WholeTask = TakenOverTask &
  Partial<Pick<Task, 'updatedAt' | 'version' | 'unreadable' | ClaimField>>

type ClaimField = (typeof claimFields)[number]

/** How often `save` retries if another writer is faster. */
const SAVE_ATTEMPTS = 20
/** Required fields whose stored values may be unreadable. */
const requiredTexts = ['title', 'description', 'project', 'createdBy'] as const
const unreadableRule = z.array(z.string())
const claimFields = ['claimId', 'leaseExpiresAt', 'attempt', 'availableAt', 'lastError'] as const
const managedFields = new Set<string>(['createdAt', 'updatedAt', 'version', 'unreadable', ...claimFields])

export class TaskRepository extends ClaimableTasks {
  static {
    checkArguments(TaskRepository, {
      create: [record, options(asOfOption)],
      createMany: [records, options(asOfOption)],
      list: [filter, options(pageOptions)],
      count: [filter],
      counts: [filter],
      search: [text('text'), filter, options(pageOptions)],
      update: [text('id'), record, base()],
      transition: [text('id'), text('status'), base({ patch: checkedLater })],
      save: [record, options(asOfOption)],
      delete: [text('id')],
    })
    checkArguments(TaskRepository, { each: [filter, options(orderOptions)] }, { throwing: true })
  }

  /** An entry about a task is also found by its id as `taskId`. */
  protected override entryOf(...about: Parameters<ClaimableTasks['entryOf']>) {
    const [verb, record, details, remarks] = about
    return super.entryOf(verb, record, details, { taskId: String(record.id), ...remarks })
  }

  /** The entry of an update names a new assignee, like the entry of a move. */
  protected override updateDetails(changes: Readonly<Record<string, unknown>>) {
    const { assignedTo } = changes as TaskPatch
    return assignedTo === undefined ? {} : { assignedTo }
  }

  /**
   * Stores a new task with its audit entry, and returns it as written.
   *
   * A task begins as `created` and moves by `transition`. A task with a history elsewhere is taken
   * over with `asOf`: the input describes it at that instant, and its audit entry says that it was
   * taken over.
   * @throws InvalidRecordError (also for another status without `asOf`), DuplicateRecordError,
   * ConstraintViolationError (an unknown plan)
   * @example
   * const task = await store.tasks.create({
   *   title: 'Write the parser', description: 'For the plan files', project: 'purser', createdBy: 'lead', type: 'development',
   * })
   * await store.tasks.create(
   *   {
   *     title: 'Read the licence', description: 'Done long ago', project: 'purser', createdBy: 'lead', type: 'research',
   *     status: 'completed', assignedTo: 'agent-7',
   *   },
   *   { asOf: '2025-03-01T12:00:00Z' },
   * )
   */
  create(input: NewTask, options?: BeginsNow): Promise<Task>
  create(input: TakenOverTask, options: AsOf): Promise<Task>
  async create(input: TakenOverTask, options: PerhapsAsOf = {}): Promise<Task> {
    const task = this.#begin(input, options)
    const outcome = await this.#insert(task, options, mayCloseCycle(input))
    if (outcome.kind === 'duplicate') throw new DuplicateRecordError('tasks', task.id)
    this.session.whenCommitted(() => this.session.events.emit(events.taskCreated, { id: task.id }))
    return task
  }

  /** As `create`, for many: all are stored, or none. Order is kept. */
  createMany(inputs: readonly NewTask[], options?: BeginsNow): Promise<readonly Task[]>
  createMany(inputs: readonly TakenOverTask[], options: AsOf): Promise<readonly Task[]>
  async createMany(inputs: readonly TakenOverTask[], options: PerhapsAsOf = {}): Promise<readonly Task[]> {
    const tasks = inputs.map((input) => this.#begin(input, options))
    const linked = tasks.filter((_, index) => mayCloseCycle(inputs[index]))
    await this.insertTogether(
      tasks,
      (task) => this.#takenOver(task as unknown as Task, options),
      linked.length === 0 ? undefined : this.#acyclic(linked.map(({ id }) => id)),
    )
    this.session.whenCommitted(() => {
      for (const { id } of tasks) this.session.events.emit(events.taskCreated, { id })
    })
    return tasks
  }

  /** Tasks by creation time, then id; `order: 'desc'` has the newest first. */
  async list(filter: TaskFilter = {}, page: PageRequest = {}): Promise<Page<Task>> {
    return this.page(this.selection(filter, taskFilters), page)
  }

  /** Every task that matches a filter, fetched in pages as the loop advances. */
  each(filter: TaskFilter = {}, options: OrderRequest = {}): AsyncIterable<Task> {
    return this.iterate(this.selection(filter, taskFilters), options)
  }

  async count(filter: TaskFilter = {}): Promise<number> {
    return this.countOf(this.selection(filter, taskFilters))
  }

  /**
   * How many tasks there are in each group. `by` names one grouping or several, in the same object
   * as filters. The largest groups come first, equal ones in key order. A group has a key for each
   * grouping, null where tasks have none; groups without tasks are omitted.
   * @throws InvalidRecordError for an unknown grouping, or one given twice
   * @example await store.tasks.counts({ by: 'status', project: 'purser' }) // [{ status: 'created', count: 3 }, …]
   */
  async counts<const G extends TaskGrouping>(
    request: TaskFilter & { readonly by: G | readonly G[] },
  ): Promise<readonly TaskCount<G>[]> {
    const { by, ...given } = request ?? {}
    const groupings = parseGroupings(by)
    const selection = this.selection(given, taskFilters)
    return toCounts(
      groupings,
      await this.groupsOf(selection, columnsOfGroupings(groupings)),
    ) as readonly TaskCount<G>[]
  }

  /**
   * Tasks whose title or description contains every word of `text`, newest first unless `order`
   * says otherwise; words match as in `messages.search`. Titles and descriptions are not indexed:
   * the other filters determine how many are read.
   * @throws InvalidRecordError if the text has no word, or more than 32
   * @example await store.tasks.search('parser tests', { project: 'purser', status: 'created' })
   */
  async search(
    text: string,
    filter: Omit<TaskFilter, 'search'> = {},
    page: PageRequest = {},
  ): Promise<Page<Task>> {
    return this.list({ ...filter, search: text }, { order: 'desc', ...page })
  }

  /**
   * Changes fields of the task at `version` and appends an audit entry that names them; of
   * concurrent callers with the same version exactly one succeeds. A column that cannot be read
   * keeps its bytes unless the patch names it.
   * @throws RecordNotFoundError, VersionConflictError, InvalidRecordError (also if the patch names
   * the status)
   */
  async update(id: string, patch: TaskPatch, base: Base): Promise<Task> {
    const changes = this.definition.parsePatch(patch)
    const expected = this.versionOf(base)
    const current = await this.getAt(id, expected)
    return this.#write(current, changes, expected)
  }

  /**
   * Moves the task to a status, and changes the other fields of the patch, in one compare-and-set
   * with its audit entry.
   * @throws RecordNotFoundError, VersionConflictError, InvalidTransitionError, InvalidRecordError
   * (assignee rules)
   * @example await store.tasks.transition(task.id, 'assigned', { version: task.version, patch: { assignedTo: 'agent-7' } })
   */
  async transition(
    id: string,
    to: TaskStatus,
    base: Base & { readonly patch?: TaskPatch | undefined },
  ): Promise<Task> {
    if (!taskStatuses.includes(to)) {
      throw new InvalidRecordError('task', [
        { path: ['status'], code: 'not_allowed', message: `must be one of ${taskStatuses.join(', ')}` },
      ])
    }
    const changes = this.definition.parsePatch(base.patch ?? {})
    const expected = this.versionOf(base)
    const current = await this.getAt(id, expected)
    if (!taskTransitions[current.status].includes(to)) throw refused(id, current.status, to)
    return this.#write(current, { ...changes, status: to }, expected, to)
  }

  /**
   * Stores the whole task, new or not: the plain upsert of the ancestors. The version increases by
   * one; times, version and claim of the input are ignored. Fields that the input lists as
   * `unreadable` keep their stored bytes.
   * @param options for a new task: `asOf` takes it over as `create` does, with the input's
   * `createdAt`. An existing task is changed now, as without it
   * @throws InvalidRecordError, InvalidTransitionError if the status change is not allowed
   */
  async save(input: WholeTask, options: PerhapsAsOf = {}): Promise<Task> {
    const asOf = this.instantOf(options)
    const kept = new Set(parseOrThrow('task', unreadableRule, input.unreadable ?? [], ['unreadable']))
    const given = Object.fromEntries(
      Object.entries(input).filter(([key]) => !managedFields.has(key) && !kept.has(key)),
    )
    const standIns = Object.fromEntries(
      requiredTexts.filter((field) => kept.has(field)).map((field) => [field, '?']),
    )
    const whole = this.completeRecord({ ...given, ...standIns }, {})
    const wanted = { ...whole, unreadable: [...kept] } as unknown as Task
    this.definition.assertRules(wanted)
    for (let attempt = 0; attempt < SAVE_ATTEMPTS; attempt += 1) {
      const current = await this.get(wanted.id)
      if (current === null) {
        // There are no stored bytes to keep, so fields absent from the input are missing.
        const { createdAt } = asOf === undefined ? {} : input
        const task = this.#begin({ ...given, id: wanted.id, createdAt }, options)
        const outcome = await this.#insert(task, options, mayCloseCycle(task))
        if (outcome.kind === 'duplicate') continue
        this.session.whenCommitted(() => this.session.events.emit(events.taskCreated, { id: task.id }))
        return task
      }
      const { status } = wanted
      if (status !== current.status && !taskTransitions[current.status].includes(status)) {
        throw refused(current.id, current.status, status)
      }
      const changes = Object.fromEntries(
        Object.entries(wanted).filter(
          ([key, value]) =>
            key !== 'id' && !managedFields.has(key) && !kept.has(key) && isChanged(current, key, value),
        ),
      )
      try {
        return await this.#write(current, changes, current.version)
      } catch (error) {
        if (!(error instanceof VersionConflictError) && !(error instanceof RecordNotFoundError)) throw error
      }
    }
    throw new TransactionConflictError(
      `${SAVE_ATTEMPTS} other writers of the task were faster; repeat the save`,
    )
  }

  /** Deletes the task; its costs and messages are kept. True if it existed. */
  async delete(id: string): Promise<boolean> {
    const key = parseOrThrow('id of the task', z.string(), id)
    const entry = this.trail.entryOfTask({
      action: 'task:delete',
      subjectType: 'task',
      subjectId: key,
      taskId: key,
    })
    const deletion = linkedWrite(
      this.session,
      key,
      ({ planId }) => ({ kind: 'delete', shape: this.definition.shape, key, auditEntry: entry(planId) }),
      true,
    )
    const outcome = await this.session.write(deletion)
    const gone = outcome.kind === 'deleted' && outcome.count > 0
    if (gone) this.session.whenCommitted(() => this.session.events.emit(events.taskDeleted, { id }))
    return gone
  }

  /** @param isLinked its dependencies might close a cycle */
  async #insert(task: Task, options: PerhapsAsOf, isLinked: boolean) {
    const insertion = this.insertion(task, this.#takenOver(task, options))
    return isLinked ? this.#writeAcyclic(insertion, task.id) : this.session.write(insertion)
  }

  /** One write of a task with dependencies. @throws InvalidRecordError if they form a cycle */
  async #writeAcyclic(operation: WriteOperation, id: string) {
    const { lock, check } = this.#acyclic([id])
    return this.session.inTurn(async (runner) => {
      await lock(runner)
      const [outcome] = await writeAll(runner, [operation])
      if (outcome === undefined) throw new TypeError('a write has an outcome')
      if (outcome.kind === 'stored' || outcome.kind === 'updated') await check(runner)
      return outcome
    })
  }

  #acyclic(ids: readonly string[]) {
    return {
      lock: (runner: Runner) => lockDependencies(this.session, runner),
      check: (runner: Runner) => assertAcyclic(this.session, runner, ids),
    }
  }

  #begin(input: unknown, options: PerhapsAsOf): Task {
    const task = this.begun(input, options) as unknown as Task
    this.definition.assertRules(task)
    return task
  }

  /** The entry of a task that was taken over; undefined, for the usual one, if it begins here. */
  #takenOver(task: Task, { asOf }: PerhapsAsOf): ChainAppend | undefined {
    if (asOf === undefined) return undefined
    const { status: to, version, assignedTo } = task
    return this.entryOf('create', task, { asOf: task.updatedAt.toISOString(), to, version, assignedTo })
  }

  async #write(
    current: Task,
    changes: Readonly<Record<string, unknown>>,
    expected: number,
    to?: TaskStatus,
  ): Promise<Task> {
    const overruled = { ...changes, ...overruledBy(current, changes) }
    const task = this.applyChanges(current, overruled, expected)
    const moved = task.status !== current.status
    await this.writeChanges(task, overruled, {
      ...(mayCloseCycle({ id: current.id, dependencies: changes.dependencies })
        ? { write: (operation) => this.#writeAcyclic(operation as WriteOperation, current.id) }
        : {}),
      ...(to === undefined ? {} : { whereIn: { column: 'status', values: sourcesOf(to) } }),
      ...(moved ? { auditEntry: this.#entry(current, task) } : {}),
      ...(to === undefined
        ? {}
        : { mismatch: (actual) => refused(current.id, String(actual) as TaskStatus, to) }),
    })
    this.session.whenCommitted(() => this.#announce(current, task))
    return task
  }

  #entry(before: Task, after: Task) {
    return this.trail.entry({
      action: 'task:transition',
      subjectType: 'task',
      subjectId: after.id,
      taskId: after.id,
      planId: after.planId,
      details: {
        from: before.status,
        to: after.status,
        version: after.version,
        assignedTo: after.assignedTo,
      },
    })
  }

  #announce(before: Task, after: Task): void {
    const { id, version, status } = after
    if (before.status === status) this.session.events.emit(events.taskUpdated, { id, version })
    else this.session.events.emit(events.taskTransitioned, { id, from: before.status, to: status, version })
  }
}

/** Whether a value differs from the stored one; an unreadable value differs from everything. */
function isChanged(current: Task, field: string, value: unknown): boolean {
  return current.unreadable.includes(field) || !isDeepStrictEqual(current[field as keyof Task], value)
}

function refused(id: string, from: TaskStatus, to: TaskStatus): InvalidTransitionError {
  return new InvalidTransitionError(`task ${JSON.stringify(id)}`, from, to, taskTransitions[from] ?? [])
}
