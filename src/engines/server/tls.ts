// The TLS settings of a server URL, with their files read: the ways to try, in order. How they are
// passed to a driver is specific to the engine.

import { readFileSync } from 'node:fs'
import { PersistenceConnectionError } from '../../errors.ts'
import { fromHome } from '../../values/home-folder.ts'
import { isOpenDatabase } from '../core/open-files.ts'
import type { ServerHost, ServerSettings } from './url.ts'

export interface ServerTls {
  /**
   * What is checked about the server's certificate: nothing, its authority, or its authority and
   * the host name.
   */
  readonly checks: 'nothing' | 'authority' | 'name'
  /** In PEM form; only those that were given. */
  readonly files: { readonly ca?: string; readonly cert?: string; readonly key?: string }
}

type TlsSettings = Pick<ServerSettings, 'sslmode' | 'sslrootcert' | 'sslcert' | 'sslkey'>

/**
 * The ways to connect, in order; undefined is a connection without TLS. For a server on the same
 * machine `prefer` uses no TLS, because nothing crosses the network.
 * @throws PersistenceConnectionError (not retryable) for a file that cannot be read
 */
export function tlsWays(settings: TlsSettings, { host }: ServerHost): readonly (ServerTls | undefined)[] {
  const { sslmode } = settings
  const isSocket = host.startsWith('/')
  const isLocal = isSocket || host === 'localhost' || host === '::1' || host.startsWith('127.')
  if (sslmode === 'disable' || isSocket || (sslmode === 'prefer' && isLocal)) return [undefined]
  const tls: ServerTls = {
    checks: checksOf(settings),
    files: {
      ...readPem('ca', 'sslrootcert', settings.sslrootcert),
      ...readPem('cert', 'sslcert', settings.sslcert),
      ...readPem('key', 'sslkey', settings.sslkey),
    },
  }
  return sslmode === 'prefer' ? [tls, undefined] : [tls]
}

function checksOf({ sslmode, sslrootcert }: TlsSettings): ServerTls['checks'] {
  if (sslmode === 'verify-full') return 'name'
  // As in libpq: a given root certificate is checked whenever TLS is required, whatever the mode.
  const isNamed = sslmode === 'require' && sslrootcert !== undefined
  return sslmode === 'verify-ca' || isNamed ? 'authority' : 'nothing'
}

function readPem(name: 'ca' | 'cert' | 'key', setting: string, named: string | undefined) {
  if (named === undefined) return {}
  const path = fromHome(named)
  if (isOpenDatabase(path)) {
    throw new PersistenceConnectionError(`the URL of the store: the file of ${setting} is an open database`, {
      retryable: false,
    })
  }
  try {
    return { [name]: readFileSync(path, 'utf8') }
  } catch (cause) {
    throw new PersistenceConnectionError(`the URL of the store: the file of ${setting} cannot be read`, {
      cause,
      retryable: false,
    })
  }
}

/** Why a certificate was rejected, by Node's error code. */
export function tlsRefusal(code: string): string | undefined {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return 'the certificate of the server is for another name; use the host that it names, or sslmode=verify-ca'
  if (code === 'CERT_HAS_EXPIRED') return 'the certificate of the server has expired; renew it there'
  if (/CERT|^ERR_TLS|^ERR_SSL|^ERR_OSSL|^UNABLE_TO/.test(code)) return distrust(code)
  return undefined
}

/** What to do about a certificate that is not trusted. */
export function distrust(code: string): string {
  return `the certificate of the server is not trusted (${code}); name its authority with sslrootcert`
}

export const noTls = 'the server does not offer TLS; turn it on there, or do without by sslmode=disable'
