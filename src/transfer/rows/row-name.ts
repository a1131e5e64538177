// The name of a row in reports and errors: its key, or the location that it is about. Never its
// content.

import type { Row } from '../../engines/contract/engine.ts'
import type { RecordKind } from './record-kind.ts'

/**
 * The id by which reports name a row; for kinds without one, the columns of its key with spaces.
 */
export function nameOf({ shape, uniqueKey }: RecordKind, row: Row): string {
  const cell = (column: string) => String(row[shape.columns.indexOf(column)] ?? '')
  return uniqueKey.length > 1 ? uniqueKey.map(cell).join(' ') : cell(shape.key)
}
