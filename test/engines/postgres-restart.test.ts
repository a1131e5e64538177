// A PostgreSQL of the test's own that is killed under load and started again, and that asks for passwords: nothing acknowledged is
// lost, the store works again by itself, and a wrong password is said so without being repeated.

import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createBackend, openStore, PersistenceConnectionError, PersistenceError } from '../../src/index.ts'
import { type PrivateServer, startPrivatePostgres } from './private-servers.ts'
import { postgresAnswers } from './server-harness.ts'
import { serverUrl } from './server-url.ts'

const access = `local all all trust
host all postgres 127.0.0.1/32 trust
host all guarded 127.0.0.1/32 scram-sha-256
`
const task = { title: 'T', description: 'D', project: 'P', createdBy: 'ada', type: 'admin' } as const

describe.skipIf(serverUrl('postgres') === undefined)('a PostgreSQL of its own', () => {
  let server: PrivateServer | undefined
  beforeAll(async () => {
    server = await startPrivatePostgres(postgresAnswers, access)
  })
  afterAll(() => server?.stop())

  test('killed under load and started again: what was acknowledged is stored, and the store goes on', async (context) => {
    const { url, kill, start } = server ?? {}
    if (!url || !kill || !start) return context.skip('there are no binaries of a server to start')
    await using store = await openStore(`${url}?schema=restarted&connectTimeout=2000`)
    const acknowledged: string[] = []
    const errors: unknown[] = []
    let working = true
    const callers = Array.from({ length: 32 }, async (_, caller) => {
      for (let turn = 0; working; turn += 1) {
        const id = `${caller}-${turn}`
        try {
          await store.tasks.create({ ...task, id })
          acknowledged.push(id)
        } catch (error) {
          errors.push(error)
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
      }
    })
    const reached = async (count: number) => {
      while (acknowledged.length < count) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    for (let round = 0; round < 2; round += 1) {
      await reached(acknowledged.length + 200)
      await kill()
      expect((await store.healthCheck()).ok).toBe(false)
      await start()
      await reached(acknowledged.length + 200)
    }
    working = false
    await Promise.all(callers)
    expect(errors.length).toBeGreaterThan(0)
    for (const error of errors) {
      expect(error).toBeInstanceOf(PersistenceError)
      expect((error as PersistenceError).retryable, inspect(error)).toBe(true)
    }
    const there = await store.tasks.getMany(acknowledged)
    expect(acknowledged.filter((id) => !there.has(id))).toEqual([])
    expect((await store.healthCheck()).ok).toBe(true)
  })

  test('a wrong password, and none, are refused for good; the right one opens', async (context) => {
    const { url, kill } = server ?? {}
    if (!url || !kill) return context.skip('there are no binaries of a server to start')
    const admin = createBackend(`${url}?schema=own`)
    await admin.connect()
    await admin.close()
    const { default: pg } = await import('pg')
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(
      "CREATE ROLE guarded LOGIN PASSWORD 'right and secret'; GRANT CREATE ON DATABASE postgres TO guarded",
    )
    await client.end()
    const as = (password: string) => `${url.replace('postgres@', `guarded${password}@`)}?schema=guarded`
    for (const password of [':wrong-and-secret', '']) {
      const error = await openStore(as(password)).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(PersistenceConnectionError)
      expect((error as PersistenceConnectionError).retryable).toBe(false)
      expect(inspect(error)).not.toContain('wrong-and-secret')
    }
    await using store = await openStore(as(':right%20and%20secret'))
    expect(store.location).not.toContain('secret')
    expect(await store.tasks.count()).toBe(0)
  })
})
