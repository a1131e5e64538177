// What a MariaDB server guarantees beside the rows, for the conformance harness: that acknowledged
// writes are kept, whatever a session begins with, and that a user without a grant gets at nothing.

import type { DurabilityMode, Exposure, Place } from '../../../src/conformance/index.ts'
import { type OpenDriver, openDriver } from '../../../src/engines/mariadb/driver.ts'
import type { createMariadbEngine } from '../../../src/engines/mariadb/index.ts'
import { createBackend, type Store } from '../../../src/index.ts'
import { onMariadb, rowsOf } from './mariadb-databases.ts'

type MariadbEngine = ReturnType<typeof createMariadbEngine>

/**
 * Commits reach the disk, and every statement outside of a transaction commits, also where the
 * server's sessions begin otherwise.
 */
export function mariadbDurability(
  engineOn: (place: Place, open: OpenDriver) => MariadbEngine,
): readonly DurabilityMode[] {
  const engines = new WeakMap<Store, MariadbEngine>()
  const mode = (name: string, begin: string | undefined): DurabilityMode => ({
    name,
    expected: 'flushed at each commit, commits by itself',
    create: (place) => {
      const engine = engineOn(place, async (options) => {
        const handle = await openDriver(options)
        if (begin !== undefined)
          await new Promise<void>((resolve, reject) => {
            handle.query({ sql: begin }, (error) => (error ? reject(error) : resolve()))
          })
        return handle
      })
      const store = createBackend({ engine })
      engines.set(store, engine)
      return store
    },
    inForce: async (_place, store) => {
      const asked = { sql: 'SELECT @@innodb_flush_log_at_trx_commit, @@autocommit', parameters: [] }
      const [flush, own] = (await engines.get(store)?.read(asked))?.[0] ?? []
      const flushed = Number(flush) === 1 ? 'flushed at each commit' : `flushed as ${String(flush)} says`
      return `${flushed}, ${Number(own) === 1 ? 'commits by itself' : 'waits to be told'}`
    },
  })
  return [
    mode('the default', undefined),
    mode('a server whose sessions wait to be told', 'SET autocommit = 0'),
  ]
}

/** Tries every table, and to make one, as a user who was given nothing. */
export async function mariadbStrangers(server: string, database: string): Promise<Exposure> {
  const user = `stranger_${process.pid}_${Math.random().toString(36).slice(2, 8)}`
  const as = new URL(server)
  as.username = user
  as.password = 'hunter2'
  const tables = await onMariadb(server, database, (connection) => rowsOf(connection, 'SHOW TABLES'))
  const attempts = [
    ...tables.map(([table]) => `SELECT 1 FROM "${database}"."${String(table)}"`),
    ...tables.map(([table]) => `DELETE FROM "${database}"."${String(table)}"`),
    `CREATE TABLE "${database}".theirs (x int)`,
  ]
  await onMariadb(server, undefined, (connection) =>
    connection.query(`CREATE USER '${user}'@'%' IDENTIFIED BY 'hunter2'`),
  )
  try {
    return await onMariadb(as.href, undefined, async (connection) => {
      const reached: string[] = []
      for (const attempt of attempts) {
        const taken = await connection.query(attempt).then(
          () => true,
          () => false,
        )
        if (taken) reached.push(attempt)
      }
      return { tried: attempts.length, reached }
    })
  } finally {
    await onMariadb(server, undefined, (connection) => connection.query(`DROP USER '${user}'@'%'`))
  }
}
