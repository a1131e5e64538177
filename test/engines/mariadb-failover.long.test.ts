// Two MariaDB servers, one a replica of the other that is read-only. The store uses the one that
// accepts writes, follows when the roles change, and comes back when they change again, without
// being opened again.

import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore, PersistenceError } from '../../src/index.ts'
import { serverUrl } from '../support/engines/server-url.ts'
import { hasMariadb, type MariadbProcess, startMariadb } from '../support/server-process.ts'

const task = { title: 'T', description: 'D', project: 'P', createdBy: 'ada', type: 'admin' } as const

if (!hasMariadb) console.warn('SKIPPED: failover of MariaDB; this machine has no binaries of it')

describe.skipIf(serverUrl('mariadb') === undefined || !hasMariadb)('a MariaDB and its replica', () => {
  const servers: MariadbProcess[] = []
  beforeAll(async () => {
    for (const id of ['1', '2']) {
      const server = await startMariadb(() => ({
        'server-id': id,
        'log-bin': 'log',
        'binlog-format': 'ROW',
        'gtid-strict-mode': '1',
        'log-bin-trust-function-creators': '1',
      }))
      servers.push(server)
      // Whoever may do everything may also write to a read-only server. Each makes its own users,
      // which are not replicated.
      await server.query(`SET sql_log_bin = 0; CREATE DATABASE agents CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
        CREATE USER app@'%'; GRANT ALL ON agents.* TO app@'%'; CREATE USER copy@'%'; GRANT REPLICATION SLAVE ON *.* TO copy@'%'`)
    }
  }, 120_000)
  afterAll(async () => {
    for (const server of servers) await server.remove()
  })

  /** The first leads, and the second copies all that it does before it lets anybody write. */
  async function lead([first, second]: readonly MariadbProcess[]): Promise<void> {
    await second?.query(`SET GLOBAL read_only = 1; CHANGE MASTER TO master_host = '127.0.0.1', master_port = ${first?.port},
      master_user = 'copy', master_use_gtid = current_pos; START SLAVE`)
    await first?.query('SET GLOBAL read_only = 0')
  }

  /** The leader stops writing, the replica takes over once it has everything. */
  async function swap([leader, replica]: readonly MariadbProcess[]): Promise<void> {
    await leader?.query('FLUSH TABLES WITH READ LOCK; SET GLOBAL read_only = 1')
    const [[position] = []] = (await leader?.query('SELECT @@gtid_binlog_pos')) ?? []
    const [[late] = []] = (await replica?.query(`SELECT MASTER_GTID_WAIT('${String(position)}', 60)`)) ?? []
    expect(late).toBe(0)
    await replica?.query('STOP SLAVE')
    await lead([replica as MariadbProcess, leader as MariadbProcess])
  }

  test('the store writes where writes are accepted, and follows when the roles change', async () => {
    const [one, two] = servers as [MariadbProcess, MariadbProcess]
    await lead([one, two])
    const hosts = `127.0.0.1:${two.port},127.0.0.1:${one.port}`
    await using store = await openStore(`mariadb://app@${hosts}/agents?connectTimeout=2000`)
    const acknowledged: string[] = []
    const errors: unknown[] = []
    let working = true
    const callers = Array.from({ length: 8 }, async (_, caller) => {
      for (let turn = 0; working; turn += 1) {
        const id = `${caller}-${turn}`
        try {
          if (caller % 4 > 0) await store.tasks.create({ ...task, id })
          else await store.transaction((tx) => tx.tasks.create({ ...task, id }))
          acknowledged.push(id)
        } catch (error) {
          errors.push(error)
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
      }
    })
    const reached = async (count: number) => {
      const deadline = performance.now() + 60_000
      while (acknowledged.length < count && performance.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 5))
      expect(acknowledged.length, inspect(errors.at(-1))).toBeGreaterThanOrEqual(count)
    }
    await reached(100)
    for (const roles of [
      [one, two],
      [two, one],
    ]) {
      await swap(roles)
      await reached(acknowledged.length + 100)
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
    const [[behind] = []] = await two.query('SELECT MASTER_GTID_WAIT(@@gtid_current_pos, 60)')
    expect(behind).toBe(0)
    const [[rows] = []] = await one.query('SELECT count(*) FROM agents.tasks')
    expect(Number(rows)).toBeGreaterThanOrEqual(acknowledged.length)
  }, 240_000)
})
