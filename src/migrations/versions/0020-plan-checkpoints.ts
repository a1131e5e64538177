// Checkpoints of plans. They refer to no other table: they outlive the plans that they are about,
// as decisions do.

import type { IndexSpec, TableSpec } from '../../engines/contract/schema.ts'
import type { Migration } from '../migration.ts'

const checkpoints: TableSpec = {
  name: 'plan_checkpoints',
  columns: [
    { name: 'checkpoint_id', type: 'id' },
    { name: 'plan_id', type: 'id' },
    { name: 'alias', type: 'name', nullable: true },
    { name: 'sandbox_ref', type: 'text', nullable: true },
    { name: 'reason', type: 'text', nullable: true },
    { name: 'tool', type: 'name', nullable: true },
    { name: 'step', type: 'integer' },
    { name: 'state', type: 'bytes', nullable: true },
    { name: 'state_size', type: 'integer' },
    { name: 'plan_phase', type: 'name' },
    { name: 'plan_state', type: 'name' },
    { name: 'plan_attempt', type: 'integer' },
    { name: 'decision_sequence', type: 'integer' },
    { name: 'created_at', type: 'instant' },
  ],
  primaryKey: ['checkpoint_id'],
}

const indexes: readonly IndexSpec[] = [
  { name: 'plan_checkpoints_alias', table: checkpoints.name, columns: ['plan_id', 'alias'], unique: true },
  { name: 'plan_checkpoints_created', table: checkpoints.name, columns: ['created_at', 'checkpoint_id'] },
  {
    name: 'plan_checkpoints_plan',
    table: checkpoints.name,
    columns: ['plan_id', 'created_at', 'checkpoint_id'],
  },
]

export const planCheckpoints: Migration = {
  version: 20,
  name: 'plan-checkpoints',
  breaking: false,
  up: (writer) => [
    ...writer.createTable(checkpoints),
    ...indexes.flatMap((index) => writer.createIndex(index)),
  ],
  down: (writer) => writer.dropTable(checkpoints.name),
  losses: () => [{ what: 'checkpoints of plans', count: `SELECT count(*) FROM ${checkpoints.name}` }],
}
