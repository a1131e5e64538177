// The layouts of the two ancestor systems, column by column: operations databases at user_version
// 1, and plans databases at Alembic revision m4_003_plan_env_columns. Frozen, because adoption
// compares live databases with them.

import type { ColumnSpec, IndexSpec, TableSpec } from '../engines/contract/schema.ts'

/** The layout version of operations databases. */
export const OPERATIONS_LAYOUT_MARK = 1
/** The revision of plans databases. */
export const PLANS_REVISION = 'm4_003_plan_env_columns'

const text = (name: string, more: Partial<ColumnSpec> = {}): ColumnSpec => ({ name, type: 'text', ...more })
const varchar = (name: string, length: number, more: Partial<ColumnSpec> = {}): ColumnSpec => ({
  name,
  type: { legacy: length },
  ...more,
})
const integer = (name: string, more: Partial<ColumnSpec> = {}): ColumnSpec => ({
  name,
  type: 'integer',
  ...more,
})
const optional = { nullable: true } as const

export const legacyTasks: TableSpec = {
  name: 'tasks',
  columns: [
    text('id', optional),
    text('title'),
    text('description'),
    text('type'),
    text('priority', { default: 'medium' }),
    text('project'),
    text('created_by'),
    text('assigned_to', optional),
    text('status', { default: 'created' }),
    text('estimated_complexity', { default: 'medium' }),
    { name: 'budget_limit', type: 'real', default: { number: '0.0' } },
    text('deadline', optional),
    integer('max_retries', { default: { number: '1' } }),
    text('parent_task_id', optional),
    text('task_structure', optional),
    text('coordination_topology', { default: 'auto' }),
    text('reviewers', { default: '[]' }),
    text('dependencies', { default: '[]' }),
    text('artifacts_expected', { default: '[]' }),
    text('acceptance_criteria', { default: '[]' }),
    text('delegation_chain', { default: '[]' }),
  ],
  primaryKey: ['id'],
}

export const legacyTaskIndexes: readonly IndexSpec[] = [
  { name: 'idx_tasks_status', table: 'tasks', columns: ['status'] },
  { name: 'idx_tasks_assigned_to', table: 'tasks', columns: ['assigned_to'] },
  { name: 'idx_tasks_project', table: 'tasks', columns: ['project'] },
]

export const legacyCostRecords: TableSpec = {
  name: 'cost_records',
  columns: [
    { name: 'rowid', type: 'serial', nullable: true },
    text('agent_id'),
    text('task_id'),
    text('provider'),
    text('model'),
    integer('input_tokens'),
    integer('output_tokens'),
    { name: 'cost_usd', type: 'real' },
    text('timestamp'),
    text('call_category', optional),
  ],
  primaryKey: ['rowid'],
}

export const legacyCostIndexes: readonly IndexSpec[] = [
  { name: 'idx_cost_records_agent_id', table: 'cost_records', columns: ['agent_id'] },
  { name: 'idx_cost_records_task_id', table: 'cost_records', columns: ['task_id'] },
]

export const legacyMessages: TableSpec = {
  name: 'messages',
  columns: [
    text('id', optional),
    text('timestamp'),
    text('sender'),
    text('to'),
    text('type'),
    text('priority', { default: 'normal' }),
    text('channel'),
    text('content'),
    text('attachments', { default: '[]' }),
    text('metadata', { default: '{}' }),
  ],
  primaryKey: ['id'],
}

export const legacyMessageIndexes: readonly IndexSpec[] = [
  { name: 'idx_messages_channel', table: 'messages', columns: ['channel'] },
  { name: 'idx_messages_timestamp', table: 'messages', columns: ['timestamp'] },
]

const planReference = { table: 'v3_plans', column: 'plan_id', onDelete: 'cascade' } as const
const selfReference = { table: 'v3_plans', column: 'plan_id', onDelete: 'set null' } as const

export const legacyActions: TableSpec = {
  name: 'actions',
  columns: [
    varchar('namespaced_name', 255),
    varchar('namespace', 100),
    varchar('name', 150),
    varchar('state', 20, { default: 'available' }),
    text('description'),
    text('definition_of_done', optional),
    varchar('created_at', 50),
    varchar('updated_at', 50),
  ],
  primaryKey: ['namespaced_name'],
}

export const legacyPlans: TableSpec = {
  name: 'v3_plans',
  columns: [
    varchar('plan_id', 26),
    varchar('parent_plan_id', 26, { ...optional, references: selfReference }),
    varchar('root_plan_id', 26, { ...optional, references: selfReference }),
    integer('attempt', { default: { number: '1' } }),
    varchar('namespaced_name', 255),
    varchar('namespace', 100),
    varchar('action_name', 255, {
      references: { table: 'actions', column: 'namespaced_name', onDelete: 'restrict' },
    }),
    text('description'),
    text('definition_of_done', optional),
    varchar('phase', 20, {
      default: 'action',
      oneOf: { name: 'ck_v3_plans_phase', values: ['action', 'strategize', 'execute', 'apply'] },
    }),
    varchar('processing_state', 20, {
      default: 'queued',
      oneOf: {
        name: 'ck_v3_plans_state',
        values: ['queued', 'processing', 'errored', 'complete', 'cancelled', 'applied', 'constrained'],
      },
    }),
    text('automation_profile', optional),
    ...['strategy', 'execution', 'review', 'apply', 'estimation', 'invariant'].map((role) =>
      varchar(`${role}_actor`, 255, optional),
    ),
    varchar('changeset_id', 26, optional),
    text('sandbox_refs_json', optional),
    text('validation_summary_json', optional),
    varchar('decision_root_id', 26, optional),
    text('error_message', optional),
    text('error_details_json', optional),
    varchar('created_at', 50),
    varchar('updated_at', 50),
    ...[
      'strategize_started_at',
      'strategize_completed_at',
      'execute_started_at',
      'execute_completed_at',
      'apply_started_at',
      'applied_at',
      'completed_at',
    ].map((name) => varchar(name, 50, optional)),
    varchar('execution_environment', 20, optional),
    varchar('execution_env_priority', 20, optional),
  ],
  primaryKey: ['plan_id'],
}

export const legacyPlanIndexes: readonly IndexSpec[] = [
  { name: 'ix_v3_plans_parent', table: 'v3_plans', columns: ['parent_plan_id'] },
  { name: 'ix_v3_plans_root', table: 'v3_plans', columns: ['root_plan_id'] },
  { name: 'ix_v3_plans_phase_state', table: 'v3_plans', columns: ['phase', 'processing_state'] },
  { name: 'ix_v3_plans_action', table: 'v3_plans', columns: ['action_name'] },
]

export const legacyPlanProjects: TableSpec = {
  name: 'plan_projects',
  columns: [
    varchar('plan_id', 26, { references: planReference }),
    varchar('project_name', 255),
    varchar('alias', 100, optional),
    integer('read_only', { default: { number: '0' } }),
  ],
  primaryKey: ['plan_id', 'project_name'],
}

export const legacyPlanArguments: TableSpec = {
  name: 'plan_arguments',
  columns: [
    varchar('plan_id', 26, { references: planReference }),
    varchar('name', 100),
    text('value_json'),
    integer('position'),
  ],
  primaryKey: ['plan_id', 'name'],
}

export const legacyPlanInvariants: TableSpec = {
  name: 'plan_invariants',
  columns: [
    { name: 'id', type: 'serial', nullable: true },
    varchar('plan_id', 26, { references: planReference }),
    text('invariant_text'),
    varchar('source', 20),
    integer('position'),
  ],
  primaryKey: ['id'],
}

export const legacyRevision: TableSpec = {
  name: 'alembic_version',
  columns: [varchar('version_num', 32)],
  primaryKey: ['version_num'],
}

/** Half of the baseline: the tables that one ancestor created. */
export interface AncestorHalf {
  readonly name: 'operations' | 'plans'
  /** In an order in which every reference has its target. */
  readonly tables: readonly TableSpec[]
  readonly indexes: readonly IndexSpec[]
}

export const operationsHalf: AncestorHalf = {
  name: 'operations',
  tables: [legacyTasks, legacyCostRecords, legacyMessages],
  indexes: [...legacyTaskIndexes, ...legacyCostIndexes, ...legacyMessageIndexes],
}

export const plansHalf: AncestorHalf = {
  name: 'plans',
  tables: [
    legacyRevision,
    legacyActions,
    legacyPlans,
    legacyPlanProjects,
    legacyPlanArguments,
    legacyPlanInvariants,
  ],
  indexes: legacyPlanIndexes,
}

/** Tables that contain records: the revision is stored as a row, but is not a record. */
export const recordTables: readonly string[] = [operationsHalf, plansHalf]
  .flatMap(({ tables }) => tables.map(({ name }) => name))
  .filter((name) => name !== legacyRevision.name)
