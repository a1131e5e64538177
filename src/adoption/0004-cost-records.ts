// Cost records: exact money, ULIDs, UTC times, the purpose of a call, and running totals maintained
// by the database. The random part of an adopted record's ULID is its old row number, which
// preserves the order and lets `down` recover the number.

import type { IndexSpec, TableSpec, TotalsSpec } from '../engines/contract/schema.ts'
import { EPOCH, instantFindings, restoredInstant } from './adopted-instants.ts'
import { legacyCostIndexes, legacyCostRecords } from './ancestor-layouts.ts'
import type { AdoptionWriter } from './expressions.ts'
import type { AdoptionMigration } from './migration.ts'
import { forgetPreserved, noteFinding, original, setAside } from './preserved-values.ts'

const VERSION = 4
const unchanged = [
  'agent_id',
  'task_id',
  'provider',
  'model',
  'input_tokens',
  'output_tokens',
  'call_category',
] as const

const table: TableSpec = {
  name: 'cost_records',
  columns: [
    { name: 'id', type: 'id' },
    { name: 'idempotency_key', type: 'id', nullable: true },
    { name: 'agent_id', type: 'name' },
    { name: 'task_id', type: 'id', nullable: true },
    { name: 'plan_id', type: 'id', nullable: true },
    { name: 'project', type: 'name', nullable: true },
    { name: 'provider', type: 'name' },
    { name: 'model', type: 'name' },
    { name: 'input_tokens', type: 'integer' },
    { name: 'output_tokens', type: 'integer' },
    { name: 'cache_read_tokens', type: 'integer', default: { number: '0' } },
    { name: 'cache_write_tokens', type: 'integer', default: { number: '0' } },
    { name: 'cost', type: 'money' },
    { name: 'currency', type: 'name', default: 'USD' },
    { name: 'timestamp', type: 'instant' },
    { name: 'call_category', type: 'name', nullable: true },
    { name: 'latency_ms', type: 'integer', nullable: true },
    { name: 'success', type: 'boolean', nullable: true },
    { name: 'finish_reason', type: 'name', nullable: true },
    { name: 'metadata', type: 'json', default: '{}' },
  ],
  primaryKey: ['id'],
}

const indexes: readonly IndexSpec[] = [
  {
    name: 'cost_records_idempotency_key',
    table: 'cost_records',
    columns: ['idempotency_key'],
    unique: true,
    whereNotNull: 'idempotency_key',
  },
  { name: 'cost_records_timestamp', table: 'cost_records', columns: ['timestamp', 'id'] },
  { name: 'cost_records_agent', table: 'cost_records', columns: ['agent_id', 'timestamp', 'id'] },
  {
    name: 'cost_records_task',
    table: 'cost_records',
    columns: ['task_id', 'timestamp', 'id'],
    whereNotNull: 'task_id',
  },
  {
    name: 'cost_records_plan',
    table: 'cost_records',
    columns: ['plan_id', 'timestamp', 'id'],
    whereNotNull: 'plan_id',
  },
]

const sums = ['cost', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens'] as const

const totalsTable: TableSpec = {
  name: 'cost_totals',
  columns: [
    { name: 'dimension', type: 'name' },
    { name: 'member', type: 'id' },
    { name: 'currency', type: 'name' },
    // Servers keep one row for each of several slots, so that processes do not wait for each other.
    { name: 'slot', type: 'integer' },
    { name: 'cost', type: 'money' },
    ...sums.slice(1).map((name) => ({ name, type: 'integer' as const })),
    { name: 'records', type: 'integer' },
  ],
  primaryKey: ['dimension', 'member', 'currency', 'slot'],
  clustered: true,
}

const totals: TotalsSpec = {
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
  sums,
  partitionBy: 'currency',
}

function up(writer: AdoptionWriter) {
  const instant = `coalesce(${writer.toInstant('timestamp')}, ${writer.text(EPOCH)})`
  const id = writer.numberedUlid(instant, writer.column('rowid'))
  const place = (column: string) => ({ migration: VERSION, table: 'cost_records', rowId: id, column })
  const money = writer.toMoney('cost_usd')
  const carried = Object.fromEntries(unchanged.map((column) => [column, writer.column(column)]))
  return [
    ...instantFindings(writer, place('timestamp')),
    noteFinding(
      writer,
      place('cost_usd'),
      'money-unreadable',
      writer.realToText('cost_usd'),
      `${money} IS NULL`,
    ),
    setAside(
      writer,
      place('cost_usd'),
      writer.realToText('cost_usd'),
      `${writer.fromMoney(money)} <> cost_usd`,
    ),
    ...writer.rebuildTable({
      to: table,
      indexes,
      values: {
        ...carried,
        id,
        task_id: "nullif(task_id, '')",
        cost: `coalesce(${money}, 0)`,
        timestamp: instant,
      },
      orderBy: writer.column('rowid'),
    }),
    ...writer.createTable(totalsTable),
    ...writer.fillTotals(totals),
    ...writer.createTotals(totals),
  ]
}

/** A column in the new layout. */
const place = (column: string) => ({
  migration: VERSION,
  table: 'cost_records',
  rowId: 'cost_records.id',
  column,
})

/**
 * The amount as a floating-point number: the ancestor's value if it was set aside, otherwise the
 * nearest one.
 */
function legacyCost(writer: AdoptionWriter): string {
  const kept = writer.textToReal(original(writer, place('cost_usd')))
  return `coalesce(${kept}, ${writer.fromMoney('cost')})`
}

function down(writer: AdoptionWriter) {
  const number = writer.ulidNumber('id')
  const last = `(SELECT coalesce(max(${number}), 0) FROM cost_records)`
  // A caller may have chosen an id of the same form, so only the first record with a number gets
  // it.
  const first = `row_number() OVER (PARTITION BY ${number} ORDER BY timestamp, id) = 1`
  const added = `${last} + row_number() OVER (ORDER BY timestamp, id)`
  const carried = Object.fromEntries(unchanged.map((column) => [column, writer.column(column)]))
  return [
    ...writer.dropTotals(totals),
    ...writer.rebuildTable({
      to: legacyCostRecords,
      indexes: legacyCostIndexes,
      values: {
        ...carried,
        rowid: `coalesce(CASE WHEN ${first} THEN ${number} END, ${added})`,
        task_id: "coalesce(task_id, '')",
        cost_usd: legacyCost(writer),
        timestamp: restoredInstant(writer, place('timestamp')),
      },
      orderBy: '1',
    }),
    ...writer.dropTable('cost_totals'),
    ...forgetPreserved(writer, VERSION),
  ]
}

export const costRecords: AdoptionMigration = {
  version: VERSION,
  name: 'cost-records',
  breaking: true,
  up,
  down,
  losses: (writer) => [
    {
      what: 'ids of cost records',
      count: `SELECT count(*) FROM cost_records WHERE ${writer.ulidNumber('id')} IS NULL`,
    },
    {
      what: 'details of cost records (key, plan, project, cache tokens, latency, outcome, metadata)',
      count: `SELECT count(*) FROM cost_records WHERE idempotency_key IS NOT NULL OR plan_id IS NOT NULL OR project IS NOT NULL OR cache_read_tokens <> 0 OR cache_write_tokens <> 0 OR latency_ms IS NOT NULL OR success IS NOT NULL OR finish_reason IS NOT NULL OR metadata <> '{}'`,
    },
    {
      what: 'currencies of cost records',
      count: "SELECT count(*) FROM cost_records WHERE currency <> 'USD'",
    },
    {
      what: 'last digits of the amounts of cost records',
      count: `SELECT count(*) FROM cost_records WHERE coalesce(${writer.toMoney(legacyCost(writer))}, 0) <> cost`,
    },
    {
      what: 'cost records without a task',
      count: `SELECT count(*) FROM cost_records WHERE task_id IS NULL AND ${writer.ulidNumber('id')} IS NULL`,
    },
  ],
}
