// `purser status`: which database this is, how it is, and what to do next. It changes nothing, and makes nothing.

import type { MigrationStatus, Store } from '../index.ts'
import { type Call, defineCommand, type GlobalFlags, type Note, type Outcome } from './command.ts'
import { closeOnInterrupt } from './interrupt.ts'
import { rowLines } from './migrate-view.ts'
import { bytes, duration } from './screen/amounts.ts'
import { commandLine, sameDatabase } from './screen/command-line.ts'
import { facts } from './screen/facts.ts'
import type { Screen } from './screen/screen.ts'
import { counted, maskPasswords } from './screen/text.ts'
import { locate, missing } from './session.ts'

interface Report {
  readonly engine: string
  readonly url: string
  readonly schemaVersion: number
  readonly latestVersion: number
  readonly pending: number
  readonly rows: Readonly<Record<string, number>>
  readonly serverVersion: string
  readonly location: string
  readonly sizeBytes: number | null
  readonly health: { readonly ok: boolean; readonly latencyMs: number; readonly error?: string }
  readonly pendingMigrations: MigrationStatus['pending']
}

export const status = defineCommand({
  name: 'status',
  summary: 'which database this is, how it is, what to do next',
  description: 'Show which database is used and how it is. Nothing is changed, and no database is made.',
  examples: [
    ['the database here', 'status'],
    ['another one', 'status --url sqlite:operations.db'],
    ['for a monitor', 'status --json'],
  ],
  run: async (call) => {
    const { store, config, isNew } = await locate(call.global)
    if (isNew && store.location !== ':memory:') throw missing(store.location)
    const release = closeOnInterrupt(store)
    try {
      await store.connect()
      const report = await inspect(store, maskPasswords(config.url))
      return outcome(call, report, await reasonAgainst(store, report))
    } finally {
      await store.close()
      release()
    }
  },
})

async function inspect(store: Store, url: string): Promise<Report> {
  const [schema, info, health] = await Promise.all([
    store.migrationStatus(),
    store.info(),
    store.healthCheck(),
  ])
  return {
    engine: store.backendName,
    url,
    schemaVersion: schema.current,
    latestVersion: schema.latest,
    pending: schema.pending.length,
    rows: await countTables(store, schema),
    serverVersion: info.serverVersion,
    location: store.location,
    sizeBytes: info.sizeBytes,
    health: {
      ok: health.ok,
      latencyMs: Math.round(health.latencyMs * 10) / 10,
      ...(health.error === undefined ? {} : { error: health.error }),
    },
    pendingMigrations: schema.pending,
  }
}

/** Rows by table. The records' tables have one name in every layout; in a database of an older one, some may be missing. */
async function countTables(store: Store, schema: MigrationStatus): Promise<Readonly<Record<string, number>>> {
  const rows: Record<string, number> = {}
  const tables = [
    ['plans', () => store.plans.count()],
    ['actions', () => store.actions.count()],
    ['automation_profiles', () => ownProfiles(store)],
    ['tasks', () => store.tasks.count()],
    ['cost_records', () => store.costRecords.count()],
    ['messages', () => store.messages.count()],
    ['audit_entries', () => store.audit.count()],
  ] as const
  for (const [table, count] of tables) {
    try {
      rows[table] = await count()
    } catch (error) {
      if (schema.pending.length === 0) throw error
    }
  }
  return rows
}

async function ownProfiles(store: Store): Promise<number> {
  return (await store.automationProfiles.list()).filter((profile) => !profile.builtIn).length
}

/** Why this build cannot use or upgrade the database; undefined when it can. */
async function reasonAgainst(store: Store, report: Report): Promise<string | undefined> {
  if (!report.health.ok) return report.health.error ?? 'the database does not answer'
  try {
    await store.migrationPlan()
    return undefined
  } catch (error) {
    if (error instanceof Error) return error.message
    throw error
  }
}

function outcome(call: Pick<Call, 'note' | 'global'>, report: Report, against: string | undefined): Outcome {
  const next = nextStep(report)
  if (against !== undefined) call.note('error', against, 'UNUSABLE')
  else if (next.level === 'warn') call.note('warn', next.text, 'PENDING')
  return {
    data: report,
    exitCode: against === undefined ? 0 : 1,
    show: (screen) => statusText(screen, call.global, report, against === undefined ? next : undefined),
  }
}

interface Step {
  readonly level: Note['level']
  readonly text: string
  readonly words: readonly string[]
}

function nextStep({ pending, schemaVersion, latestVersion, rows }: Report): Step {
  const hasRows = Object.values(rows).some((count) => count > 0)
  if (pending > 0) {
    const what =
      schemaVersion > 0
        ? `the database is at version ${schemaVersion} of ${latestVersion}`
        : Object.keys(rows).length > 0
          ? "this is a database of one of Purser's ancestors, not yet taken over"
          : 'this is not a database of Purser yet'
    return { level: 'warn', text: `${what}; run purser migrate`, words: ['migrate'] }
  }
  return hasRows
    ? { level: 'info', text: 'up to date', words: ['costs', 'report'] }
    : { level: 'info', text: 'up to date, and empty', words: ['tasks', 'create', '--help'] }
}

function statusText(screen: Screen, global: GlobalFlags, report: Report, next: Step | undefined): string {
  const { schemaVersion, latestVersion, pending, health, sizeBytes } = report
  const schema =
    pending === 0
      ? `version ${schemaVersion}, up to date`
      : `version ${schemaVersion} of ${latestVersion}, ${counted(pending, 'migration')} pending`
  const lines = [
    ...facts(screen, [
      ['Database', `${report.url}  (${report.location})`],
      ['Engine', `${report.engine} ${report.serverVersion}`],
      ['Size', sizeBytes === null ? null : bytes(sizeBytes)],
      ['Schema', pending === 0 ? schema : screen.paint.yellow(schema)],
      [
        'Health',
        health.ok
          ? screen.paint.green(`ok, answers in ${duration(health.latencyMs)}`)
          : screen.paint.red('not ok'),
      ],
    ]),
    ...(Object.keys(report.rows).length === 0 ? [] : ['', ...rowLines(screen, report.rows)]),
  ]
  if (screen.quiet || next === undefined) return lines.join('\n')
  return [
    ...lines,
    '',
    screen.paint.dim('Next:'),
    `  ${commandLine(screen, [...next.words, ...sameDatabase(global)])}`,
  ].join('\n')
}
