// `purser serve`: serves the database by HTTP until it is interrupted. It prints by itself, as its
// output is needed while it runs.

import { realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Store } from '../../../index.ts'
import { text, whole } from '../../flags/flags.ts'
import { type Call, defineCommand } from '../../run/command.ts'
import { UsageError } from '../../run/failure.ts'
import { endNormallyWhenInterrupted } from '../../run/interrupt.ts'

export const DEFAULT_PORT = 7333
const LOOPBACK = '127.0.0.1'

const flags = {
  host: text('address', `listen at this address (default: ${LOOPBACK})`),
  port: whole('n', `listen at this port; 0 for any that is free (default: ${DEFAULT_PORT})`, { min: 0 }),
}

export const serve = defineCommand({
  name: 'serve',
  summary: 'serve the database by HTTP, with a page to look at, until interrupted',
  description:
    'Serve the database by HTTP: the API under /v1, the feed of changes, and the dashboard. At an address of this machine alone it prints a URL that signs a browser in once.',
  flags,
  examples: [
    ['here, for a browser on this machine', 'serve'],
    ['at another port', 'serve --port 8080'],
  ],
  run: (call) =>
    call.withStore('existing', async (store) => {
      await serveStore(call, store, { host: call.flags.host, port: call.flags.port })
      return { data: null, isPrinted: true, show: () => '' }
    }),
})

/** Serves a store until the process is interrupted. */
export async function serveStore(
  call: Pick<Call, 'global' | 'note'>,
  store: Store,
  {
    host = LOOPBACK,
    port = DEFAULT_PORT,
  }: { readonly host: string | undefined; readonly port: number | undefined },
): Promise<void> {
  if (!isLoopback(host)) {
    throw new UsageError(`--host ${host} is not an address of this machine alone`)
  }
  const signal = endNormallyWhenInterrupted()
  const [{ createServer }, { listen }] = await Promise.all([
    import('../../../server/index.ts'),
    import('../../../server/listen.ts'),
  ])
  const server = createServer({
    store,
    hosts: [],
    signIn: { actor: process.env.PURSER_ACTOR || 'operator' },
    web: webFolder(),
    // Only this machine reaches it.
    openMetrics: true,
    onFault: (error) => process.stderr.write(`purser: ${error instanceof Error ? error.stack : error}\n`),
  })
  const listening = await listen(server, { host, port })
  const base = `http://${host.includes(':') ? `[${host}]` : host}:${listening.port}`
  process.stdout.write(
    `${call.global.json ? JSON.stringify({ url: base, signIn: `${base}${server.signInPath()}` }) : `Serving ${store.location}\n  ${base}${server.signInPath()}\nThe URL signs a browser in once. Ctrl-C stops the server.`}\n`,
  )
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await listening.stop()
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
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
