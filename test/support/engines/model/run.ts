// Runs operations on a store and on the model side by side, and compares every answer: values,
// orders, codes of errors.

import { expect } from 'vitest'
import {
  type CostFilter,
  type CostRecord,
  type Message,
  type Page,
  type PageRequest,
  PersistenceError,
  type Store,
  type Task,
  type TaskPatch,
  type Transaction,
} from '../../../../src/index.ts'
import {
  type Answer,
  asCost,
  asMessage,
  asTask,
  canMove,
  type Model,
  patchFault,
  taskFault,
} from './model.ts'
import type { Base, ModelTask, Operation } from './operations.ts'

type Books = Store | Transaction

class OnPurpose extends Error {}

/** @throws AssertionError at the first answer that differs */
export async function runSideBySide(store: Books, model: Model, steps: readonly Operation[]): Promise<void> {
  for (const operation of steps) await runOne(store, model, operation)
}

async function runOne(books: Books, model: Model, operation: Operation): Promise<void> {
  if (operation.do === 'transaction') return runTransaction(books, model, operation.steps, operation.fails)
  if (operation.do === 'together') {
    // Writes of one caller keep their order, so the answers are those of one after the other.
    const answers = await Promise.all(operation.steps.map((step) => perform(books, model, step)))
    operation.steps.forEach((step, index) => {
      compare(model, step, answers[index] as Answer)
    })
    return
  }
  compare(model, operation, await perform(books, model, operation))
}

async function runTransaction(
  books: Books,
  model: Model,
  steps: readonly Operation[],
  fails: boolean,
): Promise<void> {
  const before = model.snapshot()
  try {
    await books.transaction(async (tx) => {
      await runSideBySide(tx, model, steps)
      if (fails) throw new OnPurpose()
    })
    expect(fails).toBe(false)
  } catch (error) {
    if (!(error instanceof OnPurpose)) throw error
    model.restore(before)
  }
}

/** Every page of a list, one after the other. */
async function pages<T>(list: (page: PageRequest) => Promise<Page<T>>, limit: number): Promise<readonly T[]> {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const page = await list({ limit, cursor })
    expect(page.items.length).toBeLessThanOrEqual(limit)
    expect(page.corrupt).toEqual([])
    items.push(...page.items)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return items
}

function versionOf(model: Model, id: string, base: Base): number {
  const version = model.tasks.get(id)?.version ?? 1
  if (base === 'stale') return Math.max(1, version - 1)
  return base === 'ahead' ? version + 1 : version
}

async function perform(books: Books, model: Model, operation: Operation): Promise<Answer> {
  try {
    return { value: await call(books, model, operation) }
  } catch (error) {
    if (error instanceof PersistenceError) return { error: error.code }
    throw error
  }
}

async function call(books: Books, model: Model, operation: Operation): Promise<unknown> {
  const { tasks, costRecords, messages } = books
  switch (operation.do) {
    case 'createTask':
      return tasks.create(operation.task, asOf(operation))
    case 'createTasks':
      return tasks.createMany(operation.tasks, asOf(operation))
    case 'saveTask':
      return tasks.save(operation.task, asOf(operation))
    case 'updateTask': {
      const version = versionOf(model, operation.id, operation.base)
      return tasks.update(operation.id, operation.patch, { version })
    }
    case 'moveTask': {
      const version = versionOf(model, operation.id, operation.base)
      return tasks.transition(operation.id, operation.to, { version, patch: operation.patch })
    }
    case 'deleteTask':
      return tasks.delete(operation.id)
    case 'getTask':
      return tasks.get(operation.id)
    case 'getTasks':
      return tasks.getMany(operation.ids)
    case 'listTasks': {
      const items = await pages((page) => tasks.list(operation.filter, page), operation.limit)
      expect(await tasks.count(operation.filter)).toBe(items.length)
      return items
    }
    case 'appendCost':
      return costRecords.append(operation.cost)
    case 'appendCosts':
      return costRecords.appendMany(operation.costs)
    case 'queryCosts':
      return pages((page) => costRecords.query(operation.filter, page), operation.limit)
    case 'totals':
      return costRecords.aggregate(operation.filter, { by: operation.by })
    case 'appendMessage':
      return messages.append(operation.message, { idempotent: operation.idempotent })
    case 'appendMessages':
      return messages.appendMany(operation.messages, { idempotent: operation.idempotent })
    case 'history':
      return pages(
        ({ limit, cursor }) => messages.history(operation.channel, { limit, before: cursor }),
        operation.limit,
      )
    case 'search':
      return pages((page) => messages.search(operation.text, { ...page, channel: operation.channel }), 100)
    default:
      throw new TypeError(`${operation.do} is not one call`)
  }
}

/** Applies the operation to the model, and compares what it says with the store's answer. */
function compare(model: Model, operation: Operation, answer: Answer): void {
  const before = model.snapshot()
  const expected = apply(model, operation, answer)
  if ('error' in expected) model.restore(before)
  expect(answer, JSON.stringify(operation)).toEqual(expected)
}

function apply(model: Model, operation: Operation, answer: Answer): Answer {
  const given = 'value' in answer ? answer.value : undefined
  switch (operation.do) {
    case 'createTask':
      return create(model, operation.task, operation, given)
    case 'createTasks':
      return all(operation.tasks, given, (task, made) => create(model, task, operation, made))
    case 'saveTask':
      return save(model, operation.task, operation, given)
    case 'updateTask':
    case 'moveTask':
      return change(model, operation, given)
    case 'deleteTask':
      return { value: model.deleteTask(operation.id) }
    case 'getTask':
      return { value: model.tasks.get(operation.id) ?? null }
    case 'getTasks': {
      const found = operation.ids.flatMap((id) => {
        const task = model.tasks.get(id)
        return task ? [[id, task] as const] : []
      })
      return { value: new Map(found) }
    }
    case 'listTasks':
      return { value: model.listTasks(operation.filter) }
    case 'appendCost':
      return appendCost(model, operation.cost, given)
    case 'appendCosts':
      return all(operation.costs, given, (cost, made) => appendCost(model, cost, made))
    case 'queryCosts':
      return endsBeforeItBegins(operation.filter) ?? { value: model.queryCosts(operation.filter) }
    case 'totals':
      if (endsBeforeItBegins(operation.filter)) return { error: 'INVALID_RECORD' }
      return sameGroups(model.totals(operation.filter, operation.by), given)
    case 'appendMessage':
      return appendMessage(model, operation.message, operation.idempotent, given)
    case 'appendMessages':
      return all(operation.messages, given, (message, made) =>
        appendMessage(model, message, operation.idempotent, made),
      )
    case 'history':
      return { value: model.history(operation.channel) }
    case 'search':
      return { value: model.search(operation.text, operation.channel) }
    default:
      throw new TypeError(`${operation.do} is not one call`)
  }
}

function endsBeforeItBegins({ since, until }: CostFilter): Answer | undefined {
  if (since === undefined || until === undefined) return undefined
  return new Date(until) < new Date(since) ? { error: 'INVALID_RECORD' } : undefined
}

/**
 * A batch: all of its parts, or the error of the first that fails; what breaks a rule comes before
 * what is there.
 */
function all<T>(parts: readonly T[], given: unknown, one: (part: T, made: unknown) => Answer): Answer {
  const made = Array.isArray(given) ? given : []
  const answers = parts.map((part, index) => one(part, made[index]))
  const errors = answers.flatMap((answer) => ('error' in answer ? [answer.error] : []))
  const [error] = errors.includes('INVALID_RECORD') ? ['INVALID_RECORD' as const] : errors
  return error
    ? { error }
    : { value: answers.map((answer) => ('value' in answer ? answer.value : undefined)) }
}

interface Making {
  readonly takenOver: boolean
}

/**
 * The options of a call that makes something; without any, what is made has to be at its beginning.
 */
export function asOf({ takenOver }: Making): { readonly asOf: Date } {
  return (takenOver ? { asOf: new Date() } : {}) as { readonly asOf: Date }
}

/** Whether what a task depends on depends on it. */
function cycleFault(model: Model, task: Pick<ModelTask, 'id' | 'dependencies'>) {
  const reached = new Set<string>()
  const waiting = [...(task.dependencies ?? [])]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (reached.has(id)) continue
    reached.add(id)
    waiting.push(...(model.tasks.get(id)?.dependencies ?? []))
  }
  return reached.has(task.id) ? ('INVALID_RECORD' as const) : undefined
}

function create(model: Model, input: ModelTask, { takenOver }: Making, given: unknown): Answer {
  if (!takenOver && (input.status ?? 'created') !== 'created') return { error: 'INVALID_RECORD' }
  const error =
    taskFault(input) ?? (model.tasks.has(input.id) ? 'DUPLICATE_RECORD' : cycleFault(model, input))
  if (error) return { error }
  const now = timesOf(given).createdAt
  const task = { ...asTask(input), createdAt: now, updatedAt: now, version: 1 } as Task
  model.putTask(task)
  return { value: task }
}

function save(model: Model, input: ModelTask, making: Making, given: unknown): Answer {
  const fault = taskFault(input)
  if (fault) return { error: fault }
  const current = model.tasks.get(input.id)
  if (!current) return create(model, input, making, given)
  const wanted = asTask(input)
  if (wanted.status !== current.status && !canMove(current.status, wanted.status)) {
    return { error: 'INVALID_TRANSITION' }
  }
  const cycle = cycleFault(model, wanted)
  return cycle ? { error: cycle } : replace(model, { ...current, ...wanted }, given)
}

function change(
  model: Model,
  operation: Extract<Operation, { do: 'updateTask' | 'moveTask' }>,
  given: unknown,
): Answer {
  const { id, patch, base } = operation
  const fault = patchFault(patch as Partial<ModelTask>)
  if (fault) return { error: fault }
  const current = model.tasks.get(id)
  if (!current) return { error: 'RECORD_NOT_FOUND' }
  if (versionOf(model, id, base) !== current.version) return { error: 'VERSION_CONFLICT' }
  const status = operation.do === 'moveTask' ? operation.to : current.status
  if (operation.do === 'moveTask' && !canMove(current.status, status)) return { error: 'INVALID_TRANSITION' }
  const changed = { ...current, ...definedOf(patch), status } as Task
  const broken = taskFault(changed as ModelTask) ?? cycleFault(model, changed)
  return broken ? { error: broken } : replace(model, changed, given)
}

function replace(model: Model, task: Task, given: unknown): Answer {
  const { updatedAt } = timesOf(given)
  expect(updatedAt.getTime()).toBeGreaterThanOrEqual(task.createdAt.getTime())
  const next = { ...task, updatedAt, version: task.version + 1 }
  model.putTask(next)
  return { value: next }
}

function appendCost(model: Model, cost: Parameters<typeof asCost>[0], given: unknown): Answer {
  const there = model.costs.find((record) => record.idempotencyKey === cost.idempotencyKey)
  if (there && cost.idempotencyKey !== null) {
    // A call without a cost leaves it open: whatever is there by now is the same.
    const { cost: known, costStatus } = there
    const open = cost.cost === null ? { cost: known, costStatus } : {}
    const same = isSame(there, withLinks({ ...asCost(cost, there.id), ...open }, there))
    return same ? { value: there } : { error: 'DUPLICATE_RECORD' }
  }
  const alone = asCost(cost, idOf(given))
  const record = withLinks(alone, model.tasks.get(alone.taskId ?? ''))
  model.costs = [...model.costs, record]
  return { value: record }
}

function appendMessage(
  model: Model,
  input: Parameters<typeof asMessage>[0],
  idempotent: boolean,
  given: unknown,
): Answer {
  const alone = asMessage(input, input.id ?? idOf(given))
  const there = model.messages.get(alone.id)
  if (there) {
    const { planId, projectId: project } = there.metadata
    const same = isSame(there, withMetadata(alone, { planId, project }))
    return idempotent && same ? { value: there } : { error: 'DUPLICATE_RECORD' }
  }
  const message = withMetadata(alone, model.tasks.get(alone.metadata.taskId ?? ''))
  model.putMessage(message)
  return { value: message }
}

type Links = Pick<CostRecord, 'planId' | 'project'>

/**
 * What names a task takes from it what it does not name; of a repeated call, from the record that
 * is there.
 */
function withLinks<R extends Links & { readonly taskId: string | null }>(
  record: R,
  from: Links | undefined,
): R {
  if (record.taskId === null) return record
  const planId = record.planId ?? from?.planId ?? null
  return { ...record, planId, project: record.project ?? from?.project ?? null }
}

function withMetadata(message: Message, from: Links | undefined): Message {
  const { taskId, planId, projectId: project } = message.metadata
  const links = withLinks({ taskId, planId, project }, from)
  return { ...message, metadata: { ...message.metadata, planId: links.planId, projectId: links.project } }
}

/**
 * Groups are compared without their order; that costs do not rise from one to the next is looked at
 * apart.
 */
function sameGroups(expected: Answer, given: unknown): Answer {
  if ('error' in expected || !Array.isArray(given)) return expected
  const key = (group: unknown) => JSON.stringify(sorted(group as object))
  const wanted = new Map((expected.value as unknown[]).map((group) => [key(group), group]))
  const inOrder = given.map((group) => wanted.get(key(group)))
  return { value: wanted.size === given.length ? inOrder : [...wanted.values()] }
}

function definedOf(patch: TaskPatch): TaskPatch {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))
}

function isSame(one: object, other: object): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
}

function sorted(value: object): object {
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** What the store made; where it answered with an error, anything: the comparison fails then. */
function timesOf(given: unknown): { createdAt: Date; updatedAt: Date } {
  return (given ?? { createdAt: new Date(0), updatedAt: new Date(Number.MAX_SAFE_INTEGER) }) as Task
}

function idOf(given: unknown): string {
  return (given as CostRecord | Message | undefined)?.id ?? 'made by the store'
}
