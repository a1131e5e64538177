// Costs without a price: the cost of a call may be unknown, and totals count the records without
// one. How a cost was determined, who bills it, its session and its source are separate fields.

import type {
  ColumnSpec,
  IndexSpec,
  PeriodTotalsSpec,
  TableSpec,
  TotalsSpec,
} from '../../engines/contract/schema.ts'
import type { Migration } from '../migration.ts'

const VERSION = 14

/** The columns of both tables: those before this migration, and those it adds, in their order. */
type Columns = readonly (ColumnSpec & { readonly added?: true })[]

const recordColumns: Columns = [
  { name: 'id', type: 'id' },
  { name: 'idempotency_key', type: 'id', nullable: true },
  { name: 'agent_id', type: 'name' },
  { name: 'session_id', type: 'id', nullable: true, added: true },
  { name: 'task_id', type: 'id', nullable: true },
  { name: 'plan_id', type: 'id', nullable: true },
  { name: 'project', type: 'name', nullable: true },
  { name: 'provider', type: 'name' },
  { name: 'model', type: 'name' },
  { name: 'biller', type: 'name', nullable: true, added: true },
  { name: 'input_tokens', type: 'integer' },
  { name: 'output_tokens', type: 'integer' },
  { name: 'reasoning_tokens', type: 'integer', default: { number: '0' }, added: true },
  { name: 'cache_read_tokens', type: 'integer', default: { number: '0' } },
  { name: 'cache_write_tokens', type: 'integer', default: { number: '0' } },
  { name: 'cache_write_1h_tokens', type: 'integer', default: { number: '0' }, added: true },
  { name: 'cost', type: 'money' },
  { name: 'cost_status', type: 'name', added: true },
  { name: 'price_source', type: 'name', nullable: true, added: true },
  { name: 'currency', type: 'name', default: 'USD' },
  { name: 'timestamp', type: 'instant' },
  { name: 'call_category', type: 'name', nullable: true },
  { name: 'latency_ms', type: 'integer', nullable: true },
  { name: 'success', type: 'boolean', nullable: true },
  { name: 'finish_reason', type: 'name', nullable: true },
  { name: 'source', type: 'name', nullable: true, added: true },
  { name: 'metadata', type: 'json', default: '{}' },
  { name: 'reservation_id', type: 'id', nullable: true },
]

const rollupColumns: Columns = [
  { name: 'id', type: 'id' },
  { name: 'timestamp', type: 'instant' },
  { name: 'agent_id', type: 'name' },
  { name: 'session_id', type: 'id', nullable: true, added: true },
  { name: 'task_id', type: 'id', nullable: true },
  { name: 'plan_id', type: 'id', nullable: true },
  { name: 'project', type: 'name', nullable: true },
  { name: 'provider', type: 'name' },
  { name: 'model', type: 'name' },
  { name: 'biller', type: 'name', nullable: true, added: true },
  { name: 'call_category', type: 'name', nullable: true },
  { name: 'cost_status', type: 'name', added: true },
  { name: 'source', type: 'name', nullable: true, added: true },
  { name: 'currency', type: 'name' },
  { name: 'cost', type: 'money' },
  { name: 'input_tokens', type: 'integer' },
  { name: 'output_tokens', type: 'integer' },
  { name: 'cache_read_tokens', type: 'integer' },
  { name: 'cache_write_tokens', type: 'integer' },
  { name: 'unpriced', type: 'integer', added: true },
  { name: 'records', type: 'integer' },
]

const totalColumns: Columns = [
  { name: 'dimension', type: 'name' },
  { name: 'member', type: 'id' },
  { name: 'currency', type: 'name' },
  { name: 'slot', type: 'integer' },
  { name: 'cost', type: 'money' },
  { name: 'input_tokens', type: 'integer' },
  { name: 'output_tokens', type: 'integer' },
  { name: 'cache_read_tokens', type: 'integer' },
  { name: 'cache_write_tokens', type: 'integer' },
  { name: 'unpriced', type: 'integer', added: true },
  { name: 'records', type: 'integer' },
]

function before(table: TableSpec, columns: Columns): TableSpec {
  return { ...table, columns: columns.filter(({ added }) => !added).map(plain) }
}

function after(table: TableSpec, columns: Columns): TableSpec {
  return { ...table, columns: columns.map(plain) }
}

function plain({ added: _, ...column }: Columns[number]): ColumnSpec {
  return column
}

const records: TableSpec = { name: 'cost_records', columns: [], primaryKey: ['id'] }
const rollups: TableSpec = { name: 'cost_rollups', columns: [], primaryKey: ['id'] }
const totals: TableSpec = {
  name: 'cost_totals',
  columns: [],
  primaryKey: ['dimension', 'member', 'currency', 'slot'],
  clustered: true,
}

const oldRecords = before(records, recordColumns)
const newRecords = after(
  records,
  recordColumns.map((column) => (column.name === 'cost' ? { ...column, nullable: true } : column)),
)
const oldRollups = before(rollups, rollupColumns)
const newRollups = after(rollups, rollupColumns)
const oldTotals = before(totals, totalColumns)
const newTotals = after(totals, totalColumns)

const sessionOfRecords: IndexSpec = {
  name: 'cost_records_session',
  table: records.name,
  columns: ['session_id', 'timestamp', 'id'],
  whereNotNull: 'session_id',
}
const sessionOfRollups: IndexSpec = {
  ...sessionOfRecords,
  name: 'cost_rollups_session',
  table: rollups.name,
}

/** The indexes that both tables had: by time, agent, task and plan. */
function indexesOf(table: string): readonly IndexSpec[] {
  return [
    { name: `${table}_timestamp`, table, columns: ['timestamp', 'id'] },
    { name: `${table}_agent`, table, columns: ['agent_id', 'timestamp', 'id'] },
    { name: `${table}_task`, table, columns: ['task_id', 'timestamp', 'id'], whereNotNull: 'task_id' },
    { name: `${table}_plan`, table, columns: ['plan_id', 'timestamp', 'id'], whereNotNull: 'plan_id' },
  ]
}

const recordIndexes: readonly IndexSpec[] = [
  {
    name: 'cost_records_idempotency_key',
    table: records.name,
    columns: ['idempotency_key'],
    unique: true,
    whereNotNull: 'idempotency_key',
  },
  ...indexesOf(records.name),
]
const rollupIndexes = indexesOf(rollups.name)

const oldTotalsOfRecords: TotalsSpec = {
  name: 'cost_records_totals',
  source: records.name,
  target: totals.name,
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
const oldTotalsOfRollups: TotalsSpec = {
  ...oldTotalsOfRecords,
  name: 'cost_rollups_totals',
  source: rollups.name,
  records: 'records',
}
const totalsOfRecords: TotalsSpec = { ...oldTotalsOfRecords, missing: { name: 'unpriced', column: 'cost' } }
const totalsOfRollups: TotalsSpec = { ...oldTotalsOfRollups, sums: [...oldTotalsOfRollups.sums, 'unpriced'] }

const periodsOfRecords: PeriodTotalsSpec = {
  name: 'cost_records_periods',
  source: records.name,
  periods: 'budget_periods',
  target: 'budget_spent',
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
  settles: { column: 'reservation_id', table: 'budget_holds', key: 'reservation' },
}

const { settles: _, ...periods } = periodsOfRecords
const oldPeriodsOfRollups: PeriodTotalsSpec = {
  ...periods,
  name: 'cost_rollups_periods',
  source: rollups.name,
  counts: { records: 'records', unpriced: null },
}
const periodsOfRollups: PeriodTotalsSpec = {
  ...oldPeriodsOfRollups,
  counts: { records: 'records', unpriced: 'unpriced' },
}

const unpricedRollups = `SELECT 1 FROM ${rollups.name} WHERE cost_status = 'unpriced'`
const anyUnpriced = `(EXISTS (SELECT 1 FROM ${records.name} WHERE cost IS NULL) OR EXISTS (${unpricedRollups}))`

export const costRecord: Migration = {
  version: VERSION,
  name: 'cost-record',
  // A build that takes every cost as a number would read one that is not known as unreadable.
  breaking: true,
  up: (writer) => [
    ...writer.dropTotals(oldTotalsOfRecords),
    ...writer.dropTotals(oldTotalsOfRollups),
    ...writer.dropPeriodTotals(periodsOfRecords),
    ...writer.dropPeriodTotals(oldPeriodsOfRollups),
    ...writer.changeTable({
      from: oldRecords,
      to: newRecords,
      values: {
        cost_status: 'reported',
        reasoning_tokens: 0,
        cache_write_1h_tokens: 0,
      },
      indexes: recordIndexes,
    }),
    ...writer.createIndex(sessionOfRecords),
    ...writer.changeTable({
      from: oldRollups,
      to: newRollups,
      values: { cost_status: 'reported', unpriced: 0 },
      indexes: rollupIndexes,
    }),
    ...writer.createIndex(sessionOfRollups),
    ...writer.changeTable({ from: oldTotals, to: newTotals, values: { unpriced: 0 }, indexes: [] }),
    ...writer.createTotals(totalsOfRecords),
    ...writer.createTotals(totalsOfRollups),
    ...writer.createPeriodTotals(periodsOfRecords),
    ...writer.createPeriodTotals(periodsOfRollups),
  ],
  // The older layout can only say that a cost is 0 where it is not known, which would be false. So
  // these records go, and the totals are then those of the others. Roll-ups take a slot of their
  // own in totals that are computed anew.
  down: (writer) => [
    ...writer.dropTotals(totalsOfRecords),
    ...writer.dropTotals(totalsOfRollups),
    ...writer.dropPeriodTotals(periodsOfRecords),
    ...writer.dropPeriodTotals(periodsOfRollups),
    ...writer.dropIndex(sessionOfRecords),
    ...writer.dropIndex(sessionOfRollups),
    ...writer.changeTable({ from: newTotals, to: oldTotals, indexes: [] }),
    writer.run(
      'forget totals with costs that are not known',
      `DELETE FROM ${totals.name} WHERE ${anyUnpriced}`,
    ),
    ...writer.fillTotals(oldTotalsOfRecords, `cost IS NOT NULL AND ${anyUnpriced}`),
    ...writer.fillTotals(oldTotalsOfRollups, `cost_status <> 'unpriced' AND ${anyUnpriced}`, 1),
    // A period that has no row is added up from the records when it is next asked for.
    writer.run('forget what was spent', `DELETE FROM budget_spent WHERE ${anyUnpriced}`),
    writer.run('forget the periods of budgets', `DELETE FROM budget_periods WHERE ${anyUnpriced}`),
    writer.run('drop records without a cost', `DELETE FROM ${records.name} WHERE cost IS NULL`),
    writer.run('drop their roll-ups', `DELETE FROM ${rollups.name} WHERE cost_status = 'unpriced'`),
    ...writer.changeTable({ from: newRecords, to: oldRecords, indexes: recordIndexes }),
    ...writer.changeTable({ from: newRollups, to: oldRollups, indexes: rollupIndexes }),
    ...writer.createTotals(oldTotalsOfRecords),
    ...writer.createTotals(oldTotalsOfRollups),
    ...writer.createPeriodTotals(periodsOfRecords),
    ...writer.createPeriodTotals(oldPeriodsOfRollups),
  ],
  losses: () => [
    {
      what: 'cost records whose cost is not known, with their tokens',
      count: `SELECT count(*) FROM ${records.name} WHERE cost IS NULL`,
    },
    {
      what: 'sums of pruned cost records whose cost is not known',
      count: `SELECT count(*) FROM ${rollups.name} WHERE cost_status = 'unpriced'`,
    },
    {
      what: 'details of cost records (how the cost was determined, biller, source, session, reasoning tokens, tokens cached for an hour)',
      count: `SELECT count(*) FROM ${records.name} WHERE cost IS NOT NULL AND (cost_status <> 'reported' OR price_source IS NOT NULL OR biller IS NOT NULL OR source IS NOT NULL OR session_id IS NOT NULL OR reasoning_tokens <> 0 OR cache_write_1h_tokens <> 0)`,
    },
    {
      what: 'details of sums of pruned cost records (how costs were determined, biller, source, session)',
      count: `SELECT count(*) FROM ${rollups.name} WHERE cost_status = 'computed' OR biller IS NOT NULL OR source IS NOT NULL OR session_id IS NOT NULL`,
    },
  ],
}
