// The task: a piece of work for one agent. Everything about its fields is here; transitions.ts
// defines how its status changes.

import { z } from 'zod'
import type { Issue } from '../../errors.ts'
import {
  defineRecord,
  type NewOf,
  type PatchOf,
  type RecordOf,
  type Rule,
  type TakenOverOf,
} from '../model/define-record.ts'
import {
  body,
  calendarText,
  id,
  instant,
  integer,
  jsonObject,
  list,
  money,
  name,
  oneOf,
  text,
} from '../model/fields.ts'
import { nameRule, textRule } from '../model/rules.ts'
import { workQueue, workTables } from './claims/work-queue.ts'
import {
  artifactTypes,
  coordinationTopologies,
  type TaskStatus,
  taskComplexities,
  taskPriorities,
  taskStatuses,
  taskStructures,
  taskTypes,
} from './enums.ts'
import { taskBeginning } from './transitions.ts'

export type { TaskStatus } from './enums.ts'

export * from './enums.ts'

const fields = {
  id: id().generated(),
  title: name(),
  description: body(),
  project: name().filterable(),
  createdBy: name().filterable(),
  type: oneOf(taskTypes).filterable(),
  priority: oneOf(taskPriorities).default('medium').filterable(),
  assignedTo: name().nullable().filterable(),
  parentTaskId: id().nullable().filterable(),
  planId: id().nullable().references('plans', 'plan_id').filterable(),
  reviewers: list(nameRule, { unique: true }),
  /**
   * Ids of the preceding tasks. The task is ready once all of them are completed; an id that names
   * no task keeps it waiting. Moves by people wait for nothing.
   */
  dependencies: list(nameRule, { unique: true }),
  delegationChain: list(nameRule, { unique: true }),
  artifactsExpected: list(z.strictObject({ type: z.enum(artifactTypes), path: textRule })),
  acceptanceCriteria: list(z.strictObject({ description: textRule, met: z.boolean() })),
  estimatedComplexity: oneOf(taskComplexities).default('medium').filterable(),
  /** In units of the organisation's currency. Recorded only: no cost is refused because of it. */
  budgetLimit: money().default('0'),
  /** A task that fails is ready again as long as its `attempt` is not more than this. */
  maxRetries: integer(0).default(1),
  /**
   * Verbatim; adopted tasks hold dates without a time zone. Recorded only: nothing happens when it
   * passes.
   */
  deadline: calendarText().nullable(),
  taskStructure: oneOf(taskStructures).nullable(),
  coordinationTopology: oneOf(coordinationTopologies).default('auto'),
  /** Only `transition` and the verbs of claims change it. */
  status: oneOf(taskStatuses).default(taskBeginning).historic().filterable(),
  metadata: jsonObject(),
  createdAt: instant().historic(),
  updatedAt: instant().managed(),
  version: integer(1).default(1).managed(),
  /** The claim under which it is worked on; null if there is none. */
  claimId: id().nullable().managed(),
  /** By the database's clock; the claim ends then unless a heartbeat extends it. */
  leaseExpiresAt: instant().nullable().managed(),
  /** How often it was claimed. */
  attempt: integer(0).default(0).managed(),
  /** By the database's clock; it is not ready before. Null for no delay. */
  availableAt: instant().nullable().managed(),
  /** Why the last attempt failed; null if none did, and once the task is completed. */
  lastError: text().nullable().managed(),
}

export type TaskFields = typeof fields
/** A task as read from the store. */
export type Task = RecordOf<TaskFields>
/** The input of `tasks.create`. */
export type NewTask = NewOf<TaskFields>
/** The input of `tasks.create` with `asOf`: also the status. */
export type TakenOverTask = TakenOverOf<TaskFields>
/** The fields that `tasks.update` may change. */
export type TaskPatch = PatchOf<TaskFields>

/** Statuses in which the task has an assignee. */
export const needsAssignee: ReadonlySet<TaskStatus> = new Set([
  'assigned',
  'in_progress',
  'in_review',
  'completed',
  'auth_required',
])

const assignment: Rule<TaskFields> = (task) => {
  if (task.unreadable.includes('assignedTo')) return []
  if (task.status === 'created' && task.assignedTo !== null) {
    return [fault('assignedTo', 'must be null while the status is created; assign the task by a transition')]
  }
  if (needsAssignee.has(task.status) && task.assignedTo === null) {
    return [fault('assignedTo', `must be set while the status is ${task.status}`)]
  }
  return []
}

const noSelfReference: Rule<TaskFields> = (task) => [
  ...(task.parentTaskId === task.id ? [fault('parentTaskId', 'must not be the task itself')] : []),
  ...(task.dependencies.includes(task.id) ? [fault('dependencies', 'must not hold the task itself')] : []),
  ...(task.assignedTo !== null && task.delegationChain.includes(task.assignedTo)
    ? [fault('delegationChain', 'must not hold the assignee')]
    : []),
]

function fault(field: keyof TaskFields, message: string): Issue {
  return { path: [field], code: 'rule', message }
}

/**
 * A piece of work for one agent, with a status machine, dependencies and acceptance criteria. It
 * can be changed; every change raises its `version`.
 */
export const taskDefinition = defineRecord({
  name: 'task',
  table: 'tasks',
  key: 'id',
  order: { fields: ['createdAt', 'id'], direction: 'asc' },
  fields,
  storage: {
    // Every list is in creation order, so each index of a filter has that order too.
    indexes: {
      created: ['createdAt', 'id'],
      project: ['project', 'createdAt', 'id'],
      status: ['status', 'createdAt', 'id'],
      assigned_to: ['assignedTo', 'createdAt', 'id'],
      plan: ['planId', 'createdAt', 'id'],
      parent: ['parentTaskId', 'createdAt', 'id'],
      lease: ['leaseExpiresAt', 'id'],
    },
    workQueue,
    beside: workTables,
  },
  life: { verbs: ['transition'] },
  rules: [assignment, noSelfReference],
})
