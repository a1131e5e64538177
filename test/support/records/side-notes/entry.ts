import { recordEntry } from '../../../../src/records/entry.ts'
import { noteDefinition } from './definition.ts'
import { NoteRepository } from './repository.ts'

export const noteEntry = recordEntry({
  definition: noteDefinition,
  property: 'notes',
  repository: NoteRepository,
  filters: {},
  aliases: ['remark'],
})
