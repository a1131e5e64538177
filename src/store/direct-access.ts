// Reads and writes of a store outside of transactions: writes in flight together share a commit,
// and `get` calls of one tick share a query where the engine gains by that.

import type { StoreFeed } from '../changes/store-feed.ts'
import { BatchLoader } from '../engines/core/batch-loader.ts'
import { WriteQueue } from '../engines/core/write-queue.ts'
import { events } from '../observability/events.ts'
import type { RecordSession, Runner } from '../records/repository/session.ts'
import { padded, rowReader } from '../records/repository/statements.ts'
import { runInTransaction } from './in-transaction.ts'
import type { LateTelemetry } from './late-telemetry.ts'
import type { SessionAccess, SessionContext } from './session.ts'
import type { StoreState } from './store-state.ts'

/** The most keys that one query of merged `get` calls asks for. */
const MAX_MERGED_GETS = 512

export class DirectAccess implements SessionAccess {
  readonly queue: WriteQueue
  readonly runner: SessionAccess['runner']
  readonly getRow: SessionAccess['getRow']
  readonly #context: SessionContext
  readonly #feed: StoreFeed
  readonly #state: StoreState
  readonly #telemetry: LateTelemetry
  /** The end of a transaction that stands for one write: what is called later waits for it. */
  #turn: Promise<void> | undefined

  /** @param maxRows the most rows that share a commit */
  constructor(
    context: SessionContext,
    feed: StoreFeed,
    state: StoreState,
    telemetry: LateTelemetry,
    maxRows: number,
  ) {
    const { engine } = context
    this.#feed = feed
    this.#context = context
    this.#state = state
    this.#telemetry = telemetry
    this.queue = new WriteQueue({
      runSet: async (operations, actors) => {
        if (feed.beginning) await feed.beginning
        const note = feed.noteOf(operations, (position) => actors[position] as string)
        const outcomes = await telemetry.trace('write_set', operations.length, () =>
          engine.writeSet(operations, note),
        )
        feed.committed()
        return outcomes
      },
      readRows: rowReader(context, this.#readTraced),
      maxSetSize: Math.min(maxRows, engine.capabilities.maxSetSize),
      classify: engine.classify,
      repeats: true,
      observe: (operations, queued, durationMs, failure) => {
        telemetry.noteSet(operations, queued)
        if (failure) context.events.emit(events.setFailed, { operations, code: failure.code })
        else context.events.emit(events.setCommitted, { operations, queued, durationMs })
      },
    })
    const runner: Runner = {
      read: (query) => this.read(query),
      writeSet: (operations) => {
        state.assertUsable()
        return engine.writeSet(operations)
      },
    }
    // Only the full-text index is written through it, of which the feed tells nothing.
    this.runner = () => runner
    this.getRow = engine.capabilities.batchesReads ? this.#mergedGets() : undefined
  }

  read: SessionAccess['read'] = (query) => {
    this.#state.assertUsable()
    return this.#readTraced(query)
  }

  write: SessionAccess['write'] = async (operation, actor) => {
    this.#state.assertUsable()
    const add = () => this.queue.add(operation, actor)
    const outcome = await (this.#turn ? this.#afterTurns(add) : add())
    if (outcome.kind === 'failed') throw outcome.error
    return outcome
  }

  inTransaction: SessionAccess['inTransaction'] = async (work, actor) => {
    this.#state.assertUsable()
    // Counted from here on, so that closing waits for it while it waits for others.
    return this.#afterTurns(() => this.#transact(work, actor))
  }

  inTurn: SessionAccess['inTurn'] = async (work, actor) => {
    this.#state.assertUsable()
    return this.#afterTurns(async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#turn = promise
      try {
        return await this.#transact(work, actor)
      } finally {
        this.#turn = undefined
        resolve()
      }
    })
  }

  /** Counted from here on, so that closing waits for it while it waits for others. */
  #afterTurns<T>(call: () => Promise<T>): Promise<T> {
    return this.#state.duringTransaction(async () => {
      // Another one may have begun its turn meanwhile.
      while (this.#turn) await this.#turn
      return call()
    })
  }

  async #transact<T>(work: (runner: Runner) => Promise<T>, actor: string): Promise<T> {
    // What was called earlier is stored earlier, as among single writes.
    await this.queue.earlierSettled()
    return runInTransaction(this.#context, this.#feed, actor, work)
  }

  whenCommitted = (afterCommit: () => void): void => afterCommit()

  #readTraced: RecordSession['read'] = (query) =>
    this.#telemetry.trace('read', undefined, () => this.#context.engine.read(query))

  #mergedGets(): NonNullable<SessionAccess['getRow']> {
    const { engine, statements } = this.#context
    const loader = new BatchLoader({
      read: this.#readTraced,
      queryOf: (shape, keys) => engine.rowsByKey?.(shape, keys) ?? statements.rowsByKey(shape, padded(keys)),
      maxKeys: MAX_MERGED_GETS,
    })
    return async (shape, key) => {
      this.#state.assertUsable()
      return loader.get(shape, key)
    }
  }
}
