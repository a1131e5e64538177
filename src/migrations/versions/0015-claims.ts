// Claims of tasks: who works on one under which lease, how often it was tried, and the queue of
// those that are ready, which the database keeps.

import type { ColumnSpec, IndexSpec, TableSpec, WorkQueueSpec } from '../../engines/contract/schema.ts'
import type { Migration } from '../migration.ts'

const tasks = { name: 'tasks', primaryKey: ['id'] }

const columns: readonly ColumnSpec[] = [
  { name: 'claim_id', type: 'id', nullable: true },
  { name: 'lease_expires_at', type: 'instant', nullable: true },
  { name: 'attempt', type: 'integer', default: { number: '0' } },
  { name: 'available_at', type: 'instant', nullable: true },
  { name: 'last_error', type: 'text', nullable: true },
]

const lease: IndexSpec = {
  name: 'tasks_lease',
  table: tasks.name,
  columns: ['lease_expires_at', 'id'],
  whereNotNull: 'lease_expires_at',
}

const edges: TableSpec = {
  name: 'task_dependencies',
  columns: [
    { name: 'task', type: 'id' },
    { name: 'dependency', type: 'id' },
    { name: 'met', type: 'integer' },
  ],
  primaryKey: ['task', 'dependency'],
  clustered: true,
}

const queue: TableSpec = {
  name: 'task_queue',
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
}

const ready = ['owner', 'unmet', 'postponed', 'urgency', 'created_at']
const only = { table: queue.name, whereNotNull: 'owner' }

const indexes: readonly IndexSpec[] = [
  {
    name: 'task_dependencies_dependency',
    table: edges.name,
    columns: ['dependency', 'met', 'task'],
  },
  { name: 'task_queue_ready', ...only, columns: [...ready, 'task'] },
  { name: 'task_queue_project', ...only, columns: ['project', ...ready] },
  { name: 'task_queue_type', ...only, columns: ['type', ...ready] },
  { name: 'task_queue_plan', ...only, columns: ['plan_id', ...ready] },
  {
    name: 'task_queue_wake',
    table: queue.name,
    columns: ['wake_at', 'task'],
    whereNotNull: 'wake_at',
  },
]

const workQueue: WorkQueueSpec = {
  name: 'tasks_queue',
  source: tasks.name,
  edges: edges.name,
  queue: queue.name,
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
    ended: ['completed', 'cancelled', 'rejected'],
  },
  priorities: ['critical', 'high', 'medium', 'low'],
}

export const claims: Migration = {
  version: 15,
  name: 'claims',
  // A build that does not know claims would move a claimed task and leave its claim in place.
  breaking: true,
  up: (writer) => [
    ...writer.addColumns(tasks, columns),
    ...writer.createIndex(lease),
    ...[edges, queue].flatMap((table) => writer.createTable(table)),
    ...writer.fillWorkQueue(workQueue),
    ...indexes.flatMap((index) => writer.createIndex(index)),
    ...writer.createWorkQueue(workQueue),
  ],
  down: (writer) => [
    ...writer.dropWorkQueue(workQueue),
    ...[queue, edges].flatMap(({ name }) => writer.dropTable(name)),
    ...writer.dropIndex(lease),
    ...writer.dropColumns(tasks.name, columns),
  ],
  losses: () => [
    { what: 'claims of tasks', count: `SELECT count(*) FROM ${tasks.name} WHERE claim_id IS NOT NULL` },
    {
      what: 'how often tasks were tried, their delays and their last errors',
      count: `SELECT count(*) FROM ${tasks.name} WHERE attempt <> 0 OR available_at IS NOT NULL OR last_error IS NOT NULL`,
    },
  ],
}
