// Runs migrations on a MariaDB database: on a dedicated connection, under a named lock for which
// other processes wait, with every step recorded.

import type { SchemaDriver } from '../../contract/schema.ts'
import type { Connection } from '../connection.ts'
import { classify } from '../errors.ts'
import { lockName } from '../slots.ts'
import { adoption } from './adoption.ts'
import { createWriter } from './ddl.ts'
import { expectedSchema } from './expected-schema.ts'
import { introspect } from './introspect.ts'
import type { OpenReferences } from './references.ts'
import { lockRefused, MigrationSteps, readSteps } from './steps.ts'

/** What the driver needs from the engine. */
export interface SchemaAccess {
  readonly database: string
  /** Milliseconds to wait for a lock; 0 for no limit. */
  readonly lockTimeout: number
  use<T>(work: (connection: Connection) => Promise<T>): Promise<T>
  /** A dedicated connection, which the caller closes. */
  openAside(): Promise<Connection>
}

/**
 * A migration waits for another one for this many times lockTimeout, because the other may take
 * that long for its longest step.
 */
const LOCK_TIMEOUT_FACTOR = 12

/** The engine's part in migrations: writing, running and introspecting schemas. */
export function createSchemaDriver(access: SchemaAccess): SchemaDriver {
  return {
    adoption,
    writer: createWriter,
    introspect: () => access.use(introspect),
    expected: async (declared) => expectedSchema(declared),
    readOnly: () =>
      access.use(async (connection) => {
        const [row] = await connection.rows('SELECT @@global.read_only')
        return Number(row?.[0]) !== 0
      }),
    backupPath: () => null,
    interrupted: () => access.use(async (connection) => (await readSteps(connection)).length > 0),
    exclusively: async (work) => {
      let connection: Connection | undefined
      try {
        connection = await access.openAside()
        const alone = connection
        await lockMigrations(alone, access)
        const expected: OpenReferences = new Map()
        return await work({
          read: (query) => alone.all(query),
          execute: async (sql, parameters = []) => {
            if (parameters.length === 0) await alone.exec(sql)
            else await alone.run(sql, parameters)
          },
          introspect: () => introspect(alone),
          expectOpenReferences: ({ table, column, rows }) => {
            const place = `${table}.${column}`
            expected.set(place, (expected.get(place) ?? 0) + rows)
          },
          steps: new MigrationSteps(alone, expected),
        })
      } catch (error) {
        throw classify(error)
      } finally {
        // Closing the connection releases the lock and rolls back any open transaction.
        await connection?.destroy()
      }
    },
  }
}

async function lockMigrations(
  connection: Connection,
  { database, lockTimeout }: SchemaAccess,
): Promise<void> {
  const seconds =
    lockTimeout === 0 ? 86_400 : Math.max(1, Math.ceil((lockTimeout * LOCK_TIMEOUT_FACTOR) / 1000))
  // A step may take as long as it needs. References are checked at the end, because a table that
  // others refer to is rebuilt.
  await connection.exec(
    `SET SESSION max_statement_time = 0, foreign_key_checks = 0, innodb_lock_wait_timeout = ${seconds}, lock_wait_timeout = ${seconds}`,
  )
  const [row] = await connection.all({
    sql: 'SELECT GET_LOCK(?, ?)',
    parameters: [lockName(database, 'migration'), seconds],
  })
  if (Number(row?.[0]) !== 1) throw lockRefused(seconds)
}
