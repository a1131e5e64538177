// What happens to MariaDB while a store works on it: connections killed, locks held, time limits, too few connections, a server that
// is read-only, few rights. Each ends in the right class of error, nothing acknowledged is lost, and the store works again.

import type { Connection } from 'mysql2/promise'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { classify } from '../../src/engines/mariadb/errors.ts'
import { createMariadbEngine } from '../../src/engines/mariadb/index.ts'
import { parseServerUrl } from '../../src/engines/server-url.ts'
import {
  ConstraintViolationError,
  MigrationError,
  openStore,
  PersistenceConnectionError,
  type PersistenceError,
  QueryError,
  type Store,
  TimeoutError,
  TransactionConflictError,
} from '../../src/index.ts'
import { serverError } from './failing-mariadb-driver.ts'
import { MariadbDatabases, onMariadb, rowsOf } from './mariadb-databases.ts'
import { serverUrl } from './server-url.ts'

const found = serverUrl('mariadb')
const server = found ?? ''
const databases = new MariadbDatabases(server)
const task = { title: 'T', description: 'D', project: 'P', createdBy: 'ada', type: 'admin' } as const

describe.skipIf(found === undefined)('a store on MariaDB', () => {
  const stores: Store[] = []
  const open = async (url: string) => {
    const store = await openStore(url)
    stores.push(store)
    return store
  }
  const place = async () => {
    const name = databases.reserve()
    await databases.lay(name)
    return name
  }
  const other = <T>(database: string, work: (connection: Connection) => Promise<T>) =>
    onMariadb(server, database, work)
  const killAll = (database: string) =>
    other(database, async (connection) => {
      const rows = await rowsOf(
        connection,
        `SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '${database}' AND ID <> CONNECTION_ID()`,
      )
      for (const [id] of rows) await connection.query(`KILL ${Number(id)}`).catch(() => undefined)
    })

  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close().catch(() => undefined)
  })
  afterAll(() => databases.dropAll())

  test('connections killed under load: what was acknowledged is stored, and the store works on', async () => {
    const database = await place()
    const store = await open(databases.urlOf(database))
    const acknowledged: string[] = []
    const errors: unknown[] = []
    let working = true
    const callers = Array.from({ length: 16 }, async (_, caller) => {
      for (let turn = 0; working; turn += 1) {
        const id = `${caller}-${turn}`
        try {
          await store.tasks.create({ ...task, id })
          acknowledged.push(id)
          expect((await store.tasks.get(id))?.id).toBe(id)
        } catch (error) {
          errors.push(error)
        }
      }
    })
    for (let kill = 0; kill < 5; kill += 1) {
      const before = acknowledged.length
      while (acknowledged.length < before + 50) await new Promise((resolve) => setImmediate(resolve))
      await killAll(database)
    }
    working = false
    await Promise.all(callers)
    for (const error of errors) {
      expect(error).toBeInstanceOf(PersistenceConnectionError)
      expect((error as PersistenceError).retryable).toBe(true)
    }
    expect(acknowledged.length).toBeGreaterThan(250)
    const there = new Set(
      (await other(database, (connection) => rowsOf(connection, 'SELECT id FROM tasks'))).map(([id]) => id),
    )
    expect(acknowledged.filter((id) => !there.has(id))).toEqual([])
  })

  test('a transaction whose connection is killed is rolled back whole', async () => {
    const database = await place()
    const store = await open(databases.urlOf(database))
    const work = store.transaction(async (tx) => {
      await tx.tasks.create({ ...task, id: 'a' })
      await killAll(database)
      await tx.tasks.create({ ...task, id: 'b' })
    })
    await expect(work).rejects.toBeInstanceOf(PersistenceConnectionError)
    expect(await store.tasks.count()).toBe(0)
    await store.transaction((tx) => tx.tasks.create({ ...task, id: 'c' }))
    expect(await store.tasks.count()).toBe(1)
  })

  test('a read on a connection that was killed while nobody used it is asked again', async () => {
    const database = await place()
    const store = await open(databases.urlOf(database))
    await store.tasks.create({ ...task, id: 'a' })
    await killAll(database)
    expect((await store.tasks.get('a'))?.id).toBe('a')
  })

  test('a lock that another holds: TimeoutError for a call, TransactionConflictError for a transaction', async () => {
    const database = await place()
    const store = await open(databases.urlOf(database, { lockTimeout: 100 }))
    await store.tasks.create({ ...task, id: 'a' })
    await other(database, async (connection) => {
      await connection.query('START TRANSACTION')
      await connection.query("SELECT 1 FROM tasks WHERE id = 'a' FOR UPDATE")
      const update = store.tasks.update('a', { title: 'U' }, { version: 1 })
      const error = await update.catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(TimeoutError)
      expect((error as TimeoutError).retryable).toBe(true)
      const inside = store.transaction((tx) => tx.tasks.update('a', { title: 'U' }, { version: 1 }))
      await expect(inside).rejects.toBeInstanceOf(TransactionConflictError)
      await connection.query('ROLLBACK')
    })
    expect((await store.tasks.update('a', { title: 'U' }, { version: 1 })).version).toBe(2)
  })

  test('a statement that runs too long ends in a TimeoutError, and its connection goes on', async () => {
    const database = await place()
    const url = databases.urlOf(database, { statementTimeout: 200, poolMax: 1 })
    const engine = createMariadbEngine(parseServerUrl({ url }, { scheme: 'mariadb', port: 3306 }))
    const store = await openStore({ engine })
    stores.push(store)
    const slow = { sql: 'SELECT count(*) FROM seq_1_to_100000000 WHERE seq % 7 = SQRT(seq)', parameters: [] }
    await expect(engine.read(slow)).rejects.toBeInstanceOf(TimeoutError)
    expect(await store.tasks.count()).toBe(0)
  })

  test('a pool without a free connection: TimeoutError that names the limit', async () => {
    const database = await place()
    const store = await open(databases.urlOf(database, { poolMax: 1, connectTimeout: 200 }))
    await store.transaction(async (tx) => {
      await tx.tasks.create({ ...task, id: 'a' })
      const outside = await new Promise((resolve) => setImmediate(resolve)).then(
        () =>
          // In a context of its own: the store refuses to be used inside the callback of its transaction.
          new Promise<unknown>((resolve) => setTimeout(resolve, 0)),
      )
      expect(outside).toBeUndefined()
    })
    const holding = store.transaction(() => new Promise((resolve) => setTimeout(resolve, 600)))
    await new Promise((resolve) => setTimeout(resolve, 50))
    const error = await store.tasks.get('a').catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(TimeoutError)
    expect((error as Error).message).toContain('poolMax')
    await holding
    expect((await store.tasks.get('a'))?.id).toBe('a')
  })

  test('a host that does not answer is left for the next; a database that was lost is found there again', async () => {
    const database = await place()
    const url = databases.urlOf(database).replace('@127.0.0.1', '@127.0.0.1:1,127.0.0.1')
    const store = await open(url)
    await store.tasks.create({ ...task, id: 'a' })
    await killAll(database)
    await store.tasks.create({ ...task, id: 'b' }).catch(() => store.tasks.create({ ...task, id: 'b' }))
    expect(await store.tasks.count()).toBe(2)
  })

  test('a user who may only read and write rows opens with migrate: check, and cannot migrate', async () => {
    const database = await place()
    const user = `purser_${process.pid}`
    await onMariadb(server, undefined, async (connection) => {
      await connection.query(`CREATE USER '${user}'@'%' IDENTIFIED BY 'hunter2'`)
      await connection.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON "${database}".* TO '${user}'@'%'`)
    })
    try {
      const url = new URL(databases.urlOf(database))
      url.username = user
      url.password = 'hunter2'
      const store = await openStore({ url: url.href, migrate: 'check' })
      stores.push(store)
      expect(store.location).not.toContain('hunter2')
      await store.tasks.create({ ...task, id: 'a' })
      await store.costRecords.append({
        agentId: 'a',
        provider: 'p',
        model: 'm',
        inputTokens: 1,
        outputTokens: 1,
        cost: '1',
      })
      await store.audit.append({
        action: 'tool:call',
        subjectType: 'tool',
        subjectId: 'x',
        verdict: 'allow',
        riskLevel: 'low',
      })
      await store.messages.append({
        sender: 'a',
        to: 'b',
        channel: 'c',
        type: 'announcement',
        content: 'word',
      })
      expect((await store.messages.search('word')).items).toHaveLength(1)
      await store.tasks.delete('a')
      await expect(store.drift()).rejects.toThrow(/grant TRIGGER/)
      await expect(store.migrate({ to: 1, allowDataLoss: true })).rejects.toBeInstanceOf(MigrationError)
    } finally {
      await onMariadb(server, undefined, (connection) => connection.query(`DROP USER '${user}'@'%'`))
    }
  })

  test('several hundred writes of which some are refused: those fail alone, by halving their set', async () => {
    const database = await place()
    const store = await open(databases.urlOf(database))
    const results = await Promise.allSettled(
      Array.from({ length: 300 }, (_, index) =>
        store.tasks.create({
          ...task,
          id: `t${index}`,
          ...(index % 100 === 50 ? { planId: 'no-plan' } : {}),
        }),
      ),
    )
    const failed = results.flatMap((result, index) =>
      result.status === 'rejected' ? [[index, result.reason]] : [],
    )
    expect(failed.map(([index]) => index)).toEqual([50, 150, 250])
    for (const [, error] of failed) expect(error).toBeInstanceOf(ConstraintViolationError)
    expect(await store.tasks.count()).toBe(297)
  })
})

test.each([
  [1021, QueryError, false],
  [1114, QueryError, false],
  [1290, QueryError, false],
  [1045, PersistenceConnectionError, false],
  [1049, PersistenceConnectionError, false],
  [1040, PersistenceConnectionError, true],
  [1927, PersistenceConnectionError, true],
  [1213, TransactionConflictError, true],
  [1205, TimeoutError, true],
  [1969, TimeoutError, true],
  [1452, ConstraintViolationError, false],
  [1142, QueryError, false],
  [9999, QueryError, false],
] as const)(
  'error %i of the server is of the right class, and says nothing of the driver',
  (number, type, retryable) => {
    const error = classify(serverError(number))
    expect(error).toBeInstanceOf(type)
    expect(error.retryable).toBe(retryable)
    expect(`${error.message} ${String(error.cause)}`).not.toContain('secret')
  },
)
