// The retention of one store: one `Retention` per actor, the background work if configured, and the
// shutdown of both when the store closes.

import { PersistenceConnectionError } from '../errors.ts'
import type { RecordSession } from '../records/repository/session.ts'
import { AutomaticRetention } from './automatic.ts'
import type { RetentionKind } from './request.ts'
import { Retention } from './retention.ts'

/** Ages of the configuration. */
export type RetentionSettings = { readonly [K in RetentionKind]?: string | null | undefined } & {
  readonly automatic: boolean
}

/** The actor of the background work. */
const AUTOMATIC_ACTOR = 'retention'

interface ActingSession extends RecordSession {
  as(actor: string): RecordSession
}

export class StoreRetention {
  readonly #settings: RetentionSettings
  readonly #automatic: AutomaticRetention | undefined
  readonly #running = new Set<Promise<unknown>>()
  #closing = new AbortController()

  constructor(settings: RetentionSettings, session: ActingSession) {
    this.#settings = settings
    const automatic = session.as(AUTOMATIC_ACTOR)
    this.#automatic = settings.automatic ? new AutomaticRetention(this.of(automatic), automatic) : undefined
  }

  /** The retention for the session's actor. */
  of(session: RecordSession): Retention {
    const { messages, costs, audit } = this.#settings
    return new Retention({
      session,
      configured: { messages, costs, audit },
      track: (work) => this.#track(work),
    })
  }

  opened(): void {
    this.#closing = new AbortController()
    this.#automatic?.start()
  }

  /** Ends ongoing work after its current batch, and resolves once it has ended. */
  async stop(): Promise<void> {
    this.#automatic?.stop()
    this.#closing.abort(new PersistenceConnectionError('the store is closing', { retryable: false }))
    await Promise.allSettled(this.#running)
  }

  async #track<T>(work: (closing: AbortSignal) => Promise<T>): Promise<T> {
    const running = work(this.#closing.signal)
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }
}
