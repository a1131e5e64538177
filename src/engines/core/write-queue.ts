// Group commit: writes that are in flight together ride in one set. A write that finds the engine free goes at the end of its
// tick, with all others of that tick; those that arrive while a set is being committed form the next one. Nothing waits on
// a timer. Writes that look at other rows do so when their set runs (dependent-writes.ts), so calls are stored in the order in which they
// were made. Shared by every engine; what a set costs is the engine's business (write-set.ts in its folder).

import { type PersistenceError, QueryError } from '../../errors.ts'
import type { WriteOperation, WriteOutcome } from '../contract/engine.ts'
import {
  areComplete,
  completeWrites,
  independentCount,
  type QueuedWrite,
  type RowReader,
} from './dependent-writes.ts'
import { retryOnConflict } from './retry-on-conflict.ts'

interface Waiting {
  readonly write: QueuedWrite
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

export interface WriteQueueOptions {
  readonly runSet: (operations: readonly WriteOperation[]) => Promise<readonly WriteOutcome[]>
  /** Reads rows that writes look at, as they are before the set runs. */
  readonly readRows: RowReader
  /** The most writes of one set. */
  readonly maxSetSize: number
  readonly classify: (error: unknown) => PersistenceError
  /** A set that lost against another transaction was rolled back whole, and can be repeated: not so inside of a transaction. */
  readonly repeats?: boolean
  readonly observe?: SetObserver | undefined
}

/** Milliseconds after which the event loop gets its turn even though writes keep coming. */
const TURN_MS = 2

export class WriteQueue {
  readonly #options: WriteQueueOptions
  #waiting: Waiting[] = []
  #busy = false
  #idle: (() => void)[] = []
  #lastTurn = 0

  constructor(options: WriteQueueOptions) {
    this.#options = options
  }

  /**
   * Queues one write; resolves with its own outcome once the set it rode in is durable. Rejects when it could not be committed;
   * then it is not stored.
   */
  add(write: QueuedWrite): Promise<WriteOutcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject })
      if (this.#busy) return
      this.#busy = true
      this.#atEndOfTick(() => void this.#run())
    })
  }

  /** Resolves when every write queued so far has been answered. */
  drained(): Promise<void> {
    if (!this.#busy) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  /**
   * The end of this tick: `nextTick` out of a microtask comes once no microtask is left, so that every caller that the last set
   * let go on rides along. A turn of the event loop costs more than that, so it is taken only every few milliseconds.
   */
  #atEndOfTick(action: () => void): void {
    const now = performance.now()
    if (now - this.#lastTurn < TURN_MS) {
      queueMicrotask(() => process.nextTick(action))
      return
    }
    setImmediate(() => {
      this.#lastTurn = performance.now()
      action()
    })
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#commit(this.#takeSet())
      // Those who waited meanwhile and those whom this set let go on form the next one together.
      if (this.#waiting.length > 0) await new Promise<void>((resolve) => this.#atEndOfTick(resolve))
    }
    this.#busy = false
    const idle = this.#idle
    this.#idle = []
    for (const resolve of idle) resolve()
  }

  #takeSet(): readonly Waiting[] {
    const { maxSetSize } = this.#options
    const all = this.#waiting
    const most = all.length <= maxSetSize ? all : all.slice(0, maxSetSize)
    const count = most.some(({ write }) => write.kind === 'dependent')
      ? independentCount(most.map(({ write }) => write))
      : most.length
    const set = count === most.length ? most : most.slice(0, count)
    this.#waiting = set === all ? [] : all.slice(set.length)
    return set
  }

  /** Commits a set; one that a row of it spoils as a whole is split until the guilty row is alone. */
  async #commit(set: readonly Waiting[]): Promise<void> {
    const { runSet, readRows, classify, observe, repeats } = this.#options
    const writes = set.map(({ write }) => write)
    const started = observe ? performance.now() : 0
    let outcomes: readonly WriteOutcome[]
    try {
      const run = async () => {
        try {
          return await runSet(areComplete(writes) ? writes : await completeWrites(writes, readRows))
        } catch (error) {
          throw classify(error)
        }
      }
      outcomes = repeats ? await retryOnConflict(run, () => undefined) : await run()
    } catch (error) {
      const failure = classify(error)
      observe?.(set.length, this.#waiting.length, performance.now() - started, failure)
      if (set.length > 1 && rowFaults.has(failure.code)) {
        const middle = set.length >> 1
        await this.#commit(set.slice(0, middle))
        await this.#commit(set.slice(middle))
      } else for (const waiting of set) waiting.reject(failure)
      return
    }
    for (let index = 0; index < set.length; index += 1) {
      const waiting = set[index] as Waiting
      const outcome = outcomes[index]
      if (outcome) waiting.resolve(outcome)
      else
        waiting.reject(
          new QueryError('the engine gave no outcome for this write; it may or may not be stored'),
        )
    }
    observe?.(set.length, this.#waiting.length, performance.now() - started)
  }
}

/** Errors that one row can cause. All others (a full disk, a lost connection) would fail each part of the set again. */
const rowFaults: ReadonlySet<string> = new Set(['CONSTRAINT_VIOLATION', 'DUPLICATE_RECORD', 'INVALID_RECORD'])
