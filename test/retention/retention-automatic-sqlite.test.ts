// Pruning in the background: only where it is configured, once an hour over all stores of a
// database, and never in anybody's way.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { inThePast } from '../../src/conformance/store/clock.ts'
import { daysAgo } from '../../src/conformance/support/retention-samples.ts'
import { newEntry, newMessage } from '../../src/conformance/support/samples.ts'
import { openStore, type Store, type StoreOptions } from '../../src/index.ts'
import { withDatabase } from '../support/database-content.ts'
import { scratchFile } from '../support/scratch.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

type Retention = StoreOptions['retention']

async function open(url: string, retention: Retention): Promise<Store> {
  const store = await openStore({ url, retention })
  onTestFinished(() => store.close())
  return store
}

async function fill(store: Store, count = 300): Promise<void> {
  await store.messages.appendMany(
    Array.from({ length: count }, () => newMessage({ timestamp: daysAgo(100) })),
  )
}

/** Lets an amount of time go by, and what is due in it be done. */
async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds)
  // Batches have pauses of their own.
  for (let turn = 0; turn < 50; turn += 1) await vi.advanceTimersByTimeAsync(50)
}

const runs = async (store: Store) => (await store.audit.query({ action: 'retention:prune' })).items

describe('with timers of the test', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('nothing is pruned unless that is configured', async () => {
    for (const retention of [undefined, { messages: '90d' }, { messages: '90d', automatic: false }]) {
      const store = await open('sqlite::memory:', retention)
      expect(vi.getTimerCount()).toBe(0)
      await fill(store, 3)
      await pass(3 * HOUR)
      expect(await store.messages.count()).toBe(3)
    }
  })

  test('a minute after opening, and then once an hour', async () => {
    const store = await open('sqlite::memory:', { messages: '90d', automatic: true })
    const pruned: number[] = []
    store.on('persistence.retention.pruned', ({ rows }) => pruned.push(rows))
    await fill(store)
    await pass(MINUTE / 2)
    expect(pruned).toEqual([])
    await pass(MINUTE / 2)
    expect([pruned, await store.messages.count()]).toEqual([[300], 0])
    const [entry] = await runs(store)
    expect(entry).toMatchObject({ actor: 'retention', subjectId: 'messages' })
    await fill(store, 7)
    await pass(HOUR / 2)
    expect(pruned).toEqual([300])
    await pass(HOUR / 2)
    expect(pruned).toEqual([300, 7])
    // Where nothing is due, nothing is written.
    await pass(5 * HOUR)
    expect(await runs(store)).toHaveLength(2)
    await store.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('of several stores on one database, one prunes within an hour', async () => {
    const url = `sqlite:${scratchFile()}`
    const retention = { messages: '90d', automatic: true }
    const stores = [await open(url, retention), await open(url, retention), await open(url, retention)]
    const failed: string[] = []
    for (const store of stores) store.on('persistence.retention.failed', ({ code }) => failed.push(code))
    const [store] = stores as [Store, ...Store[]]
    await fill(store)
    await pass(MINUTE)
    expect([await store.messages.count(), (await runs(store)).length]).toEqual([0, 1])
    await fill(store, 5)
    const late = await open(url, retention)
    await pass(2 * MINUTE)
    expect(await late.messages.count()).toBe(5)
    await pass(HOUR)
    expect([await late.messages.count(), (await runs(store)).length]).toEqual([0, 2])
    expect(failed).toEqual([])
  })

  test('an error is told by an event, and nobody else notices', async () => {
    const path = scratchFile()
    const store = await open(`sqlite:${path}`, { audit: '90d', automatic: true })
    await inThePast(100 * DAY, () => store.audit.append(newEntry()))
    withDatabase(
      path,
      (handle) => {
        handle.exec('DROP TRIGGER audit_entries_no_update')
        handle.exec("UPDATE audit_entries SET actor = 'nobody'")
      },
      false,
    )
    const failed: string[] = []
    store.on('persistence.retention.failed', ({ code }) => failed.push(code))
    await pass(MINUTE)
    expect(failed).toEqual(['QUERY_FAILED'])
    await store.messages.append(newMessage())
    expect(await store.audit.cuts()).toEqual([])
    await pass(HOUR)
    expect(failed).toHaveLength(2)
  })

  test('closing ends it after the batch under way, and opening begins anew', async () => {
    const store = await open(`sqlite:${scratchFile()}`, { messages: '90d', automatic: true })
    await fill(store, 1500)
    const failed: string[] = []
    store.on('persistence.retention.failed', ({ code }) => failed.push(code))
    await vi.advanceTimersByTimeAsync(MINUTE)
    const closing = store.close()
    await pass(MINUTE)
    await closing
    expect([vi.getTimerCount(), failed]).toEqual([0, []])
    await store.connect()
    const left = await store.messages.count()
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThan(1500)
    // Within the hour it was pruned already.
    await pass(2 * MINUTE)
    expect(await store.messages.count()).toBe(left)
    await pass(HOUR)
    expect(await store.messages.count()).toBe(0)
  })
})

test('it keeps no process alive', async () => {
  const library = fileURLToPath(new URL('../../src/index.ts', import.meta.url))
  const script = `import { openStore } from ${JSON.stringify(library)}
await openStore({ url: 'sqlite::memory:', retention: { messages: '90d', automatic: true } })`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'inherit' })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  expect(await once(child, 'exit')).toEqual([0, null])
}, 30_000)
