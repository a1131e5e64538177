// Whether a server can be given requests: its store answers, and the schema is one that this build
// works with. Anyone may ask, so requests that come at once share one look at the database.

import type { Store } from '../store/store.ts'

/** Milliseconds for which an answer holds: probes cannot keep the database busy. */
const FRESH = 500

/** The answer of `/readyz`. */
export interface Readiness {
  readonly ok: boolean
  readonly latencyMs: number
  /** Null when it cannot be read. */
  readonly schemaVersion: number | null
  /** What is wrong, and what to do, when `ok` is false. */
  readonly why?: string
}

type Asked = Pick<Store, 'healthCheck' | 'migrationStatus'>

export class ReadinessCheck {
  readonly #store: Asked
  #last: { readonly at: number; readonly answer: Promise<Readiness> } | undefined
  #isStopping = false

  constructor(store: Asked) {
    this.#store = store
  }

  /** From here on the server is not ready: whoever leads requests to it takes another. */
  stop(): void {
    this.#isStopping = true
  }

  /** Answers within about two seconds, and never throws. */
  async ask(): Promise<Readiness> {
    if (this.#isStopping) {
      return { ok: false, latencyMs: 0, schemaVersion: null, why: 'the server is stopping' }
    }
    const now = performance.now()
    if (this.#last === undefined || now - this.#last.at > FRESH) {
      this.#last = { at: now, answer: readinessOf(this.#store) }
    }
    return this.#last.answer
  }
}

async function readinessOf(store: Asked): Promise<Readiness> {
  const { ok, latencyMs, schemaVersion } = await store.healthCheck()
  const away = { ok: false, latencyMs, schemaVersion, why: 'the database does not answer' }
  if (!ok) return away
  try {
    const { current, latest, pending } = await store.migrationStatus()
    if (pending.length > 0) {
      const why = `the schema is at version ${current}, and this build needs ${latest}: run purser migrate`
      return { ok: false, latencyMs, schemaVersion, why }
    }
    // A newer schema is one that this build can use: another is refused when the store opens.
    return { ok, latencyMs, schemaVersion }
  } catch {
    return away
  }
}
