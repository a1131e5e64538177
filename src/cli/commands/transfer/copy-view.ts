// The final report of `purser copy`: each table with its rows and its checksum, and what was
// skipped.

import type { CopiedTable, CopyProblem, CopyReport } from '../../../index.ts'
import type { GlobalFlags } from '../../run/command.ts'
import { duration } from '../../screen/amounts.ts'
import { commandLine } from '../../screen/command-line.ts'
import type { Screen } from '../../screen/screen.ts'
import { type Column, table } from '../../screen/table.ts'
import { counted, grouped, printableLine } from '../../screen/text.ts'

/**
 * Digits of a checksum, enough to distinguish tables at a glance; --verbose and --json have them
 * all.
 */
const SHOWN_DIGITS = 16

/** What a copy came to, for people. */
export function copyText(
  screen: Screen,
  global: GlobalFlags,
  url: string,
  places: { readonly from: string; readonly to: string },
  report: CopyReport,
): string {
  const lines = [
    ...headline(screen, places, report),
    ...tableLines(screen, global, report),
    ...problemLines(screen, report),
    ...(screen.quiet ? [] : nextLines(screen, url, report)),
  ]
  return lines.join('\n')
}

function headline(
  screen: Screen,
  { from, to }: { readonly from: string; readonly to: string },
  { tables, continued, ok, durationMs }: CopyReport,
): readonly string[] {
  const rows = tables.reduce((sum, { stored }) => sum + stored, 0)
  const unchanged = tables.reduce((sum, one) => sum + one.unchanged, 0)
  const mark = ok ? screen.paint.green('✔') : screen.paint.red('✘')
  const there =
    unchanged === 0 ? '' : `; ${grouped(unchanged)} ${continued ? 'were copied before' : 'were there'}`
  return [
    `${mark} ${screen.paint.bold(`Copied ${counted(rows, 'row')}`)}${there} ${screen.paint.dim(`(${duration(durationMs)})`)}`,
    `  from  ${from}`,
    `  to    ${to}`,
  ]
}

function tableLines(screen: Screen, global: GlobalFlags, { tables }: CopyReport): readonly string[] {
  const filled = tables.filter(({ rows, others }) => rows + others > 0)
  if (filled.length === 0) return ['', 'There are no records in the source; the target is ready for use.']
  const digits = global.verbose ? undefined : SHOWN_DIGITS
  const count = (title: string, of: (one: CopiedTable) => number): Column<CopiedTable> => ({
    title,
    align: 'end',
    value: (one) => grouped(of(one)),
  })
  const optional = (title: string, of: (one: CopiedTable) => number) =>
    filled.some((one) => of(one) > 0) ? [count(title, of)] : []
  return [
    '',
    ...table(
      screen,
      [
        { title: 'TABLE', value: ({ table: name }) => name.replaceAll('_', ' ') },
        count('ROWS', ({ rows }) => rows),
        ...optional('LEFT OUT', ({ refused }) => refused),
        ...optional('DIFFERENT', ({ different }) => different),
        ...optional('OTHERS', ({ others }) => others),
        { title: 'CHECKSUM', value: ({ checksum }) => checksum.slice(0, digits) },
        {
          title: 'IN THE TARGET',
          value: ({ verified }) => (verified ? 'the same' : 'not the same'),
          paint: (text, { verified }) => (verified ? screen.paint.green(text) : screen.paint.red(text)),
        },
      ],
      filled,
    ),
  ]
}

function problemLines(screen: Screen, { problems, problemCount }: CopyReport): readonly string[] {
  if (problems.length === 0) return []
  const more = problemCount - problems.length
  return [
    '',
    ...table(
      screen,
      [
        { title: 'TABLE', value: ({ table: name }) => name.replaceAll('_', ' ') },
        { title: 'ROW', value: ({ id }) => printableLine(id) },
        ...(problems.some(({ column }) => column !== null)
          ? [{ title: 'COLUMN', value: ({ column }: CopyProblem) => column ?? '' }]
          : []),
        { title: 'WHY IT IS NOT THE SAME', value: ({ reason }) => reason },
      ],
      problems,
    ),
    ...(more > 0 ? [screen.paint.dim(`and ${grouped(more)} more`)] : []),
  ]
}

function nextLines(screen: Screen, url: string, { ok, problemCount }: CopyReport): readonly string[] {
  if (ok) return ['', screen.paint.dim('Next:'), `  ${commandLine(screen, ['doctor', '--url', url])}`]
  if (problemCount > 0) return []
  return ['', 'Others have written to the target meanwhile. Keep them away from it, and run the copy again.']
}
