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

/** Where a request came from, as far as what listens knows. */
export interface RequestSource {
  /** The other end of the connection. */
  readonly address?: string | undefined
}

/** Whose requests are counted together while it is not known who they are from. */
export function senderOf(
  { headers }: Request,
  source: RequestSource | undefined,
  trustProxy: boolean | undefined,
): string {
  const address = (trustProxy && nearest(headers.get('x-forwarded-for'))) || source?.address
  return address === undefined ? 'no address' : `address ${networkOf(address)}`
}

/** A network of IPv6 has more addresses than can be counted: its first 64 bits are one sender. */
function networkOf(address: string): string {
  const [head = '', tail] = address.toLowerCase().split('::')
  if (!address.includes(':') || address.includes('.')) return address.slice(0, 60)
  const given = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: Math.max(0, 8 - given.length - after.length) }, () => '0')
  return [...given, ...(tail === undefined ? [] : zeros), ...after].slice(0, 4).join(':').slice(0, 60)
}
