// Runs the statements of one migration and notes it in the ledger. Where schema changes are transactional, all of it is one transaction of
// the caller's; where they are not, each step is written down, and a migration that was cut off is gone on with.
// See docs/decisions/0010-resumable-migrations.md.

import type { Engine } from '../engines/engine.ts'
import type { MigrationRun, MigrationSession, MigrationStatement, UnfinishedRun } from '../engines/schema.ts'
import { MigrationError } from '../errors.ts'
import { type EventPublisher, events } from '../events.ts'
import { purserVersion } from '../version.ts'
import { checksumOf, label, noteApplied, noteReverted } from './ledger.ts'
import type { Migration } from './migration.ts'
import { named } from './schema-state.ts'
import { chain } from './versions/index.ts'

/** A migration that came to its end. */
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

  /** @throws MigrationError naming the step that failed */
  async run(session: MigrationSession, migration: Migration, run: Run): Promise<FinishedMigration> {
    const started = performance.now()
    const { steps } = session
    if (steps) {
      const checksum = checksumOf(this.#engine, migration)
      // A migration that is being reverted is not there any more, so that nobody works with what is left of it.
      const ledger = run.direction === 'down' ? noteReverted(this.#engine, migration) : undefined
      await steps.begin({ ...named(migration), checksum, ...run }, ledger)
    }
    await this.#runSteps(session, migration, run.statements, 0)
    return this.#finish(session, migration, run, started)
  }

  /**
   * Brings a migration that was cut off to its end.
   * @returns null when there is none
   * @throws MigrationError when this build does not know it as it was begun
   */
  async resume(session: MigrationSession): Promise<(FinishedMigration & Pick<Run, 'direction'>) | null> {
    const unfinished = await session.steps?.unfinished()
    if (!unfinished) return null
    const started = performance.now()
    const migration = this.#known(unfinished)
    const { direction, statements, done } = unfinished
    this.#events.emit(events.migrationStarted, { ...named(migration), direction })
    await this.#runSteps(session, migration, statements, done)
    return { ...(await this.#finish(session, migration, unfinished, started)), direction }
  }

  #known(unfinished: UnfinishedRun): Migration {
    const migration = chain.find(({ version }) => version === unfinished.version)
    if (migration && checksumOf(this.#engine, migration) === unfinished.checksum) return migration
    throw new MigrationError(
      `migration ${label(unfinished)} was begun by another build and cut off after ${unfinished.done} of ${unfinished.statements.length} steps; let that build end it, with purser migrate`,
    )
  }

  async #runSteps(
    session: MigrationSession,
    migration: Migration,
    statements: readonly MigrationStatement[],
    from: number,
  ): Promise<void> {
    for (const [index, statement] of statements.entries()) {
      if (index < from) continue
      const step = {
        version: migration.version,
        step: index + 1,
        steps: statements.length,
        label: statement.label,
      }
      this.#events.emit(events.migrationStep, step)
      // A turn of the event loop, in which progress can be drawn.
      await new Promise((resolve) => setImmediate(resolve))
      await this.#runStep(session, migration, statement, index)
    }
  }

  async #runStep(
    session: MigrationSession,
    migration: Migration,
    statement: MigrationStatement,
    index: number,
  ): Promise<void> {
    try {
      if (session.steps) await session.steps.run(index)
      else await session.execute(statement.sql)
    } catch (error) {
      const known = this.#engine.classify(error)
      if (known.retryable) throw known
      const failed = `${label(migration)} failed at the step "${statement.label}"`
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
    migration: Migration,
    { direction, startedAt }: Pick<Run, 'direction' | 'startedAt'>,
    started: number,
  ): Promise<FinishedMigration> {
    const durationMs = performance.now() - started
    const facts = { appliedAt: startedAt, durationMs, purserVersion }
    const { steps } = session
    if (steps) {
      await steps.finish(direction === 'up' ? noteApplied(this.#engine, migration, facts) : undefined)
    } else {
      const { sql, parameters } =
        direction === 'up'
          ? noteApplied(this.#engine, migration, facts)
          : noteReverted(this.#engine, migration)
      await session.execute(sql, parameters)
    }
    return { ...named(migration), durationMs }
  }
}
