// Builds a new plan from the caller's input, its action (for whatever the caller omits), its
// position in the tree, and the automation profile that is frozen on it. Pure functions of values;
// references.ts loads what the plan refers to.

import { z } from 'zod'
import { ConstraintViolationError, InvalidRecordError } from '../../errors.ts'
import { argumentsFor } from '../actions/argument.ts'
import type { Action } from '../actions/definition.ts'
import type { ResolvedProfile } from '../automation-profiles/resolve.ts'
import { asOfOption, type PerhapsAsOf } from '../model/beginning.ts'
import type { Project } from '../projects/definition.ts'
import type { RecordSession } from '../repository/session.ts'
import type { Plan, TakenOverPlan } from './definition.ts'
import { nameOf } from './moves.ts'

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

/** What a plan takes from its action; if that cannot be read, there is no substitute. */
const takenFromAction: ReadonlySet<string> = new Set([
  'description',
  'definitionOfDone',
  'automationProfile',
  'actors',
  'arguments',
  'reusable',
] satisfies (keyof Action)[])

/**
 * The input, with omitted fields taken from the action, if there is one.
 * @throws InvalidRecordError if the action cannot be used
 */
export function withAction(
  given: Omit<TakenOverPlan, 'automationProfile'>,
  action: Action | null,
): Readonly<Record<string, unknown>> {
  if (action === null) return given
  const label = JSON.stringify(action.name)
  if (action.state === 'archived') throw archived(action.name)
  const lost = action.unreadable.find((field) => takenFromAction.has(field))
  if (lost) {
    const message = `the action ${label} cannot be used: its ${lost} cannot be read; set it anew`
    throw invalid('actionName', 'unreadable', message)
  }
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

/** The error for a plan of an action that makes no more plans. */
export function archived(name: string): InvalidRecordError {
  return invalid('actionName', 'archived', `the action ${JSON.stringify(name)} is archived; choose another`)
}

/** A checked input whose position in the tree and whose profile are not known yet. */
export type PlanDraft = Omit<Plan, 'rootPlanId'> & { readonly rootPlanId: string | null }

/**
 * The root of a new plan: the plan itself, or its parent's.
 * @param parentRoot undefined if there is no parent, or no plan of its id
 * @throws InvalidRecordError; ConstraintViolationError if the parent does not exist
 */
export function placeIn(
  { planId, parentPlanId, rootPlanId }: PlanDraft,
  parentRoot: string | undefined,
): string {
  const root = parentPlanId === null ? planId : parentRoot
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

/** The profiles of a plan's projects: of their records, else of the configuration. */
export function profilesOfProjects(
  projects: Plan['projects'],
  records: readonly Project[],
  { ofProjects }: RecordSession['profiles'],
): readonly string[] {
  return projects.flatMap(({ name }) => {
    const ofRecord = records.find((project) => project.name === name)?.automationProfile
    return ofRecord ?? (Object.hasOwn(ofProjects, name) ? (ofProjects[name] ?? []) : [])
  })
}

/**
 * The plan with its arguments as its action defines them.
 * @param action null if there is none to check by
 * @throws InvalidRecordError with everything that is wrong with them
 */
export function withArguments(draft: PlanDraft, action: Action | null): PlanDraft {
  if (action === null) return draft
  return { ...draft, arguments: checkedArguments(action, draft.arguments) }
}

/** @throws InvalidRecordError */
export function checkedArguments(action: Action, given: Plan['arguments']): Plan['arguments'] {
  const { completed, issues } = argumentsFor(action.arguments, given)
  if (issues.length > 0) throw new InvalidRecordError('plan', issues)
  return completed
}

/** @throws InvalidRecordError if two plans of one call need an action that makes only one */
export function assertUsableOnce(begun: readonly { readonly usesUp: Action | null }[]): void {
  const names = begun.flatMap(({ usesUp }) => usesUp?.name ?? [])
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated === undefined) return
  const message = `the action ${JSON.stringify(repeated)} is not reusable: only one plan is made from it`
  throw invalid('actionName', 'not_reusable', message)
}

/** A plan in its first state, from what was given and the profile that was resolved. */
export function planOf(draft: PlanDraft, rootPlanId: string, resolved: ResolvedProfile): Plan {
  const { provenance, profile } = resolved
  return {
    ...draft,
    rootPlanId,
    automationProfile: { name: profile.name, provenance },
    effectiveProfile: profile,
  }
}

/** What the audit entry of a creation records, besides what every entry does. */
export function creationDetails(plan: Plan, isTakenOver: boolean) {
  const { parentPlanId, automationProfile, attempt, reversionCount } = plan
  const asOf = plan.updatedAt.toISOString()
  return {
    parentPlanId,
    automationProfile: { ...automationProfile },
    version: 1,
    ...(isTakenOver ? { asOf, to: nameOf(plan), attempt, reversionCount } : {}),
  }
}

function invalid(field: string, code: string, message: string): InvalidRecordError {
  return new InvalidRecordError('plan', [{ path: [field], code, message }])
}
