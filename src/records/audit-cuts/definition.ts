// A cut of the audit trail: a deliberate removal of all entries up to a number. It records who
// approved the removal and the hash of the last removed entry, so that the remaining entries can
// still be verified. An `audit:cut` entry in the chain holds the same values, which a forged row
// lacks.

import { defineRecord, type RecordOf } from '../model/define-record.ts'
import { body, hash, instant, integer, name, ulid } from '../model/fields.ts'

const fields = {
  id: ulid().generated(),
  /** The number of the last removed entry. */
  sequence: integer(1).managed(),
  /** Its hash, which the next entry holds as its previous hash. */
  hash: hash().managed(),
  /** How many entries this cut removed. */
  entries: integer(1).managed(),
  actor: name().managed(),
  reason: body().nullable(),
  timestamp: instant().managed(),
}

export type AuditCutFields = typeof fields
/** A cut as read from the store. */
export type AuditCut = RecordOf<AuditCutFields>

export const auditCutDefinition = defineRecord({
  name: 'audit cut',
  table: 'audit_cuts',
  key: 'id',
  order: { fields: ['sequence', 'id'], direction: 'desc' },
  fields,
  audit: false,
  storage: {
    unique: { sequence: ['sequence'] },
    guards: { no_update: { refuses: 'update' }, no_delete: { refuses: 'delete' } },
  },
})

/** Where the guards of the trail look up its cuts. */
export const auditCuts = { table: 'audit_cuts', number: 'sequence', hash: 'hash' } as const
