// The columns of a record's table of CSV: its fields, and each member of a group.

import type { RecordDefinition } from '../../records/model/define-record.ts'

export function columnsOf({ columns }: Pick<RecordDefinition, 'columns'>): readonly string[] {
  return columns
    .filter(({ kind }) => kind !== 'bytes')
    .map(({ field, member }) => (member === undefined ? field : `${field}.${member}`))
}
