// Group commit: concurrent writes are committed in one batch. If the engine is idle, a write is
// committed at the end of its tick, together with all other writes of that tick. Writes that arrive
// during a commit form the next batch. There is no timer. Writes that depend on other rows read
// them when their batch runs (dependent-writes.ts), so calls are stored in the order in which they
// were made. Shared by every engine; how a batch is executed is specific to the engine
// (write-set.ts in its folder).

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
  readonly actor: string
  readonly resolve: (outcome: WriteOutcome) => void
  readonly reject: (error: PersistenceError) => void
}

/**
 * Called after each batch with the number of its writes, the number still queued, and its duration
 * in milliseconds.
 */
export type SetObserver = (
  operations: number,
  queued: number,
  durationMs: number,
  failure?: PersistenceError,
) => void

export interface WriteQueueOptions {
  /** @param actors in whose name each of the writes is made */
  readonly runSet: (
    operations: readonly WriteOperation[],
    actors: readonly string[],
  ) => Promise<readonly WriteOutcome[]>
  /** Reads rows that writes depend on, as they are before the batch runs. */
  readonly readRows: RowReader
  /** The most writes of one batch. */
  readonly maxSetSize: number
  readonly classify: (error: unknown) => PersistenceError
  /**
   * A batch that conflicts with another transaction was rolled back completely and can be repeated.
   * False inside a transaction.
   */
  readonly repeats?: boolean
  readonly observe?: SetObserver | undefined
}

/** Milliseconds after which the event loop gets a turn even though writes keep arriving. */
const TURN_MS = 2

export class WriteQueue {
  readonly #options: WriteQueueOptions
  #waiting: Waiting[] = []
  #busy = false
  #idle: (() => void)[] = []
  #added = 0
  #settled = 0
  /** Callers of `earlierSettled`, each with the number of writes that it waits for. */
  #behind: { readonly upTo: number; readonly resolve: () => void }[] = []
  #lastTurn = 0

  constructor(options: WriteQueueOptions) {
    this.#options = options
  }

  /**
   * Queues a write and resolves with its outcome once its batch is durable. Rejects if the write
   * could not be committed; then it is not stored.
   * @param actor in whose name
   */
  add(write: QueuedWrite, actor: string): Promise<WriteOutcome> {
    return new Promise((resolve, reject) => {
      this.#added += 1
      this.#waiting.push({ write, actor, resolve, reject })
      if (this.#busy) return
      this.#busy = true
      this.#atEndOfTick(() => void this.#run())
    })
  }

  /** Resolves when the writes queued before this call have settled, whatever is queued later. */
  earlierSettled(): Promise<void> {
    const upTo = this.#added
    if (this.#settled === upTo) return Promise.resolve()
    return new Promise((resolve) => this.#behind.push({ upTo, resolve }))
  }

  /** Resolves when the queue is empty: later writes are waited for, too. */
  drained(): Promise<void> {
    if (!this.#busy) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  /**
   * Runs at the end of this tick: `nextTick` from a microtask runs after the microtask queue
   * drains, so callers resumed by the last batch join this one. A turn of the event loop costs
   * more, so one is taken only every few milliseconds.
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
      const set = this.#takeSet()
      await this.#commit(set)
      this.#settled += set.length
      while (this.#behind[0] && this.#behind[0].upTo <= this.#settled) this.#behind.shift()?.resolve()
      // Writes queued in the meantime and writes by callers that this batch resumed form the next
      // batch.
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

  /**
   * Commits a batch. If one row makes the whole batch fail, the batch is bisected until the
   * offending row is alone.
   */
  async #commit(set: readonly Waiting[]): Promise<void> {
    const { runSet, readRows, classify, observe, repeats } = this.#options
    const writes = set.map(({ write }) => write)
    const actors = set.map(({ actor }) => actor)
    const started = observe ? performance.now() : 0
    let outcomes: readonly WriteOutcome[]
    try {
      const run = async () => {
        try {
          return await runSet(areComplete(writes) ? writes : await completeWrites(writes, readRows), actors)
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

/**
 * Errors that a single row can cause. All others (a full disk, a lost connection) would fail every
 * part of the batch again.
 */
const rowFaults: ReadonlySet<string> = new Set(['CONSTRAINT_VIOLATION', 'DUPLICATE_RECORD', 'INVALID_RECORD'])
