// Tasks: exact money, a version, times, links to plans, metadata. Adopted tasks get the time of the
// migration.

import type { IndexSpec, TableSpec } from '../engines/contract/schema.ts'
import { LEDGER } from '../migrations/ledger.ts'
import { legacyTaskIndexes, legacyTasks } from './ancestor-layouts.ts'
import type { AdoptionWriter } from './expressions.ts'
import type { AdoptionMigration } from './migration.ts'
import { forgetPreserved, noteFinding, original, setAside } from './preserved-values.ts'

const VERSION = 3
const jsonColumns = [
  'reviewers',
  'dependencies',
  'artifacts_expected',
  'acceptance_criteria',
  'delegation_chain',
] as const
const unchanged = [
  'id',
  'title',
  'description',
  'project',
  'created_by',
  'type',
  'priority',
  'assigned_to',
  'parent_task_id',
  'estimated_complexity',
  'max_retries',
  'deadline',
  'task_structure',
  'coordination_topology',
  'status',
] as const

const table: TableSpec = {
  name: 'tasks',
  columns: [
    { name: 'id', type: 'id' },
    { name: 'title', type: 'name' },
    { name: 'description', type: 'text' },
    { name: 'project', type: 'name' },
    { name: 'created_by', type: 'name' },
    { name: 'type', type: 'name' },
    { name: 'priority', type: 'name', default: 'medium' },
    { name: 'assigned_to', type: 'name', nullable: true },
    { name: 'parent_task_id', type: 'id', nullable: true },
    {
      name: 'plan_id',
      type: 'id',
      nullable: true,
      references: { table: 'v3_plans', column: 'plan_id', onDelete: 'no action' },
    },
    { name: 'reviewers', type: 'json', default: '[]' },
    { name: 'dependencies', type: 'json', default: '[]' },
    { name: 'delegation_chain', type: 'json', default: '[]' },
    { name: 'artifacts_expected', type: 'json', default: '[]' },
    { name: 'acceptance_criteria', type: 'json', default: '[]' },
    { name: 'estimated_complexity', type: 'name', default: 'medium' },
    { name: 'budget_limit', type: 'money', default: { number: '0' } },
    { name: 'max_retries', type: 'integer', default: { number: '1' } },
    { name: 'deadline', type: 'text', nullable: true },
    { name: 'task_structure', type: 'name', nullable: true },
    { name: 'coordination_topology', type: 'name', default: 'auto' },
    { name: 'status', type: 'name', default: 'created' },
    { name: 'metadata', type: 'json', default: '{}' },
    { name: 'created_at', type: 'instant' },
    { name: 'updated_at', type: 'instant' },
    { name: 'version', type: 'integer', default: { number: '1' } },
  ],
  primaryKey: ['id'],
}

/** Every list is in creation order, so each filter index includes that order. */
const indexes: readonly IndexSpec[] = [
  { name: 'tasks_created', table: 'tasks', columns: ['created_at', 'id'] },
  { name: 'tasks_project', table: 'tasks', columns: ['project', 'created_at', 'id'] },
  { name: 'tasks_status', table: 'tasks', columns: ['status', 'created_at', 'id'] },
  {
    name: 'tasks_assigned_to',
    table: 'tasks',
    columns: ['assigned_to', 'created_at', 'id'],
    whereNotNull: 'assigned_to',
  },
  { name: 'tasks_plan', table: 'tasks', columns: ['plan_id', 'created_at', 'id'], whereNotNull: 'plan_id' },
  {
    name: 'tasks_parent',
    table: 'tasks',
    columns: ['parent_task_id', 'created_at', 'id'],
    whereNotNull: 'parent_task_id',
  },
]

const place = (column: string) => ({ migration: VERSION, table: 'tasks', rowId: 'tasks.id', column })

function up(writer: AdoptionWriter) {
  const money = writer.toMoney('budget_limit')
  const carried = Object.fromEntries(unchanged.map((column) => [column, writer.column(column)]))
  const json = Object.fromEntries(
    jsonColumns.map((column) => [column, `CASE WHEN ${writer.isJson(column)} THEN ${column} ELSE '[]' END`]),
  )
  return [
    ...jsonColumns.map((column) =>
      noteFinding(writer, place(column), 'json-unreadable', column, `NOT ${writer.isJson(column)}`),
    ),
    noteFinding(
      writer,
      place('budget_limit'),
      'money-unreadable',
      writer.realToText('budget_limit'),
      `${money} IS NULL`,
    ),
    setAside(
      writer,
      place('budget_limit'),
      writer.realToText('budget_limit'),
      `${writer.fromMoney(money)} <> budget_limit`,
    ),
    ...writer.rebuildTable({
      to: table,
      indexes,
      values: {
        ...carried,
        ...json,
        budget_limit: `coalesce(${money}, 0)`,
        created_at: writer.now,
        updated_at: writer.now,
      },
      orderBy: 'id',
    }),
  ]
}

/**
 * The budget as a floating-point number: the ancestor's value, as long as the exact budget is still
 * what it was rounded to.
 */
function legacyBudget(writer: AdoptionWriter): string {
  const kept = writer.textToReal(original(writer, place('budget_limit')))
  const stillRounded = `coalesce(${writer.toMoney(kept)}, 0) = budget_limit`
  return `coalesce(CASE WHEN ${stillRounded} THEN ${kept} END, ${writer.fromMoney('budget_limit')})`
}

function down(writer: AdoptionWriter) {
  const carried = Object.fromEntries(unchanged.map((column) => [column, writer.column(column)]))
  const json = Object.fromEntries(
    // The value of a finding is restored only if no other value has been written since.
    jsonColumns.map((column) => [
      column,
      `coalesce(CASE WHEN ${column} = '[]' THEN ${original(writer, place(column))} END, ${column})`,
    ]),
  )
  return [
    ...writer.rebuildTable({
      to: legacyTasks,
      indexes: legacyTaskIndexes,
      values: {
        ...carried,
        ...json,
        budget_limit: legacyBudget(writer),
      },
      orderBy: 'id',
    }),
    ...forgetPreserved(writer, VERSION),
  ]
}

export const tasks: AdoptionMigration = {
  version: VERSION,
  name: 'tasks',
  breaking: true,
  up: (writer) => [...up(writer), ...writer.setLayoutMark(2)],
  down: (writer) => [...down(writer), ...writer.setLayoutMark(1)],
  losses: (writer) => [
    { what: 'metadata of tasks', count: "SELECT count(*) FROM tasks WHERE metadata <> '{}'" },
    { what: 'plans of tasks', count: 'SELECT count(*) FROM tasks WHERE plan_id IS NOT NULL' },
    {
      what: 'creation times and versions of tasks',
      count: `SELECT count(*) FROM tasks WHERE version > 1 OR created_at <> (SELECT applied_at FROM ${LEDGER} WHERE version = ${VERSION})`,
    },
    {
      what: 'last digits of the budgets of tasks',
      count: `SELECT count(*) FROM tasks WHERE coalesce(${writer.toMoney(legacyBudget(writer))}, 0) <> budget_limit`,
    },
  ],
}
