// Parses the URL of a SQLite file: its path, with the tenant's name in it, and its settings.

import { PersistenceConnectionError } from '../../../errors.ts'
import type { ConnectionSettings } from '../connection.ts'

interface UrlRequest {
  readonly url: string
  readonly tenant?: string | undefined
}

/**
 * @throws PersistenceConnectionError (not retryable) when the URL names no file, or has an unknown
 * setting
 */
export function parseSqliteUrl({ url, tenant }: UrlRequest): ConnectionSettings & { readonly path: string } {
  const [target = '', search] = splitOnce(url.slice('sqlite:'.length), '?')
  if (/^\/\/(?!\/)/.test(target)) {
    throw invalid(
      'the URL of the store names a host, which a file does not have; write sqlite:/path or sqlite:path',
    )
  }
  const path = decodePath(target.startsWith('///') ? target.slice(2) : target)
  // Such a path is shown in messages and events; its password must not be.
  if (/\/\/[^/]*:[^/]*@|^[a-z][\w+.-]*:\/?[^/]*:[^/]*@/i.test(path))
    throw invalid('the URL of the store has another URL, with a password, as its path; give that one alone')
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
    path: withTenant(path, tenant),
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

/**
 * Decodes percent-escapes, which represent characters that URLs cannot contain; a lone percent sign
 * is itself.
 */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** A tenant's file beside the path: `purser.db` becomes `purser.acme.db`. */
export function withTenant(path: string, tenant: string | undefined): string {
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
