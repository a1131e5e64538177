// G9: a disk that is full, and a file that may not be written. The error says what to do, the
// version before is intact, and nothing is left beside the file. On a real small disk where one can
// be mounted, and with a driver that says SQLITE_FULL.

import { copyFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createBackend } from '../../src/index.ts'
import { contentOf, sound, soundness } from '../support/database-content.ts'
import { driverError, observedEngine } from '../support/driver.ts'
import { makeAncestor } from '../support/legacy.ts'
import { latest, migrateFile, withBackend } from '../support/migrated.ts'
import { folderState, scratchFile } from '../support/scratch.ts'
import { canMount, smallDisk } from '../support/small-disk.ts'

const size = { tasks: 300, costs: 1500, messages: 1500 }

describe.skipIf(!canMount)('a disk that is full', () => {
  test('before the backup: nothing is migrated, no part of a copy is left', async () => {
    const template = makeAncestor(scratchFile(), { operations: size })
    const disk = smallDisk(8)
    const path = join(disk.folder, 'purser.db')
    copyFileSync(template, path)
    const original = contentOf(path)
    disk.leave(200_000)
    const before = folderState(disk.folder)
    await expect(migrateFile(path, { backup: true })).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringMatching(/backup copy.*disk is full.*Nothing was migrated.*--no-backup/),
    })
    expect(folderState(disk.folder)).toEqual(before)
    expect(contentOf(path)).toEqual(original)
    disk.free()
    expect((await migrateFile(path)).to).toBe(latest)
  })

  // How much is left decides how far the chain comes; each ends in a whole version.
  test.each([16_384, 65_536, 300_000, 800_000, 1_500_000])('with %i bytes left', async (bytes) => {
    const template = makeAncestor(scratchFile(), { operations: size })
    const disk = smallDisk(12)
    const path = join(disk.folder, 'purser.db')
    copyFileSync(template, path)
    const original = contentOf(path)
    disk.leave(bytes)
    const failure = await migrateFile(path).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: expect.stringMatching(/MIGRATION_FAILED|QUERY_FAILED|CONNECTION_FAILED/),
      message: expect.stringMatching(/disk is full/),
    })
    disk.free()
    expect(readdirSync(disk.folder).filter((name) => !/^purser\.db(-wal|-shm)?$/.test(name))).toEqual([])
    expect(soundness(path)).toEqual(sound)
    const version = (await withBackend(path, (store) => store.migrationStatus())).current
    expect(version).toBeLessThan(latest)
    expect((await migrateFile(path)).to).toBe(latest)
    await migrateFile(path, { to: 1 })
    expect(contentOf(path, Object.keys(original.tables))).toEqual(original)
  })
})

test.each([1, 10, 25, 40, 60])('a driver that says the disk is full at statement %i', async (statement) => {
  const path = makeAncestor(scratchFile(), { operations: true })
  const original = contentOf(path)
  let failing = false
  let left = statement
  const engine = observedEngine(path, ({ method, sql }) => {
    if (!failing || method !== 'run' || /^(BEGIN|ROLLBACK)/.test(sql)) return
    left -= 1
    if (left === 0) throw driverError('SQLITE_FULL')
  })
  const store = createBackend({ engine })
  await store.connect()
  failing = true
  await expect(store.migrate({ backup: false })).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    message: expect.stringMatching(/rolled back: the disk is full; .*Free some space and repeat it$/),
  })
  failing = false
  expect(soundness(path)).toEqual(sound)
  expect((await store.migrate({ backup: false })).to).toBe(latest)
  await store.migrate({ to: 1, backup: false })
  await store.close()
  expect(contentOf(path, Object.keys(original.tables))).toEqual(original)
})
