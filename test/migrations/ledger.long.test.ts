// G5 and G6: what the ledger says is believed. A changed checksum is refused with both values; a
// version of a newer build is refused when its migration is breaking, and otherwise announced and
// worked with.

import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { events, MigrationError, openStore } from '../../src/index.ts'
import { chain } from '../../src/migrations/chain.ts'
import { label } from '../../src/migrations/ledger.ts'
import { withDatabase } from '../support/database-content.ts'
import { latest, migrateFile, withBackend } from '../support/migrated.ts'
import { folderState, scratchFile } from '../support/scratch.ts'

const changed = 'f'.repeat(64)

async function fileWith(sql: string): Promise<string> {
  const path = scratchFile()
  await migrateFile(path)
  withDatabase(path, (handle) => handle.exec(sql), false)
  return path
}

const ways: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  opening: (path) => openStore(`sqlite:${path}`).then((store) => store.close()),
  'opening to check': (path) =>
    openStore({ url: `sqlite:${path}`, migrate: 'check' }).then((store) => store.close()),
  'migrating up': (path) => migrateFile(path),
  'migrating down': (path) => migrateFile(path, { to: 1 }),
  planning: (path) => withBackend(path, (store) => store.migrationPlan()),
}

const newer = (breaking: 0 | 1) =>
  `INSERT INTO purser_migrations VALUES (${latest + 1}, 'from-the-future', 'abc', ${breaking}, '2030-01-01T00:00:00.000Z', 1, '9.0.0')`

describe.each(Object.entries(ways))('%s', (_, open) => {
  test.each(chain.map(({ version, name }) => ({ version, name })))(
    'refuses a changed checksum of $version-$name with both values',
    async ({ version, name }) => {
      const path = await fileWith(
        `UPDATE purser_migrations SET checksum = '${changed}' WHERE version = ${version}`,
      )
      const other = scratchFile()
      await migrateFile(other)
      const expected = withDatabase(other, (handle) =>
        handle.prepare('SELECT checksum FROM purser_migrations WHERE version = ?').pluck().get(version),
      )
      const before = folderState(dirname(path))
      const error = await open(path).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(MigrationError)
      for (const part of [changed, String(expected), name])
        expect((error as MigrationError).message).toContain(part)
      expect((error as MigrationError).details).toEqual([`database: ${changed}`, `this build: ${expected}`])
      expect(folderState(dirname(path))).toEqual(before)
    },
  )

  test('refuses a breaking migration of a newer build', async () => {
    const path = await fileWith(newer(1))
    const before = folderState(dirname(path))
    await expect(open(path)).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringMatching(/\d{4}-from-the-future.*does not know.*update Purser/),
    })
    expect(folderState(dirname(path))).toEqual(before)
  })
})

test('a compatible migration of a newer build is announced, and the store works', async () => {
  const path = await fileWith(newer(0))
  const warnings: unknown[] = []
  const ignore = () => undefined
  const logger = {
    debug: ignore,
    info: ignore,
    error: ignore,
    warn: (fields: object) => warnings.push(fields),
  }
  const store = await openStore({ url: `sqlite:${path}`, logger })
  expect(warnings).toEqual([{ event: events.schemaNewer, version: latest + 1, known: latest }])
  const task = await store.tasks.create({
    title: 't',
    description: 'd',
    project: 'p',
    createdBy: 'c',
    type: 'admin',
  })
  expect(await store.tasks.get(task.id)).toEqual(task)
  expect(await store.migrationStatus()).toMatchObject({ latest, pending: [] })
  await store.close()
})

test('a newer migration stands in the way of going down, whatever its kind', async () => {
  const path = await fileWith(newer(0))
  const before = folderState(dirname(path))
  await expect(migrateFile(path, { to: 1 })).rejects.toMatchObject({ code: 'MIGRATION_FAILED' })
  expect(folderState(dirname(path))).toEqual(before)
})

test('a checksum does not depend on the moment, and each migration has its own', async () => {
  const [first, second] = [await fileWith('SELECT 1'), await fileWith('SELECT 1')]
  const checksums = (path: string) =>
    withDatabase(path, (handle) =>
      handle.prepare('SELECT checksum FROM purser_migrations ORDER BY 1').pluck().all(),
    )
  expect(checksums(first)).toEqual(checksums(second))
  expect(new Set(checksums(first)).size).toBe(chain.length)
})

test('a gap in the ledger is refused', async () => {
  const path = await fileWith('DELETE FROM purser_migrations WHERE version = 3')
  await expect(migrateFile(path)).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    message: expect.stringContaining('3'),
  })
})

test.each([0, -1, latest + 1, 1.5, Number.NaN, '2' as unknown as number])(
  'there is no version %s to go to',
  async (to) => {
    const path = await fileWith('SELECT 1')
    await expect(migrateFile(path, { to })).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringContaining('versions go from 1'),
    })
  },
)

test('opening to check refuses a database that is behind, and opening with migrate=off takes it as it is', async () => {
  const path = scratchFile()
  await migrateFile(path, { to: 3 })
  await expect(openStore({ url: `sqlite:${path}`, migrate: 'check' })).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    details: chain.slice(3).map((migration) => label(migration)),
  })
  const store = await openStore({ url: `sqlite:${path}`, migrate: 'off' })
  expect((await store.healthCheck()).schemaVersion).toBe(3)
  await store.close()
})
