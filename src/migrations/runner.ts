// Runs the chain: adopts an ancestor's database, migrates up or down under the migration lock,
// maintains the ledger, and reports. The state of a database is determined by schema-state.ts; the
// migrations are in versions/.

import type { Engine, Query } from '../engines/contract/engine.ts'
import type { LiveSchema, MigrationSession, MigrationStatement } from '../engines/contract/schema.ts'
import { MigrationError, type PersistenceError } from '../errors.ts'
import { type EventPublisher, events } from '../observability/events.ts'
import type { MigrationHead } from './chain.ts'
import { creationJob, creationStatements, isEmpty } from './creation.ts'
import { assertNothingLost, expectOpenReferences } from './down-checks.ts'
import { migrationJob } from './job.ts'
import { hasLedger, readLedger } from './ledger.ts'
import { type BoundMigration, bindMigrations, loadAdoption } from './load-migrations.ts'
import { FINDINGS } from './preserved-tables.ts'
import { RunEvents } from './run-events.ts'
import {
  between,
  checkTarget,
  choicesOf,
  currentOf,
  latestVersion,
  type PlanOptions,
  type SchemaState,
} from './schema-state.ts'
import { StepRunner } from './step-runner.ts'

export interface MigrateOptions extends PlanOptions {
  /** Copies a file database to a file beside it before a breaking migration. Default: true. */
  readonly backup?: boolean | undefined
  /** Allows migrating down to drop what the older layout cannot store. */
  readonly allowDataLoss?: boolean | undefined
}

export interface MigrationReport {
  readonly from: number
  readonly to: number
  /**
   * The migrations that were applied, or reverted if `to` is below `from`, in the order in which
   * they ran.
   */
  readonly applied: readonly {
    readonly version: number
    readonly name: string
    readonly durationMs: number
  }[]
  /** What the applied migrations had to decide. */
  readonly findings: { readonly total: number; readonly byProblem: Readonly<Record<string, number>> }
  /** True if an ancestor's tables were adopted. */
  readonly adopted: boolean
  /** The number of rows of each table, if tables were adopted. */
  readonly rows: Readonly<Record<string, number>>
  /** The path of the backup, if one was made. */
  readonly backup: string | null
}

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
    const told = new RunEvents(this.#events)
    try {
      return await this.#run(options, told)
    } catch (error) {
      const known = this.#engine.classify(error)
      told.failed(known.code)
      throw known
    }
  }

  async #run(options: MigrateOptions, told: RunEvents): Promise<MigrationReport> {
    const target = checkTarget(options.to)
    const before = currentOf(await this.#state.checkedEntries(target))
    const resumed = await this.#resume(told)
    const from = resumed.length > 0 ? currentOf(await this.#state.checkedEntries(target)) : before
    const report: Report = { told, from, to: from, applied: [], adopted: [], backup: null }
    try {
      if (target > from) await this.#up(target, options, report)
      else if (target < from) await this.#down(target, options, report)
    } catch (error) {
      throw await this.#explain(error)
    }
    const { to, applied, ...rest } = report
    return this.#finish({ ...rest, from: before, to, applied: [...resumed, ...applied] })
  }

  /**
   * Finishes a run that another process began, on engines where its steps persist after it died.
   */
  async #resume(told: RunEvents): Promise<Report['applied']> {
    if (!(await this.#engine.schema.interrupted?.())) return []
    await this.#assertWritable()
    try {
      const finished = await this.#engine.schema.exclusively((session) => this.#steps.resume(session, told))
      if (finished?.direction !== 'up') return []
      const { version, name, durationMs } = finished
      told.applied(finished)
      return [{ version, name, durationMs }]
    } catch (error) {
      throw await this.#explain(error)
    }
  }

  async #up(target: number, options: MigrateOptions, report: Report): Promise<void> {
    await this.#assertWritable()
    if (report.from === 0 && target === latestVersion && (await this.#create(report))) return
    for (const migration of between(report.from, target)) {
      const finished = await this.#engine.schema.exclusively((session) =>
        this.#apply(session, migration, options, report),
      )
      if (finished === null) continue
      report.to = migration.version
      report.told.applied(finished)
      report.applied.push(finished)
    }
    report.to = Math.max(report.to, target)
  }

  /**
   * Creates the latest layout in an empty database; false if the database is not empty, or no
   * longer.
   */
  async #create(report: Report): Promise<boolean> {
    const finished = await this.#engine.schema.exclusively(async (session) => {
      await this.#steps.resume(session, report.told)
      const live = await session.introspect()
      if (!isEmpty(live)) return null
      const startedAt = new Date()
      const job = creationJob(this.#engine)
      report.told.started(job, 'up')
      const statements = creationStatements(this.#engine.schema.writer(startedAt))
      return this.#steps.run(session, job, { direction: 'up', startedAt, statements })
    })
    if (finished === null) return false
    report.to = finished.version
    report.told.applied(finished)
    report.applied.push(finished)
    return true
  }

  /** Applies one migration; null if another process has applied it in the meantime. */
  async #apply(session: MigrationSession, head: MigrationHead, options: MigrateOptions, report: Report) {
    await this.#steps.resume(session, report.told)
    const startedAt = new Date()
    const live = head.version === 1 ? await session.introspect() : undefined
    if (live ? hasLedger(live) : currentOf(await readLedger(this.#engine, session.read)) >= head.version)
      return null
    report.told.started(head, 'up')
    const isFirst = report.applied.length === 0
    const last = isFirst ? checkTarget(options.to) : head.version
    const bound = await bindMigrations(this.#engine, between(head.version - 1, last), startedAt)
    await bound.prepare(session)
    const [migration, ...later] = bound.migrations
    if (!migration) return null
    const statements = live ? await this.#adopt(session, live, startedAt, report) : migration.up()
    const inspected = await this.#inspect(session, [migration, ...later], options)
    const hasData = report.from > 0 || report.adopted.length > 0
    const breaking = between(head.version - 1, checkTarget(options.to)).some((one) => one.breaking)
    if (hasData && breaking && report.backup === null && options.backup !== false) {
      report.backup = await this.#backUp(session, report.from, startedAt)
    }
    return this.#steps.run(session, migrationJob(this.#engine, head), {
      direction: 'up',
      startedAt,
      statements: [...inspected, ...statements],
    })
  }

  async #adopt(session: MigrationSession, live: LiveSchema, now: Date, report: Report) {
    const { dialectOf, planAdoption } = await loadAdoption()
    const { writer } = await dialectOf(this.#engine)
    const { adopted, statements } = await planAdoption(live, writer(now), session.read)
    report.adopted = adopted
    return statements
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

  async #down(target: number, options: MigrateOptions, report: Report): Promise<void> {
    await this.#assertWritable()
    const reverted = await this.#engine.schema.exclusively(async (session) => {
      await this.#steps.resume(session, report.told)
      const done: Report['applied'] = []
      const startedAt = new Date()
      const heads = between(target, currentOf(await readLedger(this.#engine, session.read))).reverse()
      const { migrations, prepare } = await bindMigrations(this.#engine, heads, startedAt)
      await prepare(session)
      if (!options.allowDataLoss) await assertNothingLost(session, target, migrations)
      if (migrations.some((migration) => migration.breaking) && options.backup !== false) {
        report.backup = await this.#backUp(session, report.from, startedAt)
      }
      await expectOpenReferences(session, migrations)
      for (const migration of migrations) {
        report.told.started(migration, 'down')
        const statements = migration.down()
        const job = migrationJob(this.#engine, migration)
        done.push(await this.#steps.run(session, job, { direction: 'down', startedAt, statements }))
      }
      return done
    })
    report.applied.push(...reverted)
    report.to = target
    for (const migration of reverted) report.told.reverted(migration)
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

  async #finish(report: Report): Promise<MigrationReport> {
    const versions = report.to > report.from ? report.applied.map((migration) => migration.version) : []
    const byProblem = versions.some((version) => version > 2) ? await this.#countFindings(versions) : {}
    const rows: Record<string, number> = {}
    if (report.adopted.length > 0) {
      const live = await this.#engine.schema.introspect()
      for (const table of adoptedTables(report.adopted, live)) rows[table] = await this.#count(table)
      this.#events.emit(events.databaseAdopted, { rows })
    }
    return {
      from: report.from,
      to: report.to,
      applied: report.applied,
      findings: { total: Object.values(byProblem).reduce((sum, count) => sum + count, 0), byProblem },
      adopted: report.adopted.length > 0,
      rows,
      backup: report.backup,
    }
  }

  async #countFindings(versions: readonly number[]): Promise<Record<string, number>> {
    const { sql } = this.#engine.builder
      .selectFrom(FINDINGS)
      .select((eb) => ['migration', 'problem', eb.fn.countAll().as('count')])
      .groupBy(['migration', 'problem'])
      .orderBy('problem')
      .compile()
    const counts: Record<string, number> = {}
    for (const [migration, problem, count] of await this.#engine.read({ sql, parameters: [] })) {
      if (versions.includes(Number(migration)))
        counts[String(problem)] = (counts[String(problem)] ?? 0) + Number(count)
    }
    return counts
  }

  async #count(table: string): Promise<number> {
    const { sql } = this.#engine.builder
      .selectFrom(table)
      .select((eb) => eb.fn.countAll().as('count'))
      .compile()
    const [row] = await this.#engine.read({ sql, parameters: [] })
    return Number(row?.[0] ?? 0)
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

interface Report {
  readonly told: RunEvents
  readonly from: number
  to: number
  applied: { version: number; name: string; durationMs: number }[]
  adopted: readonly string[]
  backup: string | null
}

/** The current names of the tables of an ancestor's halves. */
function adoptedTables(halves: readonly string[], live: LiveSchema): readonly string[] {
  const wanted = [
    ...(halves.includes('operations') ? ['tasks', 'cost_records', 'messages'] : []),
    ...(halves.includes('plans') ? ['v3_plans', 'plans', 'actions'] : []),
  ]
  return wanted.filter((name) => live.tables.some((table) => table.name === name))
}
