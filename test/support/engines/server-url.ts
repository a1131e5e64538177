// The server of one engine, as the run has found it (server-harness.ts), for the head of a test
// file.

import { inject } from 'vitest'

export type ServerEngine = 'postgres' | 'mariadb'

/** The engines on servers, and how people call them. */
export const serverEngines: Readonly<Record<ServerEngine, string>> = {
  postgres: 'PostgreSQL',
  mariadb: 'MariaDB',
}

/**
 * The URL of the engine's server; undefined where there is none, and then the tests are to be
 * skipped.
 * @throws where CI is set: there every engine has to be tested
 */
export function serverUrl(engine: ServerEngine): string | undefined {
  const servers: ReturnType<typeof inject<'servers'>> | undefined = inject('servers')
  if (servers === undefined) return undefined
  const url = servers[engine]
  if (url === null && process.env.CI)
    throw new Error(`there is no server to test ${serverEngines[engine]} on, and CI is set`)
  return url ?? undefined
}
