// Runs migrations on a PostgreSQL database: one transaction under an advisory lock of the schema,
// with references created and checked before the commit.

import type { Query } from '../../contract/engine.ts'
import type { MigrationSession, SchemaDriver } from '../../contract/schema.ts'
import type { Connection } from '../connection.ts'
import { classify } from '../errors.ts'
import { advisoryKey } from '../lock.ts'
import { quoteName } from '../quoting.ts'
import { adoption } from './adoption.ts'
import { createWriter } from './ddl.ts'
import { expectedSchema } from './expected-schema.ts'
import { temporaryFunctions } from './functions.ts'
import { introspect } from './introspect.ts'
import { findBroken, makeReferences } from './references.ts'

/** What the driver needs from the engine. */
export interface SchemaAccess {
  readonly schema: string
  useConnection<T>(work: (connection: Connection) => Promise<T>): Promise<T>
  /** Discards what other connections have cached about the tables. */
  schemaChanged(): void
}

/** Milliseconds that a step waits for the lock of a table that is in use. */
const TABLE_LOCK_TIMEOUT = 60_000

/**
 * Each round of a recursive query looks up the few rows below those of the previous round. The
 * server expects ten times as many and would scan the whole table in each round: 100,000 rounds for
 * a chain of 100,000 plans.
 */
const waysOfJoining = ['enable_hashjoin', 'enable_mergejoin', 'enable_seqscan']
const byIndex = waysOfJoining.map((way) => `SET LOCAL ${way} = off`).join('; ')
const byAnyWay = waysOfJoining.map((way) => `SET LOCAL ${way} = on`).join('; ')

/** The engine's part in migrations: writing, running and introspecting schemas. */
export function createSchemaDriver(access: SchemaAccess): SchemaDriver {
  return {
    adoption,
    writer: createWriter,
    introspect: () => classified(() => access.useConnection((connection) => introspect(connection))),
    readOnly: () => access.useConnection(async (connection) => connection.readOnly),
    expected: (declared) =>
      classified(() => access.useConnection((connection) => expectedSchema(connection, declared))),
    backupPath: () => null,
    exclusively: (work) =>
      classified(() =>
        access.useConnection(async (connection) => {
          try {
            await connection.script(
              `BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(${advisoryKey('migrations', access.schema)}); SET LOCAL lock_timeout = ${TABLE_LOCK_TIMEOUT}`,
            )
            await makeSchema(connection, access.schema)
            if (!connection.migrated) await connection.script(temporaryFunctions)
            const before = await findBroken(connection, false)
            const allowed = new Map(before.map(({ table, column, rows }) => [`${table}.${column}`, rows]))
            const result = await work(createSession(connection, allowed))
            await makeReferences(connection, allowed)
            await connection.script('COMMIT')
            connection.migrated = true
            return result
          } finally {
            await connection.rollback()
            if (!connection.broken) await connection.forget().catch(() => connection.spoil())
            access.schemaChanged()
          }
        }),
      ),
  }
}

/**
 * Creates the schema only if it is missing, because that requires a privilege that its owner need
 * not have.
 */
async function makeSchema(connection: Connection, schema: string): Promise<void> {
  const [found] = await connection.script('SELECT current_schema()')
  if (found?.[0] !== schema) await connection.script(`CREATE SCHEMA IF NOT EXISTS ${quoteName(schema)}`)
}

async function classified<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw classify(error)
  }
}

function createSession(connection: Connection, allowed: Map<string, number>): MigrationSession {
  return {
    read: async (query) => (await connection.run(query)).rows,
    execute: async (sql, parameters: Query['parameters'] = []) => {
      if (/\bWITH RECURSIVE\b/.test(sql)) await connection.script(`${byIndex}; ${sql}; ${byAnyWay}`)
      else if (parameters.length === 0) await connection.script(sql)
      else await connection.run({ sql, parameters })
    },
    introspect: () => introspect(connection),
    expectOpenReferences: ({ table, column, rows }) => {
      const place = `${table}.${column}`
      allowed.set(place, (allowed.get(place) ?? 0) + rows)
    },
  }
}
