// A cut of the audit trail: entries up to a number were removed on purpose. It says who signed it off and with which hash the removed
// part ended, so that what is left still follows from it. An `audit:cut` entry of the chain holds the same, which no forged row has.

import { defineRecord, type RecordOf } from '../model/define-record.ts'
import { body, hash, instant, integer, name, ulid } from '../model/fields.ts'

const fields = {
  id: ulid().generated(),
  /** The number of the last entry that was removed. */
  sequence: integer(1).managed(),
  /** Its hash: what the next entry has as the one before it. */
  hash: hash().managed(),
  /** How many entries went with this cut. */
  entries: integer(1).managed(),
  actor: name().managed(),
  reason: body().nullable(),
  timestamp: instant().managed(),
}

export type AuditCutFields = typeof fields
/** A cut as it is read. */
export type AuditCut = RecordOf<AuditCutFields>

export const auditCutDefinition = defineRecord({
  name: 'audit cut',
  table: 'audit_cuts',
  key: 'id',
  order: { fields: ['sequence', 'id'], direction: 'desc' },
  fields,
  storage: {
    unique: { sequence: ['sequence'] },
    guards: { no_update: { refuses: 'update' }, no_delete: { refuses: 'delete' } },
  },
})

/** Where guards of the trail find its cuts. */
export const auditCuts = { table: 'audit_cuts', number: 'sequence', hash: 'hash' } as const
