// The feed of changes: one row per commit.

import type { ColumnSpec, TableSpec } from '../../engines/contract/schema.ts'
import type { Migration } from '../migration.ts'

const columns: readonly ColumnSpec[] = [
  { name: 'at', type: 'instant' },
  { name: 'actor', type: 'name' },
  { name: 'changes', type: 'text' },
]

const changes: TableSpec = {
  name: 'purser_changes',
  columns: [{ name: 'position', type: 'serial' }, ...columns],
  primaryKey: ['position'],
}

const unordered: TableSpec = {
  name: 'purser_changes_new',
  columns: [{ name: 'seq', type: 'serial' }, ...columns],
  primaryKey: ['seq'],
}

export const changeFeed: Migration = {
  version: 11,
  name: 'changes',
  // A build that does not know the feed would write without a row in it, and readers would miss
  // that.
  breaking: true,
  up: (writer) => [...writer.createTable(changes), ...writer.createTable(unordered)],
  down: (writer) => [...writer.dropTable(unordered.name), ...writer.dropTable(changes.name)],
}
