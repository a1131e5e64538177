// Finds the servers that the tests of server engines run on, once for a run: a URL from the environment, a server on the standard
// port of this machine, or a private one. An engine without a server is skipped, and the run says so in its last line; where CI is
// set, its tests fail instead.

import { connect } from 'node:net'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { type PrivateServer, startPrivateMariadb, startPrivatePostgres } from './private-servers.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** URLs with the right to create schemas and databases; null where there is no server. */
    servers: { readonly postgres: string | null; readonly mariadb: string | null }
  }
}

interface ServerKind {
  readonly name: string
  readonly variable: string
  readonly usual: readonly string[]
  answers(url: string): Promise<boolean>
  start(answers: (url: string) => Promise<boolean>): Promise<PrivateServer | undefined>
}

const postgres: ServerKind = {
  name: 'PostgreSQL',
  variable: 'PURSER_TEST_POSTGRES_URL',
  usual: ['postgres://postgres@127.0.0.1/postgres', 'postgres://root@127.0.0.1/postgres'],
  answers: postgresAnswers,
  start: startPrivatePostgres,
}

const mariadb: ServerKind = {
  name: 'MariaDB',
  variable: 'PURSER_TEST_MARIADB_URL',
  usual: ['mariadb://root@127.0.0.1/mysql'],
  // The server speaks first: its version stands in what it says.
  answers: (url) =>
    new Promise((resolve) => {
      const { hostname, port } = new URL(url)
      const socket = connect({ host: hostname, port: Number(port || 3306), timeout: 3000 })
      const end = (found: boolean) => {
        socket.destroy()
        resolve(found)
      }
      socket.once('data', (greeting) => end(greeting.includes('MariaDB')))
      for (const event of ['error', 'timeout', 'close']) socket.once(event, () => end(false))
    }),
  start: startPrivateMariadb,
}

/** Whether a server lets the URL's user in. */
export async function postgresAnswers(url: string): Promise<boolean> {
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

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const found = { postgres: await find(postgres), mariadb: await find(mariadb) }
  project.provide('servers', { postgres: found.postgres?.url ?? null, mariadb: found.mariadb?.url ?? null })
  return async () => {
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

async function find(kind: ServerKind): Promise<PrivateServer | undefined> {
  const named = process.env[kind.variable]
  // A server that was asked for is not replaced by another: its tests say that it does not answer.
  if (named) return { url: named, stop: async () => undefined }
  for (const url of kind.usual) if (await kind.answers(url)) return { url, stop: async () => undefined }
  try {
    return await kind.start(kind.answers)
  } catch (error) {
    process.stderr.write(`no private server of ${kind.name}: ${String(error)}\n`)
    return undefined
  }
}
