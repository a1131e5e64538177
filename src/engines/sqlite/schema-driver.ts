// How migrations reach a SQLite file: one transaction under the write lock, foreign keys checked before the commit, and a
// copy of the file beside it when one is asked for.

import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { MigrationError, PersistenceError, QueryError } from '../../errors.ts'
import type { Row } from '../engine.ts'
import type { LiveSchema, MigrationSession, SchemaDriver } from '../schema.ts'
import type { Connection } from './connection.ts'
import { createWriter } from './ddl.ts'
import { classify, isBusy } from './errors.ts'
import { registerFunctions } from './functions.ts'
import { introspect } from './introspect.ts'

/** What the driver needs of the engine: the writer connection while nobody else uses it. */
export interface SchemaAccess {
  readonly path: string | null
  readonly readOnly: () => boolean
  useWriter<T>(work: (connection: Connection) => Promise<T>): Promise<T>
  /** A further connection to the same file, for the copy. */
  openSecond(): Connection
}

export function createSchemaDriver(access: SchemaAccess): SchemaDriver {
  return {
    writer: createWriter,
    introspect: () =>
      access.useWriter((connection) => connection.whenFree(() => introspect(connection.handle))),
    readOnly: async () => access.readOnly(),
    backupPath: (suffix) => (access.path === null ? null : `${access.path}.${suffix}`),
    exclusively: (work) =>
      access.useWriter(async (connection) => {
        try {
          return await withoutGuards(connection, async () => {
            registerFunctions(connection.handle)
            await beginAlone(connection)
            const brokenBefore = brokenReferences(connection)
            const result = await work(createSession(access, connection))
            assertReferences(brokenBefore, brokenReferences(connection))
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
 * Foreign keys cannot be switched inside a transaction, and a rebuild drops tables that others refer to. A rename must not fail
 * because a view of another program looks at the table that is being replaced.
 */
const guards = [
  { off: 'foreign_keys = off', on: 'foreign_keys = on' },
  { off: 'legacy_alter_table = on', on: 'legacy_alter_table = off' },
] as const

async function withoutGuards<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  try {
    for (const { off } of guards) connection.handle.pragma(off)
    return await work()
  } finally {
    connection.rollback()
    for (const { on } of guards) insist(() => connection.handle.pragma(on))
  }
}

/** A connection without its guards must not go back to work: one failure is not enough to leave it so. */
function insist(action: () => void): void {
  try {
    action()
  } catch {
    action()
  }
}

/** How many times busyTimeout a migration waits for the write lock: another one may hold it for as long as its longest step takes. */
const PATIENCE = 10

async function beginAlone(connection: Connection): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await connection.whenFree(() => connection.run('BEGIN IMMEDIATE'))
      return
    } catch (error) {
      if (!isBusy(error) || attempt === PATIENCE) throw error
    }
  }
}

function createSession(access: SchemaAccess, connection: Connection): MigrationSession {
  const session: MigrationSession = {
    read: async (query) => connection.all(query),
    execute: async (sql, parameters = []) => {
      // Not cached: each runs once, and statements kept open would hold on to tables that are dropped next.
      const statement = connection.handle.prepare(sql)
      if (statement.reader) statement.all(...parameters)
      else statement.run(...parameters)
    },
    introspect: async (): Promise<LiveSchema> => introspect(connection.handle),
  }
  if (access.path === null) return session
  return { ...session, backup: async (path) => copyDatabase(access, path) }
}

/** How many rows of one table refer to missing rows of another, as `rows of x refer to missing rows of y`. */
function brokenReferences(connection: Connection): ReadonlyMap<string, number> {
  const broken: readonly Row[] = connection.all({
    sql: 'SELECT "table", "parent", count(*) FROM pragma_foreign_key_check GROUP BY 1, 2 ORDER BY 1, 2',
    parameters: [],
  })
  return new Map(
    broken.map(([table, parent, count]) => [
      `rows of ${table} refer to missing rows of ${parent}`,
      Number(count),
    ]),
  )
}

/** What was broken before, in an ancestor's orphans or another program's tables, does not stop a migration. */
function assertReferences(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): void {
  const details = [...after]
    .filter(([what, count]) => count > (before.get(what) ?? 0))
    .map(([what, count]) => `${count} ${what}`)
  if (details.length === 0) return
  throw new MigrationError(`the migration would leave broken references: ${details.join('; ')}`, { details })
}

/** Copies what is committed, through a name of its own, so that a copy under the final name is always whole. */
function copyDatabase(access: SchemaAccess, path: string): number {
  const partial = `${path}.partial`
  if (existsSync(path)) throw new QueryError(`the backup copy could not be made: ${path} is there already`)
  const second = access.openSecond()
  try {
    rmSync(partial, { force: true })
    closeSync(openSync(partial, 'ax', 0o600))
    second.run('VACUUM INTO ?', [partial])
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

function flushToDisk(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
