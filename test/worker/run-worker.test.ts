// Workers: each task once, by its outcome; leases that are kept, and lost; stopping.

import { describe, expect, test } from 'vitest'
import {
  type ClaimedTask,
  InvalidRecordError,
  LeaseLostError,
  type NewTask,
  openStore,
  type Store,
} from '../../src/index.ts'
import { runWorker, type WorkerOptions } from '../../src/worker/index.ts'
import { describeOnServers } from '../support/engines/servers.ts'
import { scratchFile } from '../support/scratch.ts'

const task = (more: Partial<NewTask> = {}): NewTask => ({
  ...{ title: 't', description: 'd', project: 'purser', createdBy: 'lead', type: 'development' },
  ...more,
})

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))

/** Runs a worker until `stopWhen` has resolved. */
async function working(
  store: Store,
  options: Partial<WorkerOptions> & Pick<WorkerOptions, 'handle'>,
  stopWhen: () => Promise<unknown>,
) {
  const stop = new AbortController()
  const running = runWorker({ store, agent: 'agent-1', signal: stop.signal, ...options })
  await Promise.race([stopWhen(), running])
  stop.abort()
  return running
}

/** Resolves when the tasks are in a status. */
async function all(store: Store, status: 'completed' | 'failed', count: number): Promise<void> {
  const look = async () => (await store.tasks.count({ status })) >= count
  if (await look()) return
  for await (const _ of store.changes.follow({ records: ['task'] })) if (await look()) return
}

function suite(open: () => Promise<Store>): void {
  test('works on what is ready, and on what becomes ready, each task once', async () => {
    await using store = await open()
    const made = Array.from({ length: 20 }, (_, index) =>
      task({ id: `t-${index}`, dependencies: index % 2 === 1 ? [`t-${index - 1}`] : [] }),
    )
    await store.tasks.createMany(made)
    const seen: string[] = []
    let most = 0
    let now = 0
    const report = await working(
      store,
      {
        concurrency: 3,
        handle: async ({ id, assignedTo }, { store: acting }) => {
          now += 1
          most = Math.max(most, now)
          seen.push(id)
          expect(assignedTo).toBe('agent-1')
          await acting.tasks.get(id)
          now -= 1
          return { metadata: { by: id } }
        },
      },
      () => all(store, 'completed', 20),
    )
    expect(report).toEqual({ completed: 20, failed: 0, released: 0, lost: 0 })
    expect(seen.toSorted()).toEqual(made.map(({ id }) => id).toSorted())
    expect(most).toBeLessThanOrEqual(3)
    expect((await store.tasks.get('t-3'))?.metadata).toEqual({ by: 't-3' })
    const { items } = await store.audit.query({ action: 'task:complete' })
    expect(new Set(items.map(({ actor }) => actor))).toEqual(new Set(['agent-1']))
  })

  test('a handler that fails is tried again, then the task has failed', async () => {
    await using store = await open()
    await store.tasks.create(task({ id: 'a', maxRetries: 0 }))
    const told: unknown[] = []
    const report = await working(
      store,
      {
        handle: async () => {
          throw new Error('the tests fail')
        },
        onError: (error) => told.push((error as Error).message),
      },
      () => all(store, 'failed', 1),
    )
    expect(report).toMatchObject({ completed: 0, failed: 1 })
    expect(told).toEqual(['the tests fail'])
    expect(await store.tasks.get('a')).toMatchObject({ status: 'failed', lastError: 'the tests fail' })
  })

  test('a patch that breaks a rule fails the task instead of completing it', async () => {
    await using store = await open()
    await store.tasks.create(task({ id: 'a', maxRetries: 0 }))
    const report = await working(store, { handle: async () => ({ assignedTo: null }) }, () =>
      all(store, 'failed', 1),
    )
    expect(report).toMatchObject({ completed: 0, failed: 1 })
    expect((await store.tasks.get('a'))?.lastError).toContain('assignedTo')
  })

  test('a task that takes longer than its lease stays with its worker', async () => {
    await using store = await open()
    await store.tasks.create(task({ id: 'a' }))
    const report = await working(
      store,
      {
        lease: 1500,
        handle: async ({ leaseExpiresAt }) => {
          for (;;) {
            const now = await store.tasks.get('a')
            const extended = (now?.leaseExpiresAt?.getTime() ?? 0) - leaseExpiresAt.getTime()
            if (extended > 1500) return
            await new Promise((resolve) => setTimeout(resolve, 50))
          }
        },
      },
      () => all(store, 'completed', 1),
    )
    expect(report).toEqual({ completed: 1, failed: 0, released: 0, lost: 0 })
    expect(await store.tasks.get('a')).toMatchObject({ attempt: 1, version: 3 })
  })

  test('looks at the moment at which a delay ends, and the lease of another worker', async () => {
    await using store = await open()
    await store.tasks.createMany([task({ id: 'delayed' }), task({ id: 'leased', maxRetries: 3 })])
    const taken = await store.tasks.claim({ agent: 'agent-2', limit: 2, lease: '1h' })
    const ends = new Map<string, number>()
    for (const { id, claimId } of taken) {
      if (id === 'leased') continue
      const { availableAt } = await store.tasks.fail(id, claimId, { error: 'x', retryIn: 1500 })
      ends.set(id, availableAt?.getTime() ?? 0)
    }
    const lateness = new Map<string, number>()
    await working(
      store,
      {
        handle: async ({ id }) => {
          lateness.set(id, Date.now() - (ends.get(id) ?? 0))
          if (id !== 'delayed') return
          // A heartbeat is no change: the worker hears of the new end only because it asks.
          await store.tasks.heartbeat('leased', taken[0]?.claimId ?? '', { lease: 900 })
          ends.set('leased', (await store.tasks.get('leased'))?.leaseExpiresAt?.getTime() ?? 0)
        },
      },
      () => all(store, 'completed', 2),
    )
    for (const id of ['delayed', 'leased']) {
      expect(lateness.get(id), id).toBeGreaterThanOrEqual(0)
      expect(lateness.get(id), id).toBeLessThan(2500)
    }
  })

  test('a handler hears that its lease is lost, and its outcome is dropped', async () => {
    await using store = await open()
    await store.tasks.create(task({ id: 'a' }))
    const told: unknown[] = []
    let reason: unknown
    const report = await working(
      store,
      {
        lease: 600,
        handle: async (own: ClaimedTask, { signal, heartbeat }) => {
          await store.tasks.transition('a', 'cancelled', own)
          await untilAborted(signal)
          reason = signal.reason
          await expect(heartbeat()).rejects.toThrow(LeaseLostError)
          return { title: 'too late' }
        },
        onError: (error) => told.push(error),
      },
      async () => {
        while (reason === undefined) await new Promise((resolve) => setTimeout(resolve, 20))
      },
    )
    expect(report).toEqual({ completed: 0, failed: 0, released: 0, lost: 1 })
    expect(reason).toBeInstanceOf(LeaseLostError)
    expect(told).toHaveLength(1)
    expect(await store.tasks.get('a')).toMatchObject({ status: 'cancelled', title: 't' })
  })

  test('a handler that goes on after its lease is lost still takes the room of a task', async () => {
    await using store = await open()
    await store.tasks.createMany([task({ id: 'a', priority: 'critical' }), task({ id: 'b' })])
    const steps: string[] = []
    const report = await working(
      store,
      {
        lease: 300,
        concurrency: 1,
        handle: async (own: ClaimedTask) => {
          steps.push(`begin ${own.id}`)
          if (own.id === 'a') {
            await store.tasks.transition('a', 'cancelled', own)
            await new Promise((resolve) => setTimeout(resolve, 700))
          }
          steps.push(`end ${own.id}`)
        },
        onError: () => steps.push('lost'),
      },
      async () => {
        while (!steps.includes('end b')) await new Promise((resolve) => setTimeout(resolve, 20))
      },
    )
    expect(steps).toEqual(['begin a', 'lost', 'end a', 'begin b', 'end b'])
    expect(report).toMatchObject({ lost: 1 })
  })

  test('when it stops it drains, and gives back what takes too long', async () => {
    await using store = await open()
    await store.tasks.createMany([task({ id: 'quick' }), task({ id: 'slow' }), task({ id: 'unclaimed' })])
    const started: string[] = []
    let aborted = false
    const report = await working(
      store,
      {
        concurrency: 2,
        drain: 300,
        handle: async ({ id }, { signal }) => {
          started.push(id)
          if (id === 'quick') {
            await new Promise((resolve) => setTimeout(resolve, 50))
            return
          }
          await untilAborted(signal)
          aborted = true
        },
      },
      async () => {
        while (started.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
      },
    )
    expect(report).toEqual({ completed: 1, failed: 0, released: 1, lost: 0 })
    expect(aborted).toBe(true)
    expect(started).toEqual(['quick', 'slow'])
    expect(await store.tasks.get('slow')).toMatchObject({ status: 'interrupted', claimId: null })
    expect(await store.tasks.get('unclaimed')).toMatchObject({ status: 'created' })
  })
}

describe('a worker on SQLite', () => {
  suite(() => openStore(`sqlite:${scratchFile()}`))

  test('hears of new work by the feed, without a pause', async () => {
    await using store = await openStore('sqlite::memory:')
    const times: number[] = []
    await working(store, { handle: async () => void times.push(performance.now()) }, async () => {
      for (let round = 0; round < 5; round += 1) {
        const before = performance.now()
        await store.tasks.create(task())
        while (times.length <= round) await new Promise((resolve) => setTimeout(resolve, 2))
        expect((times[round] as number) - before).toBeLessThan(500)
      }
    })
  })

  test('works without a feed too', async () => {
    await using store = await openStore({ url: 'sqlite::memory:', changes: false })
    let done = 0
    await working(
      store,
      {
        handle: async () => {
          done += 1
        },
      },
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 50))
        await store.tasks.create(task())
        while (done === 0) await new Promise((resolve) => setTimeout(resolve, 10))
      },
    )
    expect(done).toBe(1)
  })

  test('only what its filter says', async () => {
    await using store = await openStore('sqlite::memory:')
    await store.tasks.createMany([task({ id: 'a' }), task({ id: 'b', project: 'web' })])
    const seen: string[] = []
    const handle = async ({ id }: ClaimedTask) => void seen.push(id)
    await working(store, { filter: { project: 'web' }, handle }, () => all(store, 'completed', 1))
    expect(seen).toEqual(['b'])
  })

  test('options that make no sense are refused at once', async () => {
    await using store = await openStore('sqlite::memory:')
    const handle = async () => undefined
    const wrong: object[] = [
      { handle: undefined },
      { handle, concurrency: 0 },
      { handle, lease: 0 },
      { handle, lease: '365d' },
      { handle, drain: -1 },
      { handle, signal: {} },
      { handle, agent: ' ' },
      { handle, patience: 3 },
      { handle, filter: { tree: true } },
    ]
    for (const options of wrong) {
      const given = { store, agent: 'agent-1', ...options } as unknown as WorkerOptions
      await expect(runWorker(given), JSON.stringify(options)).rejects.toThrow(InvalidRecordError)
    }
  })

  test('ends with the error when its store is closed', async () => {
    const store = await openStore('sqlite::memory:')
    const running = runWorker({ store, agent: 'agent-1', handle: async () => undefined })
    await new Promise((resolve) => setTimeout(resolve, 20))
    await store.close()
    await expect(running).rejects.toMatchObject({ code: 'CONNECTION_FAILED' })
  })
})

describeOnServers('a worker', (places) => {
  suite(async () => openStore(places.urlOf(await places.create())))
})
