// The copy of a file before a breaking migration: when it is made, that it is the state before, and
// that a failure leaves none.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createBackend, type MigrationReport, openStore } from '../../src/index.ts'
import { contentOf, sound, soundness, withDatabase } from '../support/database-content.ts'
import { driverError, observedEngine } from '../support/driver.ts'
import { makeAncestor } from '../support/legacy.ts'
import { latest, migrateFile, withBackend } from '../support/migrated.ts'
import { modeOf, scratchFile } from '../support/scratch.ts'

const backupsBeside = (path: string) =>
  readdirSync(dirname(path)).filter((name) => /\.bak|partial/.test(name))

function backupOf(report: MigrationReport): string {
  expect(report.backup).not.toBeNull()
  return String(report.backup)
}

describe('a backup', () => {
  test('of an ancestor is the ancestor: its rows, its mark, no ledger, mode 0600', async () => {
    const path = makeAncestor(scratchFile(), { operations: true, plans: true })
    const before = contentOf(path)
    const report = await migrateFile(path, { backup: true })
    const copy = backupOf(report)
    expect(copy).toMatch(/purser\.db\.v0-\d{8}T\d{9}Z\.bak$/)
    expect(backupsBeside(path)).toHaveLength(1)
    expect(modeOf(copy)).toBe('600')
    expect(contentOf(copy)).toEqual(before)
    expect(soundness(copy)).toEqual(sound)
    await migrateFile(copy)
    expect((await withBackend(copy, (store) => store.migrationStatus())).current).toBe(latest)
  })

  test('has what is still in the write-ahead log', async () => {
    const path = scratchFile()
    await migrateFile(path, { to: 2 })
    const other = await openStore({ url: `sqlite:${path}`, migrate: 'off' })
    withDatabase(
      path,
      (handle) => handle.exec("INSERT INTO purser_findings VALUES (1, 3, 't', 'r', 'c', 'p', 'o', 'now')"),
      false,
    )
    const report = await migrateFile(path, { backup: true })
    const kept = withDatabase(backupOf(report), (handle) =>
      handle.prepare('SELECT row_id FROM purser_findings').pluck().all(),
    )
    expect(kept).toEqual(['r'])
    await other.close()
  })

  test('is announced with its size', async () => {
    const path = makeAncestor(scratchFile(), { operations: true })
    const announced: unknown[] = []
    await withBackend(path, async (store) => {
      store.on('persistence.migration.backup', (payload) => announced.push(payload))
      await store.migrate()
    })
    expect(announced).toEqual([
      { path: expect.stringMatching(/\.bak$/), bytes: expect.any(Number), durationMs: expect.any(Number) },
    ])
  })

  test('is made before going down through a breaking migration', async () => {
    const path = makeAncestor(scratchFile(), { operations: true })
    await migrateFile(path)
    const before = contentOf(path)
    const report = await migrateFile(path, { to: 1, backup: true })
    expect(contentOf(backupOf(report))).toEqual(before)
    expect(backupOf(report)).toContain(`.v${latest}-`)
  })
})

describe('no backup is made', () => {
  test('of a new database', async () => {
    const path = scratchFile()
    expect((await migrateFile(path, { backup: true })).backup).toBeNull()
    expect(backupsBeside(path)).toEqual([])
  })

  test('in memory', async () => {
    const store = createBackend('sqlite::memory:')
    await store.connect()
    expect((await store.migrate()).backup).toBeNull()
    expect((await store.migrate({ to: 1 })).backup).toBeNull()
    await store.close()
  })

  test.each(['migrate', 'open'] as const)('when it is declined: %s', async (way) => {
    const path = makeAncestor(scratchFile(), { operations: true })
    if (way === 'migrate') await migrateFile(path, { backup: false })
    else await (await openStore({ url: `sqlite:${path}`, backup: false })).close()
    expect(backupsBeside(path)).toEqual([])
  })

  test('when nothing is to be done', async () => {
    const path = makeAncestor(scratchFile(), { operations: true })
    await migrateFile(path)
    await (await openStore(`sqlite:${path}`)).close()
    expect(backupsBeside(path)).toEqual([])
  })

  test('when only compatible migrations are to be applied', async () => {
    const path = makeAncestor(scratchFile(), { operations: true })
    expect((await migrateFile(path, { to: 2, backup: true })).backup).toBeNull()
  })

  test('of a database that is refused', async () => {
    const path = makeAncestor(scratchFile(), { operations: true, damage: ['missingColumn'] })
    await expect(migrateFile(path, { backup: true })).rejects.toMatchObject({ code: 'MIGRATION_FAILED' })
    expect(backupsBeside(path)).toEqual([])
  })
})

test('when the copy cannot be made, nothing is migrated and nothing is left beside the file', async () => {
  const path = makeAncestor(scratchFile(), { operations: true })
  const before = contentOf(path)
  const engine = observedEngine(path, ({ method, sql }) => {
    if (method === 'run' && sql.startsWith('VACUUM INTO')) throw driverError('SQLITE_FULL')
  })
  const store = createBackend({ engine })
  await store.connect()
  await expect(store.migrate()).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    message: expect.stringMatching(
      /backup copy could not be made.*disk is full.*Nothing was migrated.*--no-backup/,
    ),
  })
  expect(backupsBeside(path)).toEqual([])
  await store.close()
  expect(contentOf(path)).toEqual(before)
})

test('a file that stands in the way of the copy is not overwritten', async () => {
  const path = makeAncestor(scratchFile(), { operations: true })
  const store = createBackend(`sqlite:${path}`)
  await store.connect()
  vi.useFakeTimers({ now: new Date('2026-01-02T03:04:05.678Z'), toFake: ['Date'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  const taken = `${path}.v0-20260102T030405678Z.bak`
  writeFileSync(taken, 'somebody else made this')
  await expect(store.migrate()).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    message: expect.stringContaining(`${taken} is there already`),
  })
  expect(readFileSync(taken, 'utf8')).toBe('somebody else made this')
  expect((await store.migrationStatus()).current).toBe(0)
  await store.close()
})
