// Prints what the demo's agents were given, and what they were not: who claimed which task and took
// it over, the budget that warns, and the approval that waits.

import type { Approval, AuditEntry, BudgetStatus } from '../../../index.ts'
import { percent } from '../../screen/amounts.ts'
import { commandLine } from '../../screen/command-line.ts'
import type { Screen } from '../../screen/screen.ts'
import { table } from '../../screen/table.ts'
import { printableLine, wrap } from '../../screen/text.ts'
import { paintedStatus } from '../approvals/view.ts'
import { statusTable } from '../budgets/view.ts'
import { asked } from './limits.ts'

/** @param entries of the claimed tasks, in the order in which they were written */
export function claimLines(screen: Screen, entries: readonly AuditEntry[]): readonly string[] {
  const expired = new Set(
    entries.filter(({ action }) => action === 'task:expire').map((entry) => detailsOf(entry).claimId),
  )
  const noteOn = (entry: AuditEntry) => {
    const { assignedTo, attempt, claimId } = detailsOf(entry)
    if (entry.action === 'task:expire') return `the lease of ${printableLine(String(assignedTo))} has ended`
    if (entry.action !== 'task:claim') return ''
    if (expired.has(claimId)) return 'dies while it works on it'
    return Number(attempt) > 1 ? 'takes it over' : ''
  }
  return table(
    screen,
    [
      { title: '#', align: 'end', value: ({ sequence }) => String(sequence), spare: 1 },
      { title: 'AGENT', value: ({ actor }) => printableLine(actor) },
      { title: 'ACTION', value: ({ action }) => printableLine(action) },
      { title: 'TASK', value: ({ taskId }) => printableLine(taskId ?? '–') },
      { title: 'ATTEMPT', align: 'end', value: (entry) => String(detailsOf(entry).attempt ?? '') },
      { title: 'NOTE', value: noteOn, paint: (text) => screen.paint.yellow(text) },
    ],
    entries,
  )
}

function detailsOf({ details }: AuditEntry): Readonly<Record<string, unknown>> {
  if (typeof details !== 'object' || details === null || Array.isArray(details)) return {}
  return details as Readonly<Record<string, unknown>>
}

/** The budgets of the demo, with bars. */
export function budgetLines(screen: Screen, statuses: readonly BudgetStatus[]): readonly string[] {
  const { paint } = screen
  return [
    ...statusTable(screen, statuses),
    ...statuses.flatMap(({ budget, level }) => {
      const from = `from ${percent(budget.warnAt)} on`
      if (level === 'within') return [paint.dim(`It warns ${from}.`)]
      if (level === 'exceeded') return [paint.red('Exceeded: what is spent is recorded all the same.')]
      return [paint.yellow(`Warned: ${from} every cost that is recorded says so.`)]
    }),
  ]
}

/** @param at the flags that address the database */
export function approvalLines(
  screen: Screen,
  approval: Approval | undefined,
  at: readonly string[],
): readonly string[] {
  if (approval === undefined) return ['Nothing was asked for: the plan was changed meanwhile.']
  const { paint } = screen
  const { id, status, kind, planId, requestedBy, reason, usedAt } = approval
  const about = `${printableLine(requestedBy)} asks for ${kind} of the plan ${planId}: ${reason ?? ''}`
  const isPending = status === 'pending'
  const command = (purpose: string, words: readonly string[]) => [
    `  ${paint.dim(`# ${purpose}`)}`,
    `  ${commandLine(screen, [...words, ...at])}`,
  ]
  return [
    `${paintedStatus(screen, status)}  ${paint.dim(id)}`,
    ...wrap(printableLine(about), screen.width),
    ...(isPending
      ? command('a person decides, not who asked', ['approvals', 'approve', id, '--actor', 'ada'])
      : []),
    ...(isPending || (status === 'approved' && usedAt === null)
      ? command('then the plan moves on', [
          'plans',
          'proceed',
          asked.planId,
          asked.step,
          '--actor',
          requestedBy,
        ])
      : []),
  ]
}
