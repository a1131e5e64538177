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
import { expectedSchema } from './expected-schema.ts'
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
    expected: async (declared) => expectedSchema(declared),
    backupPath: (suffix) => (access.path === null ? null : `${access.path}.${suffix}`),
    exclusively: (work) =>
      access.useWriter(async (connection) => {
        try {
          return await withoutGuards(connection, async () => {
            registerFunctions(connection.handle)
            await beginAlone(connection)
            const broken = brokenReferences(connection)
            const expected = new Map([...broken].map(([place, { count }]) => [place, count]))
            const result = await work(createSession(access, connection, expected))
            assertReferences(expected, brokenReferences(connection))
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
  { off: 'writable_schema = off', on: 'writable_schema = off' },
] as const

async function withoutGuards<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  try {
    // Without it no statement may make the schema writable, which renaming a table needs (ddl.ts).
    connection.handle.unsafeMode(true)
    for (const { off } of guards) connection.handle.pragma(off)
    return await work()
  } finally {
    connection.rollback()
    for (const { on } of guards) insist(() => connection.handle.pragma(on))
    insist(() => connection.handle.unsafeMode(false))
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

/** @param expected how many rows may refer to nothing at the end, by `table.column` */
function createSession(
  access: SchemaAccess,
  connection: Connection,
  expected: Map<string, number>,
): MigrationSession {
  const session: MigrationSession = {
    read: async (query) => connection.all(query),
    execute: async (sql, parameters = []) => {
      // Not cached: each runs once, and statements kept open would hold on to tables that are dropped next.
      const statement = connection.handle.prepare(sql)
      if (statement.reader) statement.all(...parameters)
      else statement.run(...parameters)
    },
    introspect: async (): Promise<LiveSchema> => introspect(connection.handle),
    expectOpenReferences: ({ table, column, rows }) => {
      const place = `${table}.${column}`
      expected.set(place, (expected.get(place) ?? 0) + rows)
    },
  }
  if (access.path === null) return session
  return { ...session, backup: async (path) => copyDatabase(access, path) }
}

interface BrokenReference {
  readonly what: string
  readonly count: number
}

/**
 * Rows that refer to nothing, by `table.column`: the name of the table that they refer to may change. A key of several columns
 * goes by its first.
 */
function brokenReferences(connection: Connection): ReadonlyMap<string, BrokenReference> {
  const broken: readonly Row[] = connection.all({
    sql: `SELECT broken."table", broken."parent", key."from", count(*)
FROM pragma_foreign_key_check AS broken
JOIN pragma_foreign_key_list(broken."table") AS key ON key.id = broken.fkid AND key.seq = 0
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    parameters: [],
  })
  return new Map(
    broken.map(([table, parent, column, count]) => [
      `${String(table)}.${String(column)}`,
      { what: `rows of ${String(table)} refer to missing rows of ${String(parent)}`, count: Number(count) },
    ]),
  )
}

/** What was broken before, in an ancestor's orphans or another program's tables, does not stop a migration. */
function assertReferences(
  expected: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, BrokenReference>,
): void {
  const details = [...after]
    .filter(([place, { count }]) => count > (expected.get(place) ?? 0))
    .map(([, { what, count }]) => `${count} ${what}`)
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
