// Every kind of record that is moved between stores, in the required order: referenced ones first.
// Everything is derived from the definitions. Data that a store derives itself (totals, search
// indexes) is not moved.

import type { TableShape } from '../../engines/contract/engine.ts'
import { definitions } from '../../records/definitions.ts'
import { typeOf } from '../../records/entry.ts'
import type { RecordDefinition } from '../../records/model/define-record.ts'
import { findingDefinition, originalDefinition } from './migration-records.ts'

export interface RecordKind {
  /** The record's name in files and reports: `cost_record`. */
  readonly type: string
  readonly definition: RecordDefinition
  readonly shape: TableShape
  /**
   * The columns that determine the transfer order. Their values are unique, unless the table
   * numbers its rows.
   */
  readonly order: readonly string[]
  /**
   * A column outside of the record in which the database numbers rows; rows are moved in that
   * order, and identified by their content.
   */
  readonly number?: string | undefined
  /** The column that refers to another row of the same table, which must be stored first. */
  readonly parent?: string | undefined
  /** The columns of a chain: each row is numbered, and holds the hash of the previous one. */
  readonly chain?: { readonly number: string; readonly hash: string } | undefined
  /** The columns by which a row is looked up in another store. Findings may share their values. */
  readonly uniqueKey: readonly string[]
}

function kindOf(definition: RecordDefinition): RecordKind {
  const { shape, layouts } = definition
  const [{ table, guards }] = layouts
  // A primary key that is not a column of the record is the database's own numbering.
  const own = table.primaryKey.every((column) => shape.columns.includes(column))
  const parent = table.columns.find(
    ({ references, nullable }) =>
      nullable === true && references?.table === table.name && references.column === shape.key,
  )
  const gap = guards.find((guard) => guard.refuses === 'gap')
  return {
    type: typeOf(definition),
    definition,
    shape,
    order: own ? table.primaryKey : [shape.key],
    parent: parent?.name,
    chain: gap && { number: gap.number, hash: gap.link.to },
    uniqueKey: [gap?.number ?? shape.key],
  }
}

/** The origin of a value in a row of any table. */
const place = ['migration', 'table_name', 'row_id', 'column_name']

/**
 * The kinds of a list of definitions, in transfer order, and the preserved values of migrations.
 */
export function recordKindsOf(list: readonly RecordDefinition[]): readonly RecordKind[] {
  return [
    ...list.map(kindOf),
    { ...kindOf(findingDefinition), order: ['id'], number: 'id', uniqueKey: place },
    { ...kindOf(originalDefinition), order: place, uniqueKey: place },
  ]
}

/** Every kind there is, in transfer order. */
export const recordKinds = recordKindsOf(definitions)
