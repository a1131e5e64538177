// How long a migration waits for another process that holds the write lock: much longer than a
// write does, since what it waits for is usually another migration; and then with an error that
// says to try again.

import { expect, test } from 'vitest'
import { createBackend } from '../../src/index.ts'
import { withDatabase } from '../support/database-content.ts'
import { observedEngine } from '../support/driver.ts'
import { makeAncestor } from '../support/legacy.ts'
import { latest, migrateFile } from '../support/migrated.ts'
import { scratchFile } from '../support/scratch.ts'

const busyTimeout = 30

test('a migration waits beyond busyTimeout for the one that runs', async () => {
  const path = makeAncestor(scratchFile(), { operations: true })
  await migrateFile(path, { to: 2 })
  await withDatabase(
    path,
    async (other) => {
      other.exec('BEGIN IMMEDIATE')
      let firstAttempt = 0
      const engine = observedEngine(
        path,
        ({ method, sql }) => {
          if (method !== 'run' || sql !== 'BEGIN IMMEDIATE') return
          firstAttempt ||= performance.now()
          if (other.inTransaction && performance.now() - firstAttempt > 3 * busyTimeout) other.exec('COMMIT')
        },
        { busyTimeout },
      )
      const store = createBackend({ engine })
      await store.connect()
      expect((await store.migrate({ backup: false })).to).toBe(latest)
      expect(performance.now() - firstAttempt).toBeGreaterThan(3 * busyTimeout)
      await store.close()
    },
    false,
  )
})

test('after ten times busyTimeout it gives up; nothing was changed, and trying again works', async () => {
  const path = makeAncestor(scratchFile(), { operations: true })
  await migrateFile(path, { to: 2 })
  const store = createBackend(`sqlite:${path}?busyTimeout=${busyTimeout}`)
  await store.connect()
  await withDatabase(
    path,
    async (other) => {
      other.exec('BEGIN IMMEDIATE')
      const started = performance.now()
      await expect(store.migrate({ backup: false })).rejects.toMatchObject({
        code: 'TIMEOUT',
        retryable: true,
      })
      expect(performance.now() - started).toBeGreaterThanOrEqual(10 * busyTimeout)
      other.exec('ROLLBACK')
    },
    false,
  )
  expect((await store.migrationStatus()).current).toBe(2)
  expect((await store.migrate({ backup: false })).to).toBe(latest)
  await store.close()
})
