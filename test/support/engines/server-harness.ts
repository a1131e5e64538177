// Finds the servers that tests run on, once for a run: a URL from the environment, a server on the
// standard port of this machine, a private one from the machine's binaries, a private one from an
// npm package. An engine without a server is skipped, and the run says so in its last line; where
// CI is set, its tests fail instead. PURSER_TEST_SERVERS leaves only some of these ways open.

import mysql, { type RowDataPacket } from 'mysql2/promise'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import {
  type PrivateServer,
  type ServerPrograms,
  startPrivateMariadb,
  startPrivatePostgres,
} from './private-servers.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** URLs with the right to create schemas and databases; null where there is no server. */
    servers: { readonly postgres: string | null; readonly mariadb: string | null }
  }
}

/** The ways to a server, in the order in which they are tried. */
const ways = ['url', 'local', 'binaries', 'embedded'] as const
type Way = (typeof ways)[number]

interface ServerKind {
  readonly name: string
  readonly variable: string
  readonly usual: readonly string[]
  answers(url: string): Promise<boolean>
  start(programs: ServerPrograms): Promise<PrivateServer | undefined>
}

const postgres: ServerKind = {
  name: 'PostgreSQL',
  variable: 'PURSER_TEST_POSTGRES_URL',
  usual: ['postgres://postgres@127.0.0.1/postgres', 'postgres://root@127.0.0.1/postgres'],
  answers: postgresAnswers,
  start: (programs) => startPrivatePostgres({ programs }),
}

const mariadb: ServerKind = {
  name: 'MariaDB',
  variable: 'PURSER_TEST_MARIADB_URL',
  usual: ['mariadb://root@127.0.0.1/mysql'],
  answers: mariadbAnswers,
  start: async (programs) => (programs === 'machine' ? startPrivateMariadb() : undefined),
}

/** Whether a server lets the URL's user in. */
async function postgresAnswers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3000 })
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Whether a MariaDB lets the URL's user in. */
async function mariadbAnswers(url: string): Promise<boolean> {
  const { hostname, port, username, password } = new URL(url)
  try {
    const connection = await mysql.createConnection({
      host: hostname,
      port: Number(port || 3306),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      connectTimeout: 3000,
      rowsAsArray: true,
    })
    try {
      const [rows] = await connection.query<RowDataPacket[]>('SELECT version()')
      return String(rows[0]?.[0]).includes('MariaDB')
    } finally {
      connection.destroy()
    }
  } catch {
    return false
  }
}

/** All projects of a run share what was found: the first looks, the last one to end stops it. */
interface Shared {
  users: number
  readonly found: Promise<{ postgres: PrivateServer | undefined; mariadb: PrivateServer | undefined }>
}
const shared = Symbol.for('purser.test-servers')
type Holder = { [shared]?: Shared | undefined }

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const holder = globalThis as Holder
  holder[shared] ??= { users: 0, found: findBoth() }
  const own = holder[shared]
  own.users += 1
  const found = await own.found
  project.provide('servers', { postgres: found.postgres?.url ?? null, mariadb: found.mariadb?.url ?? null })
  return async () => {
    own.users -= 1
    if (own.users > 0) return
    holder[shared] = undefined
    for (const [kind, server] of [
      [postgres, found.postgres],
      [mariadb, found.mariadb],
    ] as const) {
      if (server) await server.stop()
      else {
        const missing = `NOT TESTED: ${kind.name}. There is no server; start one, or name one in ${kind.variable}`
        process.stderr.write(`\n${'!'.repeat(missing.length)}\n${missing}\n`)
      }
    }
  }
}

async function findBoth(): Promise<Awaited<Shared['found']>> {
  const open = waysOpen()
  const [first, second] = await Promise.all([find(postgres, open), find(mariadb, open)])
  return { postgres: first, mariadb: second }
}

function waysOpen(): ReadonlySet<Way> {
  const given = process.env.PURSER_TEST_SERVERS
  if (!given) return new Set(ways)
  const named = given === 'none' ? [] : given.split(',')
  for (const way of named) {
    if (!ways.some((known) => known === way))
      throw new Error(`PURSER_TEST_SERVERS names "${way}"; there are ${ways.join(', ')}, and none`)
  }
  return new Set(named as readonly Way[])
}

async function find(kind: ServerKind, open: ReadonlySet<Way>): Promise<PrivateServer | undefined> {
  const named = process.env[kind.variable]
  // A server that was asked for is not replaced by another: its tests say that it does not answer.
  if (named && open.has('url')) return { url: named, stop: async () => undefined }
  if (open.has('local')) {
    for (const url of kind.usual) if (await kind.answers(url)) return { url, stop: async () => undefined }
  }
  for (const [way, programs] of [
    ['binaries', 'machine'],
    ['embedded', 'embedded'],
  ] as const) {
    if (!open.has(way)) continue
    try {
      const started = await kind.start(programs)
      if (started) return started
    } catch (error) {
      process.stderr.write(`no private server of ${kind.name} (${way}): ${String(error)}\n`)
    }
  }
  return undefined
}
