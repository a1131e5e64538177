// The layouts of plans and actions after migration 6. Frozen with it: a later layout change is a
// separate migration with a separate layout.

import type { ColumnSpec, GuardSpec, IndexSpec, TableSpec } from '../../engines/contract/schema.ts'

/** The six roles for which a plan or an action may name an actor, in column order. */
export const actorRoles = ['strategy', 'execution', 'review', 'apply', 'estimation', 'invariant'] as const

const optional = { nullable: true } as const
const name = (column: string, more: Partial<ColumnSpec> = {}): ColumnSpec => ({
  name: column,
  type: 'name',
  ...more,
})
const instant = (column: string, more: Partial<ColumnSpec> = {}): ColumnSpec => ({
  name: column,
  type: 'instant',
  ...more,
})
const number = (column: string, value: string): ColumnSpec => ({
  name: column,
  type: 'integer',
  default: { number: value },
})
const oneOf = (table: string, column: string, values: readonly string[], more: Partial<ColumnSpec> = {}) =>
  name(column, { oneOf: { name: `${table}_${column}`, values }, ...more })

export const planPhases = ['action', 'strategize', 'execute', 'apply'] as const
export const planStates = [
  'queued',
  'processing',
  'complete',
  'errored',
  'cancelled',
  'applied',
  'constrained',
] as const
export const provenances = ['plan', 'action', 'project', 'global'] as const
export const environments = ['host', 'container'] as const
export const environmentPriorities = ['fallback', 'override'] as const
export const actionStates = ['available', 'archived'] as const

const planReference = { table: 'plans', column: 'plan_id', onDelete: 'no action' } as const
const actors = actorRoles.map((role) => name(`${role}_actor_name`, optional))

export const plansTable: TableSpec = {
  name: 'plans',
  columns: [
    { name: 'plan_id', type: 'id' },
    { name: 'parent_plan_id', type: 'id', nullable: true, references: planReference },
    { name: 'root_plan_id', type: 'id', references: planReference },
    name('name', optional),
    name('action_name'),
    { name: 'description', type: 'text' },
    { name: 'definition_of_done', type: 'text', nullable: true },
    oneOf('plans', 'phase', planPhases, { default: 'action' }),
    oneOf('plans', 'state', planStates, { default: 'queued' }),
    number('attempt', '1'),
    name('automation_profile_name'),
    oneOf('plans', 'automation_profile_provenance', provenances),
    // '{}' means that no profile was ever captured, and nothing else.
    { name: 'effective_profile_snapshot', type: 'text' },
    ...actors,
    { name: 'projects', type: 'json', default: '[]' },
    { name: 'arguments', type: 'json', default: '[]' },
    { name: 'invariants', type: 'json', default: '[]' },
    name('changeset_id', optional),
    name('decision_root_id', optional),
    name('last_checkpoint_id', optional),
    { name: 'sandbox_refs', type: 'json', default: '[]' },
    { name: 'validation_summary', type: 'json', nullable: true },
    oneOf('plans', 'execution_environment', environments, optional),
    oneOf('plans', 'execution_env_priority', environmentPriorities, optional),
    { name: 'error_message', type: 'text', nullable: true },
    { name: 'error_details', type: 'json', nullable: true },
    number('reversion_count', '0'),
    number('last_completed_step', '-1'),
    { name: 'cancel_reason', type: 'text', nullable: true },
    { name: 'metadata', type: 'json', default: '{}' },
    instant('created_at'),
    instant('updated_at'),
    ...[
      'strategize_started_at',
      'strategize_completed_at',
      'execute_started_at',
      'execute_completed_at',
      'apply_started_at',
      'applied_at',
      'cancelled_at',
    ].map((column) => instant(column, optional)),
    number('version', '1'),
  ],
  primaryKey: ['plan_id'],
}

/** Every list is in creation order, so each filter index includes that order. */
export const planIndexes: readonly IndexSpec[] = [
  { name: 'plans_created', table: 'plans', columns: ['created_at', 'plan_id'] },
  {
    name: 'plans_parent',
    table: 'plans',
    columns: ['parent_plan_id', 'created_at', 'plan_id'],
    whereNotNull: 'parent_plan_id',
  },
  { name: 'plans_root', table: 'plans', columns: ['root_plan_id', 'created_at', 'plan_id'] },
  { name: 'plans_phase', table: 'plans', columns: ['phase', 'state', 'created_at', 'plan_id'] },
  { name: 'plans_action', table: 'plans', columns: ['action_name', 'created_at', 'plan_id'] },
  { name: 'plans_name', table: 'plans', columns: ['name'], unique: true, whereNotNull: 'name' },
]

/** The settings under which a plan was created never change, whoever writes to the table. */
export const planGuard: GuardSpec = {
  name: 'plans_profile_frozen',
  table: 'plans',
  refuses: 'change',
  columns: ['automation_profile_name', 'automation_profile_provenance', 'effective_profile_snapshot'],
}

export const actionsTable: TableSpec = {
  name: 'actions',
  columns: [
    { name: 'name', type: 'id' },
    { name: 'description', type: 'text' },
    { name: 'definition_of_done', type: 'text', nullable: true },
    oneOf('actions', 'state', actionStates, { default: 'available' }),
    name('automation_profile_name', optional),
    ...actors,
    { name: 'metadata', type: 'json', default: '{}' },
    instant('created_at'),
    instant('updated_at'),
    number('version', '1'),
  ],
  primaryKey: ['name'],
}

export const actionIndexes: readonly IndexSpec[] = [
  { name: 'actions_created', table: 'actions', columns: ['created_at', 'name'] },
]
