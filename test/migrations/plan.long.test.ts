// `plan` tells exactly the statements that `migrate` then executes, in their order, and changes
// nothing.

import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import type { OpenDriver } from '../../src/engines/sqlite/driver.ts'
import { createSqliteEngine } from '../../src/engines/sqlite/index.ts'
import { createBackend, type MigrateOptions } from '../../src/index.ts'
import { sqliteDefaults } from '../support/driver.ts'
import { type AncestorOptions, makeAncestor } from '../support/legacy.ts'
import { latest, migrateFile, withBackend } from '../support/migrated.ts'
import { folderState, scratchFile } from '../support/scratch.ts'

interface Start {
  readonly ancestor?: AncestorOptions
  /** Versions to go through first. */
  readonly through?: readonly number[]
  readonly to?: number
}

const starts: Readonly<Record<string, Start>> = {
  'a new database': {},
  'an operations ancestor': { ancestor: { operations: true } },
  'a plans ancestor': { ancestor: { plans: true } },
  both: { ancestor: { operations: true, plans: true } },
  'an ancestor without an index': {
    ancestor: { operations: true, afterwards: ['DROP INDEX idx_tasks_status'] },
  },
  'version 2': { ancestor: { operations: true }, through: [2] },
  'version 1, part of the way': { through: [1], to: 3 },
  'down to 1': { ancestor: { operations: true }, through: [latest], to: 1 },
  'down to 4': { through: [latest], to: 4 },
}

/** Everything SQLite executes, by its own trace: nothing that runs can be missing. */
async function traced(path: string, options: MigrateOptions): Promise<readonly string[]> {
  const statements: string[] = []
  const open: OpenDriver = (file, settings) =>
    new Database(file, { ...settings, verbose: (sql) => statements.push(String(sql)) })
  const store = createBackend({ engine: createSqliteEngine({ ...sqliteDefaults, path, open }) })
  await store.connect()
  statements.length = 0
  await store.migrate({ backup: false, ...options })
  await store.close()
  return statements
}

/**
 * Statements around the plan's own: looking, the transaction, settings of the connection, and the
 * ledger.
 */
const around =
  /^(SELECT|select|BEGIN IMMEDIATE$|COMMIT$|PRAGMA|insert into "purser_migrations"|delete from "purser_migrations")/

/** The instant of the run stands in some statements as a literal. */
const timeless = (sql: string) => sql.replaceAll(/'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z'/g, "'now'")

describe.each(Object.entries(starts))('%s', (_, { ancestor, through = [], to }) => {
  test('is planned as it is then done', async () => {
    const path = scratchFile()
    if (ancestor) makeAncestor(path, ancestor)
    for (const version of through) await migrateFile(path, { to: version })
    const options = to === undefined ? {} : { to }
    const plan = await withBackend(path, (store) => store.migrationPlan(options))
    const planned = plan.flatMap((migration) =>
      migration.statements.map((statement) => timeless(statement.sql)),
    )
    expect(planned.length).toBeGreaterThan(0)
    // Triggers and full-text indexes run statements of their own; the trace marks them.
    const executed = (await traced(path, options)).filter((sql) => !sql.startsWith('--')).map(timeless)
    const own = executed.filter((sql) => planned.includes(sql) || !around.test(sql))
    expect(own).toEqual(planned)
  })

  test('changes nothing', async () => {
    const path = scratchFile()
    if (ancestor) makeAncestor(path, ancestor)
    for (const version of through) await migrateFile(path, { to: version })
    await withBackend(path, () => Promise.resolve())
    const before = folderState(dirname(path))
    await withBackend(path, async (store) => {
      await store.migrationPlan(to === undefined ? {} : { to })
      await store.migrationStatus()
    })
    expect(folderState(dirname(path))).toEqual(before)
  })
})

test('what is up to date has an empty plan', async () => {
  const path = scratchFile()
  await migrateFile(path)
  expect(await withBackend(path, (store) => store.migrationPlan())).toEqual([])
})
