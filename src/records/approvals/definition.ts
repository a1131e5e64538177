// The approval: what one actor asks another to allow, and what came of it. It is decided once.

import { riskLevels } from '../audit-entries/enums.ts'
import { defineRecord, type NewOf, type RecordOf } from '../model/define-record.ts'
import { body, id, instant, integer, jsonValue, name, oneOf, ulid, word } from '../model/fields.ts'
import { approvalStatuses } from './enums.ts'

export * from './enums.ts'

const fields = {
  id: ulid().generated(),
  /** Repeating a request with the same key and content returns the stored approval. */
  idempotencyKey: name().nullable().immutable(),
  /** `area:verb`, for example `tool:call`. */
  kind: word(
    /^[a-z][a-z0-9_.-]*:[a-z][A-Za-z0-9_.-]*$/,
    'must be area:verb in letters, digits, "_", "." and "-", for example tool:call',
  )
    .immutable()
    .filterable(),
  /** The kind of what it is about, for example `plan`. */
  subjectType: name().immutable().filterable(),
  subjectId: id().nullable().immutable().filterable(),
  planId: id().nullable().immutable().filterable(),
  taskId: id().nullable().immutable().filterable(),
  /** The actor that asked. */
  requestedBy: name().managed().filterable(),
  /** Why it is needed, for who decides. */
  reason: body().nullable().immutable(),
  details: jsonValue().immutable(),
  riskLevel: oneOf(riskLevels).default('low').immutable().filterable(),
  /** A pending one reads as `expired` once `expiresAt` is past by the database's clock. */
  status: oneOf(approvalStatuses).default('pending').managed().filterable(),
  /** From then on it can no longer be decided. In the future when it is asked for; null: never. */
  expiresAt: instant().nullable().immutable(),
  /** The actor that approved, rejected or withdrew it. */
  decidedBy: name().nullable().managed().filterable(),
  /** By the database's clock. */
  decidedAt: instant().nullable().managed(),
  decisionReason: body().nullable().managed(),
  /** When the move of a plan used it up, by the database's clock: it allows one move. */
  usedAt: instant().nullable().managed(),
  createdAt: instant().managed(),
  updatedAt: instant().managed(),
  version: integer(1).default(1).managed(),
}

export type ApprovalFields = typeof fields
/** An approval as read from the store. */
export type Approval = RecordOf<ApprovalFields>
/** The input of `approvals.request`. */
export type NewApproval = NewOf<ApprovalFields>

/**
 * What one actor asks another to allow, and what came of it: [approvals.md](approvals.md). It is
 * decided once; each step writes its audit entry in the same transaction.
 */
export const approvalDefinition = defineRecord({
  name: 'approval',
  table: 'approvals',
  key: 'id',
  uniqueKey: 'idempotencyKey',
  order: { fields: ['createdAt', 'id'], direction: 'asc' },
  fields,
  storage: {
    unique: { key: ['idempotencyKey'] },
    indexes: {
      created: ['createdAt', 'id'],
      status: ['status', 'createdAt', 'id'],
      plan: ['planId', 'createdAt', 'id'],
      task: ['taskId', 'createdAt', 'id'],
      requested_by: ['requestedBy', 'createdAt', 'id'],
    },
  },
})
