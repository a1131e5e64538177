// Drift: no difference on any way that leads to this version, and each kind of change by hand
// (support/changes-by-hand.ts) is told, with what is declared and what is there; and nothing is
// changed by looking.

import { chmodSync, copyFileSync, existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createBackend, openStore, type SchemaDifference } from '../../src/index.ts'
import { change, changesByHand } from '../support/changes-by-hand.ts'
import { startChild } from '../support/child-process.ts'
import { type AncestorOptions, makeAncestor } from '../support/legacy.ts'
import { latest, migrateFile, withBackend } from '../support/migrated.ts'
import { hashOf, scratchFile } from '../support/scratch.ts'

const driftOf = (path: string) => withBackend(path, (store) => store.drift())

async function freshFile(): Promise<string> {
  const path = scratchFile()
  await migrateFile(path)
  return path
}

describe('there is no difference', () => {
  const ancestors: Readonly<Record<string, AncestorOptions>> = {
    'an operations ancestor': { operations: true },
    'a plans ancestor': { plans: true },
    'both ancestors in one file': { operations: true, plans: true },
  }

  test('in a fresh database, also with rows', async () => {
    await using store = await openStore('sqlite::memory:')
    expect(await store.drift()).toEqual([])
    await store.plans.create({ name: 'local/a', actionName: 'local/do', description: 'd' })
    await store.messages.append({ sender: 'a', to: 'b', channel: 'c', type: 'announcement', content: 'x' })
    expect(await store.drift()).toEqual([])
  })

  test('after every single step up, and after down and up', async () => {
    const path = scratchFile()
    for (let to = 1; to <= latest; to += 1) await migrateFile(path, { to })
    expect(await driftOf(path)).toEqual([])
    await migrateFile(path, { to: 1 })
    await migrateFile(path)
    expect(await driftOf(path)).toEqual([])
  })

  test.each(Object.keys(ancestors))('in %s that was taken over', async (name) => {
    const path = makeAncestor(scratchFile(), ancestors[name] ?? {})
    await migrateFile(path)
    expect(await driftOf(path)).toEqual([])
  })

  const legacy = fileURLToPath(new URL('../../../shared/fixtures/legacy/', import.meta.url))
  test.skipIf(!existsSync(legacy)).each(['operations-v1.db', 'plans-m4_003.db', 'plans-corrupt.db'])(
    'in the real ancestor %s that was taken over',
    async (name) => {
      const path = scratchFile()
      copyFileSync(`${legacy}${name}`, path)
      chmodSync(path, 0o600)
      await migrateFile(path)
      expect(await driftOf(path)).toEqual([])
    },
  )

  test('where another program keeps tables of its own beside', async () => {
    const path = await freshFile()
    change(
      path,
      'CREATE TABLE invoices (id INTEGER PRIMARY KEY)',
      'CREATE VIEW open_tasks AS SELECT id FROM tasks',
    )
    expect(await driftOf(path)).toEqual([])
  })
})

describe('a change by hand', () => {
  test.each(Object.keys(changesByHand))('%s is told, and nothing else', async (name) => {
    const { by, gives } = changesByHand[name] as (typeof changesByHand)[string]
    const path = await freshFile()
    by(path)
    const before = hashOf(path)
    expect(await driftOf(path)).toEqual(gives)
    expect(hashOf(path)).toBe(before)
  })
})

test('a view in the place of a table is no table', async () => {
  const path = await freshFile()
  change(path, 'DROP TABLE automation_profiles', 'CREATE VIEW automation_profiles AS SELECT 1 AS name')
  expect(await driftOf(path)).toContainEqual({
    table: 'automation_profiles',
    kind: 'options',
    declared: null,
    live: 'view',
  })
})

test('a file that may only be read is compared and examined too', async () => {
  const path = await freshFile()
  change(path, 'DROP INDEX tasks_status')
  chmodSync(path, 0o444)
  chmodSync(dirname(path), 0o777)
  const child = startChild('open-as-nobody', [path, 'examine'])
  const line = await child.line('examined ')
  const { drift, failed } = JSON.parse(line.slice('examined '.length)) as {
    drift: SchemaDifference[]
    failed: { name: string }[]
  }
  expect(drift).toMatchObject([{ table: 'tasks', kind: 'index', live: null }])
  expect(failed.map(({ name }) => name)).toEqual(['schema drift'])
})

describe('a database at another version is not compared, and it is said what to do', () => {
  test.each([
    [
      'an older version',
      async (path: string) => migrateFile(path, { to: latest - 1 }),
      'run purser migrate first',
    ],
    [
      'an empty file',
      async () => undefined,
      'this is not a database of Purser, or not yet; run purser migrate first',
    ],
    [
      'an ancestor',
      async (path: string) => makeAncestor(path, { operations: true }),
      'this is not a database of Purser, or not yet; run purser migrate first',
    ],
    [
      'a newer version',
      async (path: string) => {
        await migrateFile(path)
        change(
          path,
          `INSERT INTO purser_migrations VALUES (${latest + 1}, 'later', 'x', 0, '2030-01-01T00:00:00.000Z', 1, '9.9.9')`,
        )
      },
      'use the build that migrated it',
    ],
  ])('%s', async (_, make, message) => {
    const path = scratchFile()
    await make(path)
    await expect(driftOf(path)).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringContaining(message),
    })
  })

  test('a store that is not open says so', async () => {
    await expect(createBackend('sqlite::memory:').drift()).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
    })
  })
})
