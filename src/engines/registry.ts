// From a URL to an engine. The only file that knows which engines there are.

import { PersistenceConnectionError } from '../errors.ts'
import type { Engine } from './engine.ts'
import type { StoreDriver } from './load-driver.ts'
import { createMariadbEngine } from './mariadb/index.ts'
import { createPostgresEngine } from './postgres/index.ts'
import { parseServerUrl } from './server-url.ts'
import type { ConnectionSettings } from './sqlite/connection.ts'
import { createSqliteEngine } from './sqlite/index.ts'

export interface EngineRequest {
  readonly url: string
  readonly tenant?: string | undefined
  readonly root?: string | undefined
  /** The driver, where the application hands it in; else it is loaded when the engine connects. */
  readonly driver?: StoreDriver | undefined
  /** A database that is not there is refused, not made. */
  readonly mustExist?: boolean | undefined
}

/** @throws PersistenceConnectionError (not retryable) when the URL names no engine, or has a setting that is not known */
export function createEngine(request: EngineRequest): Engine {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(request.url)?.[1]?.toLowerCase()
  if (scheme === 'sqlite') return createSqliteEngine({ ...parseSqliteUrl(request), driver: request.driver })
  const server = scheme === undefined ? undefined : servers[scheme]
  if (server) return server(request)
  const known =
    'sqlite:PATH, sqlite::memory:, postgres://user:password@host/database or mariadb://user:password@host/database'
  throw invalid(
    scheme === undefined
      ? `the URL of the store has no scheme; write ${known}`
      : `there is no engine for ${scheme}: URLs; write ${known}`,
  )
}

/** Engines on servers, by the scheme of their URLs. Each loads its driver when it connects. */
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

function parseSqliteUrl(request: EngineRequest): ConnectionSettings & {
  path: string
  root?: string | undefined
  mustExist?: boolean | undefined
} {
  const [target = '', search] = splitOnce(request.url.slice('sqlite:'.length), '?')
  if (/^\/\/(?!\/)/.test(target)) {
    throw invalid(
      'the URL of the store names a host, which a file does not have; write sqlite:/path or sqlite:path',
    )
  }
  const path = decodePath(target.startsWith('///') ? target.slice(2) : target)
  if (path === '') throw invalid('the URL of the store names no file; write sqlite:./purser.db, for example')
  const settings = {
    journal: 'wal',
    synchronous: 'full',
    busyTimeout: 5000,
    journalSizeLimit: 67_108_864,
  } as const
  return {
    ...settings,
    ...parseParameters(search ?? ''),
    path: withTenant(path, request.tenant),
    root: request.root,
    mustExist: request.mustExist,
  }
}

const parameters = {
  journal: (value: string) => oneOf('journal', value, ['wal', 'delete']),
  synchronous: (value: string) => oneOf('synchronous', value, ['full', 'normal']),
  busyTimeout: (value: string) => wholeNumber('busyTimeout', value, 3_600_000),
  journalSizeLimit: (value: string) => wholeNumber('journalSizeLimit', value, Number.MAX_SAFE_INTEGER),
} as const

function parseParameters(search: string): Partial<ConnectionSettings> {
  const settings: Record<string, string | number> = {}
  for (const [name, value] of new URLSearchParams(search)) {
    const parse = Object.hasOwn(parameters, name) ? parameters[name as keyof typeof parameters] : undefined
    if (!parse)
      throw invalid(
        `the URL of the store has the unknown setting ${JSON.stringify(name.slice(0, 60))}; there are ${Object.keys(parameters).join(', ')}`,
      )
    if (name in settings) throw invalid(`the URL of the store has the setting ${name} twice`)
    settings[name] = parse(value)
  }
  return settings as Partial<ConnectionSettings>
}

function oneOf(name: string, value: string, allowed: readonly string[]): string {
  if (allowed.includes(value)) return value
  throw invalid(`the URL of the store: ${name} must be one of ${allowed.join(', ')}`)
}

function wholeNumber(name: string, value: string, max: number): number {
  const number = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN
  if (number <= max) return number
  throw invalid(`the URL of the store: ${name} must be a whole number up to ${max}`)
}

/** Percent-escapes stand for characters that URLs cannot hold; a lone percent sign stands for itself. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** A tenant's rows stand in a file of its own beside the path: `purser.db` becomes `purser.acme.db`. */
function withTenant(path: string, tenant: string | undefined): string {
  if (tenant === undefined || path === ':memory:') return path
  const match = /^(.*?)(\.[^./\\]+)?$/s.exec(path)
  return `${match?.[1] ?? path}.${tenant}${match?.[2] ?? ''}`
}

function splitOnce(text: string, separator: string): readonly [string, string?] {
  const index = text.indexOf(separator)
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)]
}

function invalid(message: string): PersistenceConnectionError {
  return new PersistenceConnectionError(message, { retryable: false })
}
