// The loop of a worker: claims as many tasks as it has room for, hands each to the handler, and
// says how it ended. How one task is kept and ended is work.ts.

import { PersistenceError } from '../errors.ts'
import type { ActingStore, ClaimedTask } from '../index.ts'
import { type WorkerOptions, type WorkerSettings, workerSettings } from './options.ts'
import { untilDue, Wake } from './wake.ts'
import { type Ending, Work } from './work.ts'

/** How the tasks that a worker had claimed have ended. */
export interface WorkerReport {
  readonly completed: number
  readonly failed: number
  readonly released: number
  /** Leases that were lost, whatever the handler did with the task. */
  readonly lost: number
}

/** Milliseconds before the database is asked again after it failed: the first, and the longest. */
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 10_000

/**
 * Works on ready tasks until `signal` is aborted, and resolves when everything is given back. It
 * sends heartbeats by itself, aborts a handler's signal when its lease is lost, and hears of new
 * work by the feed of changes within milliseconds; a store without a feed is asked every second.
 * It looks at the moment at which a delay ends, or the lease of another worker.
 * A database that does not answer for a while is asked again, less and less often.
 * @throws InvalidRecordError for options that make no sense, at once; an error of the store that a
 * repetition cannot help, after everything under way has ended
 * @example
 * const stop = new AbortController()
 * process.once('SIGTERM', () => stop.abort())
 * await runWorker({
 *   store, agent: 'agent-7', concurrency: 4, signal: stop.signal,
 *   handle: async (task, { signal }) => ({ metadata: { result: await work(task, signal) } }),
 * })
 */
export async function runWorker(options: WorkerOptions): Promise<WorkerReport> {
  const settings = workerSettings(options)
  return new Worker(options, settings).run()
}

class Worker {
  readonly #options: WorkerOptions
  readonly #settings: WorkerSettings
  readonly #store: ActingStore
  readonly #wake: Wake
  readonly #running = new Set<Work>()
  readonly #counts: Record<Ending, number> = { completed: 0, failed: 0, released: 0, lost: 0 }

  constructor(options: WorkerOptions, settings: WorkerSettings) {
    this.#options = options
    this.#settings = settings
    this.#store = options.store.as(options.agent)
    this.#wake = new Wake(options.store)
  }

  async run(): Promise<WorkerReport> {
    try {
      await this.#claimUntilStopped()
    } finally {
      await this.#drain()
      await this.#wake.end()
    }
    return { ...this.#counts }
  }

  async #claimUntilStopped(): Promise<void> {
    const { signal, agent, filter } = this.#options
    let pause = FIRST_PAUSE
    while (signal?.aborted !== true) {
      const room = this.#settings.concurrency - this.#running.size
      if (room === 0) {
        await this.#wake.next(undefined, signal)
        continue
      }
      try {
        const claimed = await this.#claim(room)
        for (const task of claimed) this.#start(task)
        const due = claimed.length < room ? await untilDue(this.#store.tasks, { ...filter, agent }) : 0
        pause = FIRST_PAUSE
        if (due > 0) await this.#wake.next(due, signal)
      } catch (error) {
        const isPassing = error instanceof PersistenceError && error.retryable
        if (!isPassing || !this.#options.store.isConnected) throw error
        this.#options.onError?.(error, null)
        await this.#wake.next(pause, signal)
        pause = Math.min(pause * 2, LONGEST_PAUSE)
      }
    }
  }

  #claim(limit: number): Promise<readonly ClaimedTask[]> {
    const { agent, filter } = this.#options
    return this.#store.tasks.claim({ ...filter, agent, limit, lease: this.#settings.lease })
  }

  #start(task: ClaimedTask): void {
    const { handle, onError } = this.#options
    const work = new Work(task, { store: this.#store, handle, onError, lease: this.#settings.lease })
    this.#running.add(work)
    void work.ended.then((ending) => {
      this.#counts[ending] += 1
    })
    // Also of one that has lost its lease: its handler still takes the room.
    void Promise.all([work.ended, work.returned]).then(() => {
      this.#running.delete(work)
      // There is room again; and a task that failed is ready when its delay is over.
      this.#wake.now()
    })
  }

  /** Waits for what is under way, and gives back what takes too long. */
  async #drain(): Promise<void> {
    if (this.#running.size === 0) return
    const under = [...this.#running]
    let timer: NodeJS.Timeout | undefined
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#settings.drain)
    })
    await Promise.race([Promise.all(under.map(({ ended }) => ended)), tooLong])
    clearTimeout(timer)
    await Promise.all([...this.#running].map((work) => work.giveBack()))
  }
}
