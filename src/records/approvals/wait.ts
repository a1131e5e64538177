// Waits for an approval to be decided: hears of it by the feed of changes, and looks again when it
// expires. A store without the feed looks, at first often and then less and less; there a decision
// by this store wakes the waiter at once.

import { TimeoutError } from '../../errors.ts'
import { events } from '../../observability/events.ts'
import type { RecordListener, RecordSession } from '../repository/session.ts'

/** Milliseconds between two looks without the feed: the first, and the longest. */
const FIRST_PAUSE = 50
const LONGEST_PAUSE = 1000
/** Each pause is this much longer than the last. */
const GROWTH = 1.5

/**
 * With the feed, a look at least so often, in milliseconds: the database's clock may have been set,
 * and another store may be configured to write nothing for the feed.
 */
const LONGEST_SILENCE = 60_000

export interface WaitOptions {
  /** Ends the wait: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds after which it rejects with a TimeoutError; by default it waits forever. */
  readonly timeout?: number | undefined
}

/** What is there to return, or else in how many milliseconds it changes by itself. */
export type Look<T> = { readonly found: T } | { readonly within: number }

/**
 * Looks until there is something to return.
 * @throws the signal's reason, TimeoutError, and whatever `look` throws
 */
export async function waitUntil<T>(
  session: Pick<RecordSession, 'events' | 'listen'>,
  id: string,
  look: () => Promise<Look<T>>,
  { signal, timeout }: WaitOptions,
): Promise<T> {
  const deadline = timeout === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeout
  signal?.throwIfAborted()
  // It hears from here on, so a decision after the first look cannot be missed.
  const listener = (await session.listen('approval', id)) ?? new Looking(session, id)
  try {
    for (;;) {
      const seen = await look()
      signal?.throwIfAborted()
      if ('found' in seen) return seen.found
      const left = deadline - performance.now()
      if (left <= 0) {
        throw new TimeoutError(`the approval was not decided within ${timeout} ms; wait for it again`)
      }
      await pause(listener, Math.min(Math.max(seen.within, 1), left, LONGEST_SILENCE), signal)
      signal?.throwIfAborted()
    }
  } finally {
    if (listener instanceof Looking) listener.end()
  }
}

/** Until the approval was changed, so many milliseconds at most, or until the signal. */
async function pause(
  listener: RecordListener,
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const over = new AbortController()
  const end = () => over.abort()
  const timer = setTimeout(end, milliseconds)
  signal?.addEventListener('abort', end, { once: true })
  try {
    await listener.changed(over.signal)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
  }
}

/** In place of the feed: says now and then that there may have been a change. */
class Looking implements RecordListener {
  #pause = FIRST_PAUSE
  #happened = false
  #wake: () => void = () => undefined
  readonly #removals: readonly (() => void)[]

  constructor({ events: publisher }: Pick<RecordSession, 'events'>, id: string) {
    const now = () => {
      this.#happened = true
      this.#wake()
    }
    this.#removals = [
      publisher.on(events.approvalDecided, (payload) => {
        if (payload.id === id) now()
      }),
      publisher.on(events.backendDisconnected, now),
    ]
  }

  async changed(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      if (this.#happened || signal.aborted) return resolve()
      const timer = setTimeout(resolve, this.#pause)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
      signal.addEventListener('abort', () => this.#wake(), { once: true })
    })
    this.#happened = false
    this.#pause = Math.min(this.#pause * GROWTH, LONGEST_PAUSE)
  }

  end(): void {
    for (const remove of this.#removals) remove()
  }
}
