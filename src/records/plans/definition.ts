// The plan: a goal that passes through action, strategize, execute and apply. Plans form trees;
// children refine their parent. Everything about its fields is here; moves.ts defines how phase and
// state change.

import { z } from 'zod'
import type { Issue } from '../../errors.ts'
import { type AutomationProfile, automationProfileRule } from '../automation-profiles/profile.ts'
import { profileProvenances } from '../automation-profiles/resolve.ts'
import {
  defineRecord,
  type HistoryOf,
  type NewOf,
  type PatchOf,
  type RecordOf,
  type Rule,
  type TakenOverOf,
} from '../model/define-record.ts'
import {
  group,
  id,
  instant,
  integer,
  json,
  jsonObject,
  list,
  name,
  oneOf,
  qualifiedName,
  text,
  ulid,
} from '../model/fields.ts'
import { bodyRule, type JsonObject, jsonObjectRule, jsonRule, nameRule } from '../model/rules.ts'
import { actors } from './actors.ts'
import {
  executionEnvironments,
  executionPriorities,
  invariantSources,
  planPhases,
  planStates,
  statesOfPhase,
} from './enums.ts'
import { type PhaseAndState, planBeginning, planMoves, stampsAt } from './moves.ts'

export * from './enums.ts'

/** How often a plan may be reverted. */
export const MAX_REVERSIONS = 3

const project = z.strictObject({
  name: nameRule,
  alias: nameRule.nullable().default(null),
  readOnly: z.boolean().default(false),
})
const argument = z.strictObject({ name: nameRule, value: jsonRule })
const invariant = z.strictObject({ text: bodyRule, source: z.enum(invariantSources).default('plan') })

const fields = {
  planId: ulid().generated(),
  /** The plan that this one refines; null for a root. Immutable. */
  parentPlanId: id().nullable().references('plans', 'plan_id').immutable().filterable(),
  /** The root of the tree: the plan itself, or its parent's root. */
  rootPlanId: id().references('plans', 'plan_id').generated().filterable(),
  /** Required for roots, and unique; null for children. */
  name: qualifiedName().nullable(),
  actionName: name().immutable().filterable(),
  description: text(),
  definitionOfDone: text().nullable(),
  phase: oneOf(planPhases).default(planBeginning.phase).enforced().historic().filterable(),
  state: oneOf(planStates).default(planBeginning.state).enforced().historic().filterable(),
  attempt: integer(1).default(1).historic(),
  /** The chosen profile, and the level at which it was chosen. */
  automationProfile: group({
    name: name(),
    provenance: oneOf(profileProvenances).enforced(),
  }).managed(),
  /** A snapshot of the whole profile; null only for adopted plans that never captured one. */
  effectiveProfile: json<AutomationProfile>(automationProfileRule as never, { placeholder: null as never })
    .column('effective_profile_snapshot')
    .nullable()
    .asText('{}')
    .interned()
    .managed(),
  actors: actors(),
  projects: list(project, { unique: ['name', 'alias'] }).interned(),
  arguments: list(argument, { unique: ['name'] }).interned(),
  /**
   * Conditions that hold for the plan and everything below it, in words. Recorded only: Purser does
   * not check them.
   */
  invariants: list(invariant).interned(),
  changesetId: name().nullable(),
  decisionRootId: name().nullable(),
  lastCheckpointId: name().nullable(),
  sandboxRefs: list(bodyRule),
  validationSummary: json<JsonObject>(jsonObjectRule, { placeholder: {} }).nullable(),
  executionEnvironment: oneOf(executionEnvironments).nullable().enforced(),
  executionEnvPriority: oneOf(executionPriorities).nullable().enforced(),
  /** Why the plan failed; set by `fail`, cleared by `retry` and `revert`. */
  error: group({
    message: text().column('error_message'),
    details: json<JsonObject>(jsonObjectRule, { placeholder: {} }).column('error_details').nullable(),
  })
    .nullable()
    .historic(),
  reversionCount: integer(0).default(0).historic(),
  /** The last completed step of its work; -1 before the first. */
  lastCompletedStep: integer(-1).default(-1),
  cancelReason: text().nullable().historic(),
  metadata: jsonObject(),
  createdAt: instant().historic(),
  updatedAt: instant().managed(),
  /**
   * When the plan last made the move; null if it never did, or was taken over without that time.
   */
  strategizeStartedAt: instant().nullable().historic(),
  strategizeCompletedAt: instant().nullable().historic(),
  executeStartedAt: instant().nullable().historic(),
  executeCompletedAt: instant().nullable().historic(),
  applyStartedAt: instant().nullable().historic(),
  appliedAt: instant().nullable().historic(),
  cancelledAt: instant().nullable().historic(),
  version: integer(1).default(1).managed(),
}

export type PlanFields = typeof fields
/** A plan as read from the store. */
export type Plan = RecordOf<PlanFields>
/** A plan's historic fields: only its moves write them. */
export type PlanHistory = HistoryOf<PlanFields>

/** Input of `create` that is not a field, or that is optional. */
interface Completed {
  readonly description?: string | undefined
  /** The name of an automation profile, built-in or custom. */
  readonly automationProfile?: string | undefined
}

/**
 * The input of `plans.create`. Omitted fields come from the action of that name, if there is one.
 */
export type NewPlan = Omit<NewOf<PlanFields>, 'description'> & Completed
/** The input of `plans.create` with `asOf`: also the plan's phase and state, and its history. */
export type TakenOverPlan = Omit<TakenOverOf<PlanFields>, 'description'> & Completed
/** The fields that `plans.update` may change. Only moves change phase and state. */
export type PlanPatch = PatchOf<PlanFields>

const tree: Rule<PlanFields> = (plan) => {
  if (plan.parentPlanId === null) {
    return [
      ...(plan.rootPlanId === plan.planId
        ? []
        : [fault('rootPlanId', 'of a plan without a parent is the plan itself')]),
      ...(plan.name === null && !plan.unreadable.includes('name')
        ? [fault('name', 'is required for a plan without a parent, for example local/release')]
        : []),
    ]
  }
  return [
    ...(plan.parentPlanId === plan.planId ? [fault('parentPlanId', 'must not be the plan itself')] : []),
    ...(plan.name === null ? [] : [fault('name', 'must be null for a plan with a parent')]),
  ]
}

const phaseAndState: Rule<PlanFields> = ({ phase, state, version }) =>
  // Adopted plans may be in states that no move leads to; plans created here may not.
  version > 1 || statesOfPhase[phase].includes(state)
    ? []
    : [fault('state', `must be one of ${statesOfPhase[phase].join(', ')} in the phase ${phase}`)]

const reversions: Rule<PlanFields> = ({ reversionCount }) =>
  reversionCount > MAX_REVERSIONS ? [fault('reversionCount', `must be at most ${MAX_REVERSIONS}`)] : []

function fault(field: keyof PlanFields, message: string): Issue {
  return { path: [field], code: 'rule', message }
}

/**
 * A goal on its way through action, strategize, execute and apply. Plans form trees of any depth:
 * children refine their parent. [plans.md](plans.md) tells how to work with them.
 */
export const planDefinition = defineRecord({
  name: 'plan',
  table: 'plans',
  key: 'planId',
  uniqueKey: 'name',
  order: { fields: ['createdAt', 'planId'], direction: 'asc' },
  fields,
  storage: {
    unique: { name: ['name'] },
    // Every list is in creation order, so each index of a filter has that order too.
    indexes: {
      created: ['createdAt', 'planId'],
      parent: ['parentPlanId', 'createdAt', 'planId'],
      root: ['rootPlanId', 'createdAt', 'planId'],
      phase: ['phase', 'state', 'createdAt', 'planId'],
      action: ['actionName', 'createdAt', 'planId'],
    },
    // What a plan was created under is immutable, whoever writes to the table.
    guards: { profile_frozen: { refuses: 'change', fields: ['automationProfile', 'effectiveProfile'] } },
  },
  life: { verbs: planMoves, timesOf: ({ phase, state }) => stampsAt({ phase, state } as PhaseAndState) },
  rules: [tree, phaseAndState, reversions],
})
