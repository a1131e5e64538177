// What only PostgreSQL does to a store: users who may not write, few rights, a schema that is not
// there. The rest is in server-faults.test.ts.

import type pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import {
  createBackend,
  openStore,
  PersistenceConnectionError,
  PersistenceError,
  QueryError,
  type Store,
} from '../../src/index.ts'
import { SchemaPlace } from '../support/engines/postgres-harness.ts'
import { dropSchemas, onServer } from '../support/engines/postgres-schemas.ts'
import { describeOnServers } from '../support/engines/servers.ts'

const task = { title: 'T', description: 'D', project: 'P', createdBy: 'ada', type: 'admin' } as const

describeOnServers(
  'a store with few rights',
  ({ server }) => {
    const made: SchemaPlace[] = []
    const stores: Store[] = []
    const newPlace = () => {
      const place = new SchemaPlace(server)
      made.push(place)
      return place
    }
    const open = async (url: string) => {
      const store = await openStore(url)
      stores.push(store)
      return store
    }
    const other = <T>(place: SchemaPlace, work: (client: pg.Client) => Promise<T>) =>
      onServer(server, place.schema, work)

    afterEach(async () => {
      for (const store of stores.splice(0)) await store.close().catch(() => undefined)
      await dropSchemas(
        server,
        made.splice(0).map(({ schema }) => schema),
      )
    })

    test('a user who may not write: reads work, writes say so and are not to be repeated', async () => {
      const place = newPlace()
      const store = await open(place.url())
      await store.tasks.create({ ...task, id: 'a' })
      const role = `${place.schema}r`
      await other(place, async (client) => {
        await client.query(`CREATE ROLE "${role}" LOGIN; ALTER ROLE "${role}" SET default_transaction_read_only = on;
GRANT USAGE ON SCHEMA "${place.schema}" TO "${role}"; GRANT ALL ON ALL TABLES IN SCHEMA "${place.schema}" TO "${role}"`)
      })
      try {
        const url = new URL(place.url({ applicationName: 'reader' }))
        url.username = role
        const reader = createBackend({ url: url.href, migrate: 'off' })
        stores.push(reader)
        await reader.connect()
        expect((await reader.tasks.get('a'))?.id).toBe('a')
        const error = await reader.tasks.create(task).catch((reason: unknown) => reason)
        expect(error).toBeInstanceOf(QueryError)
        expect((error as QueryError).retryable).toBe(false)
        expect((error as QueryError).message).toContain('read-only')
        await reader.close()
      } finally {
        await other(place, (client) => client.query(`DROP OWNED BY "${role}"; DROP ROLE "${role}"`))
      }
    })

    test("with migrate: 'check' the documented grants are enough for every call", async () => {
      const place = newPlace()
      await open(place.url())
      const role = `${place.schema}r`
      await other(place, (client) =>
        client.query(`CREATE ROLE "${role}" LOGIN; GRANT USAGE ON SCHEMA "${place.schema}" TO "${role}";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "${place.schema}" TO "${role}"`),
      )
      try {
        const url = new URL(place.url())
        url.username = role
        const store = await openStore({ url: url.href, migrate: 'check' })
        stores.push(store)
        const made = await store.tasks.create(task)
        await store.tasks.update(made.id, { title: 'U' }, { version: 1 })
        await store.tasks.delete(made.id)
        const message = {
          sender: 'a',
          to: 'b',
          channel: 'c',
          type: 'announcement',
          content: 'hello there',
        } as const
        await store.messages.append(message)
        expect((await store.messages.search('hello')).items).toHaveLength(1)
        const call = {
          agentId: 'a',
          provider: 'p',
          model: 'm',
          inputTokens: 1,
          outputTokens: 1,
          cost: '0.1',
        } as const
        await store.costRecords.append(call)
        expect((await store.costRecords.aggregate())[0]?.cost).toBe('0.1')
        await store.plans.create({ name: 'a/b', actionName: 'a/c', description: 'd' })
        expect((await store.audit.verify()).ok).toBe(true)
        await expect(store.migrate({ to: 1, allowDataLoss: true })).rejects.toBeInstanceOf(PersistenceError)
        expect((await store.migrationStatus()).pending).toEqual([])
      } finally {
        for (const store of stores.splice(0)) await store.close()
        await other(place, (client) => client.query(`DROP OWNED BY "${role}"; DROP ROLE "${role}"`))
      }
    })

    test('a schema that is not there is not made where nothing may be changed', async () => {
      const place = newPlace()
      const error = await openStore({ url: place.url(), migrate: 'check' }).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(PersistenceConnectionError)
      expect((error as PersistenceConnectionError).retryable).toBe(false)
    })
  },
  ['postgres'],
)
