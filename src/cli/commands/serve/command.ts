// `purser serve`: serves the database by HTTP until it is interrupted. It prints by itself, as its
// output is needed while it runs.

import { realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Store } from '../../../index.ts'
import { text, texts, toggle, whole } from '../../flags/flags.ts'
import { type Call, defineCommand } from '../../run/command.ts'
import { endNormallyWhenInterrupted } from '../../run/interrupt.ts'
import { type Tenants, tenantsFor } from '../../run/session.ts'
import { assertGuarded, hostsOf, inUrl, isLoopback, readTls } from './address.ts'

export const DEFAULT_PORT = 7333
const LOOPBACK = '127.0.0.1'

const flags = {
  host: text('address', `listen at this address (default: ${LOOPBACK}); another one needs tokens`),
  port: whole('n', `listen at this port; 0 for any that is free (default: ${DEFAULT_PORT})`, { min: 0 }),
  hostName: texts('name', 'also answer requests for this host'),
  tlsCert: text('file', 'serve by HTTPS with this certificate, as PEM'),
  tlsKey: text('file', 'the key of the certificate, as PEM'),
  trustProxy: toggle('believe X-Forwarded-Host and X-Forwarded-Proto; only behind a proxy that sets them'),
}

export const serve = defineCommand({
  name: 'serve',
  summary: 'serve the database by HTTP, with a page to look at, until interrupted',
  description:
    'Serve the database by HTTP: the API under /v1, that of tenants under /v1/t/TENANT, the feed of changes, and the dashboard. At an address of this machine alone it prints a URL that signs a browser in once.',
  flags,
  examples: [
    ['here, for a browser on this machine', 'serve'],
    ['at another port', 'serve --port 8080'],
    [
      'for other machines, which need tokens',
      'serve --host 0.0.0.0 --host-name books.example --tls-cert cert.pem --tls-key key.pem',
    ],
    ['behind a proxy on this machine', 'serve --trust-proxy --host-name books.example'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      const { host, port, hostName, tlsCert, tlsKey, trustProxy } = call.flags
      const tls = readTls(tlsCert, tlsKey)
      const tenants = await tenantsFor(call.global)
      await serveStore(call, store, { host, port, hostNames: hostName, tls, trustProxy, tenants })
      return { data: null, isPrinted: true, show: () => '' }
    }),
})

interface Serving {
  readonly host: string | undefined
  readonly port: number | undefined
  readonly hostNames?: readonly string[]
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
  readonly trustProxy?: boolean
  readonly tenants?: Tenants | undefined
}

/** Serves a store until the process is interrupted. */
export async function serveStore(
  call: Pick<Call, 'global' | 'note'>,
  store: Store,
  { host = LOOPBACK, port = DEFAULT_PORT, hostNames = [], tls, trustProxy, tenants }: Serving,
): Promise<void> {
  await assertGuarded(host, store)
  const signal = endNormallyWhenInterrupted()
  const [{ createServer }, { listen }] = await Promise.all([
    import('../../../server/index.ts'),
    import('../../../server/listen.ts'),
  ])
  const server = createServer({
    store,
    hosts: hostsOf(host, hostNames),
    trustProxy,
    // Who reads the terminal may sign in; the code must not travel a network.
    signIn: isLoopback(host) ? { actor: process.env.PURSER_ACTOR || 'operator' } : undefined,
    // A proxy or another name may bring others here.
    openMetrics: isLoopback(host) && hostNames.length === 0 && !trustProxy,
    openTenant: tenants?.open,
    tenants: tenants?.list,
    web: webFolder(),
    onFault: (error) => process.stderr.write(`purser: ${error instanceof Error ? error.stack : error}\n`),
  })
  const listening = await listen(server, { host, port, tls })
  const base = `${tls ? 'https' : 'http'}://${inUrl(host)}:${listening.port}`
  process.stdout.write(`${announcement(call, store, base, server.signInPath())}\n`)
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await listening.stop()
}

/** What a script reads, with --json, or a person. */
function announcement(
  { global }: Pick<Call, 'global'>,
  { location }: Store,
  base: string,
  path: string | undefined,
): string {
  if (global.json) return JSON.stringify({ url: base, signIn: path === undefined ? null : `${base}${path}` })
  const how =
    path === undefined
      ? 'Programs send a token: Authorization: Bearer TOKEN.'
      : 'The URL signs a browser in once.'
  return `Serving ${location}\n  ${base}${path ?? ''}\n${how} Ctrl-C stops the server.`
}

/** Where the package has the dashboard's files: beside the program that was started. */
function webFolder(): string | undefined {
  const [, program] = process.argv
  try {
    return program === undefined ? undefined : join(dirname(dirname(realpathSync(program))), 'dist', 'web')
  } catch {
    return undefined
  }
}
