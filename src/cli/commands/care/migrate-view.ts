// The final report of `purser migrate`: the database's version, what was taken over, what had to be
// decided, where the backup is, and what to do next.

import type { MigrationReport } from '../../../index.ts'
import { label } from '../../../migrations/ledger.ts'
import type { GlobalFlags } from '../../run/command.ts'
import { duration } from '../../screen/amounts.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import type { Screen } from '../../screen/screen.ts'
import { counted, grouped, pad } from '../../screen/text.ts'

export interface MigrationFacts {
  readonly report: MigrationReport
  readonly durationMs: number
  readonly location: string
  /** The previous version of the database, which may be one that only a newer build knows. */
  readonly before: number
  readonly latest: number
  readonly rows: Readonly<Record<string, number>>
}

/** What a migration did, for people. */
export function migrationSummary(screen: Screen, global: GlobalFlags, facts: MigrationFacts): string {
  const { report, rows } = facts
  if (screen.quiet) return ''
  const width = Math.max(...report.applied.map((migration) => label(migration).length))
  return [
    headline(screen, facts),
    ...report.applied.map((migration) => {
      const what = report.to >= report.from ? screen.paint.green('✔') : screen.paint.yellow('↩')
      return `  ${what} ${pad(label(migration), width)} ${screen.paint.dim(duration(migration.durationMs))}`
    }),
    ...(Object.keys(rows).length === 0 ? [] : ['', ...rowLines(screen, rows)]),
    ...findingLines(screen, global, report),
    ...backupLines(screen, report),
    ...nextLines(screen, global, facts),
  ].join('\n')
}

function headline(screen: Screen, { report, location, durationMs, before, latest }: MigrationFacts): string {
  const { bold } = screen.paint
  const { from, to, adopted } = report
  if (report.applied.length === 0 && before > latest) {
    return `${bold('Nothing changed:')} ${location} is at version ${before}, of a newer Purser; this one knows ${latest} and can work with it. Update Purser here too`
  }
  if (report.applied.length === 0) return `${bold('Nothing to do:')} ${location} is at version ${to}`
  const where = `${location} ${screen.paint.dim(`(${duration(durationMs)})`)}`
  if (to < from) return `${bold(`Went down from version ${from} to ${to}:`)} ${where}`
  if (adopted) return `${bold(`Adopted an ancestor's database, now at version ${to}:`)} ${where}`
  if (from === 0) return `${bold(`Made a database at version ${to}:`)} ${where}`
  return `${bold(`Upgraded from version ${from} to ${to}:`)} ${where}`
}

/** Row counts, one table a line. */
export function rowLines(screen: Screen, rows: Readonly<Record<string, number>>): readonly string[] {
  const named = Object.entries(rows).map(([table, count]) => [table.replaceAll('_', ' '), count] as const)
  return countLines(screen, named)
}

function countLines(screen: Screen, counts: readonly (readonly [string, number])[]): readonly string[] {
  const names = Math.max(...counts.map(([name]) => name.length))
  const digits = Math.max(...counts.map(([, count]) => grouped(count).length))
  return counts.map(
    ([name, count]) => `  ${pad(name, names)}  ${screen.paint.bold(pad(grouped(count), digits, 'end'))}`,
  )
}

function findingLines(
  screen: Screen,
  global: GlobalFlags,
  { findings, applied }: MigrationReport,
): readonly string[] {
  if (applied.length === 0) return []
  if (findings.total === 0) return []
  return [
    '',
    `${screen.paint.yellow(counted(findings.total, 'finding'))}: values that could not be carried over as they were; the originals are kept`,
    ...countLines(screen, Object.entries(findings.byProblem)),
    screen.paint.dim('Each with its original:'),
    `  ${commandLine(screen, ['doctor', '--findings', ...sameDatabase(global)])}`,
  ]
}

function backupLines(screen: Screen, { backup }: MigrationReport): readonly string[] {
  return backup === null ? [] : ['', `The database as it was: ${screen.paint.bold(backup)}`]
}

function nextLines(
  screen: Screen,
  global: GlobalFlags,
  { report, latest, rows }: MigrationFacts,
): readonly string[] {
  const at = sameDatabase(global)
  const line = (...words: string[]) => `  ${commandLine(screen, [...words, ...at])}`
  if (report.to < latest) {
    const ledger =
      report.to === 1 ? ` Its old owner can use it; Purser needs version ${latest} again:` : ' Up again:'
    return ['', screen.paint.dim(ledger.trim()), line('migrate')]
  }
  const isEmpty = Object.values(rows).every((count) => count === 0)
  const next = rows.cost_records ? ['costs', 'report'] : isEmpty ? ['tasks', 'create', '--help'] : ['status']
  return ['', screen.paint.dim('Next:'), line(...next)]
}
