// The display of audit entries: a line each, with the number that all other output refers to.

import type { AuditCut, AuditEntry } from '../../../index.ts'
import type { Paint, Screen } from '../../screen/screen.ts'
import { table } from '../../screen/table.ts'
import { grouped, printableLine } from '../../screen/text.ts'
import { absolute } from '../../screen/times.ts'

const verdictColours = { allow: 'green', deny: 'red', escalate: 'yellow', record: 'dim' } as const
const riskColours = { low: 'dim', medium: 'yellow', high: 'red', critical: 'red' } as const

/** A table of audit entries, one line each. */
export function auditTable(screen: Screen, entries: readonly AuditEntry[]): readonly string[] {
  const { paint } = screen
  return table(
    screen,
    [
      { title: '#', align: 'end', value: ({ sequence }) => String(sequence), spare: 1 },
      { title: 'TIME', value: ({ timestamp }) => screen.time(timestamp) },
      { title: 'ACTOR', value: ({ actor }) => printableLine(actor), shrinkTo: 6 },
      { title: 'ACTION', value: ({ action }) => printableLine(action) },
      { title: 'SUBJECT', value: subjectText },
      {
        title: 'VERDICT',
        value: ({ verdict }) => verdict,
        spare: 2,
        paint: (text, { verdict }) => paint[verdictColours[verdict]](text),
      },
      {
        title: 'RISK',
        value: ({ riskLevel }) => riskLevel,
        spare: 3,
        paint: (text, { riskLevel }) => paint[riskColours[riskLevel]](text),
      },
      { title: 'NOTE', value: noteOn, shrinkTo: 10, spare: 4, paint: dim(paint) },
      { title: 'ID', value: ({ id }) => printableLine(id), spare: 5, paint: dim(paint) },
    ],
    entries,
  )
}

function dim(paint: Paint) {
  return (text: string) => paint.dim(text)
}

/** `plan 01J…`. */
export function subjectText({ subjectType, subjectId }: AuditEntry): string {
  return printableLine(subjectId === null ? subjectType : `${subjectType} ${subjectId}`)
}

/** The reason, else the transition of a move, else the fields that an update changed. */
function noteOn({ reason, details }: AuditEntry): string {
  if (reason !== null) return printableLine(reason)
  if (typeof details !== 'object' || details === null || Array.isArray(details)) return ''
  const { from, to, fields } = details as Readonly<Record<string, unknown>>
  if (Array.isArray(fields)) return printableLine(fields.join(', '))
  return typeof from === 'string' && typeof to === 'string' ? printableLine(`${from} → ${to}`) : ''
}

/** Where the trail begins, and since when. */
export function cutText({ sequence, timestamp, actor }: AuditCut): string {
  return `Entries up to ${grouped(sequence)} were removed on purpose on ${absolute(timestamp)} by ${printableLine(actor)}.`
}
