// Parses a server URL into settings: several hosts, a user, a database, and the documented
// parameters. Errors never contain the URL, which may hold a password. Which engine the settings
// are for is decided in registry.ts.

import { userInfo } from 'node:os'
import { PersistenceConnectionError } from '../../errors.ts'

export interface ServerHost {
  /** A name, an address, or the folder of a socket. */
  readonly host: string
  readonly port: number
}

/**
 * The TLS mode, as in libpq: `prefer` uses TLS if the server offers it, `verify-full` checks the
 * certificate and the host name.
 */
export type TlsMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'
const tlsModes: readonly TlsMode[] = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full']

export interface ServerSettings {
  /** In the order in which they are tried. The first that accepts writes is used. */
  readonly hosts: readonly ServerHost[]
  readonly user: string
  readonly password: string | undefined
  readonly database: string
  /** The namespace of the tables: a schema, if the engine has schemas inside a database. */
  readonly schema: string | undefined
  readonly tenant: string | undefined
  readonly sslmode: TlsMode
  /**
   * Files in PEM form: the root certificate for the server, and a client certificate with its key.
   */
  readonly sslrootcert: string | undefined
  readonly sslcert: string | undefined
  readonly sslkey: string | undefined
  /** The most connections of one store. */
  readonly poolMax: number
  /** Milliseconds for reaching a host, and for waiting for a free connection. */
  readonly connectTimeout: number
  /**
   * Milliseconds after which the server cancels a statement; 0 for no limit. Does not apply to
   * migrations.
   */
  readonly statementTimeout: number
  /** Milliseconds that a write waits for another transaction's lock; 0 for no limit. */
  readonly lockTimeout: number
  readonly applicationName: string
  /** Rejects a missing schema or database instead of creating it. */
  readonly mustExist: boolean
  /** The URL without its password, for messages and `status`. */
  readonly location: string
}

interface UrlRequest {
  readonly url: string
  readonly tenant?: string | undefined
  readonly mustExist?: boolean | undefined
}

/** The scheme that `location` shows, and the default port. */
interface UrlDefaults {
  readonly scheme: string
  readonly port: number
}

/** @throws PersistenceConnectionError (not retryable) that names the problem, never the URL */
export function parseServerUrl(request: UrlRequest, defaults: UrlDefaults): ServerSettings {
  const match = /^[a-z]+:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/i.exec(request.url)
  if (!match) throw invalid(`write ${defaults.scheme}://user:password@host/database`)
  const [, authority = '', path = '', search = ''] = match
  // If the password contained an unescaped / or ?, the part after it would be parsed as a name, and
  // names are shown.
  if (path.includes('@') || search.includes('@')) {
    throw invalid(
      'an @ stands behind the host; in a password write %2F for /, %3F for ?, and %40 for @ anywhere else',
    )
  }
  const at = authority.lastIndexOf('@')
  const [name, secret] = splitOnce(at < 0 ? '' : authority.slice(0, at), ':')
  const hosts = authority
    .slice(at + 1)
    .split(',')
    .map((host) => parseHost(host, defaults.port))
  const user = decode('the user', name) || userInfo().username
  const database = decode('the database', path) || user
  const given = parseParameters(search)
  const { schema } = given
  const shownHosts = hosts.map(
    ({ host, port }) => `${showHost(host)}${port === defaults.port ? '' : `:${port}`}`,
  )
  const shown = schema === undefined ? '' : `?schema=${schema}`
  return {
    sslrootcert: undefined,
    sslcert: undefined,
    sslkey: undefined,
    sslmode: 'prefer',
    poolMax: 10,
    connectTimeout: 5000,
    statementTimeout: 30_000,
    lockTimeout: 5000,
    applicationName: 'purser',
    ...given,
    schema,
    hosts,
    user,
    password: secret === undefined ? undefined : decode('the password', secret),
    database,
    tenant: request.tenant,
    mustExist: request.mustExist ?? false,
    location: `${defaults.scheme}://${encodeURIComponent(user)}@${shownHosts.join(',')}/${encodeURIComponent(database)}${shown}`,
  }
}

const wholeNumber = (max: number, min = 0) => {
  return (name: string, value: string): number => {
    const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN
    if (number >= min && number <= max) return number
    throw invalid(`${name} must be a whole number from ${min} to ${max}`)
  }
}
const milliseconds = wholeNumber(3_600_000)
const text = (name: string, value: string): string => {
  if (value !== '' && value.length <= 1024 && !value.includes('\0')) return value
  throw invalid(`${name} must have a value`)
}

const parameters = {
  // Two underscores separate schema and tenant, so that a schema's name and a tenant's name can
  // never collide.
  schema: (name: string, value: string) => {
    if (/^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/.test(value) && value.length <= 30) return value
    throw invalid(
      `${name} must be at most 30 small letters and digits, with single underscores between them, and begin with a letter`,
    )
  },
  sslmode: (name: string, value: string): TlsMode => {
    const mode = tlsModes.find((known) => known === value)
    if (mode) return mode
    throw invalid(`${name} must be one of ${tlsModes.join(', ')}`)
  },
  sslrootcert: text,
  sslcert: text,
  sslkey: text,
  poolMax: wholeNumber(1000, 1),
  connectTimeout: wholeNumber(3_600_000, 1),
  statementTimeout: milliseconds,
  lockTimeout: milliseconds,
  applicationName: (name: string, value: string) => {
    if (/^[\x20-\x7e]{1,63}$/.test(value)) return value
    throw invalid(`${name} must be 1 to 63 plain characters`)
  },
} as const

type Given = { -readonly [K in keyof typeof parameters]?: ReturnType<(typeof parameters)[K]> }

function parseParameters(search: string): Given {
  const given: Record<string, string | number> = {}
  for (const [name, value] of new URLSearchParams(search)) {
    const parse = Object.hasOwn(parameters, name) ? parameters[name as keyof typeof parameters] : undefined
    if (!parse) {
      const known = Object.keys(parameters).join(', ')
      throw invalid(`the setting ${JSON.stringify(name.slice(0, 60))} is unknown; there are ${known}`)
    }
    if (name in given) throw invalid(`the setting ${name} stands there twice`)
    given[name] = parse(name, value)
  }
  return given as Given
}

function parseHost(given: string, defaultPort: number): ServerHost {
  const match = /^(\[[0-9a-f:.%]+\]|[^:]*)(?::(\d{1,5}))?$/i.exec(given)
  const port = match?.[2] === undefined ? defaultPort : Number(match[2])
  if (!match || port < 1 || port > 65_535)
    throw invalid('a host must be a name or an address, with a port if need be')
  const host = decode('a host', (match[1] ?? '').replace(/^\[(.*)\]$/, '$1'))
  return { host: host === '' ? 'localhost' : host, port }
}

function showHost(host: string): string {
  if (host.includes('/')) return encodeURIComponent(host)
  return host.includes(':') ? `[${host}]` : host
}

function decode(what: string, part: string): string {
  let decoded: string
  try {
    decoded = decodeURIComponent(part)
  } catch {
    throw invalid(`${what} has a percent sign that begins no escape; write %25 for the sign itself`)
  }
  if (decoded.includes('\0')) throw invalid(`${what} holds a NUL character`)
  return decoded
}

function splitOnce(given: string, separator: string): readonly [string, string?] {
  const index = given.indexOf(separator)
  return index < 0 ? [given] : [given.slice(0, index), given.slice(index + 1)]
}

function invalid(message: string): PersistenceConnectionError {
  return new PersistenceConnectionError(`the URL of the store: ${message}`, { retryable: false })
}
