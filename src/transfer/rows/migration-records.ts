// The values that migrations have preserved (src/adoption/preserved-values.ts), as records: they
// move with the store, so that a down migration restores originals on the target too. No repository
// writes these tables; they have no validation.

import { FINDINGS, ORIGINALS } from '../../migrations/preserved-tables.ts'
import { defineRecord, type RecordDefinition } from '../../records/model/define-record.ts'
import { id, instant, integer, name, text } from '../../records/model/fields.ts'

/**
 * Rows are numbered by the database that holds them, in insertion order; the number is not part of
 * the record.
 */
export const findingDefinition: RecordDefinition = defineRecord({
  name: 'finding',
  table: FINDINGS,
  key: 'rowId',
  order: { fields: ['rowId'], direction: 'asc' },
  fields: {
    migration: integer(0),
    tableName: name(),
    rowId: text(),
    columnName: name(),
    problem: name(),
    originalValue: text().nullable(),
    createdAt: instant(),
  },
  storage: { serial: 'id' },
})

export const originalDefinition: RecordDefinition = defineRecord({
  name: 'original',
  table: ORIGINALS,
  key: 'rowId',
  order: { fields: ['rowId'], direction: 'asc' },
  fields: {
    migration: integer(0),
    tableName: name(),
    rowId: id(),
    columnName: name(),
    value: text(),
  },
})
