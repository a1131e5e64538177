// How approvals are shown: in a table, and one by one.

import type { Approval, ApprovalStatus } from '../../../index.ts'
import { type Fact, facts } from '../../screen/facts.ts'
import type { Screen } from '../../screen/screen.ts'
import { table } from '../../screen/table.ts'
import { printable, printableLine, wrap } from '../../screen/text.ts'
import { absolute, ahead, relative } from '../../screen/times.ts'

/** A status with its symbol, in its colour. */
export function paintedStatus(
  { paint }: Pick<Screen, 'paint'>,
  status: ApprovalStatus,
  text = status as string,
) {
  if (status === 'approved') return paint.green(text)
  if (status === 'rejected') return paint.red(text)
  return status === 'pending' ? paint.yellow(text) : paint.dim(text)
}

/** `tool shell`, or only the kind of the subject. */
function subjectText({ subjectType, subjectId }: Approval): string {
  return printableLine(subjectId === null ? subjectType : `${subjectType} ${subjectId}`)
}

/** A table of approvals, one line each. */
export function approvalTable(screen: Screen, approvals: readonly Approval[]): readonly string[] {
  return table(
    screen,
    [
      { title: 'ID', value: ({ id }) => printableLine(id) },
      {
        title: 'STATUS',
        value: ({ status }) => status,
        paint: (text, { status }) => paintedStatus(screen, status, text),
      },
      { title: 'KIND', value: ({ kind }) => printableLine(kind) },
      { title: 'ABOUT', value: subjectText, shrinkTo: 16 },
      { title: 'RISK', value: ({ riskLevel }) => riskLevel, spare: 3 },
      { title: 'ASKED BY', value: ({ requestedBy }) => printableLine(requestedBy), spare: 2 },
      { title: 'ASKED', value: ({ createdAt }) => screen.time(createdAt), spare: 1 },
    ],
    approvals,
  )
}

/** Every field of an approval that is set. */
export function approvalLines(screen: Screen, approval: Approval): readonly string[] {
  const { paint } = screen
  const when = (time: Date) => `${relative(time, screen.now)} (${absolute(time)})`
  const optional = (text: string | null) => (text === null ? null : printableLine(text))
  const { decidedBy, decidedAt, expiresAt, usedAt, details } = approval
  const about: readonly Fact[] = [
    ['About', subjectText(approval)],
    ['Risk', approval.riskLevel],
    ['Plan', optional(approval.planId)],
    ['Task', optional(approval.taskId)],
    ['Asked', `${when(approval.createdAt)} by ${printableLine(approval.requestedBy)}`],
    ['Expires', expiresAt === null ? null : `${ahead(expiresAt, screen.now)} (${absolute(expiresAt)})`],
    [
      'Decided',
      decidedBy === null || decidedAt === null ? null : `${when(decidedAt)} by ${printableLine(decidedBy)}`,
    ],
    ['Used', usedAt === null ? null : when(usedAt)],
    ['Details', details === null ? null : printableLine(JSON.stringify(details))],
    ['Version', `${approval.version}`],
  ]
  const section = (title: string, text: string | null) =>
    text === null
      ? []
      : ['', paint.bold(title), ...wrap(printable(text), screen.width - 2).map((line) => `  ${line}`)]
  return [
    `${paint.bold(printableLine(approval.kind))}  ${paintedStatus(screen, approval.status)}`,
    paint.dim(printableLine(approval.id)),
    '',
    ...facts(screen, about),
    ...section('Asked because', approval.reason),
    ...section('Decided because', approval.decisionReason),
  ]
}
