// What happens to PostgreSQL while a store works on it: connections cut, locks held, time limits, too few connections, a database
// that is read-only, few rights. Each ends in the right class of error, nothing acknowledged is lost, and the store works again.

import type pg from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
import { createPostgresEngine } from '../../src/engines/postgres/index.ts'
import { parseServerUrl } from '../../src/engines/server-url.ts'
import {
  createBackend,
  openStore,
  PersistenceConnectionError,
  PersistenceError,
  QueryError,
  type Store,
  TimeoutError,
  TransactionConflictError,
} from '../../src/index.ts'
import { dropSchemas, onServer, SchemaPlace } from './postgres-harness.ts'
import { serverUrl } from './server-url.ts'

const found = serverUrl('postgres')
const task = { title: 'T', description: 'D', project: 'P', createdBy: 'ada', type: 'admin' } as const

describe.skipIf(found === undefined)('a store on PostgreSQL', () => {
  const server = found ?? ''
  const made: SchemaPlace[] = []
  const stores: Store[] = []
  const newPlace = () => {
    const place = new SchemaPlace(server)
    made.push(place)
    return place
  }
  const open = async (url: string) => {
    const store = await openStore(url)
    stores.push(store)
    return store
  }
  const other = <T>(place: SchemaPlace, work: (client: pg.Client) => Promise<T>) =>
    onServer(server, place.schema, work)
  const cutAll = (place: SchemaPlace) =>
    other(place, (client) =>
      client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [
        place.schema,
      ]),
    )

  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close().catch(() => undefined)
    await dropSchemas(
      server,
      made.splice(0).map(({ schema }) => schema),
    )
  })

  test('connections cut under load: what was acknowledged is stored, and the store works on', async () => {
    const place = newPlace()
    const store = await open(place.url({ applicationName: place.schema }))
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
    for (let cut = 0; cut < 5; cut += 1) {
      const before = acknowledged.length
      while (acknowledged.length < before + 50) await new Promise((resolve) => setImmediate(resolve))
      await cutAll(place)
    }
    working = false
    await Promise.all(callers)
    for (const error of errors) {
      expect(error).toBeInstanceOf(PersistenceConnectionError)
      expect((error as PersistenceError).retryable).toBe(true)
    }
    expect(acknowledged.length).toBeGreaterThan(250)
    const { rows } = await other(place, (client) => client.query<{ id: string }>('SELECT id FROM tasks'))
    const there = new Set(rows.map(({ id }) => id))
    expect(acknowledged.filter((id) => !there.has(id))).toEqual([])
  })

  test('a transaction whose connection is cut is rolled back whole', async () => {
    const place = newPlace()
    const store = await open(place.url({ applicationName: place.schema }))
    const work = store.transaction(async (tx) => {
      await tx.tasks.create({ ...task, id: 'a' })
      await cutAll(place)
      await tx.tasks.create({ ...task, id: 'b' })
    })
    await expect(work).rejects.toBeInstanceOf(PersistenceConnectionError)
    expect(await store.tasks.count()).toBe(0)
    await store.transaction((tx) => tx.tasks.create({ ...task, id: 'c' }))
    expect(await store.tasks.count()).toBe(1)
  })

  test('a read on a connection that was cut while nobody used it is asked again', async () => {
    const place = newPlace()
    const store = await open(place.url({ applicationName: place.schema }))
    await store.tasks.create({ ...task, id: 'a' })
    await cutAll(place)
    expect((await store.tasks.get('a'))?.id).toBe('a')
  })

  test('a lock that another holds: TimeoutError for a call, TransactionConflictError for a transaction', async () => {
    const place = newPlace()
    const store = await open(place.url({ lockTimeout: 100 }))
    await store.tasks.create({ ...task, id: 'a' })
    await other(place, async (client) => {
      await client.query('BEGIN')
      await client.query("SELECT 1 FROM tasks WHERE id = 'a' FOR UPDATE")
      const update = store.tasks.update('a', { title: 'U' }, { version: 1 })
      const error = await update.catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(TimeoutError)
      expect((error as TimeoutError).retryable).toBe(true)
      const inside = store.transaction((tx) => tx.tasks.update('a', { title: 'U' }, { version: 1 }))
      await expect(inside).rejects.toBeInstanceOf(TransactionConflictError)
      await client.query('ROLLBACK')
    })
    expect((await store.tasks.update('a', { title: 'U' }, { version: 1 })).version).toBe(2)
  })

  test('a statement that runs too long ends in a TimeoutError, and its connection goes on', async () => {
    const place = newPlace()
    const settings = parseServerUrl(
      { url: place.url({ statementTimeout: 100, poolMax: 1 }) },
      { scheme: 'postgres', port: 5432 },
    )
    const engine = createPostgresEngine(settings)
    const store = await openStore({ engine })
    stores.push(store)
    await expect(engine.read({ sql: 'SELECT pg_sleep(5)', parameters: [] })).rejects.toBeInstanceOf(
      TimeoutError,
    )
    expect(await store.tasks.count()).toBe(0)
  })

  test('no connection free in time: a TimeoutError that says what to raise', async () => {
    const place = newPlace()
    const store = await open(place.url({ poolMax: 1, connectTimeout: 150 }))
    let [enter, leave] = [() => {}, () => {}]
    const entered = new Promise<void>((resolve) => {
      enter = resolve
    })
    const left = new Promise<void>((resolve) => {
      leave = resolve
    })
    const work = store.transaction(async (tx) => {
      await tx.tasks.create({ ...task, id: 'a' })
      enter()
      await left
    })
    await entered
    const error = await store.tasks.count().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(TimeoutError)
    expect((error as TimeoutError).message).toContain('poolMax')
    leave()
    await work
    expect(await store.tasks.count()).toBe(1)
  })

  test('two stores that write the same rows in opposite order both get through', async () => {
    const place = newPlace()
    const [one, two] = [await open(place.url()), await open(place.url())]
    const ids = Array.from({ length: 40 }, (_, index) => `task-${index}`)
    await one.tasks.createMany(ids.map((id) => ({ ...task, id })))
    for (let version = 1; version <= 6; version += 1) {
      const all = await Promise.allSettled([
        ...ids.map((id) => one.tasks.update(id, { maxRetries: version }, { version })),
        ...ids.toReversed().map((id) => two.tasks.update(id, { maxRetries: version }, { version })),
      ])
      expect(all.filter((result) => result.status === 'fulfilled')).toHaveLength(ids.length)
      const codes = all.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []))
      expect(new Set(codes)).toEqual(new Set(['VERSION_CONFLICT']))
    }
  })

  test('a user who may not write: reads work, writes say so and are not to be repeated', async () => {
    const place = newPlace()
    const store = await open(place.url())
    await store.tasks.create({ ...task, id: 'a' })
    const role = `${place.schema}r`
    await other(place, async (client) => {
      await client.query(`CREATE ROLE "${role}" LOGIN; ALTER ROLE "${role}" SET default_transaction_read_only = on;
GRANT USAGE ON SCHEMA "${place.schema}" TO "${role}"; GRANT ALL ON ALL TABLES IN SCHEMA "${place.schema}" TO "${role}"`)
    })
    try {
      const url = new URL(place.url({ applicationName: 'reader' }))
      url.username = role
      const reader = createBackend({ url: url.href, migrate: 'off' })
      stores.push(reader)
      await reader.connect()
      expect((await reader.tasks.get('a'))?.id).toBe('a')
      const error = await reader.tasks.create(task).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(QueryError)
      expect((error as QueryError).retryable).toBe(false)
      expect((error as QueryError).message).toContain('read-only')
      await reader.close()
    } finally {
      await other(place, (client) => client.query(`DROP OWNED BY "${role}"; DROP ROLE "${role}"`))
    }
  })

  test("with migrate: 'check' the documented grants are enough for every call", async () => {
    const place = newPlace()
    await open(place.url())
    const role = `${place.schema}r`
    await other(place, (client) =>
      client.query(`CREATE ROLE "${role}" LOGIN; GRANT USAGE ON SCHEMA "${place.schema}" TO "${role}";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "${place.schema}" TO "${role}"`),
    )
    try {
      const url = new URL(place.url())
      url.username = role
      const store = await openStore({ url: url.href, migrate: 'check' })
      stores.push(store)
      const made = await store.tasks.create(task)
      await store.tasks.update(made.id, { title: 'U' }, { version: 1 })
      await store.tasks.delete(made.id)
      const message = {
        sender: 'a',
        to: 'b',
        channel: 'c',
        type: 'announcement',
        content: 'hello there',
      } as const
      await store.messages.append(message)
      expect((await store.messages.search('hello')).items).toHaveLength(1)
      const call = {
        agentId: 'a',
        provider: 'p',
        model: 'm',
        inputTokens: 1,
        outputTokens: 1,
        cost: '0.1',
      } as const
      await store.costRecords.append(call)
      expect((await store.costRecords.aggregate())[0]?.cost).toBe('0.1')
      await store.plans.create({ name: 'a/b', actionName: 'a/c', description: 'd' })
      expect((await store.audit.verify()).ok).toBe(true)
      await expect(store.migrate({ to: 1, allowDataLoss: true })).rejects.toBeInstanceOf(PersistenceError)
      expect((await store.migrationStatus()).pending).toEqual([])
    } finally {
      for (const store of stores.splice(0)) await store.close()
      await other(place, (client) => client.query(`DROP OWNED BY "${role}"; DROP ROLE "${role}"`))
    }
  })

  test('a schema that is not there is not made where nothing may be changed', async () => {
    const place = newPlace()
    const error = await openStore({ url: place.url(), migrate: 'check' }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(PersistenceConnectionError)
    expect((error as PersistenceConnectionError).retryable).toBe(false)
  })

  test('the first host that answers is used', async () => {
    const place = newPlace()
    const { host } = new URL(server)
    const store = await open(place.url().replace(`@${host}`, `@127.0.0.1:1,${host}`))
    expect(store.location).toContain('127.0.0.1:1,')
    expect((await store.healthCheck()).ok).toBe(true)
  })
})
