// Steps of plans. They refer to no other table, as other records of plans; who deletes a plan
// deletes them.

import type { IndexSpec, TableSpec } from '../../engines/contract/schema.ts'
import type { Migration } from '../migration.ts'

const steps: TableSpec = {
  name: 'plan_steps',
  columns: [
    { name: 'step_id', type: 'id' },
    { name: 'plan_id', type: 'id' },
    { name: 'plan_phase', type: 'name' },
    { name: 'step_index', type: 'integer' },
    { name: 'step_total', type: 'integer', nullable: true },
    { name: 'name', type: 'name', nullable: true },
    { name: 'status', type: 'name' },
    { name: 'plan_attempt', type: 'integer' },
    { name: 'started_at', type: 'instant', nullable: true },
    { name: 'ended_at', type: 'instant', nullable: true },
    { name: 'created_at', type: 'instant' },
    { name: 'updated_at', type: 'instant' },
    { name: 'version', type: 'integer', default: { number: '1' } },
  ],
  primaryKey: ['step_id'],
}

const indexes: readonly IndexSpec[] = [
  {
    name: 'plan_steps_position',
    table: steps.name,
    columns: ['plan_id', 'plan_phase', 'step_index'],
    unique: true,
  },
  { name: 'plan_steps_created', table: steps.name, columns: ['created_at', 'step_id'] },
  { name: 'plan_steps_plan', table: steps.name, columns: ['plan_id', 'created_at', 'step_id'] },
]

export const planSteps: Migration = {
  version: 21,
  name: 'plan-steps',
  breaking: false,
  up: (writer) => [...writer.createTable(steps), ...indexes.flatMap((index) => writer.createIndex(index))],
  down: (writer) => writer.dropTable(steps.name),
  losses: () => [{ what: 'steps of plans', count: `SELECT count(*) FROM ${steps.name}` }],
}
