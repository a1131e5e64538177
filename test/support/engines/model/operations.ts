// The operations that the model-based tests draw: few ids, names and times, so that they meet each
// other often.

import fc from 'fast-check'
import {
  type CostFilter,
  type CostGrouping,
  type NewCostRecord,
  type NewMessage,
  type TakenOverTask,
  type TaskFilter,
  type TaskPatch,
  type TaskStatus,
  taskStatuses,
} from '../../../../src/index.ts'

/** Which version an update is based on, relative to the one that is stored. */
export type Base = 'current' | 'stale' | 'ahead'
export type ModelTask = TakenOverTask & { readonly id: string }

export type Operation =
  | { readonly do: 'createTask'; readonly task: ModelTask; readonly takenOver: boolean }
  | { readonly do: 'createTasks'; readonly tasks: readonly ModelTask[]; readonly takenOver: boolean }
  | { readonly do: 'saveTask'; readonly task: ModelTask; readonly takenOver: boolean }
  | { readonly do: 'updateTask'; readonly id: string; readonly patch: TaskPatch; readonly base: Base }
  | {
      readonly do: 'moveTask'
      readonly id: string
      readonly to: TaskStatus
      readonly patch: TaskPatch
      readonly base: Base
    }
  | { readonly do: 'deleteTask'; readonly id: string }
  | { readonly do: 'getTask'; readonly id: string }
  | { readonly do: 'getTasks'; readonly ids: readonly string[] }
  | { readonly do: 'listTasks'; readonly filter: TaskFilter; readonly limit: number }
  | { readonly do: 'appendCost'; readonly cost: NewCostRecord }
  | { readonly do: 'appendCosts'; readonly costs: readonly NewCostRecord[] }
  | { readonly do: 'queryCosts'; readonly filter: CostFilter; readonly limit: number }
  | { readonly do: 'totals'; readonly filter: CostFilter; readonly by: readonly CostGrouping[] }
  | { readonly do: 'appendMessage'; readonly message: NewMessage; readonly idempotent: boolean }
  | { readonly do: 'appendMessages'; readonly messages: readonly NewMessage[]; readonly idempotent: boolean }
  | { readonly do: 'history'; readonly channel: string; readonly limit: number }
  | { readonly do: 'search'; readonly text: string; readonly channel: string | undefined }
  /**
   * Runs the steps in one transaction, or nested in the one that is open, and throws at its end
   * when it is to fail.
   */
  | { readonly do: 'transaction'; readonly steps: readonly Operation[]; readonly fails: boolean }
  /** Makes all calls before any of them is answered. */
  | { readonly do: 'together'; readonly steps: readonly Operation[] }

export const words = ['alpha', 'Beta', 'GAMMA', 'al', 'ph'] as const

const id = fc.constantFrom('a', 'b', 'c', 'A', 'd ', 'é')
const agent = fc.constantFrom('ann', 'bob', 'Ann')
const project = fc.constantFrom('purser', 'Purser', 'p%', 'p_')
const limit = fc.constantFrom(1, 2, 3, 100)
const time = fc.constantFrom(
  '2026-01-31T09:30:00Z',
  '2026-01-31T10:30:00.000+01:00',
  '2026-01-31T09:30:00.001Z',
  '2026-01-30T23:59:59.999Z',
  '2026-01-31T12:00:00+14:00',
)

const status = fc.constantFrom(...taskStatuses)
const assignee = fc.option(agent)

const patch: fc.Arbitrary<TaskPatch> = fc.record(
  {
    title: fc.constantFrom('One', 'Two', ''),
    assignedTo: assignee,
    priority: fc.constantFrom('low', 'high'),
    budgetLimit: fc.constantFrom('0', '0.1', '12.000000001'),
    reviewers: fc.constantFrom([], ['ann'], ['bob', 'ann'], ['ann', 'ann']),
    dependencies: fc.constantFrom([], ['a'], ['b', 'c']),
    metadata: fc.constantFrom({}, { k: 1 }, { nested: { list: [1, null] } }),
  },
  { requiredKeys: [] },
)

const task: fc.Arbitrary<ModelTask> = fc
  .record({ id, project, status: fc.option(status, { nil: undefined }), patch })
  .map(
    ({ patch: changes, ...own }) =>
      ({
        title: 'Task',
        description: 'To do',
        createdBy: 'lead',
        type: 'development',
        ...changes,
        ...own,
      }) as ModelTask,
  )

const cost: fc.Arbitrary<NewCostRecord> = fc.record({
  agentId: agent,
  provider: fc.constantFrom('acme', 'other'),
  model: fc.constantFrom('small', 'large'),
  project: fc.option(project),
  taskId: fc.option(id),
  callCategory: fc.option(fc.constantFrom('productive', 'system')),
  inputTokens: fc.nat(1000),
  outputTokens: fc.integer({ min: 1, max: 10 }),
  cost: fc.constantFrom('0.1', '0.2', '0.000000001', '3', '0', null),
  currency: fc.constantFrom('USD', 'USD', 'USD', 'EUR'),
  timestamp: time,
  idempotencyKey: fc.option(fc.constantFrom('k1', 'k2', 'K1')),
})

const message: fc.Arbitrary<NewMessage> = fc.record({
  id: fc.option(id, { nil: undefined }),
  sender: agent,
  to: agent,
  channel: fc.constantFrom('a_b', 'a%b', 'axb'),
  type: fc.constantFrom('question', 'approval'),
  content: fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 3 }).map((list) => list.join(', ')),
  timestamp: time,
  metadata: fc.record({ taskId: fc.option(id), projectId: fc.option(project) }, { requiredKeys: [] }),
})

const taskFilter: fc.Arbitrary<TaskFilter> = fc.record(
  {
    project: fc.oneof(project, fc.uniqueArray(project, { minLength: 1 })),
    status: fc.oneof(status, fc.uniqueArray(status, { minLength: 1, maxLength: 5 })),
    assignedTo: assignee,
  },
  { requiredKeys: [] },
)

const costFilter: fc.Arbitrary<CostFilter> = fc.record(
  {
    agentId: fc.oneof(agent, fc.uniqueArray(agent, { minLength: 1 })),
    model: fc.constantFrom('small', 'large'),
    project: fc.option(project),
    callCategory: fc.option(fc.constantFrom('productive', 'system')),
    currency: fc.constantFrom('USD', 'EUR'),
    since: time,
    until: time,
  },
  { requiredKeys: [] },
)

const groupings: fc.Arbitrary<readonly CostGrouping[]> = fc.uniqueArray(
  fc.constantFrom<CostGrouping>('agent', 'model', 'project', 'category', 'task', 'currency', 'day', 'hour'),
  { maxLength: 2 },
)

const base = fc.constantFrom<Base>('current', 'current', 'current', 'stale', 'ahead')
/**
 * Whether what is made is taken over, and may so be anywhere; or else begins, and is refused where
 * it does not.
 */
export const takenOver = fc.constantFrom(true, true, true, false)
const few = { minLength: 0, maxLength: 3 }

/** Writes of one step, whose answers do not depend on what was read before. */
const singleWrite: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ do: fc.constant('createTask' as const), task, takenOver }),
  fc.record({ do: fc.constant('deleteTask' as const), id }),
  fc.record({ do: fc.constant('appendCost' as const), cost }),
  fc.record({ do: fc.constant('appendMessage' as const), message, idempotent: fc.boolean() }),
)

const write: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: singleWrite },
  fc.record({ do: fc.constant('createTasks' as const), tasks: fc.array(task, few), takenOver }),
  fc.record({ do: fc.constant('saveTask' as const), task, takenOver }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('updateTask' as const), id, patch, base }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('moveTask' as const), id, to: status, patch, base }) },
  fc.record({ do: fc.constant('appendCosts' as const), costs: fc.array(cost, few) }),
  fc.record({
    do: fc.constant('appendMessages' as const),
    messages: fc.array(message, few),
    idempotent: fc.boolean(),
  }),
)

const read: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ do: fc.constant('getTask' as const), id }),
  fc.record({ do: fc.constant('getTasks' as const), ids: fc.array(id, { maxLength: 4 }) }),
  fc.record({ do: fc.constant('listTasks' as const), filter: taskFilter, limit }),
  fc.record({ do: fc.constant('queryCosts' as const), filter: costFilter, limit }),
  fc.record({ do: fc.constant('totals' as const), filter: costFilter, by: groupings }),
  fc.record({ do: fc.constant('history' as const), channel: fc.constantFrom('a_b', 'a%b', 'none'), limit }),
  fc.record({
    do: fc.constant('search' as const),
    text: fc.constantFrom('alpha', 'BETA', 'gamma beta', 'al', 'lph', '"al" OR ph'),
    channel: fc.option(fc.constantFrom('a_b', 'axb'), { nil: undefined }),
  }),
)

const step = fc.oneof({ weight: 3, arbitrary: write }, { weight: 2, arbitrary: read })

const nested: fc.Arbitrary<Operation> = fc.record({
  do: fc.constant('transaction' as const),
  steps: fc.array(step, { maxLength: 3 }),
  fails: fc.boolean(),
})

const together: fc.Arbitrary<Operation> = fc.record({
  do: fc.constant('together' as const),
  steps: fc.array(singleWrite, { minLength: 2, maxLength: 6 }),
})

const transaction: fc.Arbitrary<Operation> = fc.record({
  do: fc.constant('transaction' as const),
  steps: fc.array(fc.oneof({ weight: 6, arbitrary: step }, nested, together), { maxLength: 6 }),
  fails: fc.boolean(),
})

export const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: step },
    { weight: 2, arbitrary: transaction },
    { weight: 2, arbitrary: together },
  ),
  { minLength: 5, maxLength: 40, size: 'max' },
)
