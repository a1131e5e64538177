// A record that Purser does not have, to show what a new one needs.

import { defineRecord, type NewOf, type RecordOf } from '../../../../src/records/model/define-record.ts'
import { id, instant, integer, name } from '../../../../src/records/model/fields.ts'

const fields = {
  id: id().generated(),
  /** Shown in lists. */
  title: name().filterable(),
  taskId: id().nullable().references('tasks', 'id').filterable(),
  createdAt: instant().managed(),
  updatedAt: instant().managed(),
  version: integer(1).default(1).managed(),
}

export type NoteFields = typeof fields
export type Note = RecordOf<NoteFields>
export type NewNote = NewOf<NoteFields>

/** A remark of an agent. */
export const noteDefinition = defineRecord({
  name: 'side note',
  table: 'side_notes',
  key: 'id',
  order: { fields: ['createdAt', 'id'], direction: 'asc' },
  fields,
  storage: { indexes: { title: ['title', 'id'] } },
})
