// What the database keeps beside the tasks, so that those that are ready are found by an index:
// their dependencies, and the queue of tasks that have not ended. Triggers maintain both in the
// transaction of every write. They are derived, so neither is exported or copied.

import type { TableLayout, WorkQueueSpec } from '../../../engines/contract/schema.ts'
import { endedStatuses, taskPriorities } from '../enums.ts'

/** A row for each task and dependency, whether or not there is such a task. */
export const DEPENDENCIES = 'task_dependencies'
/** A row for each task that has not ended. */
export const QUEUE = 'task_queue'

export const workQueue: WorkQueueSpec = {
  name: 'tasks_queue',
  source: 'tasks',
  edges: DEPENDENCIES,
  queue: QUEUE,
  columns: {
    key: 'id',
    dependencies: 'dependencies',
    status: 'status',
    owner: 'assigned_to',
    priority: 'priority',
    delay: 'available_at',
  },
  fixed: ['created_at'],
  copied: ['project', 'type', 'plan_id'],
  statuses: {
    open: ['created', 'interrupted'],
    owned: 'assigned',
    met: 'completed',
    ended: endedStatuses,
  },
  priorities: taskPriorities,
}

/** How claims look for tasks: equal in the first columns, in the order of the others. */
const ready = ['owner', 'unmet', 'postponed', 'urgency', 'created_at']
const claimable = { table: QUEUE, whereNotNull: 'owner' }

export const workTables: readonly TableLayout[] = [
  {
    table: {
      name: DEPENDENCIES,
      columns: [
        { name: 'task', type: 'id' },
        { name: 'dependency', type: 'id' },
        { name: 'met', type: 'integer' },
      ],
      primaryKey: ['task', 'dependency'],
      clustered: true,
    },
    indexes: [
      {
        name: `${DEPENDENCIES}_dependency`,
        table: DEPENDENCIES,
        columns: ['dependency', 'met', 'task'],
      },
    ],
    guards: [],
  },
  {
    table: {
      name: QUEUE,
      columns: [
        { name: 'task', type: 'id' },
        { name: 'owner', type: 'name', nullable: true },
        { name: 'unmet', type: 'integer' },
        { name: 'postponed', type: 'integer' },
        { name: 'wake_at', type: 'instant', nullable: true },
        { name: 'urgency', type: 'integer' },
        { name: 'created_at', type: 'instant' },
        { name: 'project', type: 'name' },
        { name: 'type', type: 'name' },
        { name: 'plan_id', type: 'id', nullable: true },
      ],
      primaryKey: ['task'],
      clustered: true,
    },
    // With a filter, a third key would no longer fit into an index on every engine.
    indexes: [
      { name: `${QUEUE}_ready`, ...claimable, columns: [...ready, 'task'] },
      { name: `${QUEUE}_project`, ...claimable, columns: ['project', ...ready] },
      { name: `${QUEUE}_type`, ...claimable, columns: ['type', ...ready] },
      { name: `${QUEUE}_plan`, ...claimable, columns: ['plan_id', ...ready] },
      { name: `${QUEUE}_wake`, table: QUEUE, columns: ['wake_at', 'task'], whereNotNull: 'wake_at' },
    ],
    guards: [],
  },
]
