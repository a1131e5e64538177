// Where `purser serve` listens, and by which names requests may reach it.

import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import type { Store } from '../../../index.ts'
import { CommandError, UsageError } from '../../run/failure.ts'

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** The host in a URL: an address of IPv6 is in brackets. */
export function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/**
 * The names that requests may have: the address, or each of this machine if it is any, and others.
 */
export function hostsOf(host: string, others: readonly string[]): readonly string[] {
  const isAny = host === '0.0.0.0' || host === '::'
  const own = Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address))
  return [...(isAny ? own : [host]).map(inUrl), ...others]
}

/** @throws CommandError if other machines could reach the server, and there is no valid token */
export async function assertGuarded(host: string, store: Pick<Store, 'tokens'>): Promise<void> {
  if (isLoopback(host)) return
  const now = new Date()
  for await (const { revokedAt, expiresAt } of store.tokens.each()) {
    if (revokedAt === null && (expiresAt === null || expiresAt > now)) return
  }
  throw new CommandError(
    'NO_TOKENS',
    `other machines can reach ${host}, and there is no valid token; make one with "purser tokens create --name NAME --role reader", or leave out --host to serve this machine alone`,
  )
}

/**
 * The certificate and its key, as PEM; undefined if neither is named.
 * @throws UsageError for one without the other, and for a file that cannot be read
 */
export function readTls(
  cert: string | undefined,
  key: string | undefined,
): { readonly cert: string; readonly key: string } | undefined {
  if (cert === undefined && key === undefined) return undefined
  if (cert === undefined || key === undefined) {
    throw new UsageError('--tls-cert and --tls-key go together: the certificate and its key, as PEM')
  }
  return { cert: readPem('--tls-cert', cert), key: readPem('--tls-key', key) }
}

function readPem(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as { readonly code?: string }
    throw new UsageError(`${flag} names a file that cannot be read (${code ?? 'unknown'}): ${path}`)
  }
}
