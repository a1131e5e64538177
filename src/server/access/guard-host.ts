// Refuses requests that were led here: to another name for this machine (DNS rebinding), and from
// pages of other sites.

import { RequestError } from '../answers/request-error.ts'

const loopback: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * The host names that requests may have.
 * @param hosts further ones, without a port; undefined admits every name
 */
export function hostGuard(hosts: readonly string[] | undefined): (request: Request) => void {
  if (hosts === undefined) return () => undefined
  const known = new Set([...loopback, ...hosts.map((host) => host.toLowerCase())])
  return (request) => {
    const host = request.headers.get('host') ?? new URL(request.url).host
    if (known.has(nameOf(host))) return
    throw new RequestError(
      'ORIGIN_REFUSED',
      'the request names a host that this server does not answer for; start it with --host-name to allow one',
    )
  }
}

/** A name without its port. */
function nameOf(host: string): string {
  return host.toLowerCase().replace(/:\d{1,5}$/, '')
}

/**
 * A browser says where a request comes from: only this server's own pages may ask anything.
 * @throws RequestError
 */
export function refuseOtherOrigins({ headers, url }: Request): void {
  const site = headers.get('sec-fetch-site')
  if (site !== null && site !== 'same-origin' && site !== 'none') throw crossSite()
  const origin = headers.get('origin')
  if (origin === null) return
  const host = headers.get('host') ?? new URL(url).host
  if (!URL.canParse(origin) || new URL(origin).host !== host.toLowerCase()) throw crossSite()
}

function crossSite(): RequestError {
  return new RequestError('ORIGIN_REFUSED', 'the request comes from a page of another site')
}
