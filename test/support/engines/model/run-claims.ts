// Claims by a plain model: a list of tasks, looked through for each question. Runs operations on a
// store and on the model side by side, and compares every answer.

import { expect } from 'vitest'
import { newTask } from '../../../../src/conformance/support/samples.ts'
import { PersistenceError, type Store, type Task, type Transaction } from '../../../../src/index.ts'
import type { Claim, ClaimOperation, ModelTask, Whose } from './claim-operations.ts'
import { canMove } from './model.ts'

type Books = Store | Transaction

interface Kept extends ModelTask {
  readonly createdAt: Date
  readonly status: Task['status']
  readonly assignedTo: string | null
  readonly attempt: number
  readonly claimId: string | null
  readonly version: number
}

type Shown = Pick<Kept, 'id' | 'status' | 'assignedTo' | 'attempt' | 'claimId' | 'version'>

const NOBODY = '01K0000000000000000000000Z'
const urgency = ['critical', 'high', 'low']

class OnPurpose extends Error {}

export class ClaimModel {
  tasks: ReadonlyMap<string, Kept> = new Map()
  /** The last claim of each id, also of those that ended or were undone. */
  readonly claims = new Map<string, string>()

  put(task: Kept): Shown {
    this.tasks = new Map(this.tasks).set(task.id, task)
    if (task.claimId !== null) this.claims.set(task.id, task.claimId)
    return shown(task)
  }

  isMet = (id: string): boolean => this.tasks.get(id)?.status === 'completed'

  ready(agent: string | undefined, project: string | undefined): readonly Kept[] {
    return [...this.tasks.values()]
      .filter(
        ({ status, assignedTo }) =>
          status === 'created' || status === 'interrupted' || (status === 'assigned' && assignedTo === agent),
      )
      .filter((task) => project === undefined || task.project === project)
      .filter(({ dependencies }) => dependencies.every(this.isMet))
      .sort(
        (a, b) =>
          urgency.indexOf(a.priority) - urgency.indexOf(b.priority) ||
          a.createdAt.getTime() - b.createdAt.getTime() ||
          (a.id < b.id ? -1 : 1),
      )
  }

  hasCycle(id: string, dependencies: readonly string[]): boolean {
    const reached = new Set<string>()
    const waiting = [...dependencies]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (reached.has(next)) continue
      reached.add(next)
      waiting.push(...(this.tasks.get(next)?.dependencies ?? []))
    }
    return reached.has(id)
  }

  claimOf(id: string, whose: Whose): string {
    const live = this.tasks.get(id)?.claimId ?? NOBODY
    return whose === 'live' ? live : whose === 'last' ? (this.claims.get(id) ?? NOBODY) : NOBODY
  }
}

function shown({ id, status, assignedTo, attempt, claimId, version }: Shown): Shown {
  return { id, status, assignedTo, attempt, claimId, version }
}

type Answer = { readonly value: unknown } | { readonly error: string }

async function answerOf(call: () => Promise<unknown>): Promise<Answer> {
  try {
    return { value: await call() }
  } catch (error) {
    if (error instanceof PersistenceError) return { error: error.code }
    throw error
  }
}

/** @throws AssertionError at the first answer that differs */
export async function runClaims(
  books: Books,
  model: ClaimModel,
  steps: readonly ClaimOperation[],
): Promise<void> {
  for (const step of steps) await runOne(books, model, step)
}

async function runOne(books: Books, model: ClaimModel, step: ClaimOperation): Promise<void> {
  if (step.do === 'transaction') return runTransaction(books, model, step.steps, step.fails)
  if (step.do === 'together') {
    const taken = await Promise.all(step.steps.map((claim) => claimIn(books, claim)))
    step.steps.forEach((claim, index) => {
      compareClaim(model, claim, taken[index] ?? [])
    })
    return
  }
  if (step.do === 'claim') return compareClaim(model, step, await claimIn(books, step))
  const answer = await answerOf(() => perform(books, model, step))
  const created = 'value' in answer ? (answer.value as Task | undefined)?.createdAt : undefined
  expect(simple(answer), JSON.stringify(step)).toEqual(apply(model, step, created ?? new Date(0)))
}

async function runTransaction(
  books: Books,
  model: ClaimModel,
  steps: readonly ClaimOperation[],
  fails: boolean,
): Promise<void> {
  const before = model.tasks
  try {
    await books.transaction(async (tx) => {
      await runClaims(tx, model, steps)
      if (fails) throw new OnPurpose()
    })
    expect(fails).toBe(false)
  } catch (error) {
    if (!(error instanceof OnPurpose)) throw error
    model.tasks = before
  }
}

function claimIn(books: Books, { agent, limit, project }: Claim): Promise<readonly Task[]> {
  return books.tasks.claim({ agent, limit, project, lease: '1h' })
}

function compareClaim(model: ClaimModel, { agent, limit, project }: Claim, taken: readonly Task[]): void {
  const expected = model.ready(agent, project).slice(0, limit)
  const claimId = taken[0]?.claimId ?? null
  const claimed = expected.map((task) =>
    model.put({
      ...task,
      status: 'in_progress',
      assignedTo: agent,
      attempt: task.attempt + 1,
      claimId,
      version: task.version + 1,
    }),
  )
  expect(taken.map(shown)).toEqual(claimed)
}

type Single = Exclude<ClaimOperation, { do: 'transaction' | 'together' | 'claim' }>

function perform({ tasks }: Books, model: ClaimModel, step: Single): Promise<unknown> {
  switch (step.do) {
    case 'create':
      return tasks.create(newTask({ ...step.task }))
    case 'depend':
      return tasks.update(step.id, { dependencies: [...step.dependencies] }, versionOf(model, step.id))
    case 'complete':
    case 'release':
      return tasks[step.do](step.id, model.claimOf(step.id, step.whose))
    case 'fail':
      return tasks.fail(step.id, model.claimOf(step.id, step.whose), { error: 'no network', retryIn: 0 })
    case 'assign':
      return tasks.transition(step.id, 'assigned', {
        ...versionOf(model, step.id),
        patch: { assignedTo: step.agent },
      })
    case 'cancel':
      return tasks.transition(step.id, 'cancelled', versionOf(model, step.id))
    case 'delete':
      return tasks.delete(step.id)
    case 'waiting':
      return tasks.waiting(step.id)
    default:
      return tasks.ready({ agent: step.agent }).then(({ items }) => items.map(({ id }) => id))
  }
}

function versionOf(model: ClaimModel, id: string): { readonly version: number } {
  return { version: model.tasks.get(id)?.version ?? 1 }
}

/** Tasks by what the model knows of them. */
function simple(answer: Answer): Answer {
  if ('error' in answer) return answer
  const { value } = answer
  const isTask = typeof value === 'object' && value !== null && 'attempt' in value
  return isTask ? { value: shown(value as Task) } : answer
}

function apply(model: ClaimModel, step: Single, createdAt: Date): Answer {
  if (step.do === 'create') return create(model, step.task, createdAt)
  if (step.do === 'ready') return { value: model.ready(step.agent, undefined).map(({ id }) => id) }
  const task = model.tasks.get(step.id)
  switch (step.do) {
    case 'complete':
    case 'fail':
    case 'release': {
      const claim = model.claimOf(step.id, step.whose)
      if (!task || task.claimId !== claim) return { error: 'LEASE_LOST' }
      const isUsedUp = step.do === 'fail' && task.attempt > task.maxRetries
      const status = step.do === 'complete' ? 'completed' : isUsedUp ? 'failed' : 'interrupted'
      return { value: model.put({ ...task, status, claimId: null, version: task.version + 1 }) }
    }
    case 'delete':
      model.tasks = new Map([...model.tasks].filter(([id]) => id !== step.id))
      return { value: task !== undefined }
    default:
  }
  if (!task) return { error: 'RECORD_NOT_FOUND' }
  const next = { ...task, version: task.version + 1 }
  switch (step.do) {
    case 'depend':
      if (model.hasCycle(task.id, step.dependencies)) return { error: 'INVALID_RECORD' }
      return { value: model.put({ ...next, dependencies: step.dependencies }) }
    case 'waiting':
      return {
        value: task.dependencies
          .filter((id) => !model.isMet(id))
          .map((id) => ({ id, status: model.tasks.get(id)?.status ?? null })),
      }
    case 'assign':
      if (!canMove(task.status, 'assigned')) return { error: 'INVALID_TRANSITION' }
      return { value: model.put({ ...next, status: 'assigned', assignedTo: step.agent, claimId: null }) }
    default:
      if (!canMove(task.status, 'cancelled')) return { error: 'INVALID_TRANSITION' }
      return { value: model.put({ ...next, status: 'cancelled', claimId: null }) }
  }
}

function create(model: ClaimModel, task: ModelTask, createdAt: Date): Answer {
  if (task.dependencies.includes(task.id)) return { error: 'INVALID_RECORD' }
  if (model.tasks.has(task.id)) return { error: 'DUPLICATE_RECORD' }
  if (model.hasCycle(task.id, task.dependencies)) return { error: 'INVALID_RECORD' }
  const fresh = { status: 'created', assignedTo: null, attempt: 0, claimId: null, version: 1 } as const
  return { value: model.put({ ...task, ...fresh, createdAt }) }
}
