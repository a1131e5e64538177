// What a server counts: requests by route and status, and of the stores that it serves operations,
// write sets, queues and pools. Labels are names of routes and codes, never an id, a tenant or
// content, so that there is a bounded number of series.

import { events } from '../../observability/events.ts'
import type { Measurer } from '../../observability/measurer.ts'
import type { Store } from '../../store/store.ts'
import { type HasInternals, type StoreInternals, storeInternals } from '../../store/store-internals.ts'
import { purserVersion } from '../../version.ts'
import type { EventStreams } from '../feed/event-stream.ts'
import { Histogram, valuesOf } from './instruments.ts'

/** Seconds; the bounds that the conventions advise. */
const REQUEST_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
const OPERATION_BOUNDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]
const SET_BOUNDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

interface Watched {
  readonly engine: StoreInternals['engine']
  waiting: number
}

export class ServerMetrics {
  readonly #streams: Pick<EventStreams, 'count'>
  readonly #stores = new Map<Store, Watched>()
  #active = 0
  readonly #requests = new Histogram(
    'http_server_request_duration_seconds',
    'Duration of requests until the answer begins.',
    REQUEST_BOUNDS,
  )
  readonly #operations = new Histogram(
    'db_client_operation_duration_seconds',
    'Duration of reads, write sets and transactions.',
    OPERATION_BOUNDS,
  )
  readonly #sets = new Histogram('purser_write_set_size', 'Writes that shared a commit.', SET_BOUNDS)

  constructor(streams: Pick<EventStreams, 'count'>) {
    this.#streams = streams
  }

  /**
   * Notes that a request has begun.
   * @returns to be called when its answer begins; `route` is undefined if its path has none
   */
  began(): (method: string, route: string | undefined, status: number) => void {
    const started = performance.now()
    this.#active += 1
    return (method, route, status) => {
      this.#active -= 1
      this.#requests.observe((performance.now() - started) / 1000, {
        http_request_method: methods.has(method) ? method : '_OTHER',
        http_route: route,
        http_response_status_code: String(status),
      })
    }
  }

  /** Measures a store until it is closed. Doing so again does nothing. */
  watch(store: Store): void {
    if (this.#stores.has(store)) return
    const { [storeInternals]: internals } = store as Store & Partial<HasInternals>
    // An application may have a store of another make.
    if (internals === undefined) return
    const { engine, measure } = internals
    const watched: Watched = { engine, waiting: 0 }
    this.#stores.set(store, watched)
    const stop = measure(this.#measurerOf(watched))
    const unlisten = store.on(events.backendDisconnected, () => {
      stop()
      unlisten()
      this.#stores.delete(store)
    })
  }

  /** Everything, as Prometheus reads it. */
  text(): string {
    return `${[...this.#lines()].join('\n')}\n`
  }

  #measurerOf(watched: Watched): Measurer {
    const db_system_name = watched.engine.systemName
    return {
      operation: (db_operation_name, seconds, error_type) =>
        this.#operations.observe(seconds, { db_system_name, db_operation_name, error_type }),
      set: (size, waiting) => {
        watched.waiting = waiting
        this.#sets.observe(size, { db_system_name })
      },
    }
  }

  *#lines(): Generator<string> {
    yield* valuesOf('target_info', 'The program.', 'gauge', [
      [{ service_name: 'purser', service_version: purserVersion }, 1],
    ])
    yield* this.#requests.lines()
    yield* valuesOf('http_server_active_requests', 'Requests without an answer yet.', 'gauge', [
      [{}, this.#active],
    ])
    yield* valuesOf('purser_feed_listeners', 'Open streams of the feed of changes.', 'gauge', [
      [{}, this.#streams.count],
    ])
    yield* this.#operations.lines()
    yield* this.#sets.lines()
    yield* this.#stateOfStores()
    yield* stateOfProcess()
  }

  *#stateOfStores(): Generator<string> {
    let waiting = 0
    const pool = { stores: 0, idle: 0, used: 0, waiting: 0, max: 0 }
    for (const watched of this.#stores.values()) {
      waiting += watched.waiting
      const state = watched.engine.poolState?.()
      if (!state) continue
      pool.stores += 1
      for (const name of ['idle', 'used', 'waiting', 'max'] as const) pool[name] += state[name]
    }
    yield* valuesOf('purser_write_queue_depth', 'Writes that wait for the next set.', 'gauge', [
      [{}, waiting],
    ])
    if (pool.stores === 0) return
    const name = { db_client_connection_pool_name: 'purser' }
    yield* valuesOf('db_client_connection_count', 'Connections to the database.', 'gauge', [
      [{ ...name, db_client_connection_state: 'idle' }, pool.idle],
      [{ ...name, db_client_connection_state: 'used' }, pool.used],
    ])
    yield* valuesOf('db_client_connection_max', 'The most connections.', 'gauge', [[name, pool.max]])
    yield* valuesOf('db_client_connection_pending_requests', 'Callers that wait for one.', 'gauge', [
      [name, pool.waiting],
    ])
  }
}

function* stateOfProcess(): Generator<string> {
  const { user, system } = process.cpuUsage()
  const { idle, active } = performance.eventLoopUtilization()
  yield* valuesOf('process_memory_usage_bytes', 'Memory of the process.', 'gauge', [
    [{}, process.memoryUsage.rss()],
  ])
  yield* valuesOf('process_cpu_time_seconds_total', 'Processor time.', 'counter', [
    [{ cpu_mode: 'user' }, user / 1_000_000],
    [{ cpu_mode: 'system' }, system / 1_000_000],
  ])
  yield* valuesOf('process_uptime_seconds', 'Since the process began.', 'gauge', [[{}, process.uptime()]])
  yield* valuesOf('nodejs_eventloop_time_seconds_total', 'Time of the event loop.', 'counter', [
    [{ nodejs_eventloop_state: 'active' }, active / 1000],
    [{ nodejs_eventloop_state: 'idle' }, idle / 1000],
  ])
}
