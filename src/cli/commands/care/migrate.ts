// `purser migrate`: brings a database to a version of the schema, up or down, and reports what
// happened; with --plan, only what would happen.

import type { MigrationReport, PlannedMigration, Store } from '../../../index.ts'
import { label } from '../../../migrations/ledger.ts'
import { toggle, unless, whole, word } from '../../flags/flags.ts'
import { type Call, defineCommand, type Outcome } from '../../run/command.ts'
import { UsageError } from '../../run/failure.ts'
import { locate, type Target, whileConnected } from '../../run/session.ts'
import { createProgress, type Progress } from '../../screen/progress.ts'
import { countRecords } from '../count-records.ts'
import { migrationSummary } from './migrate-view.ts'

const flags = {
  to: whole('n', "the version to go to, up or down; 1 is the ancestors' layout (default: the newest)", {
    min: 1,
  }),
  plan: toggle('print the statements that would run, and change nothing'),
  backup: unless('do not copy a database file before a breaking migration'),
  allowDataLoss: toggle('go down even where the older layout has no place for what is stored'),
  onCycle: word(
    ['abort', 'break'],
    "plans of an ancestor that are their own ancestors: refuse the database, or make a root of each cycle's smallest id (default: abort)",
  ),
  onOrphan: word(
    ['root', 'abort'],
    'plans of an ancestor whose parent is missing: make roots of them, or refuse the database (default: root)',
  ),
  yes: toggle('do not ask before going down'),
}

type MigrateCall = Call<Record<never, never>, typeof flags>

export const migrate = defineCommand({
  name: 'migrate',
  summary: "make or upgrade a database; takes over the ancestors' databases",
  description:
    "Bring a database to this build's version: one that is not there is made, an older one is upgraded, and the databases of Purser's ancestors are taken over in place. Going down (--to) asks first.",
  flags,
  examples: [
    ['make or upgrade the database here', 'migrate'],
    ['take over a database of an ancestor', 'migrate --url sqlite:operations.db'],
    ['take over plans that are in a cycle', 'migrate --url sqlite:plans.db --on-cycle break'],
    ['what would run', 'migrate --plan'],
    ["back to the ancestors' layout", 'migrate --to 1'],
  ],
  run: async (call) => {
    const { latestVersion } = await import('../../../migrations/schema-state.ts')
    const { to } = call.flags
    if (to !== undefined && to > latestVersion) {
      throw new UsageError(`--to must be a version from 1 to ${latestVersion}; is ${to}`)
    }
    const target = await locate(call.global)
    if (call.flags.plan) return plan(call, target)
    return whileConnected(target.store, () => run(call, target.store))
  },
})

async function run(call: MigrateCall, store: Store): Promise<Outcome> {
  const { to, backup, allowDataLoss, onCycle, onOrphan, yes } = call.flags
  const progress = createProgress(process.stderr, call.screen.paint, call.global.quiet)
  const started = performance.now()
  try {
    const { current, latest } = await store.migrationStatus()
    if (to !== undefined && to < current) {
      const what = `Going down from version ${current} to ${to} rewrites the tables of ${store.location}`
      await call.confirm(what, yes)
    }
    follow(store, progress, Math.abs((to ?? Math.max(latest, current)) - current))
    const report = await store.migrate({ to, backup, allowDataLoss, onCycle, onOrphan })
    progress.clear()
    const facts = {
      report,
      durationMs: performance.now() - started,
      location: store.location,
      before: current,
      latest,
      rows: await rowsOf(store, report, latest),
    }
    return {
      data: {
        ...report,
        applied: report.applied.map((item) => ({
          ...item,
          durationMs: Math.round(item.durationMs * 10) / 10,
        })),
        rows: facts.rows,
      },
      show: (screen) => migrationSummary(screen, call.global, facts),
    }
  } finally {
    progress.clear()
  }
}

/**
 * Row counts of each record's table; older layouts have tables of other forms, which are not
 * counted.
 */
async function rowsOf(
  store: Store,
  report: MigrationReport,
  latest: number,
): Promise<Readonly<Record<string, number>>> {
  if (report.adopted) return report.rows
  return report.to === latest ? countRecords(store) : {}
}

/** Draws each step of `migrations` migrations as it begins. */
function follow(store: Store, progress: Progress, migrations: number): void {
  let name = ''
  let begun = 0
  store.on('persistence.migration.started', (migration) => {
    name = `${migration.direction === 'up' ? '' : 'undo '}${label(migration)}`
    begun += 1
  })
  store.on('persistence.migration.step', ({ step, steps, label: what }) => {
    progress.update((begun - 1 + (step - 1) / steps) / migrations, `${name}: ${what}`)
  })
}

async function plan(call: MigrateCall, target: Target): Promise<Outcome> {
  // The plan for a new file is the plan for an in-memory database, so no file is created for a
  // preview.
  const store = target.isNew ? await inMemory(call, target) : target.store
  return whileConnected(store, async () => {
    const { to, onCycle, onOrphan } = call.flags
    const migrations = await store.migrationPlan({ to, onCycle, onOrphan })
    return {
      data: { migrations },
      show: (screen) => planText(migrations) || (screen.quiet ? '' : '-- nothing to do'),
    }
  })
}

/**
 * An in-memory store of the same engine; or the place itself if the engine has none, which
 * connecting does not change.
 */
async function inMemory(call: MigrateCall, { store }: Target): Promise<Store> {
  const memory = await locate({ ...call.global, url: 'sqlite::memory:' })
  return memory.store.backendName === store.backendName ? memory.store : store
}

/**
 * The statements as a script: each below a comment that says what it is for, each terminated by a
 * semicolon.
 */
function planText(migrations: readonly PlannedMigration[]): string {
  return migrations
    .flatMap((migration) =>
      migration.statements.map(
        (statement) =>
          `-- ${label(migration)} (${migration.direction}): ${statement.label}\n${statement.sql.trimEnd().replace(/;$/, '')};`,
      ),
    )
    .join('\n\n')
}
