// Runs the chain: adopts an ancestor's database, migrates up or down under the migration lock,
// maintains the ledger, and reports. The state of a database is determined by schema-state.ts; the
// migrations are in versions/.

import type { Engine, Query } from '../engines/contract/engine.ts'
import type { LiveSchema, MigrationSession, MigrationStatement } from '../engines/contract/schema.ts'
import { MigrationError, type PersistenceError } from '../errors.ts'
import { type EventPublisher, events } from '../observability/events.ts'
import { BASELINE_VERSION, type MigrationHead } from './chain.ts'
import { creationJob, creationStatements, isEmpty } from './creation.ts'
import { assertNothingLost, expectOpenReferences } from './down-checks.ts'
import { migrationJob } from './job.ts'
import { hasLedger, readLedger } from './ledger.ts'
import { type BoundMigration, bindMigrations, loadAdoption } from './load-migrations.ts'
import { RunEvents } from './run-events.ts'
import { type MigrationReport, type RunOutcome, reportRun } from './run-report.ts'
import {
  between,
  checkTarget,
  choicesOf,
  currentOf,
  latestVersion,
  type PlanOptions,
  type SchemaState,
} from './schema-state.ts'
import { type FinishedMigration, StepRunner } from './step-runner.ts'

export interface MigrateOptions extends PlanOptions {
  /** Copies a file database to a file beside it before a breaking migration. Default: true. */
  readonly backup?: boolean | undefined
  /** Allows migrating down to drop what the older layout cannot store. */
  readonly allowDataLoss?: boolean | undefined
}

/** What a run has to do. */
interface Run {
  /** The version that the database has. */
  readonly from: number
  readonly target: number
  readonly options: MigrateOptions
  readonly runEvents: RunEvents
}

const nothingDone: RunOutcome = { applied: [], adopted: [], backup: null }

export class Migrator {
  readonly #engine: Engine
  readonly #events: EventPublisher
  readonly #state: SchemaState
  readonly #steps: StepRunner

  constructor(engine: Engine, publisher: EventPublisher, state: SchemaState) {
    this.#engine = engine
    this.#events = publisher
    this.#state = state
    this.#steps = new StepRunner(engine, publisher)
  }

  /**
   * Migrates to the requested version. Each step up is one transaction; all steps down are one
   * transaction. On an engine without transactional DDL, an interrupted migration is finished
   * first. Another process that migrates at the same time waits, and then finds the work done.
   * @throws MigrationError; the database then has the last completed version
   */
  async migrate(options: MigrateOptions = {}): Promise<MigrationReport> {
    const runEvents = new RunEvents(this.#events)
    try {
      return await this.#run(options, runEvents)
    } catch (error) {
      const known = this.#engine.classify(error)
      runEvents.failed(known.code)
      throw known
    }
  }

  async #run(options: MigrateOptions, runEvents: RunEvents): Promise<MigrationReport> {
    const target = checkTarget(options.to)
    const before = currentOf(await this.#state.checkedEntries(target))
    const resumed = await this.#resume(runEvents)
    const from = resumed ? currentOf(await this.#state.checkedEntries(target)) : before
    const outcome = await this.#go({ from, target, options, runEvents })
    const applied = resumed ? [resumed, ...outcome.applied] : outcome.applied
    const report = await reportRun(this.#engine, { from: before, to: target }, { ...outcome, applied })
    if (report.adopted) this.#events.emit(events.databaseAdopted, { rows: report.rows })
    return report
  }

  /**
   * Finishes a run that another process began, on engines where its steps persist after it died.
   * @returns the migration up that was finished; null if there is none
   */
  async #resume(runEvents: RunEvents): Promise<FinishedMigration | null> {
    if (!(await this.#engine.schema.interrupted?.())) return null
    await this.#assertWritable()
    try {
      const finished = await this.#engine.schema.exclusively((session) =>
        this.#steps.resume(session, runEvents),
      )
      if (finished?.direction !== 'up') return null
      const { version, name, durationMs } = finished
      runEvents.applied(finished)
      return { version, name, durationMs }
    } catch (error) {
      throw await this.#explain(error)
    }
  }

  async #go(run: Run): Promise<RunOutcome> {
    if (run.target === run.from) return nothingDone
    try {
      await this.#assertWritable()
      return await (run.target > run.from ? this.#up(run) : this.#down(run))
    } catch (error) {
      throw await this.#explain(error)
    }
  }

  async #up(run: Run): Promise<RunOutcome> {
    const created = run.from === 0 && run.target === latestVersion ? await this.#create(run) : null
    if (created) return { ...nothingDone, applied: [created] }
    let done = nothingDone
    for (const migration of between(run.from, run.target)) {
      const before = done
      const step = await this.#engine.schema.exclusively((session) =>
        this.#apply(session, migration, run, before),
      )
      if (step === null) continue
      const { finished, adopted, backup } = step
      run.runEvents.applied(finished)
      done = { applied: [...before.applied, finished], adopted, backup }
    }
    return done
  }

  /**
   * Creates the latest layout in an empty database; null if the database is not empty, or no
   * longer.
   */
  async #create({ runEvents }: Run): Promise<FinishedMigration | null> {
    const finished = await this.#engine.schema.exclusively(async (session) => {
      await this.#steps.resume(session, runEvents)
      const live = await session.introspect()
      if (!isEmpty(live)) return null
      const startedAt = new Date()
      const job = creationJob(this.#engine)
      runEvents.started(job, 'up')
      const statements = creationStatements(this.#engine.schema.writer(startedAt))
      return this.#steps.run(session, job, { direction: 'up', startedAt, statements })
    })
    if (finished) runEvents.applied(finished)
    return finished
  }

  /**
   * Applies one migration.
   * @param before what the run has done until now
   * @returns what is adopted and backed up after it; null if another process has applied it in the
   *   meantime
   */
  async #apply(session: MigrationSession, head: MigrationHead, run: Run, before: RunOutcome) {
    const { from, target, options, runEvents } = run
    await this.#steps.resume(session, runEvents)
    const startedAt = new Date()
    const live = head.version === BASELINE_VERSION ? await session.introspect() : undefined
    if (live ? hasLedger(live) : currentOf(await readLedger(this.#engine, session.read)) >= head.version)
      return null
    runEvents.started(head, 'up')
    const isFirst = before.applied.length === 0
    const heads = between(head.version - 1, isFirst ? target : head.version)
    const bound = await bindMigrations(this.#engine, heads, startedAt)
    await bound.prepare(session)
    const [migration, ...later] = bound.migrations
    if (!migration) return null
    const { adopted, statements } = live
      ? await this.#adoption(session, live, startedAt)
      : { adopted: before.adopted, statements: migration.up() }
    const inspected = await this.#inspect(session, [migration, ...later], options)
    const hasData = from > 0 || adopted.length > 0
    const breaking = between(head.version - 1, target).some((one) => one.breaking)
    const needsBackup = hasData && breaking && before.backup === null && options.backup !== false
    const backup = needsBackup ? await this.#backUp(session, from, startedAt) : before.backup
    const finished = await this.#steps.run(session, migrationJob(this.#engine, head), {
      direction: 'up',
      startedAt,
      statements: [...inspected, ...statements],
    })
    return { finished, adopted, backup }
  }

  async #adoption(session: MigrationSession, live: LiveSchema, now: Date) {
    const { dialectOf, planAdoption } = await loadAdoption()
    const { writer } = await dialectOf(this.#engine)
    return planAdoption(live, writer(now), session.read)
  }

  /**
   * Before the first migration of a run the later ones are inspected too, so that a rejection
   * leaves the database unchanged.
   * @returns the statements to run before those of the first migration
   */
  async #inspect(
    session: MigrationSession,
    migrations: readonly BoundMigration[],
    options: MigrateOptions,
  ): Promise<readonly MigrationStatement[]> {
    const asked = migrations.filter(({ inspect }) => inspect !== undefined)
    if (asked.length === 0) return []
    const inspection = {
      ...choicesOf(options),
      live: await session.introspect(),
      read: (query: Query) => session.read(query),
    }
    let own: readonly MigrationStatement[] = []
    for (const one of asked) {
      const statements = (await one.inspect?.(inspection)) ?? []
      if (one === migrations[0]) own = statements
    }
    return own
  }

  async #down({ from, target, options, runEvents }: Run): Promise<RunOutcome> {
    const outcome = await this.#engine.schema.exclusively(async (session) => {
      await this.#steps.resume(session, runEvents)
      const startedAt = new Date()
      const heads = between(target, currentOf(await readLedger(this.#engine, session.read))).reverse()
      const { migrations, prepare } = await bindMigrations(this.#engine, heads, startedAt)
      await prepare(session)
      if (!options.allowDataLoss) await assertNothingLost(session, target, migrations)
      const breaking = migrations.some((migration) => migration.breaking)
      const needsBackup = breaking && options.backup !== false
      const backup = needsBackup ? await this.#backUp(session, from, startedAt) : null
      await expectOpenReferences(session, migrations)
      const applied: FinishedMigration[] = []
      for (const migration of migrations) {
        runEvents.started(migration, 'down')
        const statements = migration.down()
        const job = migrationJob(this.#engine, migration)
        applied.push(await this.#steps.run(session, job, { direction: 'down', startedAt, statements }))
      }
      return { applied, adopted: [], backup }
    })
    for (const migration of outcome.applied) runEvents.reverted(migration)
    return outcome
  }

  async #backUp(session: MigrationSession, version: number, now: Date): Promise<string | null> {
    const stamp = now.toISOString().replaceAll(/[-:.]/g, '')
    const path = this.#engine.schema.backupPath(`v${version}-${stamp}.bak`)
    if (path === null || !session.backup) return null
    const started = performance.now()
    try {
      const bytes = await session.backup(path)
      this.#events.emit(events.migrationBackup, { path, bytes, durationMs: performance.now() - started })
      return path
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown'
      throw new MigrationError(
        `${reason}. Nothing was migrated; make room for a copy, or repeat with --no-backup`,
        { cause: error },
      )
    }
  }

  async #assertWritable(): Promise<void> {
    if (!(await this.#engine.schema.readOnly())) return
    throw new MigrationError(
      'the database is read-only, and has to be migrated; allow writing to it, or use a copy',
    )
  }

  async #explain(error: unknown): Promise<PersistenceError> {
    const known = this.#engine.classify(error)
    if (known instanceof MigrationError || known.retryable) return known
    const kept = this.#engine.capabilities.transactionalDdl
      ? 'and was rolled back'
      : '; what it has done stays, and purser migrate goes on with it'
    return new MigrationError(`the migration failed ${kept}: ${known.message}`.replace(' ;', ';'), {
      cause: error,
    })
  }
}
