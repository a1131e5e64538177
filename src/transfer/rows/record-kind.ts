// Every kind of record that is moved between stores, in the order in which it has to be: what others refer to first. All that follows
// from a definition is derived from it here. What a store makes by itself (totals, search indexes) is not moved.

import type { TableShape } from '../../engines/contract/engine.ts'
import { definitions } from '../../records/definitions.ts'
import type { RecordDefinition } from '../../records/model/define-record.ts'
import { findingDefinition, originalDefinition } from './migration-records.ts'

export interface RecordKind {
  /** The record's name in files and reports: `cost_record`. */
  readonly type: string
  readonly definition: RecordDefinition
  readonly shape: TableShape
  /** The columns in whose order rows are moved. No two rows share their values, unless the table numbers its rows. */
  readonly order: readonly string[]
  /** A column outside of the record in which the database numbers rows; they are moved in that order, and known by their content. */
  readonly number?: string | undefined
  /** The column that names another row of the same table, which has to be there first. */
  readonly parent?: string | undefined
  /** The columns of a chain: each row is numbered, and holds the hash of the one before it. */
  readonly chain?: { readonly number: string; readonly hash: string } | undefined
  /** The columns by which a row is looked for in another store. Findings may share their values. */
  readonly uniqueKey: readonly string[]
}

function kindOf(definition: RecordDefinition): RecordKind {
  const { shape, layouts, name } = definition
  const [{ table, guards }] = layouts
  // A primary key that is no column of the record is the database's own numbering.
  const own = table.primaryKey.every((column) => shape.columns.includes(column))
  const parent = table.columns.find(
    ({ references, nullable }) =>
      nullable === true && references?.table === table.name && references.column === shape.key,
  )
  const gap = guards.find((guard) => guard.refuses === 'gap')
  return {
    type: name.replaceAll(' ', '_'),
    definition,
    shape,
    order: own ? table.primaryKey : [shape.key],
    parent: parent?.name,
    chain: gap && { number: gap.number, hash: gap.link.to },
    uniqueKey: [gap?.number ?? shape.key],
  }
}

/** Where a value of a row of some table stood. */
const place = ['migration', 'table_name', 'row_id', 'column_name']

/** Every kind there is, in transfer order. */
export const recordKinds: readonly RecordKind[] = [
  ...definitions.map(kindOf),
  { ...kindOf(findingDefinition), order: ['id'], number: 'id', uniqueKey: place },
  { ...kindOf(originalDefinition), order: place, uniqueKey: place },
]
