// Agents, approvals and parked runs. None refers to another table: they outlive the plans and tasks
// that they are about.

import type { IndexSpec, TableSpec } from '../../engines/contract/schema.ts'
import type { Migration } from '../migration.ts'

const agents: TableSpec = {
  name: 'agents',
  columns: [
    { name: 'id', type: 'id' },
    { name: 'display_name', type: 'name', nullable: true },
    { name: 'role', type: 'name', nullable: true },
    { name: 'status', type: 'name', default: 'active' },
    { name: 'capabilities', type: 'json', default: '[]' },
    { name: 'metadata', type: 'json', default: '{}' },
    { name: 'last_seen_at', type: 'instant' },
    { name: 'created_at', type: 'instant' },
    { name: 'updated_at', type: 'instant' },
    { name: 'version', type: 'integer', default: { number: '1' } },
  ],
  primaryKey: ['id'],
}

const approvals: TableSpec = {
  name: 'approvals',
  columns: [
    { name: 'id', type: 'id' },
    { name: 'idempotency_key', type: 'name', nullable: true },
    { name: 'kind', type: 'name' },
    { name: 'subject_type', type: 'name' },
    { name: 'subject_id', type: 'id', nullable: true },
    { name: 'plan_id', type: 'id', nullable: true },
    { name: 'task_id', type: 'id', nullable: true },
    { name: 'requested_by', type: 'name' },
    { name: 'reason', type: 'text', nullable: true },
    { name: 'details', type: 'json', default: 'null' },
    { name: 'risk_level', type: 'name', default: 'low' },
    { name: 'status', type: 'name', default: 'pending' },
    { name: 'expires_at', type: 'instant', nullable: true },
    { name: 'decided_by', type: 'name', nullable: true },
    { name: 'decided_at', type: 'instant', nullable: true },
    { name: 'decision_reason', type: 'text', nullable: true },
    { name: 'used_at', type: 'instant', nullable: true },
    { name: 'created_at', type: 'instant' },
    { name: 'updated_at', type: 'instant' },
    { name: 'version', type: 'integer', default: { number: '1' } },
  ],
  primaryKey: ['id'],
}

const parkedRuns: TableSpec = {
  name: 'parked_runs',
  columns: [
    { name: 'id', type: 'id' },
    { name: 'agent_id', type: 'name' },
    { name: 'task_id', type: 'id', nullable: true },
    { name: 'plan_id', type: 'id', nullable: true },
    { name: 'approval_id', type: 'id', nullable: true },
    { name: 'format', type: 'name' },
    { name: 'state', type: 'bytes' },
    { name: 'state_size', type: 'integer' },
    { name: 'metadata', type: 'json', default: '{}' },
    { name: 'created_at', type: 'instant' },
    { name: 'resumed_at', type: 'instant', nullable: true },
    { name: 'resumed_by', type: 'name', nullable: true },
    { name: 'version', type: 'integer', default: { number: '1' } },
  ],
  primaryKey: ['id'],
}

/**
 * An index of a column in the order of creation; of the rows that have a value, if it may be null.
 */
function inOrder(table: TableSpec, name: string, column: string): IndexSpec {
  const { nullable } = table.columns.find((each) => each.name === column) ?? {}
  return {
    name: `${table.name}_${name}`,
    table: table.name,
    columns: [column, 'created_at', 'id'],
    ...(nullable && { whereNotNull: column }),
  }
}

const indexes: readonly IndexSpec[] = [
  { name: 'agents_last_seen', table: agents.name, columns: ['last_seen_at', 'id'] },
  { name: 'agents_role', table: agents.name, columns: ['role', 'id'], whereNotNull: 'role' },
  {
    name: 'approvals_key',
    table: approvals.name,
    columns: ['idempotency_key'],
    unique: true,
    whereNotNull: 'idempotency_key',
  },
  { name: 'approvals_created', table: approvals.name, columns: ['created_at', 'id'] },
  inOrder(approvals, 'status', 'status'),
  inOrder(approvals, 'plan', 'plan_id'),
  inOrder(approvals, 'task', 'task_id'),
  inOrder(approvals, 'requested_by', 'requested_by'),
  { name: 'parked_runs_created', table: parkedRuns.name, columns: ['created_at', 'id'] },
  inOrder(parkedRuns, 'agent', 'agent_id'),
  inOrder(parkedRuns, 'approval', 'approval_id'),
  inOrder(parkedRuns, 'task', 'task_id'),
  inOrder(parkedRuns, 'plan', 'plan_id'),
]

export const approvalsMigration: Migration = {
  version: 13,
  name: 'approvals',
  // An older build does not look at these tables.
  breaking: false,
  up: (writer) => [
    ...[agents, approvals, parkedRuns].flatMap((table) => writer.createTable(table)),
    ...indexes.flatMap((index) => writer.createIndex(index)),
  ],
  down: (writer) => [parkedRuns, approvals, agents].flatMap(({ name }) => writer.dropTable(name)),
  losses: () => [
    { what: 'agents', count: `SELECT count(*) FROM ${agents.name}` },
    { what: 'approvals', count: `SELECT count(*) FROM ${approvals.name}` },
    { what: 'parked runs', count: `SELECT count(*) FROM ${parkedRuns.name}` },
  ],
}
