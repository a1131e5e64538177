// The feed of changes of one store: whether it is kept, what commits write for it, its end, and the
// trimming of old rows in small steps by whoever writes.

import {
  CHANGES_TABLE,
  type Engine,
  type NoteChanges,
  type WriteOperation,
} from '../engines/contract/engine.ts'
import { QueryError } from '../errors.ts'
import { type EventPublisher, events } from '../observability/events.ts'
import { parseAge } from '../values/instant.ts'
import type { ChangedRecord } from './change.ts'
import { NotedChanges } from './note.ts'
import type { FeedPosition } from './position.ts'
import { RecordListener } from './record-listener.ts'
import { FeedRows } from './rows.ts'
import { Tail } from './tail.ts'

/** Commits of this store between two steps of trimming, and the most rows of a step. */
const COMMITS_PER_TRIM = 128
const ROWS_PER_TRIM = 256

/**
 * Milliseconds after a commit until this store gives it its position, if no follower of it does so
 * at once: for readers that may not write.
 */
const ORDER_DELAY = 200

/** As configured: how long changes are kept, an age such as `7d`. */
export type FeedSettings = false | { readonly keep: string }

export class StoreFeed {
  readonly #engine: Engine
  readonly #events: EventPublisher
  readonly #keep: number | null
  readonly rows: FeedRows
  readonly #tail: Tail | undefined
  /** Begins at random, so that programs that write little trim as well. */
  #untilTrim = 1 + Math.floor(Math.random() * COMMITS_PER_TRIM)
  #ordering: NodeJS.Timeout | undefined
  readonly #working = new Set<Promise<void>>()
  readonly #beginning = new Set<Promise<void>>()
  #database: Promise<string> | undefined

  constructor(engine: Engine, publisher: EventPublisher, settings: FeedSettings) {
    this.#engine = engine
    this.#events = publisher
    this.#keep = settings === false ? null : parseAge(settings.keep)
    this.rows = new FeedRows(engine)
    this.#tail = engine.feed && settings !== false ? new Tail(engine.feed, this.rows) : undefined
  }

  /** @throws QueryError if the store keeps no feed */
  get tail(): Tail {
    if (this.#tail) return this.#tail
    throw new QueryError(
      this.#engine.feed
        ? 'this store keeps no feed of changes: its configuration says changes: false'
        : `the engine ${this.#engine.name} keeps no feed of changes`,
    )
  }

  /** Collects what a transaction changes; undefined if no feed is kept. */
  collect(): NotedChanges | undefined {
    return this.#tail && new NotedChanges()
  }

  /**
   * The note of a batch that is committed by itself; undefined if no feed is kept.
   * @param actorOf the actor of a write, by its position in the batch
   */
  noteOf(
    operations: readonly WriteOperation[],
    actorOf: (position: number) => string,
  ): NoteChanges | undefined {
    if (!this.#tail) return undefined
    return (outcomes) => new NotedChanges().add(operations, outcomes, actorOf).notes()
  }

  /** Called after each commit that may have notes. */
  committed(): void {
    if (!this.#tail || this.#tail.isStopped) return
    this.#tail.committed()
    if (!this.#engine.feed?.isOrdered) this.#ordering ??= setTimeout(() => this.#order(), ORDER_DELAY).unref()
    this.#untilTrim -= 1
    if (this.#untilTrim > 0) return
    this.#untilTrim = COMMITS_PER_TRIM
    this.#run(() => this.#trim())
  }

  /** Identifies the database of positions. */
  database(): Promise<string> {
    this.#database ??= Promise.resolve(this.#engine.uniqueKey?.() ?? '').catch((error) => {
      this.#database = undefined
      throw error
    })
    return this.#database
  }

  /** Gives what is committed its positions. @returns the last one */
  async last(): Promise<bigint> {
    return (await this.#engine.feed?.last()) ?? 0n
  }

  /**
   * The last position, for a follower that begins now. Commits of this store that are made after
   * this call wait until it is known, so that they come after it.
   */
  async now(): Promise<FeedPosition> {
    const last = this.last()
    const known = last.then(
      () => void this.#beginning.delete(known),
      () => void this.#beginning.delete(known),
    )
    this.#beginning.add(known)
    return { number: await last, time: undefined }
  }

  /**
   * Hears of changes of a record, from this call on; undefined if no feed is kept.
   * @throws what keeps the end of the feed from being read
   */
  async listen(record: ChangedRecord, id: string): Promise<RecordListener | undefined> {
    return this.#tail && RecordListener.begin(this, record, id)
  }

  /** To be awaited before a commit; undefined, nearly always, if there is nothing to wait for. */
  get beginning(): Promise<unknown> | undefined {
    return this.#beginning.size === 0 ? undefined : Promise.all(this.#beginning)
  }

  opened(): void {
    this.#database = undefined
    this.#tail?.start()
  }

  /** Ends every follower, and resolves once the feed's own work has ended. */
  async stop(): Promise<void> {
    this.#tail?.stop()
    if (this.#ordering) this.#order()
    await Promise.all(this.#working)
  }

  #order(): void {
    clearTimeout(this.#ordering)
    this.#ordering = undefined
    this.#run(() => this.last())
  }

  /** Work that no caller waits for. What fails is tried again after later commits. */
  #run(work: () => Promise<unknown>): void {
    const running: Promise<void> = work().then(
      () => void this.#working.delete(running),
      (error: unknown) => {
        this.#working.delete(running)
        this.#events.emit(events.changesFailed, { code: this.#engine.classify(error).code })
      },
    )
    this.#working.add(running)
  }

  /**
   * Deletes the oldest rows that are older than the age, by the times of the database itself. The
   * newest row stays whatever its age: the next position follows from it.
   */
  async #trim(): Promise<void> {
    const { time: now } = await this.rows.find(await this.last())
    if (now === undefined || this.#keep === null) return
    const cutoff = now - this.#keep
    const oldest = await this.rows.oldest(ROWS_PER_TRIM)
    const kept = oldest.findIndex(({ time }) => time >= cutoff)
    const last = kept === 0 ? undefined : oldest.at(kept < 0 ? -1 : kept - 1)
    if (!last) return
    const { sql } = this.#engine.builder.deleteFrom(CHANGES_TABLE).where('position', '<=', 0).compile()
    const [outcome] = await this.#engine.writeSet([
      { kind: 'execute', query: { sql, parameters: [last.number] } },
    ])
    if (outcome?.kind === 'failed') throw outcome.error
    if (outcome?.kind === 'executed') this.#events.emit(events.changesTrimmed, { rows: outcome.count })
  }
}
