// What a removal of old rows would delete, or has deleted, for people.

import type { RetentionPreview, RetentionResult } from '../../../index.ts'
import { bytes } from '../../screen/amounts.ts'
import type { Screen } from '../../screen/screen.ts'
import { type Column, table } from '../../screen/table.ts'
import { counted, grouped } from '../../screen/text.ts'
import { absolute } from '../../screen/times.ts'

type Kind = RetentionPreview['kind']

const nouns: Readonly<Record<Kind, readonly [one: string, many: string]>> = {
  messages: ['message', 'messages'],
  costs: ['cost record', 'cost records'],
  audit: ['audit entry', 'audit entries'],
}

const shared: readonly Column<Pick<RetentionPreview, 'kind' | 'cutoff' | 'rows' | 'bytes'>>[] = [
  { title: 'KIND', value: ({ kind }) => kind },
  { title: 'OLDER THAN', value: ({ cutoff }) => absolute(cutoff), spare: 2 },
  { title: 'ROWS', align: 'end', value: ({ rows }) => grouped(rows) },
  { title: 'ABOUT', align: 'end', value: (row) => bytes(row.bytes), spare: 1 },
]

/** @param again the command line that deletes it */
export function previewText(screen: Screen, previews: readonly RetentionPreview[], again: string): string {
  const rows = previews.reduce((sum, preview) => sum + preview.rows, 0)
  if (screen.quiet) return String(rows)
  const time = (instant: Date | null) => (instant === null ? '' : absolute(instant))
  const lines = table<RetentionPreview>(
    screen,
    [
      ...shared,
      { title: 'OLDEST', value: ({ oldest }) => time(oldest), spare: 4 },
      { title: 'NEWEST', value: ({ newest }) => time(newest), spare: 3 },
    ],
    previews,
  )
  const next =
    rows === 0
      ? ['Nothing is that old.']
      : [screen.paint.dim('Nothing was changed. To remove it:'), `  ${again}`]
  return [...lines, '', ...next].join('\n')
}

/** Says of each kind of record why nothing of it goes. */
export function nothingToPrune(screen: Screen, previews: readonly RetentionPreview[]): string {
  if (screen.quiet) return '0'
  const limits = previews.map(({ kind, cutoff }) => `${nouns[kind][1]} before ${absolute(cutoff)}`)
  return `Nothing to remove: there are no ${limits.join(', and no ')}.`
}

/** @param keep the command line that exports audit entries */
export function pruneQuestion(
  previews: readonly RetentionPreview[],
  maxRows: number,
  location: string,
  keep: string,
): string {
  const due = previews.filter(({ rows }) => rows > 0)
  const total = due.reduce((sum, { rows }) => sum + rows, 0)
  const whats = due.map(
    ({ kind, rows, cutoff }) => `${counted(rows, ...nouns[kind])} before ${absolute(cutoff)}`,
  )
  const bound = total > maxRows ? `, the oldest ${grouped(maxRows)} of them now` : ''
  const audit = due.some(({ kind }) => kind === 'audit')
    ? `; to keep the audit entries elsewhere first: ${keep}`
    : ''
  return `${whats.join(' and ')} would be removed for good from ${location}${bound}${audit}`
}

/** What was removed, for people. */
export function resultText(screen: Screen, results: readonly RetentionResult[]): string {
  const rows = results.reduce((sum, result) => sum + result.rows, 0)
  if (screen.quiet) return String(rows)
  const { paint } = screen
  const lines = table<RetentionResult>(
    screen,
    [
      ...shared.map((column) => (column.title === 'ROWS' ? { ...column, title: 'REMOVED' } : column)),
      { title: 'LEFT', align: 'end', value: ({ left }) => grouped(left) },
    ],
    results,
  )
  const went = (kind: Kind) => results.some((result) => result.kind === kind && result.rows > 0)
  const cut = results.find((result) => result.cut !== null)?.cut
  return [
    ...lines,
    '',
    `${paint.green('✔')} ${counted(rows, 'row')} removed.${went('costs') ? ' Totals of costs are what they were.' : ''}`,
    ...(cut
      ? [
          `  The audit trail begins after entry ${grouped(cut.sequence)} now; purser audit verify proves the rest.`,
        ]
      : []),
  ].join('\n')
}
