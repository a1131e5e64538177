// The conformance harness of an engine with HTTP in between: what a case does to records goes
// through `purser/client` to a server on a real port, which serves the engine's store. What is no
// matter of records (opening, migrating, repairing) is done to that store itself.

import { type Client, createClient } from '../../../src/client/index.ts'
import type { Place } from '../../../src/conformance/index.ts'
import type { ActingStore, Store } from '../../../src/index.ts'
import { recordNames } from '../../../src/records/names.ts'
import { createServer } from '../../../src/server/index.ts'
import { type Listening, listen } from '../../../src/server/listen.ts'
import type { DisposableHarness } from '../engines/run-conformance.ts'

/** What of a case went by HTTP. */
export interface Traffic {
  requests: number
  /** The case has ended. */
  isOver: boolean
  /** What the case used that HTTP does not have, by design. */
  readonly missing: Set<string>
  /** Errors that no request should cause. */
  readonly faults: unknown[]
}

/** Features that are about a store that no server serves. */
const withoutServer = [
  'processes',
  'tenants',
  'faults',
  'unusable',
  'handles',
  'durability',
  'strangers',
] as const

const ofRecords = [...recordNames.flatMap(({ property }) => property ?? []), 'changes', 'retention'] as const

/** Puts HTTP between the cases and the stores of a harness. */
export function byHttp(harness: DisposableHarness): DisposableHarness & { readonly traffic: Traffic } {
  const traffic: Traffic = { requests: 0, isOver: false, missing: new Set(), faults: [] }
  const features = Object.fromEntries(
    Object.entries(harness.features).filter(([name]) => !withoutServer.includes(name as never)),
  )
  const newPlace = (): Place => {
    const place = harness.newPlace()
    const create = place.create.bind(place)
    return Object.assign(place, { create: (options?: object) => served(create(options), traffic) })
  }
  const dispose = () => {
    traffic.isOver = true
    return harness.dispose()
  }
  return { ...harness, features, newPlace, dispose, traffic }
}

/** A store whose records are reached by HTTP, from its opening to its end. */
function served(store: Store, traffic: Traffic): Store {
  let listening: Promise<Listening> | undefined
  const newServer = () =>
    createServer({
      store,
      rate: { perSecond: 1_000_000, burst: 1_000_000 },
      maxBodyBytes: 64 * 1_048_576,
      onFault: (error) => traffic.faults.push(error),
      authenticate: ({ headers }) => {
        const [, actor] = /^Bearer (.+)$/.exec(headers.get('authorization') ?? '') ?? []
        return {
          role: 'admin',
          actor: actor === undefined ? null : decodeURIComponent(actor),
          tenant: null,
          key: 'conformance',
          via: 'application',
        }
      },
    })
  const send = async (request: Request): Promise<Response> => {
    if (traffic.isOver) return new Promise(() => undefined)
    traffic.requests += 1
    listening ??= listen(newServer(), { host: '127.0.0.1', port: 0 })
    const { port } = await listening
    const url = new URL(request.url)
    try {
      return await fetch(new Request(`http://127.0.0.1:${port}${url.pathname}${url.search}`, request))
    } catch (error) {
      // What a case left behind has no one to hear of it.
      if (traffic.isOver) return new Promise(() => undefined)
      throw error
    }
  }
  const client = (actor?: string) =>
    createClient({
      url: 'http://127.0.0.1',
      fetch: send,
      timeout: Number.POSITIVE_INFINITY,
      ...(actor === undefined ? {} : { token: encodeURIComponent(actor) }),
    })
  const close = async () => {
    const opened = listening
    listening = undefined
    if (opened) await (await opened).stop()
    await store.close()
  }
  return overlay(store, {
    ...partsOf(store, client(), traffic),
    as: (actor: string) => {
      const acting = store.as(actor)
      return overlay(acting, partsOf(acting, client(actor), traffic))
    },
    close,
    disconnect: close,
    [Symbol.asyncDispose]: close,
  })
}

/** What a case reaches by HTTP in place of a store, and what it cannot. */
function partsOf(store: ActingStore, client: Client, { missing }: Traffic): object {
  const refuse = (what: string) => () => {
    missing.add(what)
    throw new Error(`HTTP has no ${what}`)
  }
  const parts = ofRecords.flatMap((name) => {
    const own = (store as never)[name] as object | undefined
    if (own === undefined) return []
    const there = (client as never)[name] as Readonly<Record<string, unknown>>
    const verbs = new Proxy(own, {
      get: (_, verb) => {
        const call = there[verb as string]
        if (typeof call !== 'function') return refuse(`${name}.${String(verb)}`)
        return (...given: readonly unknown[]) => {
          if (given.some((each) => hasOption('onProgress', each)))
            refuse(`${name}.${String(verb)} with onProgress`)()
          if (name === 'retention' && given.some((each) => hasOption('signal', each)))
            refuse('retention with a signal')()
          const result = call(...given)
          // A case that fails leaves calls behind.
          if (result instanceof Promise) result.catch(() => undefined)
          return result
        }
      },
    })
    return [[name, verbs]]
  })
  return { ...Object.fromEntries(parts), transaction: refuse('transaction') }
}

function hasOption(name: string, argument: unknown): boolean {
  try {
    return (argument as Readonly<Record<string, unknown>>)[name] !== undefined
  } catch {
    return false
  }
}

/** The same object with other members in places; private members of classes stay reachable. */
function overlay<T extends object>(below: T, above: object): T {
  return new Proxy(below, {
    get: (_, name) => {
      if (Object.hasOwn(above, name)) return above[name as keyof typeof above]
      const value = below[name as keyof T]
      return typeof value === 'function' ? value.bind(below) : value
    },
  })
}
