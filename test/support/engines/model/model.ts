// The model: what a store has to answer, on plain maps and lists, with sums in BigInt. It shares no
// code with the library but the table of transitions (which case T9 checks); ids and times that the
// store makes are taken from its answers.

import {
  type CostFilter,
  type CostGrouping,
  type CostRecord,
  type ErrorCode,
  type Message,
  type NewCostRecord,
  type NewMessage,
  type Task,
  type TaskFilter,
  type TaskStatus,
  taskTransitions,
} from '../../../../src/index.ts'
import type { ModelTask } from './operations.ts'

/** An answer: a value, or the code of an error. */
export type Answer = { readonly value: unknown } | { readonly error: ErrorCode }

const needAssignee = new Set<TaskStatus>([
  'assigned',
  'in_progress',
  'in_review',
  'completed',
  'auth_required',
])

export class Model {
  tasks: ReadonlyMap<string, Task> = new Map()
  costs: readonly CostRecord[] = []
  messages: ReadonlyMap<string, Message> = new Map()

  /** What is stored now; a transaction that fails goes back to it. */
  snapshot(): Pick<Model, 'tasks' | 'costs' | 'messages'> {
    return { tasks: this.tasks, costs: this.costs, messages: this.messages }
  }

  restore(snapshot: Pick<Model, 'tasks' | 'costs' | 'messages'>): void {
    Object.assign(this, snapshot)
  }

  putTask(task: Task): void {
    this.tasks = new Map(this.tasks).set(task.id, task)
  }

  deleteTask(id: string): boolean {
    const tasks = new Map(this.tasks)
    const gone = tasks.delete(id)
    this.tasks = tasks
    return gone
  }

  putMessage(message: Message): void {
    this.messages = new Map(this.messages).set(message.id, message)
  }

  listTasks(filter: TaskFilter): readonly Task[] {
    return [...this.tasks.values()]
      .filter((task) =>
        Object.entries(filter).every(([field, wanted]) => matches(task[field as keyof Task], wanted)),
      )
      .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || compareBytes(a.id, b.id))
  }

  queryCosts(filter: CostFilter): readonly CostRecord[] {
    const { since, until, ...equal } = filter
    return this.costs
      .filter((record) => since === undefined || record.timestamp >= new Date(since))
      .filter((record) => until === undefined || record.timestamp < new Date(until))
      .filter((record) =>
        Object.entries(equal).every(([field, wanted]) => matches(record[field as keyof CostRecord], wanted)),
      )
      .toSorted((a, b) => b.timestamp.getTime() - a.timestamp.getTime() || compareBytes(b.id, a.id))
  }

  totals(filter: CostFilter, by: readonly CostGrouping[]): Answer {
    const records = this.queryCosts(filter)
    const currencies = new Set(records.map((record) => record.currency))
    if (currencies.size > 1 && !by.includes('currency')) return { error: 'MIXED_CURRENCY' }
    const groups = new Map<string, { keys: Record<string, string | null>; records: CostRecord[] }>()
    for (const record of records) {
      const keys = Object.fromEntries(by.map((grouping) => [grouping, keyOf(record, grouping)]))
      const name = JSON.stringify([keys, record.currency])
      const group = groups.get(name) ?? { keys, records: [] }
      group.records.push(record)
      groups.set(name, group)
    }
    if (groups.size === 0 && by.length === 0) {
      return { value: [addUp([], filter.currency === 'EUR' ? 'EUR' : 'USD')] }
    }
    return {
      value: [...groups.values()].map((group) => ({
        ...addUp(group.records, group.records[0]?.currency ?? ''),
        ...group.keys,
      })),
    }
  }

  history(channel: string): readonly Message[] {
    return [...this.messages.values()]
      .filter((message) => message.channel === channel)
      .sort((a, b) => b.timestamp.getTime() - a.timestamp.getTime() || compareBytes(b.id, a.id))
  }

  search(text: string, channel: string | undefined): readonly Message[] {
    const wanted = wordsOf(text)
    return [...this.messages.values()]
      .filter((message) => channel === undefined || message.channel === channel)
      .filter((message) => {
        const found = new Set(wordsOf(message.content))
        return wanted.every((word) => found.has(word))
      })
      .sort((a, b) => b.timestamp.getTime() - a.timestamp.getTime() || compareBytes(b.id, a.id))
  }
}

/** What is wrong with a task by itself; undefined when nothing is. */
export function taskFault(task: Partial<ModelTask>): ErrorCode | undefined {
  const { status = 'created', assignedTo = null, dependencies = [], reviewers = [] } = task
  const wrong =
    task.title === '' ||
    (status === 'created' && assignedTo !== null) ||
    (needAssignee.has(status) && assignedTo === null) ||
    (task.id !== undefined && dependencies.includes(task.id)) ||
    new Set(reviewers).size !== reviewers.length
  return wrong ? 'INVALID_RECORD' : undefined
}

/** What is wrong with the fields that a patch names. */
export function patchFault(patch: Partial<ModelTask>): ErrorCode | undefined {
  const reviewers = patch.reviewers ?? []
  return patch.title === '' || new Set(reviewers).size !== reviewers.length ? 'INVALID_RECORD' : undefined
}

export function canMove(from: TaskStatus, to: TaskStatus): boolean {
  return taskTransitions[from].includes(to)
}

/** A task as it is read, but for what the store makes. */
export function asTask(task: ModelTask): Omit<Task, 'createdAt' | 'updatedAt' | 'version'> {
  const defined = Object.fromEntries(Object.entries(task).filter(([, value]) => value !== undefined))
  return {
    priority: 'medium',
    assignedTo: null,
    parentTaskId: null,
    planId: null,
    reviewers: [],
    dependencies: [],
    delegationChain: [],
    artifactsExpected: [],
    acceptanceCriteria: [],
    estimatedComplexity: 'medium',
    budgetLimit: '0',
    maxRetries: 1,
    deadline: null,
    taskStructure: null,
    coordinationTopology: 'auto',
    status: 'created',
    claimId: null,
    leaseExpiresAt: null,
    attempt: 0,
    availableAt: null,
    lastError: null,
    metadata: {},
    unreadable: [],
    ...defined,
  } as unknown as Omit<Task, 'createdAt' | 'updatedAt' | 'version'>
}

export function asCost(cost: NewCostRecord, id: string): CostRecord {
  return {
    sessionId: null,
    planId: null,
    biller: null,
    reasoningTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    cacheWrite1hTokens: 0,
    costStatus: cost.cost === null ? 'unpriced' : 'reported',
    priceSource: null,
    reservationId: null,
    source: null,
    latencyMs: null,
    success: null,
    finishReason: null,
    metadata: {},
    unreadable: [],
    ...cost,
    id,
    timestamp: new Date(cost.timestamp ?? 0),
  } as CostRecord
}

export function asMessage(message: NewMessage, id: string): Message {
  return {
    priority: 'normal',
    parts: [{ kind: 'text', text: message.content }],
    attachments: [],
    unreadable: [],
    ...message,
    metadata: {
      ...{ taskId: null, projectId: null, planId: null, tokensUsed: null, costUsd: null, extra: [] },
      ...message.metadata,
    },
    id,
    timestamp: new Date(message.timestamp ?? 0),
  } as unknown as Message
}

function matches(value: unknown, wanted: unknown): boolean {
  if (wanted === undefined) return true
  return Array.isArray(wanted) ? wanted.includes(value) : value === wanted
}

function keyOf(record: CostRecord, grouping: CostGrouping): string | null {
  switch (grouping) {
    case 'agent':
      return record.agentId
    case 'task':
      return record.taskId
    case 'category':
      return record.callCategory
    case 'day':
      return record.timestamp.toISOString().slice(0, 10)
    case 'hour':
      return record.timestamp.toISOString().slice(0, 13)
    case 'model':
    case 'project':
    case 'currency':
      return record[grouping]
    default:
      throw new TypeError(`the model does not group by ${grouping}`)
  }
}

function addUp(records: readonly CostRecord[], currency: string): object {
  const known = records.flatMap(({ cost }) => cost ?? [])
  const billionths = known.reduce((sum, cost) => sum + toBillionths(cost), 0n)
  const total = (of: (record: CostRecord) => number) => records.reduce((sum, record) => sum + of(record), 0)
  return {
    cost: fromBillionths(billionths),
    currency,
    inputTokens: total((record) => record.inputTokens),
    outputTokens: total((record) => record.outputTokens),
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    unpriced: records.length - known.length,
    records: records.length,
  }
}

function toBillionths(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.')
  return BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'))
}

function fromBillionths(value: bigint): string {
  const fraction = String(value % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '')
  return `${value / 1_000_000_000n}${fraction === '' ? '' : `.${fraction}`}`
}

function wordsOf(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '')
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
