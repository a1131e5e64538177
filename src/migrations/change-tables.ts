// The tables of the feed of changes. Rows with a position are what readers see; on some engines a
// row begins in the other table and gets its position once it is committed (engines/contract/
// changes.ts). Neither refers to a record: a change outlives what it tells of.

import { CHANGES_TABLE, NEW_CHANGES_TABLE } from '../engines/contract/engine.ts'
import type { ColumnSpec, TableSpec } from '../engines/contract/schema.ts'

const columns: readonly ColumnSpec[] = [
  { name: 'at', type: 'instant' },
  { name: 'actor', type: 'name' },
  { name: 'changes', type: 'text' },
]

export const changesTable: TableSpec = {
  name: CHANGES_TABLE,
  columns: [{ name: 'position', type: 'serial' }, ...columns],
  primaryKey: ['position'],
}

export const newChangesTable: TableSpec = {
  name: NEW_CHANGES_TABLE,
  columns: [{ name: 'seq', type: 'serial' }, ...columns],
  primaryKey: ['seq'],
}
