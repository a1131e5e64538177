// What PostgreSQL refuses for being too much or unknown: connections beyond a limit, a database
// that is not there, a user who is not, a write on a database that is set read-only.

import { afterEach, describe, expect, test } from 'vitest'
import { createBackend, openStore, PersistenceConnectionError, QueryError } from '../../src/index.ts'
import { SchemaPlace } from '../support/engines/postgres-harness.ts'
import { dropSchemas, onServer } from '../support/engines/postgres-schemas.ts'
import { serverUrl } from '../support/engines/server-url.ts'

const server = serverUrl('postgres')
const task = { title: 'T', description: 'D', project: 'P', createdBy: 'ada', type: 'admin' } as const

describe.skipIf(server === undefined)('a PostgreSQL with limits', () => {
  const made: SchemaPlace[] = []
  afterEach(() =>
    dropSchemas(
      server ?? '',
      made.splice(0).map(({ schema }) => schema),
    ),
  )
  const newPlace = () => {
    const place = new SchemaPlace(server ?? '')
    made.push(place)
    return place
  }
  const as = async (place: SchemaPlace, options: string, work: (url: string) => Promise<void>) => {
    const role = `${place.schema}l`
    await onServer(server ?? '', place.schema, (client) =>
      client.query(`CREATE ROLE "${role}" LOGIN ${options};
GRANT USAGE ON SCHEMA "${place.schema}" TO "${role}"; GRANT ALL ON ALL TABLES IN SCHEMA "${place.schema}" TO "${role}"`),
    )
    try {
      const url = new URL(place.url())
      url.username = role
      await work(url.href)
    } finally {
      await onServer(server ?? '', place.schema, (client) =>
        client.query(`DROP OWNED BY "${role}"; DROP ROLE "${role}"`),
      )
    }
  }

  test('no connection left: the call that wants one more fails, and can be repeated', async () => {
    const place = newPlace()
    await (await openStore(place.url())).close()
    await as(place, 'CONNECTION LIMIT 1', async (url) => {
      await using store = await openStore({ url, migrate: 'off' })
      let second: unknown
      await store.transaction(async (tx) => {
        await tx.tasks.create({ ...task, id: 'a' })
        await using other = createBackend({ url, migrate: 'off' })
        second = await other.connect().catch((reason: unknown) => reason)
      })
      expect(second).toBeInstanceOf(PersistenceConnectionError)
      expect(second).toMatchObject({ retryable: true })
      expect((second as Error).message).toMatch(/no connection left; lower poolMax or raise max_connections/)
      expect((await store.tasks.get('a'))?.id).toBe('a')
    })
  })

  test('a database and a user that are not there are named as what to correct', async () => {
    const unknown = new URL(server ?? '')
    unknown.pathname = '/purser_no_such_database'
    const database = await openStore(unknown.href).catch((reason: unknown) => reason)
    expect(database).toBeInstanceOf(PersistenceConnectionError)
    expect(database).toMatchObject({ retryable: false })
    expect((database as Error).message).toMatch(/no such database; create it, or correct the name/)
    const nobody = new URL(server ?? '')
    nobody.username = 'purser_no_such_user'
    const user = await openStore(nobody.href).catch((reason: unknown) => reason)
    expect(user).toBeInstanceOf(PersistenceConnectionError)
    expect(user).toMatchObject({ retryable: false })
  })

  test('several hosts of which none accepts writes: a write says so, and can be repeated', async () => {
    const place = newPlace()
    await (await openStore(place.url())).close()
    await as(place, 'CONNECTION LIMIT 10', async (url) => {
      const role = new URL(url).username
      await onServer(server ?? '', place.schema, (client) =>
        client.query(`ALTER ROLE "${role}" SET default_transaction_read_only = on`),
      )
      const { host } = new URL(url)
      await using store = await openStore({
        url: url.replace(`@${host}`, `@${host},${host}`),
        migrate: 'off',
      })
      for (const write of [
        () => store.tasks.create(task),
        () => store.transaction((tx) => tx.tasks.create(task)),
      ]) {
        const error = await write().catch((reason: unknown) => reason)
        expect(error).toBeInstanceOf(QueryError)
        expect(error).toMatchObject({ retryable: true })
      }
      expect(await store.tasks.count()).toBe(0)
    })
  })
})
