// The correction: what is to be done instead of a decision, or besides it, and what came of that.

import { defineRecord, type RecordOf } from '../model/define-record.ts'
import { body, id, instant, integer, list, name, oneOf, ulid } from '../model/fields.ts'
import { idRule } from '../model/rules.ts'
import { correctionModes, correctionStates } from './enums.ts'

export * from './enums.ts'

const fields = {
  correctionId: ulid().managed(),
  /** The decision that is corrected. */
  decisionId: id().managed().filterable(),
  planId: id().managed().filterable(),
  mode: oneOf(correctionModes).managed().filterable(),
  /** What is to be done instead, or besides. */
  guidance: body().managed(),
  state: oneOf(correctionStates).managed().filterable(),
  requestedBy: name().managed().filterable(),
  /** The decision that the guidance became; null until it is completed. */
  resultDecisionId: id().nullable().managed(),
  /** How many decisions it superseded. */
  superseded: integer(0).managed(),
  /** The plans that it cancelled. */
  cancelledPlanIds: list(idRule).managed(),
  /** The code of the error, if it failed. */
  failure: name().nullable().managed(),
  createdAt: instant().managed(),
  updatedAt: instant().managed(),
  version: integer(1).managed(),
}

export type CorrectionFields = typeof fields
/** A correction as read from the store. */
export type Correction = RecordOf<CorrectionFields>

/**
 * What is to be done instead of a decision, or besides it, and what came of that:
 * [plan-records.md](plan-records.md#correct-one). `decisions.correct` makes it.
 */
export const correctionDefinition = defineRecord({
  name: 'correction',
  table: 'corrections',
  key: 'correctionId',
  order: { fields: ['createdAt', 'correctionId'], direction: 'asc' },
  fields,
  storage: {
    indexes: {
      created: ['createdAt', 'correctionId'],
      plan: ['planId', 'createdAt', 'correctionId'],
      decision: ['decisionId', 'createdAt', 'correctionId'],
      state: ['state', 'createdAt', 'correctionId'],
    },
  },
})
