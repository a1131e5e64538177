// `purser status`: which database this is, its state, and what to do next. It changes nothing, and
// creates nothing.

import { purserVersion } from '../../../version.ts'
import { type Call, defineCommand, type GlobalFlags, type Outcome } from '../../run/command.ts'
import { originOf, useStore } from '../../run/session.ts'
import { bytes, duration } from '../../screen/amounts.ts'
import { commandLine, sameDatabase } from '../../screen/command-line.ts'
import { facts } from '../../screen/facts.ts'
import type { Screen } from '../../screen/screen.ts'
import { counted, pad } from '../../screen/text.ts'
import { rowLines } from '../care/migrate-view.ts'
import { inspect, reasonAgainst, type StatusReport } from './inspect.ts'
import { nextSteps, pendingReason, type Step } from './next-steps.ts'

export const status = defineCommand({
  name: 'status',
  summary: 'which database this is, how it is, what to do next',
  description:
    'Show which database is used and what names it, how it is, how much is in it, and what to do next. Nothing is changed, and no database is made.',
  examples: [
    ['the database here', 'status'],
    ['another one', 'status --url sqlite:operations.db'],
    ['for a monitor', 'status --json'],
  ],
  run: async (call) => {
    const origin = await originOf(call.global)
    return useStore(call.global, 'any-version', async (store, target) => {
      const report = await inspect(target, origin)
      return outcome(call, report, await reasonAgainst(store, report))
    })
  },
})

function outcome(
  call: Pick<Call, 'note' | 'global'>,
  report: StatusReport,
  against: string | undefined,
): Outcome {
  const steps = against === undefined ? nextSteps(report) : []
  const pending = pendingReason(report)
  if (against !== undefined) call.note('error', against, 'UNUSABLE')
  else if (report.newerPurser !== null) call.note('info', newerText(report.newerPurser), 'NEWER_SCHEMA')
  else if (pending !== undefined) call.note('warn', `${pending}; run purser migrate`, 'PENDING')
  return {
    data: {
      ...report,
      next: steps.map(({ why, words }) => ({ why, command: ['purser', ...words].join(' ') })),
    },
    exitCode: against === undefined ? 0 : 1,
    show: (screen) => statusText(screen, call.global, report, steps, against === undefined),
  }
}

function statusText(
  screen: Screen,
  global: GlobalFlags,
  report: StatusReport,
  steps: readonly Step[],
  isUsable: boolean,
): string {
  const { health, sizeBytes } = report
  const schema = schemaText(report)
  const lines = facts(screen, [
    ['Database', `${report.url}  (${report.location})`],
    ['Named by', report.urlFrom],
    ['Settings', report.configFile === report.urlFrom ? null : report.configFile],
    ['Tenant', report.tenant],
    ['Engine', `${report.engine} ${report.serverVersion}`],
    ['Size', sizeBytes === null ? null : bytes(sizeBytes)],
    ['Schema', report.schemaVersion === report.latestVersion ? schema : screen.paint.yellow(schema)],
    [
      'Health',
      health.ok && isUsable
        ? screen.paint.green(`ok, answers in ${duration(health.latencyMs)}`)
        : screen.paint.red(health.ok ? 'answers, but cannot be used as it is' : 'not ok'),
    ],
  ])
  const rows = Object.keys(report.rows).length === 0 ? [] : ['', ...rowLines(screen, report.rows)]
  const next = screen.quiet ? [] : nextLines(screen, global, steps)
  return [...lines, ...rows, ...next].join('\n')
}

function schemaText({ schemaVersion, latestVersion, pending, newerPurser }: StatusReport): string {
  if (newerPurser !== null)
    return `version ${schemaVersion}, newer than this Purser (knows ${latestVersion}); made by Purser ${newerPurser}`
  return pending === 0
    ? `version ${schemaVersion}, up to date`
    : `version ${schemaVersion} of ${latestVersion}, ${counted(pending, 'migration')} pending`
}

function newerText(newer: string): string {
  return `Purser ${newer} has migrated this database; this one (${purserVersion}) works with it, without what is new. Update Purser here to ${newer} or later.`
}

function nextLines(screen: Screen, global: GlobalFlags, steps: readonly Step[]): readonly string[] {
  if (steps.length === 0) return []
  const lines = steps.map(({ words }) => commandLine(screen, [...words, ...databaseFor(words, global)]))
  const width = Math.max(...lines.map((line) => line.length))
  const fits = steps.every(({ why }) => 2 + width + 4 + why.length <= screen.width)
  return [
    '',
    screen.paint.dim('Next:'),
    ...steps.flatMap(({ why }, index) => {
      const comment = screen.paint.dim(`# ${why}`)
      const line = lines[index] ?? ''
      return fits ? [`  ${pad(line, width)}  ${comment}`] : [`  ${comment}`, `  ${line}`]
    }),
  ]
}

/** The demo has a separate database. */
function databaseFor([first]: readonly string[], global: GlobalFlags): readonly string[] {
  return first === 'demo' ? [] : sameDatabase(global)
}
