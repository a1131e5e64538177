// What a view of a store promises beyond the conformance cases, engine by engine: no statement's
// limit of time cuts it, a lost connection is told as one, and where a database has one version of
// its rows only, nobody waits for ever.

import { expect, test } from 'vitest'
import {
  createBackend,
  PersistenceConnectionError,
  type Store,
  TimeoutError,
  TransactionConflictError,
} from '../../src/index.ts'
import { internalsOf } from '../../src/store/store-internals.ts'
import { type EngineName, freshUrl } from '../support/fresh-url.ts'
import { scratchFile } from '../support/scratch.ts'
import { connected, onMariadb, onPostgres, opened, placeNames } from '../support/transfer/places.ts'

const engineOf = (store: Store) => internalsOf(store).engine
const servers = placeNames.filter((place) => place !== 'sqlite')

const task = { title: 't', description: 'd', project: 'p', createdBy: 'x', type: 'admin' } as const
const countTasks = { sql: 'SELECT count(*) FROM tasks', parameters: [] }
const sleeps: Readonly<Record<EngineName, string>> = {
  sqlite: '',
  postgres: 'SELECT pg_sleep(0.6)',
  mariadb: 'SELECT SLEEP(0.6)',
}

test.each(servers)('the limit of time that statements have does not cut a view on %s', async (place) => {
  const url = await freshUrl(place)
  await opened(url)
  const store = await connected(`${url}&statementTimeout=300`)
  const snapshot = await engineOf(store).snapshot()
  await expect(engineOf(store).read({ sql: sleeps[place], parameters: [] })).rejects.toThrow(TimeoutError)
  await snapshot.read({ sql: sleeps[place], parameters: [] })
  await snapshot.close()
})

test.each(servers)('a view is had while every connection of the pool is in use on %s', async (place) => {
  const store = await opened(await freshUrl(place, { poolMax: 1 }))
  const transaction = await engineOf(store).begin()
  const snapshot = await engineOf(store).snapshot()
  expect(Number((await snapshot.read(countTasks))[0]?.[0])).toBe(0)
  await transaction.rollback()
  await snapshot.close()
})

const ends: Readonly<Record<EngineName, { readonly own: string; end(id: string): Promise<void> }>> = {
  sqlite: { own: '', end: async () => undefined },
  postgres: { own: 'SELECT pg_backend_pid()', end: (id) => onPostgres(`SELECT pg_terminate_backend(${id})`) },
  mariadb: { own: 'SELECT CONNECTION_ID()', end: (id) => onMariadb(`KILL ${id}`) },
}

test.each(servers)('a view whose connection is lost says so, and the next one works on %s', async (place) => {
  const store = await opened(await freshUrl(place))
  const snapshot = await engineOf(store).snapshot()
  const [row] = await snapshot.read({ sql: ends[place].own, parameters: [] })
  await ends[place].end(String(row?.[0]))
  const failure = await snapshot.read(countTasks).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(PersistenceConnectionError)
  expect(failure).toMatchObject({ retryable: true })
  await snapshot.close()
  const next = await engineOf(store).snapshot()
  expect(Number((await next.read(countTasks))[0]?.[0])).toBe(0)
  await next.close()
})

test('without a write-ahead log a writer waits for a view, and no longer than for any lock', async () => {
  const store = await opened(`sqlite:${scratchFile()}?journal=delete&busyTimeout=150`)
  await store.tasks.create(task)
  const snapshot = await engineOf(store).snapshot()
  await expect(store.tasks.create(task)).rejects.toThrow(TimeoutError)
  expect(Number((await snapshot.read(countTasks))[0]?.[0])).toBe(1)
  await snapshot.close()
  await store.tasks.create(task)
  expect(await store.tasks.count()).toBe(2)
})

test('with a write-ahead log a writer goes on, and the view stays as it was', async () => {
  const store = await opened(`sqlite:${scratchFile()}?busyTimeout=150`)
  const snapshot = await engineOf(store).snapshot()
  for (let index = 0; index < 20; index += 1) await store.tasks.create(task)
  expect(Number((await snapshot.read(countTasks))[0]?.[0])).toBe(0)
  await snapshot.close()
})

test('a database in memory waits for a transaction that stands open, and gives up like for any lock', async () => {
  const store = createBackend('sqlite::memory:?busyTimeout=100')
  await store.connect()
  await store.migrate()
  await store.tasks.create(task)
  const engine = engineOf(store)
  const transaction = await engine.begin()
  await expect(engine.snapshot()).rejects.toThrow(TransactionConflictError)
  await transaction.rollback()
  const snapshot = await engine.snapshot()
  await store.tasks.create(task)
  expect(Number((await snapshot.read(countTasks))[0]?.[0])).toBe(1)
  await store.close()
  await expect(snapshot.read(countTasks)).rejects.toThrow(PersistenceConnectionError)
})

test.each(placeNames)(
  'a database on %s is told from others, by whatever name it is reached',
  async (place) => {
    const url = await freshUrl(place)
    const [one, same, other] = [await opened(url), await opened(url), await opened(await freshUrl(place))]
    const uniqueKey = (store: Store) => engineOf(store).uniqueKey?.()
    expect(await uniqueKey(one)).toBe(await uniqueKey(same))
    expect(await uniqueKey(other)).not.toBe(await uniqueKey(one))
    if (place === 'sqlite') return
    const elsewhere = await opened(url.replace('127.0.0.1', 'localhost'))
    expect(await uniqueKey(elsewhere)).toBe(await uniqueKey(one))
  },
)
