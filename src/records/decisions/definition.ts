// The decision: what a plan chose, out of what, and why. Decisions of a plan form a tree, whose
// root is what the plan was asked to do. Nothing of a decision changes but what superseded it.

import { z } from 'zod'
import type { Issue } from '../../errors.ts'
import { defineRecord, type NewOf, type RecordOf, type Rule } from '../model/define-record.ts'
import { body, id, instant, integer, json, jsonValue, list, oneOf, ulid } from '../model/fields.ts'
import { bodyRule, idRule } from '../model/rules.ts'
import { decisionTypes } from './enums.ts'

export * from './enums.ts'

const alternative = z.strictObject({ option: bodyRule, reason: bodyRule.nullable().default(null) })

const fields = {
  decisionId: ulid().generated(),
  planId: id().immutable().filterable(),
  /** The root of the plan's tree. */
  rootPlanId: id().managed().filterable(),
  /** The decision under which it was made; null for the root alone, a `prompt_definition`. */
  parentDecisionId: id().nullable().immutable().filterable(),
  /** 1, 2, 3 … in each plan, without gaps. */
  sequence: integer(1).managed(),
  type: oneOf(decisionTypes).immutable().filterable(),
  question: body().immutable(),
  chosenOption: body().immutable(),
  /** What else could have been chosen, and why it was not. */
  alternatives: list(alternative).immutable(),
  /** How sure the decision was, from 0 to 1. */
  confidence: json<number>(z.number().min(0).max(1), { placeholder: null as never })
    .nullable()
    .immutable(),
  rationale: body().nullable().immutable(),
  /** What was known when it was made. */
  contextSnapshot: jsonValue().immutable(),
  /** Decisions of the same tree of plans, besides the parent, that it depends on. */
  influences: list(idRule, { unique: true }).immutable(),
  /** Children of the plan that it made: decisions to spawn have some. */
  spawnedPlanIds: list(idRule, { unique: true }).immutable(),
  /** The decision that took its place; null as long as it is live. */
  supersededBy: id().nullable().managed(),
  createdAt: instant().managed(),
}

export type DecisionFields = typeof fields
/** A decision as read from the store. */
export type Decision = RecordOf<DecisionFields>
/** The input of `decisions.record`. */
export type NewDecision = NewOf<DecisionFields>

const fixed = (Object.keys(fields) as (keyof DecisionFields)[]).filter((name) => name !== 'supersededBy')

const root: Rule<DecisionFields> = ({ type, parentDecisionId }) => {
  if (type === 'prompt_definition') {
    return parentDecisionId === null
      ? []
      : [fault('parentDecisionId', 'must be null for a prompt_definition: it is the root')]
  }
  const message = `is required for ${type}: only a prompt_definition is a root, and each plan has one`
  return parentDecisionId === null ? [fault('parentDecisionId', message)] : []
}

const spawns: Rule<DecisionFields> = ({ type, spawnedPlanIds }) =>
  spawnedPlanIds.length === 0 || type === 'subplan_spawn' || type === 'subplan_parallel_spawn'
    ? []
    : [
        fault(
          'spawnedPlanIds',
          `must be empty for ${type}: only subplan_spawn and subplan_parallel_spawn make plans`,
        ),
      ]

function fault(field: keyof DecisionFields, message: string): Issue {
  return { path: [field], code: 'rule', message }
}

/**
 * What a plan chose, out of what, and why: [plan-records.md](plan-records.md#decisions). Decisions
 * form a tree in each plan. They are never changed; one that no longer counts is superseded by
 * another.
 */
export const decisionDefinition = defineRecord({
  name: 'decision',
  table: 'decisions',
  key: 'decisionId',
  order: { fields: ['createdAt', 'decisionId'], direction: 'asc' },
  fields,
  storage: {
    unique: { sequence: ['planId', 'sequence'] },
    indexes: {
      created: ['createdAt', 'decisionId'],
      plan: ['planId', 'createdAt', 'decisionId'],
      root: ['rootPlanId', 'planId', 'sequence'],
      parent: ['parentDecisionId', 'createdAt', 'decisionId'],
    },
    // The database refuses a change of anything but what superseded it.
    guards: { fixed: { refuses: 'change', fields: fixed } },
  },
  rules: [root, spawns],
})
