// Runs the statements of one migration and records it in the ledger. With transactional DDL, all of
// it is one transaction of the caller. Without, each step is recorded, and an interrupted migration
// is resumed. See docs/decisions/0010-resumable-migrations.md.

import type { Engine } from '../engines/contract/engine.ts'
import type {
  MigrationRun,
  MigrationSession,
  MigrationStatement,
  UnfinishedRun,
} from '../engines/contract/schema.ts'
import { MigrationError } from '../errors.ts'
import { type EventPublisher, events } from '../observability/events.ts'
import { purserVersion } from '../version.ts'
import { chain } from './chain.ts'
import { creationJob } from './creation.ts'
import { type MigrationJob, migrationJob } from './job.ts'
import { label } from './ledger.ts'
import type { RunEvents } from './run-events.ts'

/** A completed migration. */
export interface FinishedMigration {
  readonly version: number
  readonly name: string
  readonly durationMs: number
}

type Run = Pick<MigrationRun, 'direction' | 'startedAt' | 'statements'>

export class StepRunner {
  readonly #engine: Engine
  readonly #events: EventPublisher

  constructor(engine: Engine, publisher: EventPublisher) {
    this.#engine = engine
    this.#events = publisher
  }

  /** @throws MigrationError that names the step that failed */
  async run(session: MigrationSession, job: MigrationJob, run: Run): Promise<FinishedMigration> {
    const started = performance.now()
    const { steps } = session
    if (steps) {
      // A migration that is being reverted is removed from the ledger first, so that no process
      // works with what is left of it.
      const ledger = run.direction === 'down' ? job.noteDown?.() : undefined
      const { version, name, checksum } = job
      await steps.begin({ version, name, checksum, ...run }, ledger)
    }
    await this.#runSteps(session, job, run.statements, 0)
    return this.#finish(session, job, run, started)
  }

  /**
   * Finishes an interrupted migration.
   * @returns null when there is none
   * @throws MigrationError when this build does not know the migration as it was begun
   */
  async resume(
    session: MigrationSession,
    runEvents: RunEvents,
  ): Promise<(FinishedMigration & Pick<Run, 'direction'>) | null> {
    const unfinished = await session.steps?.unfinished()
    if (!unfinished) return null
    const started = performance.now()
    const job = this.#known(unfinished)
    const { direction, statements, done } = unfinished
    runEvents.started(job, direction)
    await this.#runSteps(session, job, statements, done)
    return { ...(await this.#finish(session, job, unfinished, started)), direction }
  }

  #known(unfinished: UnfinishedRun): MigrationJob {
    const migration = chain.find(({ version }) => version === unfinished.version)
    const jobs = [
      ...(migration ? [migrationJob(this.#engine, migration)] : []),
      ...(unfinished.direction === 'up' ? [creationJob(this.#engine)] : []),
    ]
    const job = jobs.find(({ checksum }) => checksum === unfinished.checksum)
    if (job) return job
    throw new MigrationError(
      `migration ${label(unfinished)} was begun by another build and cut off after ${unfinished.done} of ${unfinished.statements.length} steps; let that build end it, with purser migrate`,
    )
  }

  async #runSteps(
    session: MigrationSession,
    job: MigrationJob,
    statements: readonly MigrationStatement[],
    from: number,
  ): Promise<void> {
    for (const [index, statement] of statements.entries()) {
      if (index < from) continue
      const step = {
        version: job.version,
        step: index + 1,
        steps: statements.length,
        label: statement.label,
      }
      this.#events.emit(events.migrationStep, step)
      // A turn of the event loop, in which progress can be drawn.
      await new Promise((resolve) => setImmediate(resolve))
      await this.#runStep(session, job, statement, index)
    }
  }

  async #runStep(
    session: MigrationSession,
    job: MigrationJob,
    statement: MigrationStatement,
    index: number,
  ): Promise<void> {
    try {
      if (session.steps) await session.steps.run(index)
      else await session.execute(statement.sql)
    } catch (error) {
      const known = this.#engine.classify(error)
      if (known.retryable) throw known
      const failed = `${label(job)} failed at the step "${statement.label}"`
      throw new MigrationError(
        session.steps
          ? `${failed}: ${known.message}. The steps before it stay; once the cause is gone, purser migrate goes on with this one`
          : `${failed} and was rolled back: ${known.message}`,
        { cause: known },
      )
    }
  }

  async #finish(
    session: MigrationSession,
    job: MigrationJob,
    { direction, startedAt }: Pick<Run, 'direction' | 'startedAt'>,
    started: number,
  ): Promise<FinishedMigration> {
    const durationMs = performance.now() - started
    const facts = { appliedAt: startedAt, durationMs, purserVersion }
    const { steps } = session
    if (steps) await steps.finish(direction === 'up' ? job.noteUp(facts) : undefined)
    else {
      const note = direction === 'up' ? job.noteUp(facts) : job.noteDown?.()
      if (note) await session.execute(note.sql, note.parameters)
    }
    return { version: job.version, name: job.name, durationMs }
  }
}
