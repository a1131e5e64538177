// Builds a new plan from the caller's input, its action (for whatever the caller omits), its
// position in the tree, and the automation profile that is frozen on it. Pure functions of values;
// references.ts loads what the plan refers to.

import { z } from 'zod'
import { ConstraintViolationError, InvalidRecordError } from '../../errors.ts'
import type { Action } from '../actions/definition.ts'
import type { ResolvedProfile } from '../automation-profiles/resolve.ts'
import { asOfOption, type PerhapsAsOf } from '../model/beginning.ts'
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
  if (action.state === 'archived') {
    throw invalid('actionName', 'archived', `the action ${label} is archived; choose another`)
  }
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

/** The profile of the first of a plan's projects that the configuration gives one. */
export function profileOfProjects(
  projects: Plan['projects'],
  { ofProjects }: RecordSession['profiles'],
): string | undefined {
  const named = projects.find(({ name }) => Object.hasOwn(ofProjects, name))
  return named && ofProjects[named.name]
}

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
