// What MariaDB refuses for being too much or unknown: connections beyond a limit, a database that
// is not there, a wrong password.

import { afterAll, describe, expect, test } from 'vitest'
import { createBackend, openStore, PersistenceConnectionError } from '../../src/index.ts'
import { MariadbDatabases, onMariadb } from '../support/engines/mariadb-databases.ts'
import { serverUrl } from '../support/engines/server-url.ts'

const server = serverUrl('mariadb')
const databases = new MariadbDatabases(server ?? '')
const task = { title: 'T', description: 'D', project: 'P', createdBy: 'ada', type: 'admin' } as const

describe.skipIf(server === undefined)('a MariaDB with limits', () => {
  afterAll(() => databases.dropAll())
  const as = async (options: string, work: (url: URL) => Promise<void>) => {
    const database = await databases.create()
    const user = `purser_limits_${process.pid}`
    await onMariadb(server ?? '', undefined, async (connection) => {
      await connection.query(`CREATE USER '${user}'@'%' IDENTIFIED BY 'hunter2' ${options}`)
      await connection.query(`GRANT ALL ON "${database}".* TO '${user}'@'%'`)
    })
    try {
      const url = new URL(databases.urlOf(database))
      url.username = user
      url.password = 'hunter2'
      await work(url)
    } finally {
      await onMariadb(server ?? '', undefined, (connection) => connection.query(`DROP USER '${user}'@'%'`))
    }
  }

  test('no connection left: the call that wants one more fails, and can be repeated', async () => {
    await as('WITH MAX_USER_CONNECTIONS 2', async (url) => {
      // A migration takes a connection of its own beside the pool's.
      await using store = await openStore(url.href)
      let third: unknown
      await store.transaction(async (tx) => {
        await tx.tasks.create({ ...task, id: 'a' })
        await using second = createBackend({ url: url.href, migrate: 'off' })
        await second.connect()
        await using other = createBackend({ url: url.href, migrate: 'off' })
        third = await other.connect().catch((reason: unknown) => reason)
      })
      expect(third).toBeInstanceOf(PersistenceConnectionError)
      expect(third).toMatchObject({ retryable: true })
      expect((third as Error).message).toMatch(/limit|no connection left/)
      expect((await store.tasks.get('a'))?.id).toBe('a')
    })
  })

  test('a wrong password, and a database that is not there, are named as what to correct', async () => {
    await as('', async (url) => {
      const wrong = new URL(url)
      wrong.password = 'wrong-and-secret'
      const error = await openStore(wrong.href).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(PersistenceConnectionError)
      expect(error).toMatchObject({ retryable: false })
      expect((error as Error).message).toMatch(/refuses this user or password/)
      expect((error as Error).message).not.toContain('wrong-and-secret')
    })
    const unknown = new URL(server ?? '')
    unknown.pathname = '/purser_no_such_database'
    const error = await openStore(unknown.href).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(PersistenceConnectionError)
    expect(error).toMatchObject({ retryable: false })
    expect((error as Error).message).toMatch(
      /the database does not exist\. As an administrator, with its name: CREATE DATABASE /,
    )
  })
})
