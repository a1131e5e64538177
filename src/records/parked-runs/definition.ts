// The parked run: the state of an agent's run that waits for something, usually an approval, until
// a process continues it.

import { defineRecord, type NewOf, type RecordOf } from '../model/define-record.ts'
import { bytes, id, instant, integer, jsonObject, name, ulid } from '../model/fields.ts'
import { MAX_BYTES } from '../model/rules.ts'

const beforeState = {
  id: ulid().generated(),
  agentId: name().immutable().filterable(),
  taskId: id().nullable().immutable().filterable(),
  planId: id().nullable().immutable().filterable(),
  /** What the run waits for. */
  approvalId: id().nullable().immutable().filterable(),
  /** What the state is in, and its version: `openai-agents/run-state@1`. */
  format: name().immutable().filterable(),
}

const afterState = {
  /** How many bytes the state has. */
  stateSize: integer(1).managed(),
  metadata: jsonObject().immutable(),
  createdAt: instant().managed(),
  /** Null as long as the run waits. */
  resumedAt: instant().nullable().managed(),
  /** The actor that resumed it. */
  resumedBy: name().nullable().managed(),
  version: integer(1).default(1).managed(),
}

const fields = {
  ...beforeState,
  /** As its framework gives it. Nothing of it is read here. */
  state: bytes(MAX_BYTES).immutable(),
  ...afterState,
}

export type ParkedRunFields = typeof fields
/** A parked run as read from the store, with its state. */
export type ParkedRun = RecordOf<ParkedRunFields>
/** The input of `parkedRuns.park`. */
export type NewParkedRun = NewOf<ParkedRunFields>

const common = {
  name: 'parked run',
  table: 'parked_runs',
  key: 'id',
  order: { fields: ['createdAt', 'id'], direction: 'asc' },
  audit: { area: 'run' },
} as const

/**
 * The state of an agent's run that waits, usually for an approval, until a process continues it:
 * [approvals.md](approvals.md). It is resumed once.
 */
export const parkedRunDefinition = defineRecord({
  ...common,
  fields,
  storage: {
    indexes: {
      created: ['createdAt', 'id'],
      agent: ['agentId', 'createdAt', 'id'],
      approval: ['approvalId', 'createdAt', 'id'],
      task: ['taskId', 'createdAt', 'id'],
      plan: ['planId', 'createdAt', 'id'],
    },
  },
})

const summaryFields = { ...beforeState, ...afterState }

export type ParkedRunSummaryFields = typeof summaryFields
/** A parked run without its state, as lists have it. */
export type ParkedRunSummary = RecordOf<ParkedRunSummaryFields>

/** The same rows without the state, of which a page could have gigabytes. */
export const parkedRunSummaryDefinition = defineRecord({ ...common, fields: summaryFields })
