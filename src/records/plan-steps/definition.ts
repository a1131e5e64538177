// The plan step: how far the work of a plan has come in a phase, step by step.

import { defineRecord, type RecordOf, type Rule } from '../model/define-record.ts'
import { id, instant, integer, name, oneOf, ulid } from '../model/fields.ts'
import { planPhases } from '../plans/enums.ts'
import { planStepStatuses } from './enums.ts'

/** The most steps of a plan in a phase. */
export const MAX_STEPS = 10_000

const fields = {
  stepId: ulid().generated(),
  planId: id().immutable().filterable(),
  /** The phase in which the plan takes the step. */
  planPhase: oneOf(planPhases).managed().filterable(),
  /** The position among the steps of the phase, from 0. */
  index: integer(0).column('step_index').immutable(),
  /** How many steps the phase has; null if that is not known. */
  total: integer(1).column('step_total').nullable(),
  name: name().nullable(),
  status: oneOf(planStepStatuses).filterable(),
  /** The plan's `attempt` when the step was last recorded. */
  planAttempt: integer(1).managed(),
  /** When it last began to run; null if it was never recorded as `running`. */
  startedAt: instant().nullable().managed(),
  /** When it was completed, failed or skipped; null before, and when it runs again. */
  endedAt: instant().nullable().managed(),
  createdAt: instant().managed(),
  updatedAt: instant().managed(),
  version: integer(1).default(1).managed(),
}

export type PlanStepFields = typeof fields
/** A step of a plan as read from the store. */
export type PlanStep = RecordOf<PlanStepFields>

const position: Rule<PlanStepFields> = ({ index, total }) => [
  ...(index >= MAX_STEPS
    ? [{ path: ['index'], code: 'rule', message: `must be less than ${MAX_STEPS}` }]
    : []),
  ...(total !== null && index >= total
    ? [{ path: ['total'], code: 'rule', message: 'must be greater than the index, which counts from 0' }]
    : []),
]

/** How far a plan has come: [plan-records.md](plan-records.md#steps). `plans.step` records it. */
export const planStepDefinition = defineRecord({
  name: 'plan step',
  table: 'plan_steps',
  key: 'stepId',
  order: { fields: ['createdAt', 'stepId'], direction: 'asc' },
  audit: { area: 'step' },
  fields,
  storage: {
    unique: { position: ['planId', 'planPhase', 'index'] },
    indexes: {
      created: ['createdAt', 'stepId'],
      plan: ['planId', 'createdAt', 'stepId'],
    },
  },
  rules: [position],
})
