// Runs migrations on a SQLite file: one transaction under the write lock, foreign keys checked
// before the commit, and on request a copy of the file beside it.

import { chmodSync, closeSync, existsSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { PersistenceError, QueryError } from '../../../errors.ts'
import type { LiveSchema, MigrationSession, SchemaDriver } from '../../contract/schema.ts'
import type { Connection } from '../connection.ts'
import type { LoadedDriver } from '../driver.ts'
import { classify, isBusy } from '../errors.ts'
import { flushToDisk } from '../file/flush.ts'
import { rebuild } from '../rebuild.ts'
import { adoption } from './adoption.ts'
import { createWriter } from './ddl.ts'
import { expectedSchema } from './expected-schema.ts'
import { introspect } from './introspect.ts'
import { ReferenceCheck, type ReferenceWatch } from './references.ts'

/** What the driver needs from the engine: exclusive use of the writer connection. */
export interface SchemaAccess {
  readonly path: string | null
  readonly readOnly: () => boolean
  /** @throws PersistenceConnectionError when a commit would go into a file that no longer exists */
  assertInPlace(): void
  useWriter<T>(work: (connection: Connection) => Promise<T>): Promise<T>
  /** Another connection to the same file, for the copy. */
  openSecond(): Promise<Connection>
  loadDriver(): Promise<LoadedDriver>
}

/** The engine's part in migrations: writing, running and introspecting schemas. */
export function createSchemaDriver(access: SchemaAccess): SchemaDriver {
  const references = new ReferenceCheck()
  return {
    adoption,
    writer: createWriter,
    introspect: () =>
      access.useWriter((connection) => connection.whenFree(() => introspect(connection.handle))),
    expected: async (declared) => expectedSchema((await access.loadDriver()).open, declared),
    readOnly: async () => access.readOnly(),
    backupPath: (suffix) => (access.path === null ? null : `${access.path}.${suffix}`),
    rebuild: (what, auditEntry) =>
      access.useWriter(async (connection) => {
        await rebuild(connection, what, auditEntry)
        references.forget()
      }),
    exclusively: (work) =>
      access.useWriter(async (connection) => {
        try {
          return await withoutGuards(connection, async () => {
            await beginAlone(connection)
            const watch = references.begin(connection)
            const result = await work(createSession(access, connection, watch))
            watch.assertWhole()
            access.assertInPlace()
            await connection.whenFree(() => connection.run('COMMIT'))
            await connection.whenFree(() => connection.settleJournal())
            return result
          })
        } catch (error) {
          throw classify(error)
        }
      }),
  }
}

/**
 * Foreign keys cannot be switched inside a transaction, and a rebuild drops tables that others
 * refer to. A rename must not fail because another program's view reads the table that is being
 * replaced.
 */
const guards = [
  { off: 'foreign_keys = off', on: 'foreign_keys = on' },
  { off: 'legacy_alter_table = on', on: 'legacy_alter_table = off' },
  { off: 'writable_schema = off', on: 'writable_schema = off' },
] as const

async function withoutGuards<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  try {
    // Without unsafe mode no statement may make the schema writable, which renaming a table
    // requires (ddl.ts).
    connection.handle.unsafeMode(true)
    for (const { off } of guards) connection.handle.pragma(off)
    return await work()
  } finally {
    connection.rollback()
    for (const { on } of guards) requireSetting(() => connection.handle.pragma(on))
    requireSetting(() => connection.handle.unsafeMode(false))
  }
}

/**
 * Runs `action`, twice if necessary: a connection must not return to work with its safeguards off.
 */
function requireSetting(action: () => void): void {
  try {
    action()
  } catch {
    action()
  }
}

/**
 * The migration waits for the write lock for this many times busyTimeout, because another migration
 * may hold it for as long as its longest step.
 */
const LOCK_TIMEOUT_FACTOR = 10

async function beginAlone(connection: Connection): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await connection.whenFree(() => connection.run('BEGIN IMMEDIATE'))
      return
    } catch (error) {
      if (!isBusy(error) || attempt === LOCK_TIMEOUT_FACTOR) throw error
    }
  }
}

function createSession(
  access: SchemaAccess,
  connection: Connection,
  watch: ReferenceWatch,
): MigrationSession {
  const session: MigrationSession = {
    read: async (query) => connection.all(query),
    execute: async (sql, parameters = []) => {
      watch.note(sql)
      // Not cached: each statement runs once, and open statements would keep tables locked that are
      // dropped next.
      const statement = connection.handle.prepare(sql)
      if (statement.reader) statement.all(...parameters)
      else statement.run(...parameters)
    },
    introspect: async (): Promise<LiveSchema> => introspect(connection.handle),
    // No trigger, index or view may call them (`directOnly`).
    defineFunction: (name, options, call) => {
      connection.handle.function(name, { ...options, deterministic: true, directOnly: true }, call)
    },
    expectOpenReferences: ({ table, column, rows }) => watch.expect(table, column, rows),
  }
  if (access.path === null) return session
  return { ...session, backup: (path) => copyDatabase(access, path) }
}

/**
 * Copies committed data to a temporary name first, so that a file with the final name is always
 * complete.
 */
async function copyDatabase(access: SchemaAccess, path: string): Promise<number> {
  const partial = `${path}.partial`
  if (existsSync(path)) throw new QueryError(`the backup copy could not be made: ${path} is there already`)
  const second = await access.openSecond()
  try {
    rmSync(partial, { force: true })
    closeSync(openSync(partial, 'ax', 0o600))
    await second.whenFree(() => second.run('VACUUM INTO ?', [partial]))
    chmodSync(partial, 0o600)
    flushToDisk(partial)
    renameSync(partial, path)
    flushToDisk(dirname(path))
    return statSync(path).size
  } catch (error) {
    rmSync(partial, { force: true })
    const reason = error instanceof PersistenceError ? error : classify(error)
    throw new QueryError(`the backup copy could not be made: ${reason.message}`, { cause: error })
  } finally {
    second.close()
  }
}
