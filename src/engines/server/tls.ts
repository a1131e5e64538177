// What the URL of a server says of TLS, with its files read: the ways to try, in their order. How a driver is told so is each engine's
// business.

import { readFileSync } from 'node:fs'
import { PersistenceConnectionError } from '../../errors.ts'
import { fromHome } from '../../values/home-folder.ts'
import { isOpenDatabase } from '../core/open-files.ts'
import type { ServerHost, ServerSettings } from './url.ts'

export interface ServerTls {
  /** What of the server's certificate is checked: nothing, who signed it, or also that it is for this host. */
  readonly checks: 'nothing' | 'authority' | 'name'
  /** In PEM form, as far as given. */
  readonly files: { readonly ca?: string; readonly cert?: string; readonly key?: string }
}

type TlsSettings = Pick<ServerSettings, 'sslmode' | 'sslrootcert' | 'sslcert' | 'sslkey'>

/**
 * Undefined stands for a connection without TLS. On the machine itself `prefer` does without: nothing travels.
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
  // As libpq does: a named authority is checked where TLS is asked for, whatever the mode.
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

/** What a refused certificate was refused for, by Node's code for it. */
export function tlsRefusal(code: string): string | undefined {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return 'the certificate of the server is for another name; use the host that it names, or sslmode=verify-ca'
  if (code === 'CERT_HAS_EXPIRED') return 'the certificate of the server has expired; renew it there'
  if (/CERT|^ERR_TLS|^ERR_SSL|^ERR_OSSL|^UNABLE_TO/.test(code)) return distrust(code)
  return undefined
}

export function distrust(code: string): string {
  return `the certificate of the server is not trusted (${code}); name its authority with sslrootcert`
}

export const noTls = 'the server does not offer TLS; turn it on there, or do without by sslmode=disable'
