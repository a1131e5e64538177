// Routes that are about a store as a whole: who asks, search, the feed of changes, its state, and
// what keeps it in order.

import type { DoctorCheckName } from '../doctor/check.ts'
import { ChangesGoneError } from '../errors.ts'
import type { Store } from '../store/store.ts'
import { purserVersion } from '../version.ts'
import type { Principal } from './access/principal.ts'
import type { StoreVerb } from './access/roles.ts'
import { preferred } from './answers/list-formats.ts'
import { invalidRequest } from './answers/request-error.ts'
import type { EventStreams } from './feed/event-stream.ts'
import { only, optionValue, type Query } from './requests/query.ts'
import { searchEverywhere } from './search-everywhere.ts'

/** What such a route works with. */
export interface StoreCall {
  readonly store: Store
  readonly principal: Principal
  readonly query: Query
  readonly body: unknown
  readonly headers: Headers
  readonly streams: EventStreams
  readonly tenants: () => Promise<readonly string[]>
}

export interface StoreRoute {
  readonly method: 'GET' | 'POST'
  /** Below `/v1`. */
  readonly path: string
  readonly verb: StoreVerb
  readonly summary: string
  /** The keys of the query. */
  readonly query: readonly string[]
  /** @returns the object of the answer, or an answer of another form */
  readonly serve: (call: StoreCall) => Promise<object>
}

const EVENT_STREAM = 'text/event-stream'

export const storeRoutes: readonly StoreRoute[] = [
  {
    method: 'GET',
    path: '/me',
    verb: 'me',
    summary: 'Who the request is from, and the version of the server.',
    query: [],
    serve: async ({ principal, store }) => {
      const { role, actor, tenant, via } = principal
      return {
        role,
        actor,
        tenant,
        via,
        server: { version: purserVersion, engine: store.backendName, location: store.location },
      }
    },
  },
  {
    method: 'GET',
    path: '/search',
    verb: 'search',
    summary: 'Records that have a text, or an id that begins with it.',
    query: ['q', 'limit'],
    serve: ({ store, query }) => {
      const q = query.get('q')
      if (q === undefined) throw invalidRequest(['q'], 'required', 'is required: the text to look for')
      return searchEverywhere(store, only('q', q), optionOf(query, 'limit'))
    },
  },
  {
    method: 'GET',
    path: '/changes',
    verb: 'changes',
    summary: 'What was committed after a position; as it happens with Accept: text/event-stream.',
    query: ['after', 'limit', 'records'],
    serve: async ({ store, query, headers, streams }) => {
      const records = optionOf(query, 'records') as never
      const after = optionOf(query, 'after') as string | undefined
      const limit = optionOf(query, 'limit') as number | undefined
      const options = { ...(records === undefined ? {} : { records }) }
      if (preferred(headers.get('accept'), ['application/json', EVENT_STREAM]) === 'application/json') {
        return store.changes.read({ ...options, after, limit })
      }
      const last = headers.get('last-event-id')
      const from = last ?? after
      // A position that cannot be read on from is refused here, while the answer can have a status.
      const isGone = from !== undefined && !(await isKept(store, from, last !== null))
      const start = from === undefined || isGone ? await store.changes.head() : from
      return new Response(streams.open(store, start, { ...options, isGone }), {
        headers: { 'content-type': EVENT_STREAM, 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
      })
    },
  },
  {
    method: 'GET',
    path: '/changes/head',
    verb: 'changes',
    summary: 'The end of the feed: take it before reading lists that the feed keeps current.',
    query: [],
    serve: async ({ store }) => ({ position: await store.changes.head() }),
  },
  {
    method: 'GET',
    path: '/status',
    verb: 'status',
    summary: 'The database: its engine, health, schema and size.',
    query: [],
    serve: async ({ store }) => {
      const [health, info, schema] = await Promise.all([
        store.healthCheck(),
        store.info(),
        store.migrationStatus(),
      ])
      const { ok, latencyMs, schemaVersion } = health
      return {
        engine: store.backendName,
        version: purserVersion,
        health: { ok, latencyMs, schemaVersion },
        info,
        schema,
      }
    },
  },
  {
    method: 'GET',
    path: '/drift',
    verb: 'drift',
    summary: 'Where the live schema is not the declared one.',
    query: [],
    serve: async ({ store }) => ({ items: await store.drift() }),
  },
  {
    method: 'POST',
    path: '/doctor',
    verb: 'doctor',
    summary: 'Examines the whole database, which takes as long as reading it.',
    query: ['only'],
    serve: ({ store, query }) => {
      const only = query.get('only')?.flatMap((value) => value.split(',')) as DoctorCheckName[] | undefined
      return store.doctor(only === undefined ? {} : { only })
    },
  },
  {
    method: 'GET',
    path: '/retention',
    verb: 'retentionPreview',
    summary: 'What a prune would remove now.',
    query: ['messages', 'costs', 'audit'],
    serve: async ({ store, query }) => ({ items: await store.retention.preview(agesIn(query)) }),
  },
  {
    method: 'POST',
    path: '/retention/prune',
    verb: 'retentionPrune',
    summary: 'Removes old records: of the kinds and ages in the body.',
    query: [],
    serve: async ({ store, principal, body }) => {
      const acting = principal.actor === null ? store : store.as(principal.actor)
      return { items: await acting.retention.prune(body as never) }
    },
  },
  {
    method: 'GET',
    path: '/tenants',
    verb: 'tenants',
    summary: 'The tenants that this server has.',
    query: [],
    serve: async ({ tenants }) => ({ items: (await tenants()).map((name) => ({ name })) }),
  },
]

/** @throws RequestError for a key that the route does not have */
export function refuseUnknownKeys({ query: known }: StoreRoute, query: Query): void {
  const unknown = [...query.keys()].find((key) => !known.includes(key))
  if (unknown === undefined) return
  const there = known.length === 0 ? 'there are none' : `there are ${known.join(', ')}`
  throw invalidRequest([unknown.slice(0, 60)], 'unknown_key', `is no key of the query; ${there}`)
}

/**
 * Whether what follows a position is kept.
 * @param mayBeGone a browser that comes back by itself takes any status but 200 for the end: it is
 * answered with an event
 * @throws InvalidRecordError for what is no position; ChangesGoneError unless it may be gone
 */
async function isKept(store: Store, position: string, mayBeGone: boolean): Promise<boolean> {
  try {
    await store.changes.read({ after: position, limit: 1 })
    return true
  } catch (error) {
    if (mayBeGone && error instanceof ChangesGoneError) return false
    throw error
  }
}

function optionOf(query: Query, name: string): unknown {
  const values = query.get(name)
  return values === undefined ? undefined : optionValue(name, values, undefined)
}

function agesIn(query: Query): Record<string, unknown> {
  return Object.fromEntries([...query].map(([name, values]) => [name, only(name, values)]))
}
