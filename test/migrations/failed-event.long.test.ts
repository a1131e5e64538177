// D5: a call of `migrate` that fails says so by an event, whatever it fails for, with the migration
// under way and the error's code alone. One that succeeds, or is repeated with nothing to do,
// publishes no failure.

import { describe, expect, test } from 'vitest'
import { events, type MigrateOptions } from '../../src/index.ts'
import { withDatabase } from '../support/database-content.ts'
import { insertAll, makeAncestor } from '../support/legacy.ts'
import { legacyPlan } from '../support/legacy-rows.ts'
import { latest, migrateFile, withBackend } from '../support/migrated.ts'
import { scratchFile } from '../support/scratch.ts'

function ancestorWithCycle(): string {
  const path = makeAncestor(scratchFile(), {
    plans: 1,
    afterwards: ['PRAGMA foreign_keys = off', 'DELETE FROM v3_plans', 'DELETE FROM plan_projects'],
  })
  withDatabase(
    path,
    (handle) => {
      handle.pragma('foreign_keys = off')
      const parents = { one: 'other', other: 'one' }
      const rows = Object.entries(parents).map(([id, parent], index) => ({
        ...legacyPlan(index),
        plan_id: id,
        parent_plan_id: parent,
      }))
      insertAll(handle, 'v3_plans', rows)
    },
    false,
  )
  return path
}

/**
 * What a migration publishes of its beginning and its end: the last parts of the names, with the
 * payload of a failure.
 */
function eventsOf(path: string, options: MigrateOptions = {}): Promise<readonly unknown[]> {
  return withBackend(path, async (store) => {
    const heard: unknown[] = []
    store.on(events.migrationStarted, ({ version }) => heard.push(['started', version]))
    store.on(events.migrationApplied, ({ version }) => heard.push(['applied', version]))
    store.on(events.migrationReverted, ({ version }) => heard.push(['reverted', version]))
    store.on(events.migrationFailed, (payload) => heard.push(payload))
    const failure = await store.migrate({ backup: false, ...options }).then(
      () => null,
      (error: { code: string }) => error.code,
    )
    return [...heard, failure]
  })
}

describe('D5: a migration that fails publishes that it failed', () => {
  test('D5: a cycle of parents', async () => {
    const path = ancestorWithCycle()
    const failed = { version: 1, code: 'MIGRATION_FAILED' }
    expect(await eventsOf(path)).toEqual([['started', 1], failed, 'MIGRATION_FAILED'])
    expect((await eventsOf(path, { onCycle: 'break' })).at(-1)).toBeNull()
  })

  test('D5: with no version before any migration has begun', async () => {
    const path = scratchFile()
    await migrateFile(path)
    expect(await eventsOf(path, { to: latest + 1 })).toEqual([
      { code: 'MIGRATION_FAILED' },
      'MIGRATION_FAILED',
    ])
    withDatabase(
      path,
      (handle) => handle.exec("UPDATE purser_migrations SET checksum = 'feed' WHERE version = 3"),
      false,
    )
    expect(await eventsOf(path)).toEqual([{ code: 'MIGRATION_FAILED' }, 'MIGRATION_FAILED'])
  })

  test('D5: a step down that is refused for what it would lose', async () => {
    const path = scratchFile()
    await migrateFile(path)
    await withBackend(path, (store) =>
      store.actions.create({ name: 'local/kept', description: 'confidential' }),
    )
    const heard = await eventsOf(path, { to: 1 })
    expect(heard).toEqual([{ code: 'MIGRATION_FAILED' }, 'MIGRATION_FAILED'])
  })

  test('D5: the migration that failed, not one that was applied before it', async () => {
    const path = scratchFile()
    await migrateFile(path, { to: 1 })
    withDatabase(path, (handle) => handle.exec('CREATE TABLE plans (other INTEGER)'), false)
    const heard = await eventsOf(path)
    const failed = heard.at(-2)
    const begun = heard.filter((one) => Array.isArray(one) && one[0] === 'started').at(-1)
    expect(failed).toEqual({ version: (begun as [string, number])[1], code: 'MIGRATION_FAILED' })
    expect(heard).not.toContainEqual(['applied', (begun as [string, number])[1]])
  })

  test('D5: nothing of it where a migration succeeds or has nothing to do', async () => {
    const path = scratchFile()
    expect(await eventsOf(path)).toEqual([['started', latest], ['applied', latest], null])
    expect(await eventsOf(path)).toEqual([null])
  })
})
