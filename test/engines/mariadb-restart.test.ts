// A MariaDB of the test's own that is killed under load and started again, and that stops accepting writes: nothing acknowledged is lost,
// the store works again by itself, and of several hosts it goes to the one that accepts writes.

import { connect } from 'node:net'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore, PersistenceError, QueryError } from '../../src/index.ts'
import { MariadbDatabases, onMariadb } from './mariadb-databases.ts'
import { type PrivateServer, startPrivateMariadb } from './private-servers.ts'
import { serverUrl } from './server-url.ts'

const shared = serverUrl('mariadb')
const task = { title: 'T', description: 'D', project: 'P', createdBy: 'ada', type: 'admin' } as const

/** The server speaks first. */
const answers = (url: string) =>
  new Promise<boolean>((resolve) => {
    const { hostname, port } = new URL(url)
    const socket = connect({ host: hostname, port: Number(port), timeout: 3000 })
    const end = (found: boolean) => {
      socket.destroy()
      resolve(found)
    }
    socket.once('data', (greeting) => end(greeting.includes('MariaDB')))
    for (const event of ['error', 'timeout', 'close']) socket.once(event, () => end(false))
  })

describe.skipIf(shared === undefined)('a MariaDB of its own', () => {
  let server: PrivateServer | undefined
  beforeAll(async () => {
    server = await startPrivateMariadb(answers)
  })
  afterAll(() => server?.stop())

  test('killed under load and started again: what was acknowledged is stored, and the store goes on', async (context) => {
    const { url, kill, start } = server ?? {}
    if (!url || !kill || !start) return context.skip('there are no binaries of a server to start')
    const databases = new MariadbDatabases(url)
    await using store = await openStore(databases.urlOf(await databases.create(), { connectTimeout: 2000 }))
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

  test('a host that became read-only is left for one that accepts writes; alone it serves readers', async (context) => {
    const { url } = server ?? {}
    if (!url || shared === undefined) return context.skip('there are no binaries of a server to start')
    const own = new MariadbDatabases(url)
    const other = new MariadbDatabases(shared)
    const database = await other.create()
    await onMariadb(url, undefined, async (connection) => {
      await connection.query(`CREATE DATABASE "${database}" CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin`)
      // Whoever may do everything may also write to a read-only server.
      await connection.query("CREATE USER reader@'%'")
      await connection.query(`GRANT ALL ON "${database}".* TO reader@'%'`)
    })
    const readerUrl = own.urlOf(database).replace('root@', 'reader@')
    await (await openStore(readerUrl)).close()
    await onMariadb(url, undefined, (connection) => connection.query('SET GLOBAL read_only = 1'))
    try {
      await using reader = await openStore(readerUrl)
      expect(await reader.tasks.count()).toBe(0)
      await expect(reader.tasks.create(task)).rejects.toBeInstanceOf(QueryError)
      const port = new URL(url).port
      const both = other.urlOf(database).replace('@127.0.0.1', `@127.0.0.1:${port},127.0.0.1`)
      await using store = await openStore(both)
      await store.tasks.create({ ...task, id: 'a' })
      await using direct = await openStore(other.urlOf(database))
      expect((await direct.tasks.get('a'))?.id).toBe('a')
    } finally {
      await onMariadb(url, undefined, (connection) => connection.query('SET GLOBAL read_only = 0'))
      await other.dropAll()
    }
  })
})
