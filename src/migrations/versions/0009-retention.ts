// Retention: roll-ups of pruned cost records, and where the audit trail was cut. The trail's guards
// allow deleting entries that a cut covers, and nothing else.

import type { CutsSpec, GuardSpec, IndexSpec, TableSpec, TotalsSpec } from '../../engines/contract/schema.ts'
import type { Migration } from '../migration.ts'

const rollups: TableSpec = {
  name: 'cost_rollups',
  // No foreign keys: costs outlive the tasks and plans they point to.
  columns: [
    { name: 'id', type: 'id' },
    { name: 'timestamp', type: 'instant' },
    { name: 'agent_id', type: 'name' },
    { name: 'task_id', type: 'id', nullable: true },
    { name: 'plan_id', type: 'id', nullable: true },
    { name: 'project', type: 'name', nullable: true },
    { name: 'provider', type: 'name' },
    { name: 'model', type: 'name' },
    { name: 'call_category', type: 'name', nullable: true },
    { name: 'currency', type: 'name' },
    { name: 'cost', type: 'money' },
    { name: 'input_tokens', type: 'integer' },
    { name: 'output_tokens', type: 'integer' },
    { name: 'cache_read_tokens', type: 'integer' },
    { name: 'cache_write_tokens', type: 'integer' },
    { name: 'records', type: 'integer' },
  ],
  primaryKey: ['id'],
}

const cuts: TableSpec = {
  name: 'audit_cuts',
  columns: [
    { name: 'id', type: 'id' },
    { name: 'sequence', type: 'integer' },
    { name: 'hash', type: 'name' },
    { name: 'entries', type: 'integer' },
    { name: 'actor', type: 'name' },
    { name: 'reason', type: 'text', nullable: true },
    { name: 'timestamp', type: 'instant' },
  ],
  primaryKey: ['id'],
}

const indexes: readonly IndexSpec[] = [
  { name: 'cost_rollups_timestamp', table: rollups.name, columns: ['timestamp', 'id'] },
  { name: 'cost_rollups_agent', table: rollups.name, columns: ['agent_id', 'timestamp', 'id'] },
  {
    name: 'cost_rollups_task',
    table: rollups.name,
    columns: ['task_id', 'timestamp', 'id'],
    whereNotNull: 'task_id',
  },
  {
    name: 'cost_rollups_plan',
    table: rollups.name,
    columns: ['plan_id', 'timestamp', 'id'],
    whereNotNull: 'plan_id',
  },
  { name: 'audit_cuts_sequence', table: cuts.name, columns: ['sequence'], unique: true },
]

const totalsOfRecords: TotalsSpec = {
  name: 'cost_records_totals',
  source: 'cost_records',
  target: 'cost_totals',
  dimensions: [
    { name: 'agent', column: 'agent_id' },
    { name: 'task', column: 'task_id' },
    { name: 'plan', column: 'plan_id' },
    { name: 'project', column: 'project' },
    { name: 'provider', column: 'provider' },
    { name: 'model', column: 'model' },
    { name: 'category', column: 'call_category' },
    { name: 'hour', column: 'timestamp', by: 'hour' },
  ],
  sums: ['cost', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens'],
  partitionBy: 'currency',
}

const totalsOfRollups: TotalsSpec = {
  ...totalsOfRecords,
  name: 'cost_rollups_totals',
  source: rollups.name,
  records: 'records',
}

const cutsOfTrail: CutsSpec = { table: cuts.name, number: 'sequence', hash: 'hash' }
const entries = 'audit_entries'

const cutsGuards: readonly GuardSpec[] = [
  { name: 'audit_cuts_no_update', table: cuts.name, refuses: 'update' },
  { name: 'audit_cuts_no_delete', table: cuts.name, refuses: 'delete' },
]

const noDelete = { name: 'audit_entries_no_delete', table: entries, refuses: 'delete' } as const
const next = {
  name: 'audit_entries_next',
  table: entries,
  refuses: 'gap',
  key: 'id',
  number: 'sequence',
  link: { to: 'hash', from: 'previous_hash' },
} as const

const anyRollup = `EXISTS (SELECT 1 FROM ${rollups.name})`

export const retention: Migration = {
  version: 9,
  name: 'retention',
  // A build that does not know roll-ups would sum only the remaining records, and treat a cut trail
  // as broken.
  breaking: true,
  up: (writer) => [
    ...writer.createTable(rollups),
    ...writer.createTable(cuts),
    ...indexes.flatMap((index) => writer.createIndex(index)),
    ...writer.createTotals(totalsOfRollups),
    ...cutsGuards.flatMap((guard) => writer.createGuard(guard)),
    ...writer.dropGuard(noDelete),
    ...writer.createGuard({ ...noDelete, upTo: { number: 'sequence', cuts: cutsOfTrail } }),
    ...writer.dropGuard(next),
    ...writer.createGuard({ ...next, cuts: cutsOfTrail }),
  ],
  // Totals without roll-ups: an earlier build takes them as the totals of its records.
  down: (writer) => [
    ...writer.dropGuard(next),
    ...writer.createGuard(next),
    ...writer.dropGuard(noDelete),
    ...writer.createGuard(noDelete),
    ...writer.dropTotals(totalsOfRollups),
    writer.run('forget totals with pruned costs', `DELETE FROM cost_totals WHERE ${anyRollup}`),
    ...writer.fillTotals(totalsOfRecords, anyRollup),
    ...writer.dropTable(rollups.name),
    ...writer.dropTable(cuts.name),
  ],
  losses: () => [
    { what: 'sums of pruned cost records', count: `SELECT count(*) FROM ${rollups.name}` },
    { what: 'cuts of the audit trail', count: `SELECT count(*) FROM ${cuts.name}` },
  ],
}
