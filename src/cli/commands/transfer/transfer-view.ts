// The display of record counts and of the lines that could not be stored.

import type { ImportReport, PartialContent } from '../../../index.ts'
import type { Call } from '../../run/command.ts'
import type { Screen } from '../../screen/screen.ts'
import { table } from '../../screen/table.ts'
import { counted, grouped, pad } from '../../screen/text.ts'

const amount = (count: number) => count.toLocaleString('en')
const named = (type: string) => type.replaceAll('_', ' ')

/** A line for each kind of which there are records. */
export function countLines(counts: Readonly<Record<string, number>>): readonly string[] {
  const shown = Object.entries(counts).filter(([, count]) => count > 0)
  const width = Math.max(0, ...shown.map(([type]) => type.length))
  const digits = Math.max(0, ...shown.map(([, count]) => amount(count).length))
  return shown.map(([type, count]) => `  ${pad(named(type), width)}  ${pad(amount(count), digits, 'end')}`)
}

/** The outcome for the records of each kind. */
export function importTable(screen: Screen, { byType }: ImportReport): readonly string[] {
  const rows = Object.entries(byType)
  if (rows.length === 0) return []
  const count = (title: string, of: (counts: ImportReport['byType'][string]) => number) => ({
    title,
    align: 'end' as const,
    value: ([, counts]: (typeof rows)[number]) => amount(of(counts)),
  })
  return table(
    screen,
    [
      { title: 'KIND', value: ([type]) => named(type) },
      count('STORED', ({ stored }) => stored),
      count('UNCHANGED', ({ unchanged }) => unchanged),
      count('LEFT OUT', ({ failed }) => failed),
    ],
    rows,
  )
}

/** The lines that were skipped. */
export function faultTable(screen: Screen, { errors, failed }: ImportReport): readonly string[] {
  if (errors.length === 0) return []
  const lines = table(
    screen,
    [
      { title: 'LINE', align: 'end', value: ({ line }) => String(line) },
      { title: 'KIND', value: ({ type }) => (type === null ? '' : named(type)) },
      { title: 'WHAT IS WRONG', value: ({ message }) => message },
    ],
    errors,
  )
  const more = failed - errors.length
  return more === 0 ? lines : [...lines, screen.paint.dim(`and ${amount(more)} more`)]
}

/** Warnings about what a partial file lacks: a line each, and how many there are. */
export function noteLosses(call: Pick<Call, 'note'>, partial: PartialContent | null | undefined): void {
  if (!partial) return
  for (const { table, id, from, to, column, reason } of partial.losses) {
    const range =
      to === null
        ? `rows behind ${from}`
        : `up to ${counted(Number(to) - Number(from) + 1, 'row')} (${from} to ${to})`
    const what = id === null ? range : JSON.stringify(id)
    const place =
      column === null ? `${table} ${what} is left out` : `${table} ${what}: ${column} is not as it was`
    call.note('warn', `${place}: ${reason}`, 'LOST')
  }
  const more = partial.lost - partial.losses.length
  if (more > 0) call.note('warn', `and ${grouped(more)} more`, 'LOST')
  call.note(
    'warn',
    `what was written is partial: ${counted(partial.lost, 'loss', 'losses')}, listed in its last line`,
    'PARTIAL',
  )
}
