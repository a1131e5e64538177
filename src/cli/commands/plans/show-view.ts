// The full display of one plan: facts, then texts, lists and what its profile allows.

import type { AutomationStep, CostTotal, ExactCount, Plan } from '../../../index.ts'
import { rolesText } from '../../flags/roles.ts'
import { type Fact, facts } from '../../screen/facts.ts'
import type { Screen } from '../../screen/screen.ts'
import { counted, grouped, printable, printableLine, wrap } from '../../screen/text.ts'
import { absolute, relative } from '../../screen/times.ts'
import { sumText } from '../costs/sum-text.ts'
import { gateLines } from '../profiles/gates.ts'
import { painted, titleOf } from './view.ts'

/** The most plans named between the root and the plan itself. */
const MOST_ABOVE = 4

type Totals = readonly CostTotal<'currency', ExactCount>[]

export interface Related {
  /** Its parent first, its root last. */
  readonly above: readonly Plan[]
  /** Plans directly below it. */
  readonly children: number
  readonly tasks: number
  readonly cost: Totals
  /** With everything below it. */
  readonly treeCost: Totals
  readonly steps: readonly AutomationStep[]
}

/** Every field of a plan that is set, with what is related to it. */
export function planLines(screen: Screen, plan: Plan, related: Related): readonly string[] {
  const { paint } = screen
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', paint.bold(title), ...lines.map((line) => `  ${line}`)]
  const text = (content: string) => wrap(printable(content), screen.width - 2)
  const { error, description, definitionOfDone, effectiveProfile } = plan
  return [
    `${paint.bold(titleOf(plan))}  ${painted(paint, plan)}`,
    paint.dim(printableLine(plan.planId)),
    '',
    ...facts(screen, aboutPlan(screen, plan, related)),
    ...section('Description', text(description)),
    ...section('Done when', definitionOfDone === null ? [] : text(definitionOfDone)),
    ...section('Failed with', error === null ? [] : errorLines(screen, error)),
    ...section(
      'Must hold',
      plan.invariants.map((rule) => `${printableLine(rule.text)}  ${paint.dim(`(${rule.source})`)}`),
    ),
    ...section(
      'Arguments',
      plan.arguments.map(({ name, value }) => `${printableLine(name)} = ${inline(value)}`),
    ),
    ...section(
      'What it may do by itself',
      effectiveProfile === null
        ? ['Nothing: no profile was captured for it, so every step needs a human.']
        : gateLines(screen, effectiveProfile, related.steps),
    ),
  ]
}

function aboutPlan(screen: Screen, plan: Plan, related: Related): readonly Fact[] {
  const { name, provenance } = plan.automationProfile
  const when = (time: Date | null) =>
    time === null ? null : `${relative(time, screen.now)} (${absolute(time)})`
  const optional = (value: string | null) => (value === null ? null : printableLine(value))
  const roles = rolesText(plan.actors)
  const { error, reversionCount, lastCompletedStep } = plan
  return [
    ['Action', printableLine(plan.actionName)],
    ['Part of', aboveText(related.above)],
    ['Has', plansAndTasks(related)],
    ['Attempt', plan.attempt === 1 && error === null ? null : String(plan.attempt)],
    ['Reverted', reversionCount === 0 ? null : `${counted(reversionCount, 'time')} of 3`],
    ['Profile', `${printableLine(name)}, chosen by the ${provenance} level`],
    ['Roles', optional(roles)],
    ['Projects', plan.projects.map(projectText).join(', ')],
    ['Step done', lastCompletedStep < 0 ? null : String(lastCompletedStep)],
    ['Runs in', environmentText(plan)],
    ['Changeset', optional(plan.changesetId)],
    ['Decision', optional(plan.decisionRootId)],
    ['Checkpoint', optional(plan.lastCheckpointId)],
    ['Sandboxes', plan.sandboxRefs.map(printableLine).join(', ')],
    ['Validation', plan.validationSummary === null ? null : inline(plan.validationSummary)],
    ['Created', when(plan.createdAt)],
    ['Strategized', spanText(screen, plan.strategizeStartedAt, plan.strategizeCompletedAt)],
    ['Executed', spanText(screen, plan.executeStartedAt, plan.executeCompletedAt)],
    ['Applied', spanText(screen, plan.applyStartedAt, plan.appliedAt)],
    ['Cancelled', when(plan.cancelledAt)],
    ['Because', optional(plan.cancelReason)],
    ['Updated', `${when(plan.updatedAt)}, version ${plan.version}`],
    ['Cost', costText(related.cost)],
    ['With parts', related.children === 0 ? null : costText(related.treeCost)],
    ['Metadata', Object.keys(plan.metadata).length === 0 ? null : inline(plan.metadata)],
  ]
}

/** The ancestors, the root first; of a long line its two ends. */
function aboveText(above: readonly Plan[]): string | null {
  const [root, ...rest] = above.toReversed()
  if (root === undefined) return null
  const nameOf = (plan: Plan) => `${titleOf(plan)} (${printableLine(plan.planId)})`
  const left = rest.length - MOST_ABOVE
  const near = left > 0 ? [`… ${grouped(left)} more …`, ...rest.slice(left).map(nameOf)] : rest.map(nameOf)
  return [nameOf(root), ...near].join(' › ')
}

function plansAndTasks({ children, tasks }: Related): string | null {
  const parts = [
    ...(children === 0 ? [] : [counted(children, 'plan')]),
    ...(tasks === 0 ? [] : [counted(tasks, 'task')]),
  ]
  return parts.length === 0 ? null : parts.join(', ')
}

function projectText({ name, alias, readOnly }: Plan['projects'][number]): string {
  const marks = [
    ...(alias === null ? [] : [`as ${printableLine(alias)}`]),
    ...(readOnly ? ['read only'] : []),
  ]
  return `${printableLine(name)}${marks.length === 0 ? '' : ` (${marks.join(', ')})`}`
}

function environmentText({ executionEnvironment, executionEnvPriority }: Plan): string | null {
  const parts = [executionEnvironment, executionEnvPriority].filter((part) => part !== null)
  return parts.length === 0 ? null : parts.join(', ')
}

/** `started 2 h ago, done 5 min ago`. */
function spanText(screen: Screen, started: Date | null, done: Date | null): string | null {
  const parts = [
    ...(started === null ? [] : [`started ${screen.time(started)}`]),
    ...(done === null ? [] : [`done ${screen.time(done)}`]),
  ]
  return parts.length === 0 ? null : parts.join(', ')
}

function errorLines(screen: Screen, error: NonNullable<Plan['error']>): readonly string[] {
  const { message, details } = error
  return [
    ...wrap(printable(message), screen.width - 2).map((line) => screen.paint.red(line)),
    ...(details === null ? [] : [screen.paint.dim(inline(details))]),
  ]
}

function costText(totals: Totals): string {
  const texts = totals.map(sumText)
  return texts.length === 0 ? 'none recorded' : texts.join(', ')
}

function inline(value: unknown): string {
  return printableLine(JSON.stringify(value))
}
