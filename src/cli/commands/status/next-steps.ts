// The next steps that the state of a database suggests, the most urgent first.

import { counted } from '../../screen/text.ts'
import type { StatusReport } from './inspect.ts'

export interface Step {
  /** Why, in a few words. */
  readonly why: string
  /** The words after `purser`. */
  readonly words: readonly string[]
}

/** Why the database cannot be used until it is migrated; undefined if it can. */
export function pendingReason({
  pending,
  schemaVersion,
  latestVersion,
  rows,
}: StatusReport): string | undefined {
  if (pending === 0) return undefined
  if (schemaVersion > 0) return `the database is at version ${schemaVersion} of ${latestVersion}`
  return Object.keys(rows).length > 0
    ? "this is a database of one of Purser's ancestors, not yet taken over"
    : 'this is not a database of Purser yet'
}

/** Commands that follow from what a store's status is. */
export function nextSteps(report: StatusReport): readonly Step[] {
  if (report.pending > 0) return [{ why: 'bring it to this version', words: ['migrate'] }]
  const { rows } = report
  if (Object.values(rows).every((count) => count === 0)) return firstSteps
  return [...urgentSteps(report), ...usualSteps(rows)].slice(0, 4)
}

const firstSteps: readonly Step[] = [
  { why: 'the first plan', words: ['plans', 'create', '--help'] },
  { why: 'the first task', words: ['tasks', 'create', '--help'] },
  { why: 'or see made-up data first', words: ['demo'] },
]

function urgentSteps({ attention }: StatusReport): readonly Step[] {
  const { plansErrored, plansConstrained, tasksFailed, tasksBlocked, hasFindings } = attention
  const steps: (readonly [number, string, ...string[]])[] = [
    [
      plansErrored,
      `${counted(plansErrored, 'plan')} ended in an error`,
      'plans',
      'list',
      '--state',
      'errored',
    ],
    [
      plansConstrained,
      `${counted(plansConstrained, 'plan')} stopped by a constraint`,
      ...['plans', 'list', '--state', 'constrained'],
    ],
    [tasksFailed, `${counted(tasksFailed, 'task')} failed`, 'tasks', 'list', '--status', 'failed'],
    [tasksBlocked, `${counted(tasksBlocked, 'task')} blocked`, 'tasks', 'list', '--status', 'blocked'],
    [hasFindings ? 1 : 0, 'values that a migration had to replace', 'doctor', '--findings'],
  ]
  return steps.flatMap(([count, why, ...words]) => (count > 0 ? [{ why, words }] : []))
}

function usualSteps(rows: StatusReport['rows']): readonly Step[] {
  return [
    ...(rows.cost_records ? [{ why: 'what it cost', words: ['costs', 'report'] }] : []),
    ...(rows.plans ? [{ why: 'the trees of plans', words: ['plans', 'list', '--without', 'parent'] }] : []),
    ...(rows.tasks ? [{ why: 'the tasks', words: ['tasks', 'list'] }] : []),
    { why: 'examine it', words: ['doctor'] },
  ]
}
