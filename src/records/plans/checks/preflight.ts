// The pre-flight: what has to be right before a plan is put to use and before each phase starts.
// All of it is looked at, so that all findings are reported at once.

import { PreflightError, type PreflightFinding } from '../../../errors.ts'
import { argumentsFor } from '../../actions/argument.ts'
import type { Action } from '../../actions/definition.ts'
import { usedUpBudgets } from '../../budgets/left.ts'
import type { RecordSession } from '../../repository/session.ts'
import type { Violation } from '../../rules/enforce.ts'
import { preflightRules } from '../../rules/enums.ts'
import type { Plan } from '../definition.ts'
import { isTerminal, type PhaseAndState, type PlanMove } from '../moves.ts'
import type { PlanReferences } from '../references.ts'

type PreflightRule = (typeof preflightRules)[number]
type Finding = PreflightFinding & { readonly rule: PreflightRule }

/** What `plans.preflight` finds. */
export interface Preflight {
  readonly planId: string
  /** The version of the plan that was looked at. */
  readonly version: number
  /**
   * The move that the findings stand in the way of: `use`, or the `start` of this phase or the next
   * one; null for a plan that has ended.
   */
  readonly next: 'use' | 'start' | null
  readonly findings: readonly PreflightFinding[]
}

/** Whether a move is looked at before. */
export function startsWork(move: PlanMove): boolean {
  return move === 'use' || move === 'start'
}

/** The next move of a plan that is looked at before; null if it has ended. */
export function startOf({ phase, state }: PhaseAndState): Preflight['next'] {
  if (isTerminal(state)) return null
  return phase === 'action' ? 'use' : 'start'
}

/** Everything that is wrong with a plan, in the order of the rules. */
export async function findingsOf(
  session: RecordSession,
  references: PlanReferences,
  plan: Plan,
): Promise<readonly Finding[]> {
  const action = await references.action(plan.actionName)
  const parent = plan.parentPlanId === null ? null : await references.plan(plan.parentPlanId)
  const projects = plan.projects.map(({ name }) => name)
  const usedUp = await usedUpBudgets(session, {
    ...{ planId: plan.planId, parentPlanId: plan.parentPlanId, projects },
    guards: plan.effectiveProfile?.guards ?? null,
  })
  const findings: readonly (Finding | undefined)[] = [
    aboutAction(plan, action),
    aboutActors(plan),
    plan.effectiveProfile === null
      ? finding('profile', 'the plan has no automation profile that can be read: make it anew')
      : undefined,
    parent !== null && (parent === undefined || isTerminal(parent.state))
      ? finding('parent', `its parent ${plan.parentPlanId} is ${parent?.state ?? 'gone'}: cancel the plan`)
      : undefined,
    aboutArguments(plan, action),
    await aboutProjects(session, references, plan, projects),
    usedUp.length > 0
      ? finding(
          'budget',
          `nothing is left of ${listed(usedUp)}: raise the limit, or wait for the next period`,
        )
      : undefined,
  ]
  return findings.filter((one) => one !== undefined)
}

/** The findings as broken rules of a move; the error of each has all of them. */
export function preflightViolations(
  { planId }: Plan,
  move: PlanMove,
  findings: readonly Finding[],
): readonly Violation[] {
  const isFinding = ({ rule }: Violation) => preflightRules.some((one) => one === rule)
  return findings.map(({ rule, message }) => ({
    rule,
    message,
    error: (refused) => new PreflightError(planId, move, refused.filter(isFinding)),
  }))
}

function aboutAction({ actionName }: Plan, action: Action | null): Finding | undefined {
  const name = JSON.stringify(actionName)
  if (action === null)
    return finding('action', `there is no action ${name}: create it, or make the plan of another`)
  // An action that is not reusable was archived with the plan that was made of it.
  if (action.state === 'archived' && action.reusable !== false)
    return finding('action', `the action ${name} is archived: make it available again`)
  return undefined
}

function aboutActors({ actors }: Plan): Finding | undefined {
  const missing = (['strategy', 'execution'] as const).filter((role) => actors[role] === null)
  if (missing.length === 0) return undefined
  return finding('actors', `it has no ${missing.join(' and no ')} actor: set it on the plan`)
}

function aboutArguments(plan: Plan, action: Action | null): Finding | undefined {
  if (plan.unreadable.includes('arguments'))
    return finding('arguments', 'its arguments cannot be read: set them anew')
  if (action === null) return undefined
  const { issues } = argumentsFor(action.arguments, plan.arguments)
  if (issues.length === 0) return undefined
  const faults = issues.map(({ path, message }) => `${path.join('.')} ${message}`).join(', ')
  return finding('arguments', `${faults}: set the arguments of the plan`)
}

/** Where no project has a record, names of projects are labels. */
async function aboutProjects(
  { read, statements }: RecordSession,
  references: PlanReferences,
  plan: Plan,
  names: readonly string[],
): Promise<Finding | undefined> {
  if (plan.unreadable.includes('projects'))
    return finding('projects', 'its projects cannot be read: set them anew')
  if (names.length === 0) return undefined
  const known = new Set((await references.projects(names)).map(({ name }) => name))
  const unknown = [...new Set(names)].filter((name) => !known.has(name))
  if (unknown.length === 0) return undefined
  if (known.size === 0) {
    const sql = 'select 1 from projects limit 1'
    if ((await read(statements.raw(sql, sql, []))).length === 0) return undefined
  }
  return finding('projects', `there is no project ${listed(unknown)}: create it, or take it off the plan`)
}

function finding(rule: PreflightRule, message: string): Finding {
  return { rule, message }
}

function listed(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ')
}
