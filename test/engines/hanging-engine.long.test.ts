// An engine that does not answer: health checks end after their two seconds, close after its own
// limit. The clock is the test's.

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { newCost, newMessage } from '../../src/conformance/support/samples.ts'
import { createSqliteEngine } from '../../src/engines/sqlite/index.ts'
import { createBackend, type Engine, type Store, TimeoutError } from '../../src/index.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})

afterEach(() => {
  vi.useRealTimers()
})

const settings = { journal: 'wal', synchronous: 'full', busyTimeout: 5000, journalSizeLimit: 0 } as const

/** An engine in memory, some of whose calls never settle. */
function hangingEngine(...calls: readonly (keyof Engine)[]): Engine {
  const engine = createSqliteEngine({ ...settings, path: ':memory:' })
  return new Proxy(engine, {
    get: (target, key) => {
      if (calls.includes(key as keyof Engine)) return () => new Promise(() => undefined)
      const member: unknown = Reflect.get(target, key)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

test('a health check gives up after two seconds and says so', async () => {
  const store = createBackend({ engine: hangingEngine('ping') })
  await store.connect()
  const checking = store.healthCheck()
  await vi.advanceTimersByTimeAsync(1999)
  let answered = false
  void checking.then(() => {
    answered = true
  })
  await Promise.resolve()
  expect(answered).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(await checking).toMatchObject({
    ok: false,
    schemaVersion: null,
    error: expect.stringContaining('2000'),
  })
  expect(vi.getTimerCount()).toBe(0)
  await store.close()
})

test('a health check that is answered leaves no timer behind', async () => {
  const store = createBackend({ engine: hangingEngine() })
  await store.connect()
  expect(await store.healthCheck()).toMatchObject({ ok: true })
  expect(vi.getTimerCount()).toBe(0)
  await store.close()
})

test.each<readonly [keyof Engine, string, (store: Store) => Promise<unknown>]>([
  ['writeSet', 'a write', (store) => store.messages.append(newMessage())],
  ['read', 'what a write looks at', (store) => store.costRecords.append(newCost({ taskId: 'a' }))],
])(
  'close gives up on a %s that never ends (%s), after closeTimeout, and the store is closed',
  async (call, _, write) => {
    const store = createBackend({ engine: hangingEngine(call), closeTimeout: 700 })
    await store.connect()
    void write(store)
    const closing = store.close().catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(699)
    expect(vi.getTimerCount()).toBeGreaterThan(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(await closing).toBeInstanceOf(TimeoutError)
    expect(store.isConnected).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  },
)
