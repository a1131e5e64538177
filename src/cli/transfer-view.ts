// How the counts of records and the lines that could not be stored are shown.

import type { ImportReport } from '../index.ts'
import type { Screen } from './screen/screen.ts'
import { table } from './screen/table.ts'
import { pad } from './screen/text.ts'

const amount = (count: number) => count.toLocaleString('en')
const named = (type: string) => type.replaceAll('_', ' ')

/** A line for each kind of which there are records. */
export function countLines(counts: Readonly<Record<string, number>>): readonly string[] {
  const shown = Object.entries(counts).filter(([, count]) => count > 0)
  const width = Math.max(0, ...shown.map(([type]) => type.length))
  const digits = Math.max(0, ...shown.map(([, count]) => amount(count).length))
  return shown.map(([type, count]) => `  ${pad(named(type), width)}  ${pad(amount(count), digits, 'end')}`)
}

/** What became of the records of each kind. */
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

/** The lines that were left out. */
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
