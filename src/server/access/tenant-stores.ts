// The stores of tenants: opened when they are first asked for, kept while they are used, closed
// when no request has used them for a while.

import type { Store } from '../../store/store.ts'
import { isTenantName } from '../../values/tenant-name.ts'
import { RequestError } from '../answers/request-error.ts'

/** Milliseconds without a use after which a store is closed. */
const IDLE = 5 * 60_000
/** The most stores of tenants at a time; each has separate connections. */
const MOST = 100
/** Milliseconds that closing waits for uses to end. */
const PATIENCE = 10_000

/** A store, until `release` is called. */
export interface Lease {
  readonly store: Store
  readonly release: () => void
}

interface Slot {
  readonly opening: Promise<Store | null>
  uses: number
  idle: NodeJS.Timeout | undefined
}

interface Bounds {
  readonly idle?: number
  readonly most?: number
}

type OpenTenant = (tenant: string) => Promise<Store | null>

export class TenantStores {
  readonly #open: OpenTenant
  readonly #idle: number
  readonly #most: number
  /** In the order of their last use. */
  readonly #slots = new Map<string, Slot>()
  #isClosing = false
  #whenUnused: (() => void) | undefined

  /** @param open null for a tenant that there is not */
  constructor(open: OpenTenant = async () => null, { idle = IDLE, most = MOST }: Bounds = {}) {
    this.#open = open
    this.#idle = idle
    this.#most = most
  }

  /** How many stores are open, or being opened. */
  get count(): number {
    return this.#slots.size
  }

  /** @throws RequestError if there is no such tenant, or too many are in use */
  async use(tenant: string): Promise<Lease> {
    if (!isTenantName(tenant)) throw unknownTenant()
    const slot = this.#slots.get(tenant) ?? this.#begin(tenant)
    this.#slots.delete(tenant)
    this.#slots.set(tenant, slot)
    slot.uses += 1
    clearTimeout(slot.idle)
    let isHeld = true
    const release = () => {
      if (isHeld) this.#release(tenant, slot)
      isHeld = false
    }
    try {
      const store = await slot.opening
      if (store === null) throw unknownTenant()
      return { store, release }
    } catch (error) {
      if (this.#slots.get(tenant) === slot) this.#slots.delete(tenant)
      release()
      throw error
    }
  }

  /** Waits a bounded time until no store is used, and closes all of them. */
  async close(): Promise<void> {
    this.#isClosing = true
    if (this.#isUsed()) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#whenUnused = resolve
      const late = setTimeout(resolve, PATIENCE)
      await promise
      clearTimeout(late)
    }
    await Promise.all([...this.#slots.keys()].map((tenant) => this.#end(tenant)))
  }

  #begin(tenant: string): Slot {
    if (this.#isClosing) throw new RequestError('STOPPING', 'the server is stopping')
    if (this.#slots.size >= this.#most) {
      const unused = [...this.#slots].find(([, { uses }]) => uses === 0)
      if (unused === undefined) {
        const detail = `${this.#most} tenants are in use, which is as many as this server opens at a time`
        throw new RequestError('OVERLOADED', detail, { headers: { 'retry-after': '2' } })
      }
      void this.#end(unused[0])
    }
    return { opening: this.#open(tenant), uses: 0, idle: undefined }
  }

  #release(tenant: string, slot: Slot): void {
    slot.uses -= 1
    if (slot.uses > 0) return
    if (this.#isClosing) {
      if (!this.#isUsed()) this.#whenUnused?.()
      return
    }
    slot.idle = setTimeout(() => void this.#end(tenant), this.#idle).unref()
  }

  #isUsed(): boolean {
    return [...this.#slots.values()].some(({ uses }) => uses > 0)
  }

  async #end(tenant: string): Promise<void> {
    const slot = this.#slots.get(tenant)
    if (slot === undefined) return
    clearTimeout(slot.idle)
    this.#slots.delete(tenant)
    const store = await slot.opening.catch(() => null)
    await store?.close()
  }
}

function unknownTenant(): RequestError {
  return new RequestError('ROUTE_NOT_FOUND', 'this server has no such tenant; GET /v1/tenants lists them')
}

/** Calls `release` once the answer was read or left: at once, unless it is read as it is made. */
export function releasedAfter(response: Response, release: () => void): Response {
  const { body, headers, status } = response
  const isWhole = /^application\/(json|problem\+json)/.test(headers.get('content-type') ?? '')
  if (body === null || isWhole) {
    release()
    return response
  }
  const reader = body.getReader()
  const held = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (!done) return controller.enqueue(value)
          release()
          controller.close()
        } catch (error) {
          release()
          throw error
        }
      },
      cancel(reason) {
        release()
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(held, { status, headers })
}
