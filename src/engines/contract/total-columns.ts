// The columns of a table of running totals, and what a source row adds to each.

import type { TotalsSpec } from './schema.ts'

export interface TotalColumn {
  readonly name: string
  /** An expression over one source row. */
  readonly value: string
}

/**
 * Every column but the number of records, with plain names.
 * @param row the prefix of a column of the source row, such as `NEW.`
 */
export function totalColumns(
  { sums, missing }: TotalsSpec,
  quoteName: (name: string) => string,
  row = '',
): readonly TotalColumn[] {
  const columns = sums.map((name) => {
    const column = `${row}${quoteName(name)}`
    return { name, value: name === missing?.column ? `coalesce(${column}, 0)` : column }
  })
  if (!missing) return columns
  const value = `CASE WHEN ${row}${quoteName(missing.column)} IS NULL THEN 1 ELSE 0 END`
  return [...columns, { name: missing.name, value }]
}
