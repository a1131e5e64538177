// The server of one engine, as the run has found it (server-harness.ts), for the head of a test file.

import { inject } from 'vitest'

/**
 * The URL of the engine's server; undefined where there is none, or where the run is not about servers, and then the tests are to be
 * skipped.
 * @throws where CI is set: there every engine has to be tested
 */
export function serverUrl(engine: 'postgres' | 'mariadb'): string | undefined {
  const servers: ReturnType<typeof inject<'servers'>> | undefined = inject('servers')
  if (servers === undefined) return undefined
  const url = servers[engine]
  if (url === null && process.env.CI)
    throw new Error(`there is no server to test ${engine} on, and CI is set`)
  return url ?? undefined
}
