// A server on a real port for a test, and requests to it in the name of a role.

import { onTestFinished } from 'vitest'
import type { Store } from '../../../src/index.ts'
import { type Role, roles } from '../../../src/server/access/roles.ts'
import { createServer, type PurserServer, type ServerOptions } from '../../../src/server/index.ts'
import { type Listening, listen } from '../../../src/server/listen.ts'

export interface Serving extends Listening {
  readonly url: string
  readonly server: PurserServer
  /** Sends a request as an operator, or as another role, and reads the answer. */
  ask(method: string, path: string, more?: Ask): Promise<Answer>
  readonly faults: readonly unknown[]
}

export interface Ask {
  readonly as?: Role | 'nobody'
  readonly actor?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The parsed body; undefined if it is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: an answer is looked at field by field
  readonly body: any
}

/** Serves a store until the test ends. Requests say their role in a header of the test's own. */
export async function serving(store: Store, options: Partial<ServerOptions> = {}): Promise<Serving> {
  const faults: unknown[] = []
  const server = createServer({
    store,
    rate: { perSecond: 10_000, burst: 10_000 },
    onFault: (error) => faults.push(error),
    authenticate: ({ headers }) => {
      const role = roles.find((each) => each === headers.get('x-role'))
      if (role === undefined) return null
      return {
        role,
        actor: headers.get('x-actor'),
        tenant: headers.get('x-tenant'),
        key: role,
        via: 'application',
      }
    },
    ...options,
  })
  const listening = await listen(server, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => listening.stop())
  const url = `http://127.0.0.1:${listening.port}`
  return {
    ...listening,
    url,
    server,
    faults,
    ask: (method, path, more) => ask(`${url}${path}`, method, more),
  }
}

async function ask(
  url: string,
  method: string,
  { as = 'operator', actor, body, headers }: Ask = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(as === 'nobody' ? {} : { 'x-role': as }),
      ...(actor === undefined ? {} : { 'x-actor': actor }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: parsed(text) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
