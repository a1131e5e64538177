// The plan checkpoint: what a plan can be put back to, with what its tool or sandbox needs for it.

import { defineRecord, type NewOf, type RecordOf } from '../model/define-record.ts'
import { bytes, id, instant, integer, name, oneOf, text, ulid } from '../model/fields.ts'
import { MAX_BYTES } from '../model/rules.ts'
import { planPhases, planStates } from '../plans/enums.ts'

const beforeState = {
  checkpointId: ulid().generated(),
  planId: id().immutable().filterable(),
  /** A name for people, unique in the plan. */
  alias: name().nullable().immutable().filterable(),
  /** What a sandbox calls it: the commit of a branch, the name of a snapshot. */
  sandboxRef: text().nullable().immutable(),
  reason: text().nullable().immutable(),
  /** The tool whose use it precedes. */
  tool: name().nullable().immutable().filterable(),
  /** The last completed step: that of the plan, if it is left out; -1 before the first. */
  step: integer(-1).generated().immutable(),
}

const afterState = {
  /** How many bytes the state has; 0 if there is none. */
  stateSize: integer(0).managed(),
  /** Where the plan was. */
  planPhase: oneOf(planPhases).managed(),
  planState: oneOf(planStates).managed(),
  planAttempt: integer(1).managed(),
  /** The number of the plan's last decision; 0 if it had none. */
  decisionSequence: integer(0).managed(),
  createdAt: instant().managed(),
}

const fields = {
  ...beforeState,
  /** As its tool gives it. Nothing of it is read here. */
  state: bytes(MAX_BYTES).nullable().immutable(),
  ...afterState,
}

export type PlanCheckpointFields = typeof fields
/** A checkpoint of a plan as read from the store, with its state. */
export type PlanCheckpoint = RecordOf<PlanCheckpointFields>
/** The input of `planCheckpoints.create`. */
export type NewPlanCheckpoint = NewOf<PlanCheckpointFields>

const common = {
  name: 'plan checkpoint',
  table: 'plan_checkpoints',
  key: 'checkpointId',
  order: { fields: ['createdAt', 'checkpointId'], direction: 'asc' },
  audit: { area: 'checkpoint' },
} as const

/**
 * What a plan can be put back to: [plan-records.md](plan-records.md#checkpoints). It is never
 * changed.
 */
export const planCheckpointDefinition = defineRecord({
  ...common,
  fields,
  storage: {
    unique: { alias: ['planId', 'alias'] },
    indexes: {
      created: ['createdAt', 'checkpointId'],
      plan: ['planId', 'createdAt', 'checkpointId'],
    },
  },
})

const summaryFields = { ...beforeState, ...afterState }

export type PlanCheckpointSummaryFields = typeof summaryFields
/** A checkpoint without its state, as lists have it. */
export type PlanCheckpointSummary = RecordOf<PlanCheckpointSummaryFields>

/** The same rows without the state, of which a page could have gigabytes. */
export const planCheckpointSummaryDefinition = defineRecord({ ...common, fields: summaryFields })
