// Budgets: what may be spent in a period, what reservations hold, and the totals of periods that
// the database keeps. A cost record names the reservation that it settles.

import type { ColumnSpec, IndexSpec, PeriodTotalsSpec, TableSpec } from '../../engines/contract/schema.ts'
import type { Migration } from '../migration.ts'

const VERSION = 12

const scopes = ['everything', 'project', 'agent', 'model', 'plan', 'task']
const units = ['total', 'hour', 'day', 'week', 'month']

const budgets: TableSpec = {
  name: 'budgets',
  columns: [
    { name: 'name', type: 'id' },
    { name: 'scope', type: 'name', oneOf: { name: 'budgets_scope', values: scopes } },
    { name: 'target', type: 'name', nullable: true },
    { name: 'period', type: 'name', oneOf: { name: 'budgets_period', values: units } },
    { name: 'time_zone', type: 'name', default: 'UTC' },
    { name: 'limit_amount', type: 'money' },
    { name: 'currency', type: 'name', default: 'USD' },
    { name: 'warn_at', type: 'json', default: '0.8' },
    {
      name: 'when_exceeded',
      type: 'name',
      default: 'refuse',
      oneOf: { name: 'budgets_when_exceeded', values: ['refuse', 'warn'] },
    },
    { name: 'active', type: 'boolean' },
    { name: 'created_at', type: 'instant' },
    { name: 'updated_at', type: 'instant' },
    { name: 'version', type: 'integer', default: { number: '1' } },
  ],
  primaryKey: ['name'],
}

const periods: TableSpec = {
  name: 'budget_periods',
  columns: [
    { name: 'id', type: 'id' },
    { name: 'dimension', type: 'name' },
    { name: 'currency', type: 'name' },
    { name: 'first_at', type: 'instant' },
    { name: 'last_at', type: 'instant' },
  ],
  primaryKey: ['id'],
}

const spent: TableSpec = {
  name: 'budget_spent',
  columns: [
    { name: 'period', type: 'id' },
    { name: 'member', type: 'id' },
    { name: 'slot', type: 'integer' },
    { name: 'cost', type: 'money' },
    { name: 'unpriced', type: 'integer' },
    { name: 'records', type: 'integer' },
  ],
  primaryKey: ['period', 'member', 'slot'],
  clustered: true,
}

const budget: ColumnSpec = {
  name: 'budget',
  type: 'id',
  references: { table: budgets.name, column: 'name', onDelete: 'cascade' },
}

const holds: TableSpec = {
  name: 'budget_holds',
  columns: [
    { name: 'reservation', type: 'id' },
    budget,
    { name: 'amount', type: 'money' },
    { name: 'currency', type: 'name' },
    { name: 'created_at', type: 'instant' },
    { name: 'expires_at', type: 'instant' },
  ],
  primaryKey: ['reservation', 'budget'],
  clustered: true,
}

const notices: TableSpec = {
  name: 'budget_notices',
  columns: [{ name: 'id', type: 'id' }, budget],
  primaryKey: ['id'],
}

const indexes: readonly IndexSpec[] = [
  { name: 'budgets_target', table: budgets.name, columns: ['scope', 'target'] },
  { name: 'budget_periods_last', table: periods.name, columns: ['currency', 'last_at', 'first_at'] },
  { name: 'budget_holds_budget', table: holds.name, columns: ['budget', 'expires_at'] },
  { name: 'budget_notices_budget', table: notices.name, columns: ['budget'] },
]

const reservation: ColumnSpec = { name: 'reservation_id', type: 'id', nullable: true }
const costRecords = { name: 'cost_records', primaryKey: ['id'] }

const totalsOfRecords: PeriodTotalsSpec = {
  name: 'cost_records_periods',
  source: costRecords.name,
  periods: periods.name,
  target: spent.name,
  dimensions: [
    { name: 'everything', column: null },
    { name: 'project', column: 'project' },
    { name: 'agent', column: 'agent_id' },
    { name: 'model', column: 'model' },
    { name: 'plan', column: 'plan_id' },
    { name: 'task', column: 'task_id' },
  ],
  sum: 'cost',
  time: 'timestamp',
  partitionBy: 'currency',
  settles: { column: reservation.name, table: holds.name, key: 'reservation' },
}

const { settles: _, ...common } = totalsOfRecords
const totalsOfRollups: PeriodTotalsSpec = {
  ...common,
  name: 'cost_rollups_periods',
  source: 'cost_rollups',
  counts: { records: 'records', unpriced: null },
}

const tables = [budgets, periods, spent, holds, notices]

export const budgetTables: Migration = {
  version: VERSION,
  name: 'budgets',
  // A build that does not know budgets records costs as before, and the database counts them.
  breaking: false,
  up: (writer) => [
    ...tables.flatMap((table) => writer.createTable(table)),
    ...indexes.flatMap((index) => writer.createIndex(index)),
    ...writer.addColumns(costRecords, [reservation]),
    ...writer.createPeriodTotals(totalsOfRecords),
    ...writer.createPeriodTotals(totalsOfRollups),
  ],
  down: (writer) => [
    ...writer.dropPeriodTotals(totalsOfRollups),
    ...writer.dropPeriodTotals(totalsOfRecords),
    ...writer.dropColumns(costRecords.name, [reservation]),
    ...tables.toReversed().flatMap(({ name }) => writer.dropTable(name)),
  ],
  losses: () => [
    { what: 'budgets', count: `SELECT count(*) FROM ${budgets.name}` },
    { what: 'reservations', count: `SELECT count(DISTINCT reservation) FROM ${holds.name}` },
    {
      what: 'which reservation a cost has settled',
      count: `SELECT count(*) FROM ${costRecords.name} WHERE ${reservation.name} IS NOT NULL`,
    },
  ],
}
