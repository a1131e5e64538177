// A second process holds the write lock: writes wait for it without stopping the event loop, go
// through when it is given back, and otherwise end with an error that says to try again. Reads are
// never in the way of anything.

import { describe, expect, test } from 'vitest'
import { openStore, type Store } from '../../src/index.ts'
import { startChild } from '../support/child-process.ts'
import { scratchFile } from '../support/scratch.ts'

const task = { title: 't', description: 'd', project: 'p', createdBy: 'c', type: 'admin' } as const
const message = { sender: 's', to: 't', channel: 'c', type: 'question', content: 'some words' } as const

const writes: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  'one write': (store) => store.messages.append(message),
  'writes at once': (store) => Promise.all([1, 2, 3].map(() => store.messages.append(message))),
  'an update': (store) => store.tasks.update('old', { title: 'x' }, { version: 1 }),
  'a batch': (store) => store.messages.appendMany([message, message]),
  'a transaction': (store) => store.transaction((tx) => tx.messages.append(message)),
}

async function storeBesideHolder(busyTimeout: number) {
  const path = scratchFile()
  const store = await openStore(`sqlite:${path}?busyTimeout=${busyTimeout}`)
  await store.tasks.create({ ...task, id: 'old' })
  const holder = startChild('hold-lock', [path])
  await holder.line('held')
  return { store, holder }
}

/** Turns of the event loop while a promise is pending, and the longest time between two of them. */
async function turnsDuring<T>(pending: Promise<T>, onTurn: (turns: number) => void = () => undefined) {
  let turns = 0
  let longest = 0
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    turns += 1
    onTurn(turns)
  }, 1)
  try {
    const result = await pending
    return { result, turns, longest: Math.max(longest, performance.now() - last) }
  } finally {
    clearInterval(timer)
  }
}

describe.each(Object.entries(writes))('%s', (_, write) => {
  test('waits for the lock and goes through when it is given back', async () => {
    const { store, holder } = await storeBesideHolder(20_000)
    const { turns, longest } = await turnsDuring(write(store), (turn) => {
      if (turn === 25) holder.say('free')
    })
    expect(turns).toBeGreaterThanOrEqual(25)
    // Other processes of the test run take their share of the machine; a blocking wait would take
    // seconds.
    expect(longest).toBeLessThan(500)
    await store.close()
  })

  test('ends with an error that says to try again, and works when it is tried again', async () => {
    const { store, holder } = await storeBesideHolder(60)
    const started = performance.now()
    await expect(write(store)).rejects.toMatchObject({
      retryable: true,
      code: expect.stringMatching(/TIMEOUT|TRANSACTION_CONFLICT/),
    })
    expect(performance.now() - started).toBeGreaterThanOrEqual(60)
    expect(await store.messages.count()).toBe(0)
    holder.say('free')
    await holder.line('free')
    await write(store)
    await store.close()
  })
})

test('a write gives up with TimeoutError, and 64 writers wait no longer than one', async () => {
  const { store } = await storeBesideHolder(200)
  const started = performance.now()
  const outcomes = await Promise.allSettled(Array.from({ length: 64 }, () => store.messages.append(message)))
  expect(performance.now() - started).toBeLessThan(5000)
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({
      status: 'rejected',
      reason: { name: 'TimeoutError', retryable: true, cause: { code: 'SQLITE_BUSY' } },
    })
  }
  await store.close()
})

test('reads go on while another process holds the lock, and while a write of this one waits for it', async () => {
  const { store, holder } = await storeBesideHolder(20_000)
  const write = store.messages.append(message)
  for (let round = 0; round < 50; round += 1) {
    expect(await store.tasks.get('old')).toMatchObject({ title: 't' })
    expect((await store.tasks.list()).items).toHaveLength(1)
    expect(await store.messages.count()).toBe(0)
  }
  expect(await store.healthCheck()).toMatchObject({ ok: true })
  holder.say('free')
  await write
  expect(await store.messages.count()).toBe(1)
  await store.close()
})

test('opening an up-to-date database does not wait for the lock', async () => {
  const { store, holder } = await storeBesideHolder(20_000)
  const second = await openStore(`sqlite:${store.location}?busyTimeout=0`)
  expect(await second.tasks.count()).toBe(1)
  await second.close()
  holder.say('free')
  await holder.line('free')
  await store.close()
})
