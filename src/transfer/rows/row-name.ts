// What a row is called in reports and errors: by its key, or by the place that it is about. Never by its content.

import type { Row } from '../../engines/contract/engine.ts'
import type { RecordKind } from './record-kind.ts'

export function nameOf({ shape, uniqueKey }: RecordKind, row: Row): string {
  const cell = (column: string) => String(row[shape.columns.indexOf(column)] ?? '')
  return uniqueKey.length > 1 ? uniqueKey.map(cell).join(' ') : cell(shape.key)
}
