// What happens to a server while a store works on it: connections cut, locks held, time limits, too
// few connections, hosts that do not answer. Each ends in the right class of error, nothing
// acknowledged is lost, and the store works again. What only one of the servers has is in
// postgres-faults.test.ts and mariadb-faults.test.ts.

import { afterEach, expect, test } from 'vitest'
import {
  ConstraintViolationError,
  openStore,
  PersistenceConnectionError,
  type PersistenceError,
  type Store,
  TimeoutError,
  TransactionConflictError,
} from '../../src/index.ts'
import { describeOnServers, engineAt } from '../support/engines/servers.ts'
import { lineTo } from '../support/transfer/cut-line.ts'

const task = { title: 'T', description: 'D', project: 'P', createdBy: 'ada', type: 'admin' } as const

/** A statement that takes far longer than any limit of these tests. */
const slow = {
  postgres: 'SELECT pg_sleep(5)',
  mariadb: 'SELECT count(*) FROM seq_1_to_100000000 WHERE seq % 7 = SQRT(seq)',
}

describeOnServers('a store', (places) => {
  const stores: Store[] = []
  const open = async (url: string) => {
    const store = await openStore(url)
    stores.push(store)
    return store
  }
  const newPlace = async () => {
    const place = places.reserve()
    await places.lay(place)
    return place
  }

  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close().catch(() => undefined)
  })

  test('connections cut under load: what was acknowledged is stored, and the store works on', async () => {
    const place = await newPlace()
    const store = await open(places.urlOf(place))
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
      await places.cut(place)
    }
    working = false
    await Promise.all(callers)
    for (const error of errors) {
      expect(error).toBeInstanceOf(PersistenceConnectionError)
      expect((error as PersistenceError).retryable).toBe(true)
    }
    expect(acknowledged.length).toBeGreaterThan(250)
    const there = new Set((await places.rows(place, 'SELECT id FROM tasks')).map(([id]) => id))
    expect(acknowledged.filter((id) => !there.has(id))).toEqual([])
  })

  test('a transaction whose connection is cut is rolled back whole', async () => {
    const place = await newPlace()
    const store = await open(places.urlOf(place))
    const work = store.transaction(async (tx) => {
      await tx.tasks.create({ ...task, id: 'a' })
      await places.cut(place)
      await tx.tasks.create({ ...task, id: 'b' })
    })
    await expect(work).rejects.toBeInstanceOf(PersistenceConnectionError)
    expect(await store.tasks.count()).toBe(0)
    await store.transaction((tx) => tx.tasks.create({ ...task, id: 'c' }))
    expect(await store.tasks.count()).toBe(1)
  })

  test('a read on a connection that was cut while nobody used it is asked again', async () => {
    const place = await newPlace()
    const store = await open(places.urlOf(place))
    await store.tasks.create({ ...task, id: 'a' })
    await places.cut(place)
    expect((await store.tasks.get('a'))?.id).toBe('a')
  })

  test('U22: a server that is gone while nothing is under way is told by its address, and not that a write may be stored', async () => {
    const place = await newPlace()
    const line = await lineTo(places.urlOf(place))
    const store = await open(line.url)
    await store.tasks.create({ ...task, id: 'a' })
    await line.end()
    const { port } = new URL(line.url)
    const calls = [
      () => store.tasks.get('a'),
      () => store.tasks.create({ ...task, id: 'b' }),
      () => store.transaction((tx) => tx.tasks.create({ ...task, id: 'c' })),
    ]
    for (const call of calls) {
      const error = await call().catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(PersistenceConnectionError)
      expect((error as PersistenceError).message).toContain(`nothing answers on 127.0.0.1:${port}`)
      expect((error as PersistenceError).message).not.toContain('stored')
      expect((error as PersistenceError).retryable).toBe(true)
    }
    const { ok, error } = await store.healthCheck()
    expect(ok).toBe(false)
    expect(error).toContain(`nothing answers on 127.0.0.1:${port}`)
  })

  test('a lock that another holds: TimeoutError for a call, TransactionConflictError for a transaction', async () => {
    const place = await newPlace()
    const store = await open(places.urlOf(place, { lockTimeout: 100 }))
    await store.tasks.create({ ...task, id: 'a' })
    await places.holding(place, "SELECT 1 FROM tasks WHERE id = 'a' FOR UPDATE", async () => {
      const update = store.tasks.update('a', { title: 'U' }, { version: 1 })
      const error = await update.catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(TimeoutError)
      expect((error as TimeoutError).retryable).toBe(true)
      const inside = store.transaction((tx) => tx.tasks.update('a', { title: 'U' }, { version: 1 }))
      await expect(inside).rejects.toBeInstanceOf(TransactionConflictError)
    })
    expect((await store.tasks.update('a', { title: 'U' }, { version: 1 })).version).toBe(2)
  })

  test('a statement that runs too long ends in a TimeoutError, and its connection goes on', async () => {
    const place = await newPlace()
    const engine = engineAt(places.engine, places.urlOf(place, { statementTimeout: 200, poolMax: 1 }))
    const store = await openStore({ engine })
    stores.push(store)
    const reading = engine.read({ sql: slow[places.engine], parameters: [] })
    await expect(reading).rejects.toBeInstanceOf(TimeoutError)
    expect(await store.tasks.count()).toBe(0)
  })

  test('no connection free in time: a TimeoutError that says what to raise', async () => {
    const place = await newPlace()
    const store = await open(places.urlOf(place, { poolMax: 1, connectTimeout: 150 }))
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
    const place = await newPlace()
    const [one, two] = [await open(places.urlOf(place)), await open(places.urlOf(place))]
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

  test('several hundred writes of which some are refused: those fail alone', async () => {
    const place = await newPlace()
    const store = await open(places.urlOf(place))
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

  test('a host that does not answer is left for the next; a place that was lost is found there again', async () => {
    const place = await newPlace()
    const { host } = new URL(places.server)
    const store = await open(places.urlOf(place).replace(`@${host}`, `@127.0.0.1:1,${host}`))
    expect(store.location).toContain('127.0.0.1:1,')
    expect((await store.healthCheck()).ok).toBe(true)
    await store.tasks.create({ ...task, id: 'a' })
    await places.cut(place)
    await store.tasks.create({ ...task, id: 'b' }).catch(() => store.tasks.create({ ...task, id: 'b' }))
    expect(await store.tasks.count()).toBe(2)
  })
})
