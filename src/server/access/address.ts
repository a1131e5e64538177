// Where a request was sent to, as its sender sees it: what its headers say, or those of a proxy
// that the operator trusts.

export interface Address {
  /** With its port, if the sender gave one, in small letters. */
  readonly host: string
  readonly isSecure: boolean
}

/** @param trustProxy whether `X-Forwarded-Host` and `X-Forwarded-Proto` count */
export function addressOf({ headers, url }: Request, trustProxy: boolean | undefined): Address {
  const { host: ownHost, protocol } = new URL(url)
  const host = (trustProxy && nearest(headers.get('x-forwarded-host'))) || headers.get('host') || ownHost
  const scheme = (trustProxy && nearest(headers.get('x-forwarded-proto'))) || protocol.slice(0, -1)
  return { host: host.toLowerCase(), isSecure: scheme.toLowerCase() === 'https' }
}

/** What the proxy next to this server said; those before it may be anyone's words. */
function nearest(header: string | null): string | undefined {
  return header?.split(',').at(-1)?.trim() || undefined
}
