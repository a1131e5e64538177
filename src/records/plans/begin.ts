// Builds a new plan from the caller's input, its action (for whatever the caller omits), its
// position in the tree, and the automation profile that is frozen on it.

import { z } from 'zod'
import { ConstraintViolationError, InvalidRecordError } from '../../errors.ts'
import type { Action } from '../actions/definition.ts'
import type { ProfileChoices, ResolvedProfile } from '../automation-profiles/resolve.ts'
import { asOfOption, type PerhapsAsOf } from '../model/beginning.ts'
import type { Plan, TakenOverPlan } from './definition.ts'

/** Options of `create`, besides `AsOf`. */
export interface CreatePlanOptions {
  /**
   * The automation profile of the plan's project; without it the configuration's `projectProfiles`
   * decide.
   */
  readonly projectProfile?: string | undefined
}

export type CreateOptions = CreatePlanOptions & PerhapsAsOf
export const createOptions = { projectProfile: z.string(), ...asOfOption }

/** How `create` looks up what a plan refers to. */
export interface PlanDependencies {
  action(name: string): Promise<Action | null>
  /**
   * The root of a plan that exists or is created in the same call; undefined if there is no such
   * plan.
   */
  rootOf(planId: string): Promise<string | undefined>
  resolve(choices: ProfileChoices): Promise<ResolvedProfile>
  /** The configuration's profile for a project. */
  profileOfProject(name: string): string | undefined
  readonly globalProfile: string | undefined
  /** Checks the input and completes it. */
  complete(input: Readonly<Record<string, unknown>>): Record<string, unknown>
}

/** What a plan takes from its action; if that cannot be read, there is no substitute. */
const takenFromAction: ReadonlySet<string> = new Set([
  'description',
  'definitionOfDone',
  'automationProfile',
  'actors',
] satisfies (keyof Action)[])

/**
 * @param projectProfile the profile of the plan's project, takes precedence over the
 * configuration's
 * @throws InvalidRecordError; ConstraintViolationError if the parent does not exist
 */
export async function beginPlan(
  input: TakenOverPlan,
  projectProfile: string | undefined,
  dependencies: PlanDependencies,
): Promise<Plan> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new InvalidRecordError('plan', [{ path: [], code: 'type', message: 'must be an object of fields' }])
  }
  const { automationProfile: own, ...given } = input
  const action = typeof given.actionName === 'string' ? await dependencies.action(given.actionName) : null
  if (action?.state === 'archived') {
    throw invalid(
      'actionName',
      'archived',
      `the action ${JSON.stringify(action.name)} is archived; choose another`,
    )
  }
  const lost = action?.unreadable.find((field) => takenFromAction.has(field))
  if (action && lost) {
    const message = `the action ${JSON.stringify(action.name)} cannot be used: its ${lost} cannot be read; set it anew`
    throw invalid('actionName', 'unreadable', message)
  }
  const record = dependencies.complete(action === null ? given : fromAction(given, action))
  record.rootPlanId = await placeIn(record, dependencies)
  const projects = record.projects as Plan['projects']
  const resolved = await dependencies.resolve({
    plan: own,
    action: action?.automationProfile,
    project: projectProfile ?? firstDefined(projects.map(({ name }) => dependencies.profileOfProject(name))),
    global: dependencies.globalProfile,
  })
  record.automationProfile = { name: resolved.profile.name, provenance: resolved.provenance }
  record.effectiveProfile = resolved.profile
  return record as unknown as Plan
}

/** The input, with omitted fields taken from the action. */
function fromAction(
  given: Omit<TakenOverPlan, 'automationProfile'>,
  action: Action,
): Readonly<Record<string, unknown>> {
  const { description = action.description, definitionOfDone = action.definitionOfDone, actors } = given
  const named =
    typeof actors === 'object' && actors !== null
      ? Object.fromEntries(Object.entries(actors).filter(([, name]) => name !== undefined))
      : actors
  const merged =
    named === undefined || (typeof named === 'object' && named !== null)
      ? { ...action.actors, ...named }
      : named
  return { ...given, description, definitionOfDone, actors: merged }
}

/** The plan's root: itself, or its parent's. */
async function placeIn(
  record: Readonly<Record<string, unknown>>,
  dependencies: PlanDependencies,
): Promise<string> {
  const { planId, parentPlanId, rootPlanId } = record as unknown as Plan
  const root = parentPlanId === null ? planId : await dependencies.rootOf(parentPlanId)
  if (root === undefined) {
    throw new ConstraintViolationError(
      'foreign key',
      `there is no plan ${JSON.stringify(parentPlanId)} that could be the parent; check the id, and the tenant`,
      { fields: ['parentPlanId'] },
    )
  }
  if (rootPlanId === null || rootPlanId === root) return root
  const message =
    parentPlanId === null
      ? 'of a plan without a parent is the plan itself; leave it out'
      : `must be the parent's root, ${root}; leave it out`
  throw invalid('rootPlanId', 'root', message)
}

function firstDefined<T>(values: readonly (T | undefined)[]): T | undefined {
  return values.find((value) => value !== undefined)
}

function invalid(field: string, code: string, message: string): InvalidRecordError {
  return new InvalidRecordError('plan', [{ path: [field], code, message }])
}
