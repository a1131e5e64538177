// Maps a URL to an engine. The only file that knows which engines exist.

import { PersistenceConnectionError } from '../errors.ts'
import type { Engine } from './contract/engine.ts'
import type { StoreDriver } from './core/load-driver.ts'
import { createMariadbEngine } from './mariadb/index.ts'
import { createPostgresEngine } from './postgres/index.ts'
import { parseServerUrl } from './server/url.ts'
import { parseSqliteUrl } from './sqlite/file/url.ts'
import { createSqliteEngine } from './sqlite/index.ts'

export interface EngineRequest {
  readonly url: string
  readonly tenant?: string | undefined
  readonly root?: string | undefined
  /** The driver, if the application passed one. Otherwise it is loaded when the engine connects. */
  readonly driver?: StoreDriver | undefined
  /** Rejects a missing database instead of creating it. */
  readonly mustExist?: boolean | undefined
}

/**
 * @throws PersistenceConnectionError (not retryable) when the URL names no engine, or has an
 * unknown setting
 */
export function createEngine(request: EngineRequest): Engine {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(request.url)?.[1]?.toLowerCase()
  if (scheme === 'sqlite') {
    const { root, mustExist, driver } = request
    return createSqliteEngine({ ...parseSqliteUrl(request), root, mustExist, driver })
  }
  const server = scheme !== undefined && Object.hasOwn(servers, scheme) ? servers[scheme] : undefined
  if (server) return server(request)
  const known =
    'sqlite:PATH, sqlite::memory:, postgres://user:password@host/database or mariadb://user:password@host/database'
  throw invalid(
    scheme === undefined
      ? `the URL of the store has no scheme; write ${known}`
      : `there is no engine for ${scheme.slice(0, 30)}: URLs; write ${known}`,
  )
}

/** Server engines by URL scheme. Each loads its driver when it connects. */
const servers: Readonly<Record<string, (request: EngineRequest) => Engine>> = {
  postgres: createPostgres,
  postgresql: createPostgres,
  mariadb: createMariadb,
  mysql: createMariadb,
}

function createPostgres(request: EngineRequest): Engine {
  return createPostgresEngine({
    ...parseServerUrl(request, { scheme: 'postgres', port: 5432 }),
    driver: request.driver,
  })
}

function createMariadb(request: EngineRequest): Engine {
  return createMariadbEngine({
    ...parseServerUrl(request, { scheme: 'mariadb', port: 3306 }),
    driver: request.driver,
  })
}

function invalid(message: string): PersistenceConnectionError {
  return new PersistenceConnectionError(message, { retryable: false })
}
