// Tells when to look for work again: when the feed reports a change of tasks, when a lease or a
// delay ends, and now and then without a reason, because other programs tell nothing.

import { PersistenceError } from '../errors.ts'
import type { ReadyFilter, Store } from '../index.ts'

/**
 * Milliseconds between two looks if the feed is silent. A random part is taken off, so that workers
 * that started together do not look together.
 */
const LONGEST_SILENCE = 5000
/** The same without a feed. */
const WITHOUT_FEED = 1000
/** Changes within this time are one reason to look. */
const LULL = 15
/** Milliseconds after the end of a lease or a delay, so that it is past; and a random part. */
const AFTER_DUE = 5
const SPREAD = 45
/** Milliseconds before another look at a lease or a delay that has ended, and is still there. */
const HELD = 200

/** Milliseconds until time alone makes a task ready, and a little more; infinite if none is. */
export async function untilDue(tasks: Pick<Store['tasks'], 'readyIn'>, filter: ReadyFilter): Promise<number> {
  const due = await tasks.readyIn(filter, { within: LONGEST_SILENCE })
  if (due === null) return Number.POSITIVE_INFINITY
  return (due === 0 ? HELD : due + AFTER_DUE) + Math.random() * SPREAD
}

export class Wake {
  readonly #ended = new AbortController()
  readonly #following: Promise<void>
  #hasFeed = true
  #changed = false
  #wake: () => void = () => undefined

  constructor(store: Pick<Store, 'changes'>) {
    this.#following = this.#follow(store)
  }

  /** Looks again at once, or as soon as `next` is called. */
  now(): void {
    this.#changed = true
    this.#wake()
  }

  /**
   * Until there is a reason to look for work, so many milliseconds at most, or until the signal.
   */
  async next(most = Number.POSITIVE_INFINITY, signal?: AbortSignal): Promise<void> {
    if (!this.#changed && signal?.aborted !== true) {
      const silence = (this.#hasFeed ? LONGEST_SILENCE : WITHOUT_FEED) * (0.75 + Math.random() / 4)
      await new Promise<void>((resolve) => {
        const end = () => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', end)
          resolve()
        }
        const timer = setTimeout(end, Math.max(0, Math.min(most, silence)))
        signal?.addEventListener('abort', end, { once: true })
        this.#wake = end
      })
      this.#wake = () => undefined
    }
    this.#changed = false
  }

  async end(): Promise<void> {
    this.#ended.abort()
    this.#wake()
    await this.#following
  }

  async #follow({ changes }: Pick<Store, 'changes'>): Promise<void> {
    const { signal } = this.#ended
    try {
      for await (const _ of changes.follow({ records: ['task'], signal })) {
        this.now()
        await new Promise((resolve) => setTimeout(resolve, LULL))
      }
    } catch (error) {
      // The store keeps no feed, or what it keeps is shorter than a pause of this process was.
      if (!(error instanceof PersistenceError)) throw error
    }
    this.#hasFeed = false
  }
}
