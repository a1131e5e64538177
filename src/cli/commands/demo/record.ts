// Records the demo's story. All of it may exist already, or a part of it, or some of it may have
// been changed: what exists is left unchanged, what is missing is added.

import type { NewMessage, Store, Task, TaskStatus } from '../../../index.ts'
import { CommandError } from '../../run/failure.ts'
import { claimed, recordClaims } from './claims.ts'
import { recordApproval, recordBudget } from './limits.ts'
import { plans } from './plans.ts'
import { recordPlans } from './record-plans.ts'
import { costsAt, type DemoTask, firstMessage, messagesAt, tasks } from './story.ts'

interface Counts {
  plans: number
  tasks: number
  /** Of plans and of tasks. */
  moves: number
  costRecords: number
  messages: number
  /** Audit entries besides those that moves append. */
  decisions: number
  budgets: number
  approvals: number
}

const none: Readonly<Counts> = {
  plans: 0,
  tasks: 0,
  moves: 0,
  costRecords: 0,
  messages: 0,
  decisions: 0,
  budgets: 0,
  approvals: 0,
}

/** Each attempt that loses a race leaves less to record. */
const MAX_ATTEMPTS = 200

export interface Recorded {
  readonly written: Readonly<Counts>
  /** What already existed. */
  readonly found: Readonly<Counts>
}

/** @throws CommandError if the database holds other records */
export async function recordDemo(store: Store): Promise<Recorded> {
  const { formatMoney } = await import('../../../index.ts')
  await assertOwn(store)
  const written = { ...none }
  const count = [
    store.on('persistence.plan.created', () => written.plans++),
    store.on('persistence.plan.moved', () => written.moves++),
    store.on('persistence.audit.appended', () => written.decisions++),
    store.on('persistence.task.created', () => written.tasks++),
    store.on('persistence.task.transitioned', () => written.moves++),
    store.on('persistence.cost.recorded', () => written.costRecords++),
    store.on('persistence.message.appended', () => written.messages++),
    store.on('persistence.budget.created', () => written.budgets++),
    store.on('persistence.approval.requested', () => written.approvals++),
  ]
  try {
    for (let attempt = 1; ; attempt += 1) {
      const before = { ...written }
      try {
        const found = await recordMissing(store, formatMoney)
        // What an earlier attempt wrote was not there before.
        for (const name of Object.keys(none) as (keyof Counts)[])
          found[name] = Math.max(0, found[name] - before[name])
        return { written, found }
      } catch (error) {
        if (attempt === MAX_ATTEMPTS || !isRaceLost(error)) throw error
      }
    }
  } finally {
    for (const stop of count) stop()
  }
}

/** Another run on the same database stored the record, or made the move, first. */
function isRaceLost(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'DUPLICATE_RECORD' || code === 'VERSION_CONFLICT' || code === 'TRANSACTION_CONFLICT'
}

/** Records what is not there yet. @returns how much of the story was there */
async function recordMissing(store: Store, formatMoney: (nanos: bigint) => string): Promise<Counts> {
  const found = { ...none }
  const count = [
    store.on('persistence.cost.repeated', () => found.costRecords++),
    store.on('persistence.message.duplicate', () => found.messages++),
  ]
  try {
    await recordStory(store, found, formatMoney)
    return found
  } finally {
    for (const stop of count) stop()
  }
}

async function recordStory(
  store: Store,
  found: Counts,
  formatMoney: (nanos: bigint) => string,
): Promise<void> {
  const now = await endOfStory(store)
  await recordPlans(store, found)
  const there = await store.tasks.getMany(tasks.map(({ input }) => input.id))
  found.tasks = there.size
  // Concurrently, as in an organisation: writes that are pending at the same time share a commit.
  // Messages and costs follow, because they take plan and project from their tasks.
  await allEnded(tasks.map((task) => recordTask(store, task, there.get(task.input.id), found)))
  await recordClaims(store, found)
  // Before the costs, so that it notices them.
  await recordBudget(store, found)
  await allEnded([
    store.messages.appendMany(messagesAt(now) as NewMessage[], { idempotent: true }),
    store.costRecords.appendMany(costsAt(now, formatMoney)),
  ])
  await recordApproval(store, found)
}

/** Waits for all calls, so that none is under way when the story is recorded again. */
async function allEnded(calls: readonly Promise<unknown>[]): Promise<void> {
  const ended = await Promise.allSettled(calls)
  for (const call of ended) if (call.status === 'rejected') throw call.reason
}

/**
 * Each move starts from the status that the task has in the story by then: a task that was moved
 * since is left unchanged.
 */
async function recordTask(store: Store, { input, steps }: DemoTask, there: Task | undefined, found: Counts) {
  let task = there ?? (await store.as(input.createdBy).tasks.create(input))
  let from: TaskStatus = 'created'
  for (const [index, { to, patch }] of steps.entries()) {
    if (task.version === index + 1 && task.status === from) {
      // Mira assigns tasks and takes them back; the moves in between are the assignee's.
      const actor = to === 'assigned' ? input.createdBy : (task.assignedTo ?? input.createdBy)
      task = await store.as(actor).tasks.transition(task.id, to, { version: task.version, patch })
    } else found.moves += 1
    from = to
  }
}

/** A minute before it is first run; from then on the story keeps its times. */
async function endOfStory(store: Store): Promise<Date> {
  const first = await store.messages.get(firstMessage.id)
  if (first === null) return new Date(Date.now() - 60_000)
  return new Date(first.timestamp.getTime() + firstMessage.minutesAgo * 60_000)
}

async function assertOwn(store: Store): Promise<void> {
  const [first, counts] = await Promise.all([
    store.messages.get(firstMessage.id),
    Promise.all([
      store.plans.count(),
      store.tasks.count(),
      store.costRecords.count(),
      store.messages.count(),
    ]),
  ])
  const ours = [...tasks.map(({ input }) => input.id), ...claimed.map(({ id }) => id)]
  const ourPlans = plans.map(({ planId }) => planId ?? '')
  const isOwn =
    first !== null ||
    (await store.tasks.getMany(ours)).size > 0 ||
    (await store.plans.getMany(ourPlans)).size > 0
  if (isOwn || counts.every((number) => number === 0)) return
  throw new CommandError(
    'NOT_EMPTY',
    `${store.location} holds records of its own; the demo was not added to them. Give it a database of its own with --url`,
  )
}
