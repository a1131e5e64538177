// A store from connect to close. Calls that connect at once share the attempt; closing waits for
// what is in flight, for a bounded time.

import type { StoreFeed } from '../changes/store-feed.ts'
import type { Engine } from '../engines/contract/engine.ts'
import type { WriteQueue } from '../engines/core/write-queue.ts'
import { QueryError, TimeoutError } from '../errors.ts'
import { type EventPublisher, events } from '../observability/events.ts'
import type { StoreRetention } from '../retention/store-retention.ts'
import { drainWithin } from './drain-within.ts'
import type { LateTelemetry } from './late-telemetry.ts'
import type { StoreState } from './store-state.ts'

interface StoreParts {
  readonly engine: Engine
  readonly events: EventPublisher
  readonly telemetry: LateTelemetry
  readonly queue: WriteQueue
  readonly retention: StoreRetention
  readonly feed: StoreFeed
  readonly state: StoreState
  /** Milliseconds that closing waits for writes in flight. */
  readonly closeTimeout: number
}

export class Lifecycle {
  readonly #parts: StoreParts
  #connecting: Promise<void> | undefined
  #closing: Promise<void> | undefined

  constructor(parts: StoreParts) {
    this.#parts = parts
  }

  connect(): Promise<void> {
    if (this.#parts.state.phase === 'open') return Promise.resolve()
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  async #connect(): Promise<void> {
    const { engine, telemetry, state, retention, feed } = this.#parts
    await this.#closing
    const started = performance.now()
    await telemetry.load(engine.systemName)
    await engine.connect()
    state.phase = 'open'
    retention.opened()
    feed.opened()
    this.#parts.events.emit(events.backendConnected, {
      backend: engine.name,
      durationMs: performance.now() - started,
    })
  }

  async close(): Promise<void> {
    const { state } = this.#parts
    if (state.isInside) {
      throw new QueryError(
        'the store cannot be closed inside the callback of its own transaction; close it after that',
      )
    }
    if (state.phase === 'closed' && !this.#connecting) return
    this.#closing ??= this.#close().finally(() => {
      this.#closing = undefined
    })
    return this.#closing
  }

  async #close(): Promise<void> {
    const { engine, state, queue, retention, feed, closeTimeout } = this.#parts
    if (this.#connecting) await this.#connecting.catch(() => undefined)
    if (state.phase !== 'open') return
    // Without a connection under way this holds before `close` returns, so that a `connect` right
    // after it opens anew.
    state.phase = 'closing'
    const finished = await drainWithin(closeTimeout, {
      drained: async () => {
        await Promise.all([queue.drained(), retention.stop()])
        await feed.stop()
      },
      openTransactions: () => state.openTransactions,
    })
    try {
      await engine.disconnect()
    } finally {
      state.phase = 'closed'
      this.#parts.events.emit(events.backendDisconnected, { backend: engine.name })
    }
    if (!finished) {
      throw new TimeoutError(
        `writes were still in flight after ${closeTimeout} ms; those that were not acknowledged may be missing`,
      )
    }
  }
}
