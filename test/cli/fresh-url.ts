// URLs of empty places on the servers that answer: a schema on PostgreSQL, a database on MariaDB, gone when the test has finished.

import { randomBytes } from 'node:crypto'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { onTestFinished } from 'vitest'

export interface ServerEngine {
  readonly name: string
  /** Null where no server answers. */
  readonly server: string | null
  /** The URL of an empty place. */
  freshUrl(): Promise<string>
}

const newName = () => `purser_cli_${process.pid}_${randomBytes(4).toString('hex')}`

async function postgres(): Promise<ServerEngine> {
  const named = process.env.PURSER_TEST_POSTGRES_URL
  const usual = ['postgres://postgres@127.0.0.1/postgres', 'postgres://root@127.0.0.1/postgres']
  const on = async (server: string, sql: string) => {
    const client = new pg.Client({ connectionString: server, connectionTimeoutMillis: 3000 })
    try {
      await client.connect()
      await client.query(sql)
    } finally {
      await client.end().catch(() => undefined)
    }
  }
  const server = await firstOf(named ? [named] : usual, (url) => on(url, 'SELECT 1'))
  return {
    name: 'postgres',
    server,
    freshUrl: async () => {
      const schema = newName()
      onTestFinished(() => on(server ?? '', `DROP SCHEMA IF EXISTS "${schema}" CASCADE`))
      return `${server}?schema=${schema}`
    },
  }
}

async function mariadb(): Promise<ServerEngine> {
  const named = process.env.PURSER_TEST_MARIADB_URL
  const on = async (server: string, sql: string) => {
    const connection = await mysql.createConnection(server.replace(/^mariadb:/, 'mysql:'))
    try {
      await connection.query(sql)
    } finally {
      await connection.end()
    }
  }
  const server = await firstOf([named || 'mariadb://root@127.0.0.1/mysql'], (url) => on(url, 'SELECT 1'))
  return {
    name: 'mariadb',
    server,
    freshUrl: async () => {
      const database = newName()
      await on(
        server ?? '',
        `CREATE DATABASE \`${database}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin`,
      )
      onTestFinished(() => on(server ?? '', `DROP DATABASE \`${database}\``))
      const url = new URL(server ?? '')
      url.pathname = `/${database}`
      return url.href
    },
  }
}

async function firstOf(
  urls: readonly string[],
  answers: (url: string) => Promise<void>,
): Promise<string | null> {
  for (const url of urls) {
    const found = await answers(url).then(
      () => true,
      () => false,
    )
    if (found) return url
  }
  return null
}

/**
 * Both engines. One whose server does not answer is skipped with a line that says so.
 * @throws where CI is set: there every engine has to be tested
 */
export async function serverEngines(): Promise<readonly ServerEngine[]> {
  const engines = await Promise.all([postgres(), mariadb()])
  for (const { name, server } of engines) {
    if (server !== null) continue
    if (process.env.CI) throw new Error(`there is no server to test ${name} on, and CI is set`)
    process.stderr.write(`NOT TESTED: the command line on ${name}; no server answers\n`)
  }
  return engines
}
