// Records the steps of a migration: its statements, and how many of them have run. The record is in
// a separate table, so that the next process resumes a run whose process died. See
// docs/decisions/0010-resumable-migrations.md.

import { MigrationError } from '../../../errors.ts'
import type { Query } from '../../contract/engine.ts'
import type { MigrationRun, MigrationStatement, StepRecord, UnfinishedRun } from '../../contract/schema.ts'
import type { Connection } from '../connection.ts'
import { serverNumber } from '../errors.ts'
import { COLLATION } from '../session-settings.ts'
import { assertReferences, type OpenReferences } from './references.ts'

/** Ignored by introspection: the table belongs to the engine, not to a migration. */
export const STEPS_TABLE = 'purser_migration_steps'

const NO_SUCH_TABLE = 1146

/**
 * Statements that only change rows. They commit in one transaction with the record that they have
 * run, together with adjacent statements of this kind.
 */
const changesRows = /^\s*(?:INSERT|UPDATE|DELETE|WITH)\b/i

export class MigrationSteps implements StepRecord {
  readonly #connection: Connection
  readonly #expected: OpenReferences
  #statements: readonly MigrationStatement[] = []
  /** True while a transaction of row-changing steps is open. */
  #open = false

  /** @param expected is recorded with a run, and restored when a run is resumed */
  constructor(connection: Connection, expected: OpenReferences) {
    this.#connection = connection
    this.#expected = expected
  }

  async unfinished(): Promise<UnfinishedRun | null> {
    const [row] = await readSteps(this.#connection)
    if (!row) return null
    const run = JSON.parse(String(row[0])) as Omit<MigrationRun, 'startedAt'> & {
      startedAt: string
      openReferences: [string, number][]
    }
    this.#statements = run.statements
    for (const [place, count] of run.openReferences) this.#expected.set(place, count)
    return { ...run, startedAt: new Date(run.startedAt), done: Number(row[1]) }
  }

  async begin(run: MigrationRun, ledger?: Query): Promise<void> {
    this.#statements = run.statements
    await this.#connection.exec(
      `CREATE TABLE IF NOT EXISTS ${STEPS_TABLE} (id tinyint(1) NOT NULL PRIMARY KEY, run longtext NOT NULL, done bigint(20) NOT NULL) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE ${COLLATION}`,
    )
    const text = JSON.stringify({ ...run, openReferences: [...this.#expected] })
    await this.#change({
      sql: `INSERT INTO ${STEPS_TABLE} (id, run, done) VALUES (1, ?, 0)`,
      parameters: [text],
    })
    if (ledger) await this.#change(ledger)
    await this.#commit()
  }

  async run(index: number): Promise<void> {
    const { sql } = this.#statements[index] as MigrationStatement
    const note = { sql: `UPDATE ${STEPS_TABLE} SET done = ? WHERE id = 1`, parameters: [index + 1] }
    if (changesRows.test(sql)) {
      await this.#change({ sql, parameters: [] })
      await this.#change(note)
      return
    }
    await this.#commit()
    await this.#connection.exec(sql)
    await this.#connection.run(note.sql, note.parameters)
  }

  async finish(ledger?: Query): Promise<void> {
    await this.#commit()
    await assertReferences(this.#connection, this.#statements, this.#expected)
    if (ledger) await this.#change(ledger)
    await this.#change({ sql: `DELETE FROM ${STEPS_TABLE} WHERE id = 1`, parameters: [] })
    await this.#commit()
  }

  async #change({ sql, parameters }: Query): Promise<void> {
    const connection = this.#connection
    try {
      if (!this.#open) await connection.exec('START TRANSACTION')
      this.#open = true
      // A statement without parameters is not prepared: copying a table runs once.
      if (parameters.length === 0) await connection.exec(sql)
      else await connection.run(sql, parameters)
    } catch (error) {
      this.#open = false
      await connection.rollback()
      throw error
    }
  }

  async #commit(): Promise<void> {
    if (this.#open) await this.#connection.exec('COMMIT')
    this.#open = false
  }
}

/**
 * The migration that is not finished, with the number of its steps that are; no row if there is
 * none, or no table of steps yet.
 */
export async function readSteps(connection: Connection) {
  try {
    return await connection.rows(`SELECT run, done FROM ${STEPS_TABLE} WHERE id = 1`)
  } catch (error) {
    if (serverNumber(error) === NO_SUCH_TABLE) return []
    throw error
  }
}

/** The error for a run that waited this many seconds for another process's migration. */
export function lockRefused(seconds: number): MigrationError {
  return new MigrationError(
    `another process has been migrating the database for ${seconds} seconds; try again when it has ended`,
  )
}
