// The audit trail: numbered entries, each with the hash of the previous one. The database itself
// rejects changing or removing an entry, and inserting one that is not the next.

import type { GuardSpec, IndexSpec, TableSpec } from '../../engines/contract/schema.ts'
import type { Migration } from '../migration.ts'

const table: TableSpec = {
  name: 'audit_entries',
  // No foreign keys: an entry outlives what it describes.
  columns: [
    { name: 'id', type: 'id' },
    { name: 'sequence', type: 'integer' },
    { name: 'timestamp', type: 'instant' },
    { name: 'actor', type: 'name' },
    { name: 'action', type: 'name' },
    { name: 'subject_type', type: 'name' },
    { name: 'subject_id', type: 'id', nullable: true },
    { name: 'plan_id', type: 'id', nullable: true },
    { name: 'task_id', type: 'id', nullable: true },
    {
      name: 'verdict',
      type: 'name',
      oneOf: { name: 'audit_entries_verdict', values: ['allow', 'deny', 'escalate', 'record'] },
    },
    {
      name: 'risk_level',
      type: 'name',
      oneOf: { name: 'audit_entries_risk_level', values: ['low', 'medium', 'high', 'critical'] },
    },
    { name: 'reason', type: 'text', nullable: true },
    { name: 'matched_rules', type: 'json', default: '[]' },
    { name: 'arguments_hash', type: 'name', nullable: true },
    { name: 'details', type: 'json', default: 'null' },
    { name: 'previous_hash', type: 'name' },
    { name: 'hash', type: 'name' },
  ],
  primaryKey: ['sequence'],
}

const indexes: readonly IndexSpec[] = [
  { name: 'audit_entries_id', table: 'audit_entries', columns: ['id'], unique: true },
  { name: 'audit_entries_timestamp', table: 'audit_entries', columns: ['timestamp', 'sequence'] },
  { name: 'audit_entries_actor', table: 'audit_entries', columns: ['actor', 'sequence'] },
  {
    name: 'audit_entries_subject',
    table: 'audit_entries',
    columns: ['subject_type', 'subject_id', 'sequence'],
  },
  {
    name: 'audit_entries_plan',
    table: 'audit_entries',
    columns: ['plan_id', 'sequence'],
    whereNotNull: 'plan_id',
  },
  {
    name: 'audit_entries_task',
    table: 'audit_entries',
    columns: ['task_id', 'sequence'],
    whereNotNull: 'task_id',
  },
]

const guards: readonly GuardSpec[] = [
  { name: 'audit_entries_no_update', table: 'audit_entries', refuses: 'update' },
  { name: 'audit_entries_no_delete', table: 'audit_entries', refuses: 'delete' },
  {
    name: 'audit_entries_next',
    table: 'audit_entries',
    refuses: 'gap',
    key: 'id',
    number: 'sequence',
    link: { to: 'hash', from: 'previous_hash' },
  },
]

export const audit: Migration = {
  version: 8,
  name: 'audit',
  breaking: false,
  up: (writer) => [
    ...writer.createTable(table),
    ...indexes.flatMap((index) => writer.createIndex(index)),
    ...guards.flatMap((guard) => writer.createGuard(guard)),
  ],
  down: (writer) => writer.dropTable(table.name),
  losses: () => [{ what: 'audit entries', count: 'SELECT count(*) FROM audit_entries' }],
}
