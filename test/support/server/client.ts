// A client of a server in the same process, for tests that need no port.

import { type Client, type ClientOptions, createClient } from '../../../src/client/index.ts'
import type { Store } from '../../../src/index.ts'
import { createServer, type ServerOptions } from '../../../src/server/index.ts'

type Fetch = (request: Request) => Promise<Response>

/** @param through what stands between the two, if anything */
export function clientOf(
  store: Store,
  options: Partial<ClientOptions> = {},
  { through = (fetch: Fetch): Fetch => fetch, server = {} as Partial<ServerOptions> } = {},
): Client {
  const { fetch } = createServer({
    store,
    rate: { perSecond: 10_000, burst: 10_000 },
    authenticate: ({ headers }) => ({
      role: 'admin',
      actor: headers.get('authorization')?.replace('Bearer ', '') ?? null,
      tenant: null,
      key: 'test',
      via: 'application',
    }),
    ...server,
  })
  return createClient({ url: 'http://purser.example', fetch: through(fetch), ...options })
}
