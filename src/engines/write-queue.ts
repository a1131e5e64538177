// Group commit: writes that are in flight together ride in one set. A write that finds the engine free goes with all
// others of its tick; those that arrive while a set is being committed form the next one. Nothing waits on a timer.
// Shared by every engine; what a set costs is the engine's business (write-set.ts in its folder).

import { type PersistenceError, QueryError } from '../errors.ts'
import type { WriteOperation, WriteOutcome } from './engine.ts'

interface Waiting {
  readonly operation: WriteOperation
  readonly resolve: (outcome: WriteOutcome) => void
  readonly reject: (error: PersistenceError) => void
}

/** Called after each set, with the number of its writes, of those waiting, and the milliseconds it took. */
export type SetObserver = (
  operations: number,
  queued: number,
  durationMs: number,
  failure?: PersistenceError,
) => void

export class WriteQueue {
  readonly #runSet: (operations: readonly WriteOperation[]) => Promise<readonly WriteOutcome[]>
  readonly #maxSetSize: number
  readonly #classify: (error: unknown) => PersistenceError
  readonly #observe: SetObserver | undefined
  #waiting: Waiting[] = []
  #busy = false
  #idle: (() => void)[] = []

  constructor(options: {
    runSet: (operations: readonly WriteOperation[]) => Promise<readonly WriteOutcome[]>
    maxSetSize: number
    classify: (error: unknown) => PersistenceError
    observe?: SetObserver | undefined
  }) {
    this.#runSet = options.runSet
    this.#maxSetSize = options.maxSetSize
    this.#classify = options.classify
    this.#observe = options.observe
  }

  /** Writes that have not been answered yet. */
  get pending(): number {
    return this.#waiting.length + (this.#busy ? 1 : 0)
  }

  /**
   * Queues one write; resolves with its own outcome once the set it rode in is durable. Rejects when the whole set could not
   * be committed; then nothing of it is stored.
   */
  add(operation: WriteOperation): Promise<WriteOutcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ operation, resolve, reject })
      this.#start()
    })
  }

  /** Resolves when every write queued so far has been answered. */
  drained(): Promise<void> {
    if (!this.#busy && this.#waiting.length === 0) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  #start(): void {
    if (this.#busy) return
    this.#busy = true
    // The end of this tick: every call that the same tick makes rides along, and the event loop turns between sets.
    setImmediate(() => void this.#run())
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const set =
        this.#waiting.length <= this.#maxSetSize ? this.#waiting : this.#waiting.slice(0, this.#maxSetSize)
      this.#waiting = set === this.#waiting ? [] : this.#waiting.slice(this.#maxSetSize)
      await this.#commit(set)
      // Callers go on before the next set is closed, and so does everything else that waits for the event loop.
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
    this.#busy = false
    const idle = this.#idle
    this.#idle = []
    for (const resolve of idle) resolve()
  }

  async #commit(set: readonly Waiting[]): Promise<void> {
    const started = this.#observe ? performance.now() : 0
    try {
      const outcomes = await this.#runSet(set.map((waiting) => waiting.operation))
      set.forEach((waiting, index) => {
        const outcome = outcomes[index]
        if (outcome) waiting.resolve(outcome)
        else
          waiting.reject(
            new QueryError('the engine gave no outcome for this write; it may or may not be stored'),
          )
      })
      this.#observe?.(set.length, this.#waiting.length, performance.now() - started)
    } catch (error) {
      const failure = this.#classify(error)
      for (const waiting of set) waiting.reject(failure)
      this.#observe?.(set.length, this.#waiting.length, performance.now() - started, failure)
    }
  }
}
