// A PostgreSQL with a standby that streams from it and has every commit before it is acknowledged.
// The primary is killed under load and the standby promoted: the store goes on without being opened
// again, and nothing acknowledged is lost.

import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore, PersistenceError } from '../../src/index.ts'
import { serverUrl } from '../support/engines/server-url.ts'
import { hasPostgres, type PostgresProcess, startPostgres } from '../support/server-process.ts'

const task = { title: 'T', description: 'D', project: 'P', createdBy: 'ada', type: 'admin' } as const
const access =
  'local all all trust\nhost all all 127.0.0.1/32 trust\nhost replication all 127.0.0.1/32 trust\n'

if (!hasPostgres) console.warn('SKIPPED: failover of PostgreSQL; this machine has no binaries of it')

describe.skipIf(serverUrl('postgres') === undefined || !hasPostgres)('a PostgreSQL and its standby', () => {
  let primary: PostgresProcess
  let standby: PostgresProcess
  beforeAll(async () => {
    primary = await startPostgres(() => ({}), { access })
    standby = await startPostgres(() => ({}), { of: primary })
    await primary.query("ALTER SYSTEM SET synchronous_standby_names = '*'")
    await primary.query('SELECT pg_reload_conf()')
  }, 120_000)
  afterAll(async () => {
    await standby?.remove()
    await primary?.remove()
  })

  test('the store follows to the standby that was promoted, with all that was acknowledged', async () => {
    // The standby comes first: it can be read and is passed over all the same.
    const hosts = `127.0.0.1:${standby.port},127.0.0.1:${primary.port}`
    await using store = await openStore(`postgres://postgres@${hosts}/postgres?connectTimeout=2000`)
    const acknowledged: string[] = []
    const errors: unknown[] = []
    let working = true
    const call = async (id: string, create: () => Promise<unknown>) => {
      try {
        await create()
        acknowledged.push(id)
      } catch (error) {
        errors.push(error)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    const callers = Array.from({ length: 16 }, async (_, caller) => {
      for (let turn = 0; working; turn += 1) {
        const id = `${caller}-${turn}`
        // One in four writes in a transaction, whose connections are others than those of sets.
        if (caller % 4 > 0) await call(id, () => store.tasks.create({ ...task, id }))
        else await call(id, () => store.transaction((tx) => tx.tasks.create({ ...task, id })))
      }
    })
    const reached = async (count: number) => {
      const deadline = performance.now() + 60_000
      while (acknowledged.length < count && performance.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 5))
      expect(acknowledged.length, inspect(errors.at(-1))).toBeGreaterThanOrEqual(count)
    }
    await reached(200)
    await primary.kill()
    const failedBefore = errors.length
    // Meanwhile nobody accepts writes, and the store says so.
    while (errors.length < failedBefore + 16) await new Promise((resolve) => setTimeout(resolve, 5))
    await standby.query('SELECT pg_promote()')
    await reached(acknowledged.length + 200)
    working = false
    await Promise.all(callers)
    for (const error of errors) {
      expect(error).toBeInstanceOf(PersistenceError)
      expect((error as PersistenceError).retryable, inspect(error)).toBe(true)
    }
    const there = await store.tasks.getMany(acknowledged)
    expect(acknowledged.filter((id) => !there.has(id))).toEqual([])
    expect((await store.audit.verify()).ok).toBe(true)
    expect(await store.healthCheck()).toMatchObject({ ok: true })
  }, 180_000)
})
