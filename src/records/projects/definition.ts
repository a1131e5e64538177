// The project: what plans work on, with rules that hold for all plans that name it. A name without
// a record is only a label.

import { invariantRule } from '../actions/invariant.ts'
import { defineRecord, type NewOf, type PatchOf, type RecordOf, type Rule } from '../model/define-record.ts'
import { boolean, instant, integer, jsonObject, list, name, oneOf, text } from '../model/fields.ts'
import { executionEnvironments, executionPriorities } from '../plans/enums.ts'

const fields = {
  name: name().key().filterable(),
  description: text().default(''),
  /** The automation profile of plans that name the project, if neither they nor their action do. */
  automationProfile: name().column('automation_profile_name').nullable().filterable(),
  /** Conditions for the plans that name the project. Recorded only: no plan is checked by them. */
  invariants: list(invariantRule, { unique: ['name'] }),
  /** The name of the budget that counts the project; it has the scope `project` and this target. */
  budget: name().nullable(),
  /** Where plans that name the project should be executed. Recorded only: for whoever runs them. */
  executionEnvironment: oneOf(executionEnvironments).nullable().enforced(),
  /** Whether that is a wish (`fallback`, as without one) or comes before others (`override`). */
  executionEnvPriority: oneOf(executionPriorities).nullable().enforced(),
  /** Plans should only read it. Recorded only: it does not keep a plan from applying. */
  readOnly: boolean().default(false).columnDefault(null).filterable(),
  metadata: jsonObject(),
  createdAt: instant().managed(),
  updatedAt: instant().managed(),
  version: integer(1).default(1).managed(),
}

export type ProjectFields = typeof fields
/** A project as read from the store. */
export type Project = RecordOf<ProjectFields>
/** The input of `projects.create`. */
export type NewProject = NewOf<ProjectFields>
/** The fields that `projects.update` may change: all but the name. */
export type ProjectPatch = PatchOf<ProjectFields>

const priorityHasEnvironment: Rule<ProjectFields> = ({ executionEnvironment, executionEnvPriority }) =>
  executionEnvPriority === null || executionEnvironment !== null
    ? []
    : [{ path: ['executionEnvPriority'], code: 'rule', message: 'needs an executionEnvironment' }]

/**
 * What plans work on: the automation profile, invariants, execution environment and budget of every
 * plan that names it. Optional: plans, tasks and costs may name a project that has no record.
 */
export const projectDefinition = defineRecord({
  name: 'project',
  table: 'projects',
  key: 'name',
  order: { fields: ['name'], direction: 'asc' },
  fields,
  rules: [priorityHasEnvironment],
})
