// The pool of connections to a server: its limit, who comes first, and what becomes of connections
// that break.

import { expect, test, vi } from 'vitest'
import { ServerPool } from '../../src/engines/server/pool.ts'
import { PersistenceConnectionError, TimeoutError } from '../../src/errors.ts'

class FakeConnection {
  broken = false
  closed = 0
  failsToClose = false
  async close(): Promise<void> {
    this.closed += 1
    if (this.failsToClose) throw new RangeError('close')
  }
}

function makePool(max = 2, timeout = 1000) {
  const opened: FakeConnection[] = []
  const state = { fails: false }
  const pool = new ServerPool<FakeConnection>({
    max,
    timeout,
    open: async () => {
      await Promise.resolve()
      if (state.fails) throw new RangeError('open')
      const connection = new FakeConnection()
      opened.push(connection)
      return connection
    },
  })
  return { pool, opened, state }
}

test('connections are opened as they are needed, up to the limit, and used again', async () => {
  const { pool, opened } = makePool()
  const [one, two] = await Promise.all([pool.acquire(), pool.acquire()])
  expect(opened).toHaveLength(2)
  const order: number[] = []
  const third = pool.acquire().then((connection) => {
    order.push(3)
    return connection
  })
  const fourth = pool.acquire().then((connection) => {
    order.push(4)
    return connection
  })
  pool.release(two)
  pool.release(one)
  expect([await third, await fourth]).toEqual([two, one])
  expect(order).toEqual([3, 4])
  expect(opened).toHaveLength(2)
})

test('who waits too long is told what to raise, and takes no connection later', async () => {
  vi.useFakeTimers()
  try {
    const { pool } = makePool(1, 50)
    const only = await pool.acquire()
    const waiting = pool.acquire().catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(50)
    const error = await waiting
    expect(error).toBeInstanceOf(TimeoutError)
    expect((error as TimeoutError).message).toContain('poolMax')
    pool.release(only)
    expect(await pool.acquire()).toBe(only)
  } finally {
    vi.useRealTimers()
  }
})

test('a broken connection is thrown away, and whoever waits gets a new one', async () => {
  const { pool, opened } = makePool(1)
  const only = await pool.acquire()
  const waiting = pool.acquire()
  only.broken = true
  pool.release(only)
  const next = await waiting
  expect(next).not.toBe(only)
  expect([only.closed, opened.length]).toEqual([1, 2])
  pool.release(next)
  next.broken = true
  expect(await pool.acquire()).not.toBe(next)
})

test('when no connection can be opened, everybody who waits is told, and the pool works when it can', async () => {
  const { pool, state } = makePool(1)
  state.fails = true
  const settled = await Promise.allSettled([pool.acquire(), pool.acquire(), pool.acquire()])
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  state.fails = false
  const connection = await pool.acquire()
  expect(connection.broken).toBe(false)
})

test('closing closes all, refuses who waits, and throws the first error of closing', async () => {
  const { pool, opened } = makePool(2)
  const [one] = await Promise.all([pool.acquire(), pool.acquire()])
  const waiting = pool.acquire().catch((error: unknown) => error)
  one.failsToClose = true
  await expect(pool.close()).rejects.toBeInstanceOf(RangeError)
  expect(opened.map(({ closed }) => closed)).toEqual([1, 1])
  expect(await waiting).toBeInstanceOf(PersistenceConnectionError)
  await expect(pool.acquire()).rejects.toBeInstanceOf(PersistenceConnectionError)
})

test('work that throws gives its connection back', async () => {
  const { pool, opened } = makePool(1)
  await expect(pool.use(async () => Promise.reject(new RangeError('work')))).rejects.toBeInstanceOf(
    RangeError,
  )
  await pool.use(async () => undefined)
  expect(opened).toHaveLength(1)
})
