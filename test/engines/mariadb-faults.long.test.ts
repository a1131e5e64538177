// What only MariaDB does to a store: few rights, and the numbers of its errors. The rest is in
// server-faults.test.ts.

import { afterEach, expect, test } from 'vitest'
import { classify } from '../../src/engines/mariadb/errors.ts'
import {
  ConstraintViolationError,
  MigrationError,
  openStore,
  PersistenceConnectionError,
  QueryError,
  type Store,
  TimeoutError,
  TransactionConflictError,
} from '../../src/index.ts'
import { serverError } from '../support/engines/failing-mariadb-driver.ts'
import { onMariadb } from '../support/engines/mariadb-databases.ts'
import { describeOnServers } from '../support/engines/servers.ts'

const task = { title: 'T', description: 'D', project: 'P', createdBy: 'ada', type: 'admin' } as const

describeOnServers(
  'a store with few rights',
  (places) => {
    const stores: Store[] = []
    afterEach(async () => {
      for (const store of stores.splice(0)) await store.close().catch(() => undefined)
    })

    test('a user who may only read and write rows opens with migrate: check, and cannot migrate', async () => {
      const database = places.reserve()
      await places.lay(database)
      const user = `purser_${process.pid}`
      await onMariadb(places.server, undefined, async (connection) => {
        await connection.query(`CREATE USER '${user}'@'%' IDENTIFIED BY 'hunter2'`)
        await connection.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON "${database}".* TO '${user}'@'%'`)
      })
      try {
        const url = new URL(places.urlOf(database))
        url.username = user
        url.password = 'hunter2'
        const store = await openStore({ url: url.href, migrate: 'check' })
        stores.push(store)
        expect(store.location).not.toContain('hunter2')
        await store.tasks.create({ ...task, id: 'a' })
        await store.costRecords.append({
          agentId: 'a',
          provider: 'p',
          model: 'm',
          inputTokens: 1,
          outputTokens: 1,
          cost: '1',
        })
        await store.audit.append({
          action: 'tool:call',
          subjectType: 'tool',
          subjectId: 'x',
          verdict: 'allow',
          riskLevel: 'low',
        })
        await store.messages.append({
          sender: 'a',
          to: 'b',
          channel: 'c',
          type: 'announcement',
          content: 'word',
        })
        expect((await store.messages.search('word')).items).toHaveLength(1)
        await store.tasks.delete('a')
        await expect(store.drift()).rejects.toThrow(/grant TRIGGER/)
        await expect(store.migrate({ to: 1, allowDataLoss: true })).rejects.toBeInstanceOf(MigrationError)
      } finally {
        await onMariadb(places.server, undefined, (connection) => connection.query(`DROP USER '${user}'@'%'`))
      }
    })
  },
  ['mariadb'],
)

test.each([
  [1021, QueryError, false],
  [1114, QueryError, false],
  [1290, QueryError, false],
  [1045, PersistenceConnectionError, false],
  [1049, PersistenceConnectionError, false],
  [1040, PersistenceConnectionError, true],
  [1927, PersistenceConnectionError, true],
  [1213, TransactionConflictError, true],
  [1205, TimeoutError, true],
  [1969, TimeoutError, true],
  [1452, ConstraintViolationError, false],
  [1142, QueryError, false],
  [9999, QueryError, false],
] as const)(
  'error %i of the server is of the right class, and says nothing of the driver',
  (number, type, retryable) => {
    const error = classify(serverError(number))
    expect(error).toBeInstanceOf(type)
    expect(error.retryable).toBe(retryable)
    expect(`${error.message} ${String(error.cause)}`).not.toContain('secret')
  },
)
