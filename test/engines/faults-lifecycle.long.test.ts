// Fault injection at the ends of a store's life (L9, L10): every call that connecting makes, and
// closing, is made to fail; and what follows when the database cannot even take a transaction back.

import { existsSync, readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { createBackend, openStore, PersistenceConnectionError, type Store } from '../../src/index.ts'
import { type DriverCall, driverError, observedEngine } from '../support/driver.ts'
import { expectNothingOpen, expectOwnError, isRollback } from '../support/faults.ts'
import { scratchFile } from '../support/scratch.ts'

const task = { title: 't', description: 'd', project: 'p', createdBy: 'c', type: 'admin' } as const

/** The calls that connecting to a database makes, by trying: new, and existing. */
async function callsOfConnecting(path: string): Promise<readonly DriverCall[]> {
  const calls: DriverCall[] = []
  const store = createBackend({ engine: observedEngine(path, (call) => calls.push(call)) })
  await store.connect()
  const made = calls.length
  await store.close()
  return calls.slice(0, made)
}

describe.each(['a new file', 'an existing database', 'memory'])('connecting to %s', (kind) => {
  test('with each call failing leaves no handle and no state, and works the next time', async () => {
    const target = async () => {
      if (kind === 'memory') return ':memory:'
      const path = scratchFile()
      if (kind !== 'a new file') await (await openStore(`sqlite:${path}`)).close()
      return path
    }
    const calls = await callsOfConnecting(await target())
    expect(calls.filter(({ method }) => method === 'pragma').length).toBeGreaterThanOrEqual(4)
    for (const [index, call] of calls.entries()) {
      const where = `${call.method} ${call.sql}`
      const path = await target()
      const handles: Database.Database[] = []
      let left = index + 1
      const observe = () => {
        left -= 1
        if (left === 0) throw driverError('SQLITE_CANTOPEN', 'secret words of the driver')
      }
      const store = createBackend({ engine: observedEngine(path, observe, {}, handles) })
      const error = await store.connect().catch((reason: unknown) => reason)
      expect(error, where).toBeInstanceOf(PersistenceConnectionError)
      expectOwnError(error, where)
      expect(store.isConnected, where).toBe(false)
      expect(
        handles.map((handle) => handle.open),
        where,
      ).toEqual(handles.map(() => false))
      // Once the journal mode is written the file is an empty database, which the next attempt
      // takes as it is.
      if (kind === 'a new file' && existsSync(path))
        expect(readdirSync(dirname(path)), where).toEqual(['purser.db'])
      await expect(store.tasks.count(), where).rejects.toBeInstanceOf(PersistenceConnectionError)
      expect(await store.healthCheck(), where).toMatchObject({ ok: false })

      await store.connect()
      expect(store.isConnected, where).toBe(true)
      await store.migrate()
      await store.tasks.create(task)
      await store.close()
    }
  })
})

test('a setting that stays busy is tried again until busyTimeout, then given up', async () => {
  const path = scratchFile()
  let tries = 0
  const busy = observedEngine(
    path,
    ({ method, sql }) => {
      if (method !== 'pragma' || !sql.startsWith('journal_mode =')) return
      tries += 1
      throw driverError('SQLITE_BUSY')
    },
    { busyTimeout: 60 },
  )
  const store = createBackend({ engine: busy })
  await expect(store.connect()).rejects.toMatchObject({ code: 'CONNECTION_FAILED', retryable: true })
  expect(tries).toBeGreaterThan(1)
  expect(store.isConnected).toBe(false)
})

describe('closing', () => {
  async function closing(path: string, fails: (call: DriverCall) => boolean) {
    const handles: Database.Database[] = []
    let armed = true
    const engine = observedEngine(
      path,
      (call) => {
        if (armed && fails(call)) throw driverError('SQLITE_BUSY', 'secret words of the driver')
      },
      {},
      handles,
    )
    const store = await openStore({ engine })
    return { store, handles, repair: () => (armed = false) }
  }

  test('throws when the driver fails to, with the state cleared; connecting again works', async () => {
    const path = scratchFile()
    const { store, handles, repair } = await closing(path, ({ method }) => method === 'close')
    await store.tasks.create({ ...task, id: 'kept' })
    const error = await store.close().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(PersistenceConnectionError)
    expectOwnError(error, 'close')
    expect((error as Error).message).toContain('committed writes are safe')
    expect(store.isConnected).toBe(false)
    await expect(store.tasks.count()).rejects.toBeInstanceOf(PersistenceConnectionError)
    await store.close()
    repair()
    for (const handle of handles) handle.close()
    await store.connect()
    expect(await store.tasks.get('kept')).not.toBeNull()
    await store.close()
  })

  test('closes the second connection even when the first fails to close', async () => {
    const path = scratchFile()
    let closed = 0
    const { store, handles, repair } = await closing(path, ({ method }) => {
      if (method !== 'close') return false
      closed += 1
      return closed === 1
    })
    // A read beside an open transaction opens the second connection.
    let read: Promise<number> | undefined
    const count = () => store.tasks.count()
    const outside = Promise.withResolvers<void>()
    void outside.promise.then(() => {
      read = count()
    })
    await store.transaction(async (tx) => {
      await tx.tasks.create(task)
      outside.resolve()
      await new Promise((resolve) => setImmediate(resolve))
    })
    expect(await read).toBe(0)
    expect(handles).toHaveLength(2)
    await expect(store.close()).rejects.toBeInstanceOf(PersistenceConnectionError)
    expect(closed).toBe(2)
    expect(handles.filter((handle) => handle.open)).toHaveLength(1)
    repair()
    for (const handle of handles) handle.close()
  })
})

/** A commit that fails, and then a rollback that fails too. */
const hopeless: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  'a set of writes': (store) => Promise.all([store.tasks.create(task), store.tasks.create(task)]),
  'a transaction': (store) => store.transaction((tx) => tx.tasks.create(task)),
  createMany: (store) => store.tasks.createMany([task, task]),
  'a migration': (store) => store.migrate({ to: 3, backup: false }),
}

describe.each(Object.entries(hopeless))('%s whose rollback fails too', (_, action) => {
  test('fails with an error of its own, and the store gets out of it', async () => {
    const path = scratchFile()
    const handles: Database.Database[] = []
    let armed = false
    const engine = observedEngine(
      path,
      (call) => {
        if (!armed || !(isRollback(call) || (call.method === 'run' && call.sql === 'COMMIT'))) return
        throw driverError('SQLITE_IOERR', 'secret words of the driver')
      },
      { busyTimeout: 40 },
      handles,
    )
    const store = await openStore({ engine })
    armed = true
    const error = await action(store).catch((reason: unknown) => reason)
    expectOwnError(error, 'commit and rollback')
    armed = false
    expectNothingOpen(path, handles, 'commit and rollback')
    await store.tasks.create(task)
    expect(await store.tasks.count()).toBe(1)
    await store.close()
  })
})
