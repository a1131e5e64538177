// The output of `purser doctor`: a line for each check with what to do below it, and the findings
// with their originals.

import type { DoctorCheck, DoctorReport, Finding, Page } from '../../../index.ts'
import type { GlobalFlags } from '../../run/command.ts'
import { commandLine, sameDatabase, withFlag } from '../../screen/command-line.ts'
import type { Screen } from '../../screen/screen.ts'
import { table } from '../../screen/table.ts'
import { counted, cut, grouped, pad, printable, printableLine, wrap } from '../../screen/text.ts'

/** Lines of text are no longer than this, however wide the screen is. */
const TEXT_WIDTH = 110
/** Cells of an original that are shown without --verbose. */
const ORIGINAL_WIDTH = 80

/** With --quiet only the checks that do not pass. */
export function doctorText(
  screen: Screen,
  global: GlobalFlags,
  location: string,
  { checks }: DoctorReport,
): readonly string[] {
  const shown = screen.quiet ? checks.filter(({ status }) => status !== 'ok') : checks
  const names = Math.max(0, ...checks.map(({ name }) => name.length))
  const lines = shown.flatMap((check, index) => {
    const isSaid = check.next === shown[index - 1]?.next
    return checkLines(
      screen,
      check,
      names,
      isSaid || check.next === null ? null : advice(screen, global, check.next),
    )
  })
  if (screen.quiet) return lines
  return [screen.paint.bold(location), '', ...lines, '', summary(screen, checks)]
}

function checkLines(
  screen: Screen,
  { name, status, detail }: DoctorCheck,
  names: number,
  next: string | null,
): readonly string[] {
  const { green, yellow, red, dim } = screen.paint
  const mark = { ok: green('✔'), warn: yellow('!'), fail: red('✘') }[status]
  const colour = { ok: dim, warn: yellow, fail: red }[status]
  const indent = 2 + 2 + names + 2
  const width = Math.max(30, Math.min(TEXT_WIDTH, screen.width) - indent)
  const [first = '', ...rest] = wrap(printableLine(detail), width)
  return [
    `  ${mark} ${pad(name, names)}  ${colour(first)}`,
    ...rest.map((line) => ' '.repeat(indent) + colour(line)),
    ...(next === null ? [] : wrap(`→ ${next}`, width).map((line) => ' '.repeat(indent) + line)),
  ]
}

/** Commands in it address the same database. */
function advice(screen: Screen, global: GlobalFlags, next: string): string {
  return next.replaceAll(/\bpurser ([a-z]+(?: --[a-z]+)?)/g, (_, words: string) =>
    commandLine(screen, [...words.split(' '), ...sameDatabase(global)]),
  )
}

function summary(screen: Screen, checks: readonly DoctorCheck[]): string {
  const count = (status: DoctorCheck['status']) => checks.filter((check) => check.status === status).length
  const [warnings, failures] = [count('warn'), count('fail')]
  const parts = [
    screen.paint.green(`${count('ok')} ok`),
    ...(warnings > 0 ? [screen.paint.yellow(counted(warnings, 'warning'))] : []),
    ...(failures > 0 ? [screen.paint.red(`${failures} failed`)] : []),
  ]
  return parts.join(', ')
}

/** A finding: what is wrong, where, and what to do. */
export function findingLines(
  screen: Screen,
  page: Page<Finding>,
  total: number,
  argv: readonly string[],
): readonly string[] {
  const shown = page.items.length
  if (shown === 0 && page.corrupt.length === 0)
    return screen.quiet ? [] : ['', 'No findings: no migration had to replace a value.']
  const columns = [
    { title: 'TABLE', value: ({ table: name }: Finding) => printableLine(name) },
    { title: 'ROW', value: ({ rowId }: Finding) => printableLine(rowId) },
    { title: 'COLUMN', value: ({ column }: Finding) => printableLine(column) },
    { title: 'PROBLEM', value: ({ problem }: Finding) => printableLine(problem) },
    {
      title: 'BY',
      value: ({ migration }: Finding) => (migration === 0 ? 'doctor --fix' : `migration ${migration}`),
      spare: 1,
    },
    { title: 'ORIGINAL', value: ({ original }: Finding) => originalOf(screen, original), shrinkTo: 16 },
  ]
  const lines = ['', ...table(screen, columns, page.items)]
  if (screen.quiet) return lines
  const amount =
    shown < total ? `${grouped(shown)} of ${counted(total, 'finding')}` : counted(shown, 'finding')
  const lost = page.corrupt.length > 0 ? `, and ${page.corrupt.length} that cannot be read` : ''
  const whole = screen.verbose ? '' : '; --verbose or --json shows each original whole'
  if (page.nextCursor === null) return [...lines, '', screen.paint.dim(`${amount}${lost}${whole}`)]
  const next = commandLine(screen, withFlag(argv, '--cursor', page.nextCursor))
  return [...lines, '', screen.paint.dim(`${amount}${lost}${whole}; the next page:`), `  ${next}`]
}

function originalOf(screen: Screen, original: string | null): string {
  if (original === null) return 'none'
  const line = visible(original)
  return screen.verbose ? line : cut(line, ORIGINAL_WIDTH)
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/**
 * An original on one line: line ends and tabs as escape sequences, other control characters as `�`;
 * spaces in quotes.
 */
function visible(text: string): string {
  const line = printable(text.replaceAll(/[\n\r\t]/g, (character) => escapes[character] ?? character))
  return line.trim() === line && line !== '' ? line : `"${line}"`
}
