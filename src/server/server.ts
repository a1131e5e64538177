// A server as a fetch handler: what `purser/server` gives to applications.

import type { Store } from '../store/store.ts'
import { tokensOf } from './access/find-token.ts'
import { SignIn } from './access/sign-in.ts'
import { RequestError } from './answers/request-error.ts'
import { createApp } from './app.ts'
import { EventStreams } from './feed/event-stream.ts'
import { ServerMetrics } from './metrics/server-metrics.ts'
import type { ServerOptions } from './options.ts'
import { ReadinessCheck } from './readiness.ts'

export interface PurserServer {
  /** Answers a request; never rejects. */
  readonly fetch: (request: Request) => Promise<Response>
  /** The path and query of a sign-in that works once; undefined if there is none. */
  signInPath(): string | undefined
  /** Ends streams, with the time after which to come back, and closes stores of tenants. */
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
  const signIn =
    wanted === undefined ? undefined : new SignIn({ role: 'admin', actor: wanted.actor, tenant: null })
  const readiness = new ReadinessCheck(options.store)
  const app = createApp({
    options,
    streams,
    metrics: new ServerMetrics(streams),
    readiness,
    signIn,
    findToken: tokensOf(options.store),
    tenantStore: async (tenant) => {
      throw new RequestError('ROUTE_NOT_FOUND', `there is no tenant ${tenant}`)
    },
    onSignIn: () => undefined,
  })
  return {
    fetch: async (request) => app.fetch(request),
    signInPath: () => (signIn === undefined ? undefined : `/sign-in?code=${signIn.makeCode()}`),
    close: async () => {
      readiness.stop()
      streams.close()
    },
  }
}
