// The audit entry: one thing that was allowed, denied or changed, and why. Append-only: each entry
// carries the hash of the previous one (chain.ts). The database rejects any update, and any delete
// of an entry that was not cut off (docs/audit.md).

import { auditCuts } from '../audit-cuts/definition.ts'
import { defineRecord, type NewOf, type RecordOf } from '../model/define-record.ts'
import {
  body,
  hash,
  id,
  instant,
  integer,
  jsonValue,
  list,
  name,
  oneOf,
  ulid,
  word,
} from '../model/fields.ts'
import { nameRule } from '../model/rules.ts'
import { auditVerdicts, riskLevels } from './enums.ts'

export * from './enums.ts'

const fields = {
  id: ulid().generated(),
  /** 1, 2, 3 … without gaps. */
  sequence: integer(1).managed(),
  timestamp: instant().managed(),
  /** The actor: a person, an agent, or `system`. */
  actor: name().generated().filterable(),
  /** `area:verb`, for example `plan:start`. */
  action: word(
    /^[a-z][a-z0-9_.-]*:[a-z][a-z0-9_.-]*$/,
    'must be area:verb in small letters, digits, "_", "." and "-", for example tool:call',
  ),
  /** The kind of the subject, for example `plan`. */
  subjectType: name().filterable(),
  subjectId: id().nullable().filterable(),
  /** If omitted and a `taskId` is given: the plan of that task at the time of writing. */
  planId: id().nullable().filterable(),
  taskId: id().nullable().filterable(),
  verdict: oneOf(auditVerdicts).default('record').columnDefault(null).enforced().filterable(),
  riskLevel: oneOf(riskLevels).default('low').columnDefault(null).enforced().filterable(),
  reason: body().nullable(),
  /** Names of the rules that led to the verdict. */
  matchedRules: list(nameRule),
  /**
   * SHA-256 of a call's arguments, for when the arguments themselves must not be stored: 64
   * hexadecimal digits.
   */
  argumentsHash: hash().nullable(),
  details: jsonValue().canonical(),
  /** The hash of the previous entry; 64 zeros for the first. */
  previousHash: hash().managed(),
  /** SHA-256 over all other fields; see docs/audit.md. */
  hash: hash().managed(),
}

export type AuditFields = typeof fields
/** An audit entry as read from the store. */
export type AuditEntry = RecordOf<AuditFields>
/** The input of `audit.append`. `actor` defaults to the actor of `store.as(…)`, or `system`. */
export type NewAuditEntry = NewOf<AuditFields>

/**
 * One thing that was allowed, denied or changed, and why. Append only and hash chained:
 * [audit.md](audit.md) tells how to verify it. Every record that is made, changed or deleted writes
 * its entry in the same transaction, except costs and messages.
 */
export const auditEntryDefinition = defineRecord({
  name: 'audit entry',
  plural: 'audit entries',
  table: 'audit_entries',
  key: 'id',
  order: { fields: ['sequence', 'id'], direction: 'desc' },
  fields,
  audit: false,
  storage: {
    primaryKey: 'sequence',
    unique: { id: ['id'] },
    indexes: {
      timestamp: ['timestamp', 'sequence'],
      actor: ['actor', 'sequence'],
      subject: ['subjectType', 'subjectId', 'sequence'],
      plan: ['planId', 'sequence'],
      task: ['taskId', 'sequence'],
    },
    // An entry is written once, whole, at the end of the chain. Only a cut removes it.
    guards: {
      no_update: { refuses: 'update' },
      no_delete: { refuses: 'delete', upTo: { number: 'sequence', cuts: auditCuts } },
      next: {
        refuses: 'gap',
        key: 'id',
        number: 'sequence',
        link: { from: 'previousHash', to: 'hash' },
        cuts: auditCuts,
      },
    },
  },
})
