// A server of the test's own that is killed under load and started again: nothing acknowledged is
// lost, and the store works again by itself. And what only a server of one's own can be made to do:
// ask for passwords, stop accepting writes.

import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore, PersistenceConnectionError, PersistenceError, QueryError } from '../../src/index.ts'
import { onMariadb } from '../support/engines/mariadb-databases.ts'
import { onServer } from '../support/engines/postgres-schemas.ts'
import {
  type PrivateServer,
  startPrivateMariadb,
  startPrivatePostgres,
} from '../support/engines/private-servers.ts'
import { type ServerEngine, serverEngines, serverUrl } from '../support/engines/server-url.ts'
import { placesAt } from '../support/engines/servers.ts'

/** One user of PostgreSQL has to give a password. */
const access = `local all all trust
host all postgres 127.0.0.1/32 trust
host all guarded 127.0.0.1/32 scram-sha-256
`
const task = { title: 'T', description: 'D', project: 'P', createdBy: 'ada', type: 'admin' } as const

const start = {
  postgres: () => startPrivatePostgres({ access }),
  mariadb: () => startPrivateMariadb(),
}

type OwnServer = Required<PrivateServer>

/**
 * Where the engine is tested at all it must be possible to start it, or the tests are skipped and
 * say so; in CI they fail.
 */
function onOwnServer(engine: ServerEngine) {
  let server: PrivateServer | undefined
  beforeAll(async () => {
    server = await start[engine]()
    if (server === undefined && process.env.CI)
      throw new Error(`there are no programs to start a ${serverEngines[engine]} with, and CI is set`)
  })
  afterAll(() => server?.stop())
  return (title: string, work: (server: OwnServer) => Promise<void>) =>
    test(title, async (context) => {
      if (!server?.kill || !server.start)
        return context.skip(`there are no programs to start a ${serverEngines[engine]} with`)
      await work({ ...server, kill: server.kill, start: server.start })
    })
}

async function killUnderLoad(
  engine: ServerEngine,
  { url, kill, start: startAgain }: OwnServer,
): Promise<void> {
  const places = placesAt(engine, url)
  await using store = await openStore(places.urlOf(await places.create(), { connectTimeout: 2000 }))
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
    await startAgain()
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
}

describe.skipIf(serverUrl('postgres') === undefined)('a PostgreSQL of its own', () => {
  const testOn = onOwnServer('postgres')

  testOn(
    'killed under load and started again: what was acknowledged is stored, and the store goes on',
    (server) => killUnderLoad('postgres', server),
  )

  testOn('a wrong password, and none, are refused for good; the right one opens', async ({ url }) => {
    await onServer(url, undefined, (client) =>
      client.query(
        "CREATE ROLE guarded LOGIN PASSWORD 'right and secret'; GRANT CREATE ON DATABASE postgres TO guarded",
      ),
    )
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

const shared = serverUrl('mariadb')

describe.skipIf(shared === undefined)('a MariaDB of its own', () => {
  const testOn = onOwnServer('mariadb')

  testOn(
    'killed under load and started again: what was acknowledged is stored, and the store goes on',
    (server) => killUnderLoad('mariadb', server),
  )

  testOn(
    'a host that became read-only is left for one that accepts writes; alone it serves readers',
    async ({ url }) => {
      const own = placesAt('mariadb', url)
      const other = placesAt('mariadb', shared ?? '')
      const database = await other.create()
      await onMariadb(url, undefined, async (connection) => {
        await connection.query(
          `CREATE DATABASE "${database}" CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin`,
        )
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
        const both = new URL(other.urlOf(database))
        const hosts = `127.0.0.1:${new URL(url).port},${both.host}`
        await using store = await openStore(both.href.replace(both.host, hosts))
        await store.tasks.create({ ...task, id: 'a' })
        await using direct = await openStore(other.urlOf(database))
        expect((await direct.tasks.get('a'))?.id).toBe('a')
      } finally {
        await onMariadb(url, undefined, (connection) => connection.query('SET GLOBAL read_only = 0'))
        await other.dropAll()
      }
    },
  )
})
