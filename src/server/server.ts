// A server as a fetch handler: what `purser/server` gives to applications.

import type { Store } from '../store/store.ts'
import type { RequestSource } from './access/address.ts'
import { tokensOf } from './access/find-token.ts'
import { SignIn } from './access/sign-in.ts'
import { TenantStores } from './access/tenant-stores.ts'
import { problemResponse } from './answers/problem.ts'
import { RequestError } from './answers/request-error.ts'
import { createApp } from './app.ts'
import { EventStreams } from './feed/event-stream.ts'
import { ServerMetrics } from './metrics/server-metrics.ts'
import type { ServerOptions } from './options.ts'
import { ReadinessCheck } from './readiness.ts'

export interface PurserServer {
  /**
   * Answers a request; never rejects.
   * @param source where it came from, for the limit of requests by those who are not known; without
   * it they are counted together
   */
  readonly fetch: (request: Request, source?: RequestSource) => Promise<Response>
  /** The path and query of a sign-in that works once; undefined if there is none. */
  signInPath(): string | undefined
  /**
   * Answers new requests with 503, ends streams, with a time after which to come back, waits for
   * requests to tenants, at most 10 seconds, and closes the stores of tenants.
   */
  close(): Promise<void>
}

/**
 * Makes a server for a store: the HTTP API, the feed of changes, health, and the dashboard if its
 * files are given. It listens nowhere by itself: give `fetch` to what does.
 * @example
 * const server = createServer(await openStore())
 * const app = new Hono().mount('/', server.fetch)
 */
export function createServer(given: Store | ServerOptions): PurserServer {
  const options: ServerOptions = 'transaction' in given ? { store: given } : given
  const { signIn: wanted, hosts } = options
  if (wanted !== undefined && hosts === undefined) {
    throw new TypeError('signIn needs hosts: without them a page of another site could use the sign-in')
  }
  const streams = new EventStreams()
  const findToken = tokensOf(options.store)
  const byCode = wanted && { role: 'admin' as const, actor: wanted.actor, tenant: null }
  const signIn = wanted === undefined && options.authenticate ? undefined : new SignIn(byCode, findToken)
  const readiness = new ReadinessCheck(options.store)
  const tenants = new TenantStores(options.openTenant)
  let isStopping = false
  const app = createApp({
    options,
    streams,
    metrics: new ServerMetrics(streams),
    readiness,
    signIn,
    findToken,
    tenants,
    onSignIn: () => undefined,
  })
  return {
    fetch: async (request, source) =>
      isStopping && new URL(request.url).pathname.startsWith('/v1/')
        ? problemResponse(stopping(), () => undefined)
        : app.fetch(request, { address: source?.address }),
    signInPath: () => {
      const code = signIn?.makeCode()
      return code === undefined ? undefined : `/sign-in?code=${code}`
    },
    close: async () => {
      isStopping = true
      readiness.stop()
      streams.close()
      await tenants.close()
    },
  }
}

function stopping(): RequestError {
  return new RequestError('STOPPING', 'the server is stopping; ask again in a moment', {
    headers: { 'retry-after': '2', connection: 'close' },
  })
}
