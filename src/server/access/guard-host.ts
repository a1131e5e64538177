// Refuses requests that were led here: to another name for this machine (DNS rebinding), and from
// pages of other sites.

import { RequestError } from '../answers/request-error.ts'
import { addressOf } from './address.ts'

const loopback: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * The host names that requests may have.
 * @param hosts further ones, without a port; undefined admits every name
 * @param trustProxy whether the name that a proxy gives counts
 */
export function hostGuard(
  hosts: readonly string[] | undefined,
  trustProxy: boolean | undefined,
): (request: Request) => void {
  if (hosts === undefined) return () => undefined
  const known = new Set([...loopback, ...hosts.map((host) => host.toLowerCase())])
  return (request) => {
    if (known.has(nameOf(addressOf(request, trustProxy).host))) return
    throw new RequestError(
      'ORIGIN_REFUSED',
      'the request names a host that this server does not answer for; start it with --host-name to allow one',
    )
  }
}

/** A name without its port. */
function nameOf(host: string): string {
  return host.replace(/:\d{1,5}$/, '')
}

/**
 * A browser says where a request comes from: only this server's own pages may ask anything.
 * @throws RequestError
 */
export function refuseOtherOrigins(request: Request, trustProxy: boolean | undefined): void {
  const { headers } = request
  const site = headers.get('sec-fetch-site')
  if (site !== null && site !== 'same-origin' && site !== 'none') throw crossSite()
  const origin = headers.get('origin')
  if (origin === null) return
  const { host } = addressOf(request, trustProxy)
  if (!URL.canParse(origin) || new URL(origin).host !== host) throw crossSite()
}

function crossSite(): RequestError {
  return new RequestError('ORIGIN_REFUSED', 'the request comes from a page of another site')
}
