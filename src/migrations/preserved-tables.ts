// The tables in which migrations preserve what they could not carry over: findings, which are shown
// to users, and originals, which migrating down restores.

import type { TableSpec } from '../engines/contract/schema.ts'

export const FINDINGS = 'purser_findings'
export const ORIGINALS = 'purser_originals'

export const findingsTable: TableSpec = {
  name: FINDINGS,
  columns: [
    { name: 'id', type: 'serial' },
    { name: 'migration', type: 'integer' },
    { name: 'table_name', type: 'name' },
    { name: 'row_id', type: 'text' },
    { name: 'column_name', type: 'name' },
    { name: 'problem', type: 'name' },
    { name: 'original_value', type: 'text', nullable: true },
    { name: 'created_at', type: 'instant' },
  ],
  primaryKey: ['id'],
}

export const originalsTable: TableSpec = {
  name: ORIGINALS,
  columns: [
    { name: 'migration', type: 'integer' },
    { name: 'table_name', type: 'name' },
    { name: 'row_id', type: 'id' },
    { name: 'column_name', type: 'name' },
    { name: 'value', type: 'text' },
  ],
  primaryKey: ['migration', 'table_name', 'row_id', 'column_name'],
  clustered: true,
}
