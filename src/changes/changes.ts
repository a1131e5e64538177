// The feed of changes as applications use it: what was committed, in an order that every reader
// sees alike, at least once, to any number of readers. docs/changes.md is its guide.

import { InvalidRecordError } from '../errors.ts'
import { recordNames } from '../records/names.ts'
import { anAbortSignal, checkArguments, checkedLater, options } from '../records/repository/arguments.ts'
import { checkLimit } from '../records/repository/page.ts'
import type { ChangedRecord, CommittedChanges, RecordChange } from './change.ts'
import { BEGINNING, decodePosition, encodePosition, type FeedPosition } from './position.ts'
import type { FeedRow } from './rows.ts'
import type { StoreFeed } from './store-feed.ts'
import { patiently, type Tail } from './tail.ts'

/** Which changes to tell. */
export interface ChangeFilter {
  /** Kinds of records, such as `['task', 'plan']`; all of them if omitted. */
  readonly records?: readonly ChangedRecord[] | undefined
}

export interface ReadChangesOptions extends ChangeFilter {
  /** Where the last answer ended; if omitted, the oldest changes that are kept come first. */
  readonly after?: string | undefined
  /** At most so many commits: 1 to 1000, 100 by default. */
  readonly limit?: number | undefined
}

export interface FollowChangesOptions extends ChangeFilter {
  /** Where the last change was; if omitted, only what is committed from this call on counts. */
  readonly after?: string | undefined
  /** Ends the loop without an error. */
  readonly signal?: AbortSignal | undefined
}

/** What `read` answers. */
export interface ChangesRead {
  readonly items: readonly CommittedChanges[]
  /**
   * Where to read on. Beyond the last item if changes followed that the filter leaves out; the end
   * of the feed if there are no items.
   */
  readonly position: string
}

/** Rows that `read` looks at with one query. */
const STEP = 500

const covered: readonly string[] = recordNames.flatMap(({ type, property }) =>
  property === null ? [] : [type],
)

export class Changes {
  static {
    const rules = { after: checkedLater, records: checkedLater }
    checkArguments(
      Changes,
      { read: [options({ ...rules, limit: checkedLater })], head: [] },
      { subject: 'changes' },
    )
    checkArguments(
      Changes,
      { follow: [options({ ...rules, signal: anAbortSignal })] },
      { subject: 'changes', throwing: true },
    )
  }

  readonly #feed: StoreFeed
  readonly #assertUsable: () => void

  constructor(feed: StoreFeed, assertUsable: () => void) {
    this.#feed = feed
    this.#assertUsable = assertUsable
  }

  /**
   * The end of the feed: reading or following from it tells what is committed after this call. Take
   * it before reading lists that are then kept current by the feed.
   * @throws QueryError if the store keeps no feed
   */
  async head(): Promise<string> {
    this.#begin()
    const last = await this.#feed.last()
    const end = last === 0n ? BEGINNING : await this.#feed.rows.find(last)
    return encodePosition(await this.#feed.database(), end)
  }

  /**
   * What was committed after a position, oldest first. Everything that was acknowledged before this
   * call is there, unless the store may not write and no other has put it in order yet.
   * @throws InvalidRecordError for an unknown option or record, and a position that is not of this
   * database; ChangesGoneError if changes after the position are no longer kept; QueryError if the
   * store keeps no feed
   * @example
   * let { items, position } = await store.changes.read({ records: ['task'] })
   * while (items.length > 0) ({ items, position } = await store.changes.read({ after: position, records: ['task'] }))
   */
  async read({ after, limit, records }: ReadChangesOptions = {}): Promise<ChangesRead> {
    this.#begin()
    const most = checkLimit(limit)
    const wanted = checkRecords(records)
    const items: CommittedChanges[] = []
    let end = after === undefined ? undefined : await this.#decode(after)
    await this.#feed.last()
    end ??= await this.#oldest()
    const database = await this.#feed.database()
    for (;;) {
      const rows = await this.#feed.rows.after(end, STEP)
      for (const row of rows) {
        end = row
        const told = tell(row, wanted, database)
        if (told && items.push(told) === most) return { items, position: encodePosition(database, end) }
      }
      if (rows.length < STEP) return { items, position: encodePosition(database, end) }
    }
  }

  /**
   * Tells what is committed, as it is: within 20 ms for this store's own commits, within 300 ms for
   * those of other processes. Each commit comes once; a program that starts again from a position
   * that it has noted may get the last ones again. The loop ends without an error when `signal`
   * is aborted or the store closes. A lost connection does not end it.
   * @throws InvalidRecordError for an unknown option or record, or what is no signal; in the loop
   * also for a position that is not of this database, ChangesGoneError if changes after the
   * position are no longer kept, QueryError if the store keeps no feed
   * @example
   * for await (const { actor, changes } of store.changes.follow({ records: ['task'], signal })) {
   *   for (const { id, op } of changes) console.log(actor, op, id)
   * }
   */
  follow({ after, signal, records }: FollowChangesOptions = {}): AsyncIterable<CommittedChanges> {
    const wanted = checkRecords(records)
    this.#assertUsable()
    const { tail } = this.#feed
    const start = after === undefined ? this.#feed.now() : this.#decode(after)
    // It fails in the loop; a loop that is never begun reports nothing.
    start.catch(() => undefined)
    return this.#follow(tail, start, wanted, signal)
  }

  async *#follow(
    tail: Tail,
    start: Promise<FeedPosition>,
    wanted: ReadonlySet<string> | undefined,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<CommittedChanges, void, undefined> {
    const isOver = () => tail.isStopped || signal?.aborted === true
    let end = await start
    const database = await patiently(() => this.#feed.database(), isOver)
    while (database !== undefined && !isOver()) {
      for (const row of await tail.next(end, signal)) {
        if (isOver()) return
        end = row
        const told = tell(row, wanted, database)
        if (told) yield told
      }
    }
  }

  #begin(): void {
    this.#assertUsable()
    // Throws if there is none.
    void this.#feed.tail
  }

  /** Before the oldest row that is kept. */
  async #oldest(): Promise<FeedPosition> {
    const [oldest] = await this.#feed.rows.oldest(1)
    return oldest ? { number: oldest.number - 1n, time: undefined } : BEGINNING
  }

  async #decode(position: unknown): Promise<FeedPosition> {
    return decodePosition(await this.#feed.database(), position)
  }
}

/** A row as callers see it; undefined if nothing of it is wanted. */
function tell(
  row: FeedRow,
  wanted: ReadonlySet<string> | undefined,
  database: string,
): CommittedChanges | undefined {
  const changes: readonly RecordChange[] = wanted
    ? row.changes.filter(({ record }) => wanted.has(record))
    : row.changes
  if (changes.length === 0) return undefined
  return { position: encodePosition(database, row), at: row.at, actor: row.actor, changes }
}

/** @throws InvalidRecordError for a kind of record that the feed does not cover */
function checkRecords(records: unknown): ReadonlySet<string> | undefined {
  if (records === undefined) return undefined
  const message = `must be a list of at least one of ${covered.join(', ')}`
  if (!Array.isArray(records) || records.length === 0) {
    throw new InvalidRecordError('changes', [{ path: ['records'], code: 'type', message }])
  }
  const unknown = records.findIndex((record) => !covered.includes(record as string))
  if (unknown >= 0) {
    throw new InvalidRecordError('changes', [
      {
        path: ['records', unknown],
        code: 'not_allowed',
        message: `is no record of the feed; there are ${covered.join(', ')}`,
      },
    ])
  }
  return new Set(records as readonly string[])
}
