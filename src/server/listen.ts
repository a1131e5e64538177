// A server on Node.js's HTTP server: bounds on time and size before a request is one, TLS, and a
// stop that lets what runs finish.

import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { PurserServer } from './server.ts'

export interface ListenOptions {
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
  /** A certificate and its key, as PEM. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
}

export interface Listening {
  readonly host: string
  readonly port: number
  /** Stops accepting, ends streams, waits for requests for a bounded time, and closes the rest. */
  stop(): Promise<void>
}

/** Milliseconds in which a request's head, and all of it, have to arrive. */
const HEAD_TIMEOUT = 10_000
const REQUEST_TIMEOUT = 30_000
/** Milliseconds between two looks at requests that are late. */
const LOOK_INTERVAL = 1000
/** Milliseconds that a stop waits for requests. */
const STOP_TIMEOUT = 10_000
/** Milliseconds between two looks, during a stop, at connections without a request. */
const IDLE_INTERVAL = 20
/** Connections that wait to be accepted, as far as the system allows: clients come back at once. */
const BACKLOG = 4096
const MAX_HEADER_BYTES = 16_384

const bounds = {
  headersTimeout: HEAD_TIMEOUT,
  requestTimeout: REQUEST_TIMEOUT,
  connectionsCheckingInterval: LOOK_INTERVAL,
  maxHeaderSize: MAX_HEADER_BYTES,
} as const

/** @throws the error of Node.js if the address cannot be listened at */
export async function listen(server: PurserServer, options: ListenOptions): Promise<Listening> {
  const { host, tls } = options
  const answer = getRequestListener(
    (request, { incoming }) => server.fetch(request, { address: incoming.socket.remoteAddress }),
    { overrideGlobalObjects: false },
  )
  const http: Server = tls
    ? createHttpsServer({ ...bounds, ...tls }, answer)
    : createHttpServer(bounds, answer)
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen({ host, port: options.port, backlog: BACKLOG }, () => {
      http.off('error', reject)
      resolve()
    })
  })
  const { port } = http.address() as AddressInfo
  return {
    host,
    port,
    stop: async () => {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()))
      // A connection that was just answered would be kept for the next request of its client.
      const idle = setInterval(() => http.closeIdleConnections(), IDLE_INTERVAL)
      const late = setTimeout(() => http.closeAllConnections(), STOP_TIMEOUT)
      await Promise.all([server.close(), closed])
      clearTimeout(late)
      clearInterval(idle)
    },
  }
}
