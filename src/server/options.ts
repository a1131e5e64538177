// What a server is made from.

import type { Store } from '../store/store.ts'
import type { Principal } from './access/principal.ts'

export interface ServerOptions {
  /** The store that is served. The server does not close it. */
  readonly store: Store
  /**
   * Who a request is from; null for no one it knows. Without it, the tokens of the store decide
   * (docs/server.md), and a sign-in if `signIn` says so.
   */
  readonly authenticate?: ((request: Request) => Principal | null | Promise<Principal | null>) | undefined
  /**
   * Lets browsers on this machine sign in with a URL that works once, as an admin with this actor.
   * Needs `hosts`.
   */
  readonly signIn?: { readonly actor: string | null } | undefined
  /**
   * Host names that requests may have, without a port, besides those of this machine. Omitted: any;
   * then a page of another site could reach a server on this machine by another name for it.
   */
  readonly hosts?: readonly string[] | undefined
  /**
   * A proxy is in front that sets `X-Forwarded-Host` and `X-Forwarded-Proto`, and no client
   * reaches the server past it: then these say where a request was sent to.
   */
  readonly trustProxy?: boolean | undefined
  /** A folder with the files of the dashboard; without it there are none. */
  readonly web?: string | undefined
  /**
   * Opens the store of a tenant when it is asked for; null if there is none of this name. The
   * server closes it when it was not used for 5 minutes, and has at most 100 open.
   */
  readonly openTenant?: ((tenant: string) => Promise<Store | null>) | undefined
  /** The names of the tenants. */
  readonly tenants?: (() => Promise<readonly string[]>) | undefined
  /** The most bytes of a body: 2 MiB if omitted. */
  readonly maxBodyBytes?: number | undefined
  /** What one token may ask: 50 requests a second, and 200 at once, if omitted. */
  readonly rate?: { readonly perSecond: number; readonly burst: number } | undefined
  /**
   * Answers `/metrics` to everyone who reaches the server. Omitted: to whoever has the role
   * `reader`, and is bound to no tenant.
   */
  readonly openMetrics?: boolean | undefined
  /** Hears of faults: errors that no request should cause. They are not in any answer. */
  readonly onFault?: ((error: unknown) => void) | undefined
}

export const DEFAULT_BODY_BYTES = 2 * 1_048_576
export const DEFAULT_RATE = { perSecond: 50, burst: 200 } as const
