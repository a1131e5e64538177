// Decisions of plans, and their corrections. Neither refers to another table: they outlive the
// plans that they are about, as the audit trail does.

import type { GuardSpec, IndexSpec, TableSpec } from '../../engines/contract/schema.ts'
import type { Migration } from '../migration.ts'

const decisions: TableSpec = {
  name: 'decisions',
  columns: [
    { name: 'decision_id', type: 'id' },
    { name: 'plan_id', type: 'id' },
    { name: 'root_plan_id', type: 'id' },
    { name: 'parent_decision_id', type: 'id', nullable: true },
    { name: 'sequence', type: 'integer' },
    { name: 'type', type: 'name' },
    { name: 'question', type: 'text' },
    { name: 'chosen_option', type: 'text' },
    { name: 'alternatives', type: 'json', default: '[]' },
    { name: 'confidence', type: 'json', nullable: true },
    { name: 'rationale', type: 'text', nullable: true },
    { name: 'context_snapshot', type: 'json', default: 'null' },
    { name: 'influences', type: 'json', default: '[]' },
    { name: 'spawned_plan_ids', type: 'json', default: '[]' },
    { name: 'superseded_by', type: 'id', nullable: true },
    { name: 'created_at', type: 'instant' },
  ],
  primaryKey: ['decision_id'],
}

const corrections: TableSpec = {
  name: 'corrections',
  columns: [
    { name: 'correction_id', type: 'id' },
    { name: 'decision_id', type: 'id' },
    { name: 'plan_id', type: 'id' },
    { name: 'mode', type: 'name' },
    { name: 'guidance', type: 'text' },
    { name: 'state', type: 'name' },
    { name: 'requested_by', type: 'name' },
    { name: 'result_decision_id', type: 'id', nullable: true },
    { name: 'superseded', type: 'integer' },
    { name: 'cancelled_plan_ids', type: 'json', default: '[]' },
    { name: 'failure', type: 'name', nullable: true },
    { name: 'created_at', type: 'instant' },
    { name: 'updated_at', type: 'instant' },
    { name: 'version', type: 'integer' },
  ],
  primaryKey: ['correction_id'],
}

const indexes: readonly IndexSpec[] = [
  { name: 'decisions_sequence', table: decisions.name, columns: ['plan_id', 'sequence'], unique: true },
  { name: 'decisions_created', table: decisions.name, columns: ['created_at', 'decision_id'] },
  { name: 'decisions_plan', table: decisions.name, columns: ['plan_id', 'created_at', 'decision_id'] },
  { name: 'decisions_root', table: decisions.name, columns: ['root_plan_id', 'plan_id', 'sequence'] },
  {
    name: 'decisions_parent',
    table: decisions.name,
    columns: ['parent_decision_id', 'created_at', 'decision_id'],
    whereNotNull: 'parent_decision_id',
  },
  { name: 'corrections_created', table: corrections.name, columns: ['created_at', 'correction_id'] },
  {
    name: 'corrections_plan',
    table: corrections.name,
    columns: ['plan_id', 'created_at', 'correction_id'],
  },
  {
    name: 'corrections_decision',
    table: corrections.name,
    columns: ['decision_id', 'created_at', 'correction_id'],
  },
  { name: 'corrections_state', table: corrections.name, columns: ['state', 'created_at', 'correction_id'] },
]

/** All but `superseded_by`. */
const fixed: GuardSpec = {
  name: 'decisions_fixed',
  table: decisions.name,
  refuses: 'change',
  columns: [
    'decision_id',
    'plan_id',
    'root_plan_id',
    'parent_decision_id',
    'sequence',
    'type',
    'question',
    'chosen_option',
    'alternatives',
    'confidence',
    'rationale',
    'context_snapshot',
    'influences',
    'spawned_plan_ids',
    'created_at',
  ],
}

export const decisionsMigration: Migration = {
  version: 16,
  name: 'decisions',
  // An older build reverts plans without a decision, and does not look at these tables.
  breaking: false,
  up: (writer) => [
    ...[decisions, corrections].flatMap((table) => writer.createTable(table)),
    ...indexes.flatMap((index) => writer.createIndex(index)),
    ...writer.createGuard(fixed),
  ],
  down: (writer) => [
    ...writer.dropGuard(fixed),
    ...[corrections, decisions].flatMap(({ name }) => writer.dropTable(name)),
  ],
  losses: () => [
    { what: 'decisions', count: `SELECT count(*) FROM ${decisions.name}` },
    { what: 'corrections', count: `SELECT count(*) FROM ${corrections.name}` },
  ],
}
