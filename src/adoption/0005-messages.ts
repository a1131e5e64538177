// Messages: UTC times, parts, a sequence number in order of arrival, indexed links to tasks and
// plans, and full-text search. Metadata are preserved byte for byte.

import type { FullTextSpec, IndexSpec, TableSpec } from '../engines/contract/schema.ts'
import { EPOCH, instantFindings, restoredInstant } from './adopted-instants.ts'
import { legacyMessageIndexes, legacyMessages } from './ancestor-layouts.ts'
import type { AdoptionWriter } from './expressions.ts'
import type { AdoptionMigration } from './migration.ts'
import { forgetPreserved, noteFinding, original } from './preserved-values.ts'

const VERSION = 5
const unchanged = ['id', 'sender', 'to', 'channel', 'type', 'priority', 'content'] as const
const jsonColumns = { attachments: '[]', metadata: '{}' } as const

const table: TableSpec = {
  name: 'messages',
  columns: [
    { name: 'seq', type: 'serial' },
    { name: 'id', type: 'id' },
    { name: 'timestamp', type: 'instant' },
    { name: 'sender', type: 'name' },
    { name: 'to', type: 'name' },
    { name: 'channel', type: 'name' },
    { name: 'type', type: 'name' },
    { name: 'priority', type: 'name', default: 'normal' },
    { name: 'content', type: 'text' },
    { name: 'parts', type: 'json', nullable: true },
    { name: 'attachments', type: 'json', default: '[]' },
    { name: 'metadata', type: 'json', default: '{}' },
    { name: 'task_id', type: 'id', nullable: true, generated: { from: 'metadata', key: 'task_id' } },
    { name: 'plan_id', type: 'id', nullable: true, generated: { from: 'metadata', key: 'plan_id' } },
  ],
  primaryKey: ['seq'],
}

const indexes: readonly IndexSpec[] = [
  { name: 'messages_id', table: 'messages', columns: ['id'], unique: true },
  { name: 'messages_channel', table: 'messages', columns: ['channel', 'timestamp', 'id'] },
  { name: 'messages_timestamp', table: 'messages', columns: ['timestamp', 'id'] },
  { name: 'messages_to', table: 'messages', columns: ['to', 'timestamp', 'id'] },
  {
    name: 'messages_task',
    table: 'messages',
    columns: ['task_id', 'timestamp', 'id'],
    whereNotNull: 'task_id',
  },
  {
    name: 'messages_plan',
    table: 'messages',
    columns: ['plan_id', 'timestamp', 'id'],
    whereNotNull: 'plan_id',
  },
]

const fullText: FullTextSpec = { table: 'messages', column: 'content', serial: 'seq' }

const place = (column: string) => ({ migration: VERSION, table: 'messages', rowId: 'messages.id', column })

function up(writer: AdoptionWriter) {
  const instant = `coalesce(${writer.toInstant('timestamp')}, ${writer.text(EPOCH)})`
  const carried = Object.fromEntries(unchanged.map((column) => [column, writer.column(column)]))
  const json = Object.fromEntries(
    Object.entries(jsonColumns).map(([column, empty]) => [
      column,
      `CASE WHEN ${writer.isJson(column)} THEN ${column} ELSE ${writer.text(empty)} END`,
    ]),
  )
  return [
    ...instantFindings(writer, place('timestamp')),
    ...Object.keys(jsonColumns).map((column) =>
      noteFinding(writer, place(column), 'json-unreadable', column, `NOT ${writer.isJson(column)}`),
    ),
    ...writer.rebuildTable({
      to: table,
      indexes,
      values: { ...carried, ...json, timestamp: instant },
      orderBy: `${instant}, id`,
    }),
    ...writer.createFullText(fullText),
  ]
}

function down(writer: AdoptionWriter) {
  const carried = Object.fromEntries(unchanged.map((column) => [column, writer.column(column)]))
  const json = Object.fromEntries(
    Object.keys(jsonColumns).map((column) => [
      column,
      `coalesce(${original(writer, place(column))}, ${column})`,
    ]),
  )
  return [
    ...writer.dropFullText(fullText),
    ...writer.rebuildTable({
      to: legacyMessages,
      indexes: legacyMessageIndexes,
      values: { ...carried, ...json, timestamp: restoredInstant(writer, place('timestamp')) },
      orderBy: 'seq',
    }),
    ...forgetPreserved(writer, VERSION),
  ]
}

export const messages: AdoptionMigration = {
  version: VERSION,
  name: 'messages',
  breaking: true,
  up,
  down,
  losses: () => [
    { what: 'parts of messages', count: 'SELECT count(*) FROM messages WHERE parts IS NOT NULL' },
  ],
}
