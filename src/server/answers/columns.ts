// The columns of a record's table of CSV: its fields, and each member of a group.

import type { RecordEntry } from '../../records/entry.ts'
import { unsentOf } from './unsent.ts'

export function columnsOf(entry: Pick<RecordEntry, 'definition' | 'property'>): readonly string[] {
  const unsent = unsentOf(entry)
  return entry.definition.columns
    .filter(({ kind, field }) => kind !== 'bytes' && !unsent.includes(field))
    .map(({ field, member }) => (member === undefined ? field : `${field}.${member}`))
}
