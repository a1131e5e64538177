// What a change of a table does to its columns, for engines that change a table in place.

import type { ColumnSpec, TableChange } from '../contract/schema.ts'

export interface ColumnChanges {
  readonly dropped: readonly string[]
  /** With the value of existing rows as the default. */
  readonly added: readonly ColumnSpec[]
  /** Columns that may be null from now on, or no longer. */
  readonly altered: readonly ColumnSpec[]
  /** Added columns whose default was only for existing rows. */
  readonly withoutDefault: readonly string[]
}

/** Which columns a change of a table adds and drops, with the values of the added ones. */
export function columnChanges({ from, to, values = {} }: TableChange): ColumnChanges {
  const before = new Map(from.columns.map((column) => [column.name, column]))
  const kept = new Set(to.columns.map(({ name }) => name))
  const added = to.columns.filter(({ name }) => !before.has(name))
  return {
    dropped: from.columns.map(({ name }) => name).filter((name) => !kept.has(name)),
    added: added.map((column) => {
      const value = values[column.name]
      if (value === undefined) return column
      return { ...column, default: typeof value === 'number' ? { number: String(value) } : value }
    }),
    altered: to.columns.filter(({ name, nullable = false }) => {
      const old = before.get(name)
      return old !== undefined && (old.nullable ?? false) !== nullable
    }),
    withoutDefault: added
      .filter((column) => values[column.name] !== undefined && column.default === undefined)
      .map(({ name }) => name),
  }
}
