// The end of the feed, watched once for all followers of a store: one look at the last position for
// any number of them, and each new row is read once. A commit of this store wakes it at once; those
// of others are found by looking, often while there is news and seldom while there is none.

import type { ChangeFeed } from '../engines/contract/engine.ts'
import { ChangesGoneError, PersistenceError } from '../errors.ts'
import type { FeedPosition } from './position.ts'
import type { FeedRow, FeedRows } from './rows.ts'

/** Milliseconds between two looks: after news, and when there has been none for long. */
const SHORTEST_PAUSE = 10
const LONGEST_PAUSE = 150
/** Looks that commits of this store ask for have at least this distance, so that they share one. */
const LEAST_PAUSE = 3
/** The longest pause while the database cannot be reached. */
const LONGEST_BACKOFF = 1000
/** Milliseconds between two attempts to read rows while the database cannot be reached. */
const RETRY_DELAY = 200

/** Rows that are read at once. */
const STEP = 200
/** The newest rows, kept for followers that are not far behind: as many, of as many characters. */
const KEPT_ROWS = 256
const KEPT_SIZE = 1_000_000

interface Waiting {
  readonly after: bigint
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export class Tail {
  readonly #feed: ChangeFeed
  readonly #rows: FeedRows
  readonly #waiting = new Set<Waiting>()
  /** The newest rows, without gaps, the last of them at `#end`. */
  #recent: FeedRow[] = []
  #end: FeedPosition | undefined
  #isWatching = false
  /** Cuts a pause short. */
  #wake: (() => void) | undefined
  /** A commit of this store has not been looked for. */
  #isAsked = false
  #isStopped = true

  constructor(feed: ChangeFeed, rows: FeedRows) {
    this.#feed = feed
    this.#rows = rows
  }

  start(): void {
    this.#isStopped = false
    this.#end = undefined
    this.#recent = []
  }

  /** Every call that waits returns, and later ones do at once. */
  stop(): void {
    this.#isStopped = true
    this.#wake?.()
    for (const { resolve } of this.#waiting) resolve()
    this.#waiting.clear()
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  /** This store has committed. */
  committed(): void {
    if (this.#waiting.size === 0) return
    this.#isAsked = true
    this.#wake?.()
  }

  /**
   * Rows after a position, once there are any; none if the tail is stopped or `signal` aborted. A
   * lost connection is waited for.
   * @throws ChangesGoneError, and what else keeps rows from being read for good
   */
  async next(position: FeedPosition, signal: AbortSignal | undefined): Promise<readonly FeedRow[]> {
    const isOver = () => this.#isStopped || signal?.aborted === true
    for (;;) {
      const rows = await patiently(() => this.after(position), isOver)
      if (rows === undefined || rows.length > 0) return rows ?? []
      await this.wait(position, signal)
    }
  }

  /**
   * Rows after a position; none if it is at the end. Reads only if they are not among the newest.
   * @throws ChangesGoneError
   */
  async after(position: FeedPosition): Promise<readonly FeedRow[]> {
    const [oldest] = this.#recent
    if (oldest && position.number >= oldest.number - 1n) {
      return this.#recent.slice(Number(position.number - oldest.number) + 1)
    }
    return this.#rows.after(position, STEP)
  }

  /**
   * Resolves once there is a row after the position, or the tail is stopped, or `signal` aborted.
   * @throws what keeps the end from being read for good
   */
  wait(position: FeedPosition, signal: AbortSignal | undefined): Promise<void> {
    if (this.#isStopped || signal?.aborted) return Promise.resolve()
    if (this.#end && this.#end.number > position.number) return Promise.resolve()
    if (!this.#end || this.#end.number < position.number) this.#moveTo(position, [])
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(waiting)
        resolve()
        // It may have been the last one.
        if (this.#waiting.size === 0) this.#wake?.()
      }
      const settle =
        <A extends unknown[]>(end: (...given: A) => void) =>
        (...given: A) => {
          signal?.removeEventListener('abort', leave)
          end(...given)
        }
      const waiting: Waiting = { after: position.number, resolve: settle(resolve), reject: settle(reject) }
      signal?.addEventListener('abort', leave, { once: true })
      this.#waiting.add(waiting)
      if (!this.#isWatching) void this.#watch()
    })
  }

  async #watch(): Promise<void> {
    this.#isWatching = true
    let pause = SHORTEST_PAUSE
    while (this.#waiting.size > 0 && !this.#isStopped) {
      this.#isAsked = false
      try {
        pause = (await this.#advance()) ? SHORTEST_PAUSE : Math.min(pause * 2, LONGEST_PAUSE)
      } catch (error) {
        if (!isPassing(error)) this.#fail(error)
        pause = Math.min(pause * 2, LONGEST_BACKOFF)
      }
      if (this.#waiting.size > 0) await this.#pause(pause)
    }
    this.#isWatching = false
  }

  /** Reads up to the last row. @returns whether there was any */
  async #advance(): Promise<boolean> {
    const last = await this.#feed.last()
    const begun = this.#end
    if (begun && last < begun.number) throw new ChangesGoneError()
    while (this.#end && this.#end.number < last && this.#waiting.size > 0) {
      const rows = await this.#rows.after(this.#end, STEP)
      const newest = rows.at(-1)
      if (!newest) break
      this.#moveTo(newest, rows)
    }
    return this.#end !== begun
  }

  #moveTo(end: FeedPosition, rows: readonly FeedRow[]): void {
    this.#end = end
    this.#recent = rows.length === 0 ? [] : [...this.#recent, ...rows].slice(-KEPT_ROWS)
    let size = this.#recent.reduce((sum, row) => sum + row.size, 0)
    while (size > KEPT_SIZE && this.#recent.length > 1) size -= this.#recent.shift()?.size ?? 0
    for (const waiting of this.#waiting) {
      if (waiting.after >= end.number) continue
      this.#waiting.delete(waiting)
      waiting.resolve()
    }
  }

  #fail(error: unknown): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    this.#end = undefined
    this.#recent = []
    for (const { reject } of waiting) reject(error)
  }

  async #pause(milliseconds: number): Promise<void> {
    const shortest = new Promise((resolve) => setTimeout(resolve, LEAST_PAUSE))
    await shortest
    if (this.#isAsked || this.#isStopped || this.#waiting.size === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds - LEAST_PAUSE)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }
}

/**
 * Runs again what fails only for now, until the reader is over.
 * @returns undefined once it is over
 */
export async function patiently<T>(read: () => Promise<T>, isOver: () => boolean): Promise<T | undefined> {
  for (;;) {
    if (isOver()) return undefined
    try {
      return await read()
    } catch (error) {
      if (isOver()) return undefined
      if (!isPassing(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY))
    }
  }
}

/** True for an error that trying again may mend: a lost connection, a timeout. */
function isPassing(error: unknown): boolean {
  return error instanceof PersistenceError && error.retryable
}
