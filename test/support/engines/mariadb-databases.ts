// Databases for tests on a MariaDB server. The chain of migrations takes seconds there, so it runs
// once for a test file; further databases are made by the statements that the server tells of the
// first, and those that come back are emptied and given out again.

import type { Socket } from 'node:net'
import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise'
import { COLLATION } from '../../../src/engines/mariadb/session-settings.ts'
import { openStore } from '../../../src/index.ts'
import type { Insert, ServerPlaces } from './server-places.ts'

const SQL_MODE =
  "SET sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES', time_zone = '+00:00'"

/** A statement that a connection of a test's own begins with, by the URL of its server. */
export const ownVariables = new Map<string, string>()

/** Runs statements on a connection of the test's own, in the dialect of the engine's sessions. */
export async function onMariadb<T>(
  server: string,
  database: string | undefined,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const { hostname, port, username, password } = new URL(server)
  const connection = await mysql.createConnection({
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    ...(database === undefined ? {} : { database }),
    charset: 'utf8mb4',
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    rowsAsArray: true,
  })
  try {
    await connection.query(`SET NAMES utf8mb4 COLLATE ${COLLATION}`)
    await connection.query(SQL_MODE)
    const own = ownVariables.get(server)
    if (own !== undefined) await connection.query(own)
    return await work(connection)
  } finally {
    const { stream } = (connection as unknown as { connection: { stream: Socket } }).connection
    const gone = new Promise((resolve) => stream.once('close', resolve))
    await connection.end()
    await gone
  }
}

export async function rowsOf(connection: Connection, sql: string): Promise<readonly (readonly unknown[])[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql)
  return rows as unknown as readonly (readonly unknown[])[]
}

let names = 0

export function newName(): string {
  names += 1
  return `purser_test_${process.pid}_${names}_${Math.random().toString(36).slice(2, 8)}`
}

export class MariadbDatabases implements ServerPlaces {
  readonly engine = 'mariadb'
  readonly server: string
  #layout: Promise<readonly string[]> | undefined
  #free: string[] = []
  readonly #made = new Set<string>()

  /** @param server a URL with the right to create databases */
  constructor(server: string) {
    this.server = server
  }

  /** The URL of a database on the server. */
  urlOf(database: string, settings: Readonly<Record<string, string | number>> = {}): string {
    const url = new URL(this.server)
    url.pathname = `/${database}`
    for (const [name, value] of Object.entries({ poolMax: 5, ...settings }))
      url.searchParams.set(name, String(value))
    return url.href
  }

  /** An empty database without a table. */
  async create(name = newName()): Promise<string> {
    this.#made.add(name)
    await onMariadb(this.server, undefined, (connection) =>
      connection.query(`CREATE DATABASE "${name}" CHARACTER SET utf8mb4 COLLATE ${COLLATION}`),
    )
    return name
  }

  /** The name of a database that `lay` makes ready: one that came back, or a new one. */
  reserve(): string {
    return this.#free.pop() ?? newName()
  }

  /** Brings a reserved database to this build's version, without a row. */
  async lay(name: string): Promise<void> {
    if (this.#made.has(name)) return
    this.#layout ??= this.#migrateFirst()
    const layout = await this.#layout
    await this.create(name)
    await onMariadb(this.server, name, async (connection) => {
      await connection.query('SET foreign_key_checks = 0')
      for (const statement of layout) await connection.query(statement)
    })
  }

  /** Takes a database back, and its rows out of it. */
  async giveBack(name: string): Promise<void> {
    await onMariadb(this.server, name, async (connection) => {
      await connection.query('SET foreign_key_checks = 0')
      const tables = await rowsOf(
        connection,
        "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME NOT LIKE 'purser_migration%'",
      )
      const asked = tables.map(
        ([table]) => `SELECT '${String(table)}' WHERE EXISTS (SELECT 1 FROM "${String(table)}")`,
      )
      for (const [table] of await rowsOf(connection, asked.join(' UNION ALL ')))
        await connection.query(`TRUNCATE TABLE "${String(table)}"`)
    })
    this.#free.push(name)
  }

  async rows(database: string | undefined, sql: string): Promise<readonly (readonly unknown[])[]> {
    return onMariadb(this.server, database, (connection) => rowsOf(connection, sql))
  }

  /** `create` has made it. */
  async make(): Promise<void> {}

  async columns(database: string, table: string) {
    const shown = await this.rows(database, `SHOW COLUMNS FROM "${table}"`)
    return shown
      .filter(([, , , , , extra]) => !String(extra).includes('INVISIBLE'))
      .map(([name, type]) => ({ name: String(name), type: String(type).replace(/\W.*/, '') }))
  }

  async withoutReferences(database: string, work: (insert: Insert) => Promise<void>): Promise<void> {
    await onMariadb(this.server, database, async (connection) => {
      await connection.query('SET foreign_key_checks = 0')
      await work(async (table, columns, values) => {
        const names = columns.map((column) => `"${column}"`).join(', ')
        const given = columns.map(() => '?').join(', ')
        await connection.execute(`INSERT INTO "${table}" (${names}) VALUES (${given})`, [...values])
      })
    })
  }

  async holding(database: string, sql: string, work: () => Promise<void>): Promise<void> {
    await onMariadb(this.server, database, async (connection) => {
      await connection.query('START TRANSACTION')
      await connection.query(sql)
      await work()
      await connection.query('ROLLBACK')
    })
  }

  async cut(database: string): Promise<void> {
    await onMariadb(this.server, undefined, async (connection) => {
      const found = `SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '${database}' AND ID <> CONNECTION_ID()`
      for (const [id] of await rowsOf(connection, found))
        await connection.query(`KILL ${Number(id)}`).catch(() => undefined)
    })
  }

  /** Drops databases, those of tenants beside them included. */
  async drop(...names: readonly string[]): Promise<void> {
    await onMariadb(this.server, undefined, async (connection) => {
      await connection.query('SET foreign_key_checks = 0')
      for (const [name] of await rowsOf(connection, 'SHOW DATABASES')) {
        const [base = ''] = String(name).split('-')
        if (names.includes(base)) await connection.query(`DROP DATABASE "${String(name)}"`)
      }
    })
    for (const name of names) this.#made.delete(name)
  }

  async dropAll(): Promise<void> {
    if (this.#made.size > 0) await this.drop(...this.#made)
  }

  async #migrateFirst(): Promise<readonly string[]> {
    const name = await this.create()
    await (await openStore(this.urlOf(name))).close()
    const layout = await onMariadb(this.server, name, layoutOf)
    this.#free.push(name)
    return layout
  }
}

/** The statements that lay a database out like this one, its ledger included. */
async function layoutOf(connection: Connection): Promise<readonly string[]> {
  const statements: string[] = []
  for (const [table] of await rowsOf(connection, 'SHOW TABLES')) {
    const [row] = await rowsOf(connection, `SHOW CREATE TABLE "${String(table)}"`)
    statements.push(String(row?.[1]))
  }
  for (const [trigger] of await rowsOf(connection, 'SHOW TRIGGERS')) {
    const [row] = await rowsOf(connection, `SHOW CREATE TRIGGER "${String(trigger)}"`)
    statements.push(String(row?.[2]))
  }
  for (const row of await rowsOf(connection, 'SELECT * FROM purser_migrations')) {
    statements.push(
      `INSERT INTO purser_migrations VALUES (${row.map((value) => connection.escape(value)).join(', ')})`,
    )
  }
  return statements
}
