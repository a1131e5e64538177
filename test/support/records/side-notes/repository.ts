import { DuplicateRecordError } from '../../../../src/errors.ts'
import { checkArguments, filter, record } from '../../../../src/records/repository/arguments.ts'
import type { RecordSession } from '../../../../src/records/repository/session.ts'
import { VersionedRepository } from '../../../../src/records/repository/versioned-repository.ts'
import { type NewNote, type Note, type NoteFields, noteDefinition } from './definition.ts'

export class NoteRepository extends VersionedRepository<NoteFields> {
  static {
    checkArguments(NoteRepository, { create: [record], count: [filter] })
  }

  constructor(session: RecordSession) {
    super(noteDefinition, session)
  }

  /**
   * Stores a note.
   * @throws DuplicateRecordError
   */
  async create(input: NewNote): Promise<Note> {
    const note = this.begun(input) as unknown as Note
    const outcome = await this.session.write(this.insertion(note, this.entryOf('create', note, null)))
    if (outcome.kind === 'duplicate') throw new DuplicateRecordError('side_notes', note.id)
    return note
  }

  async count(given: { readonly title?: string } = {}): Promise<number> {
    return this.countOf(this.selection(given))
  }
}
