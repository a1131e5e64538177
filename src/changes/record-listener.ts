// Hears of the changes of one record, for calls that wait for one: by the tail that all followers
// of the store share, so any number of waiting calls costs as many queries as one.

import { ChangesGoneError } from '../errors.ts'
import type { ChangedRecord } from './change.ts'
import type { FeedPosition } from './position.ts'
import type { Tail } from './tail.ts'

export interface ListenedFeed {
  readonly tail: Tail
  /** The last position. */
  last(): Promise<bigint>
}

export class RecordListener {
  readonly #feed: ListenedFeed
  readonly #record: ChangedRecord
  readonly #id: string
  /** What comes after it has not been looked at. */
  #end: FeedPosition

  private constructor(feed: ListenedFeed, record: ChangedRecord, id: string, last: bigint) {
    this.#feed = feed
    this.#record = record
    this.#id = id
    this.#end = { number: last, time: undefined }
  }

  /** Hears of everything that is committed once this has resolved. */
  static async begin(feed: ListenedFeed, record: ChangedRecord, id: string): Promise<RecordListener> {
    return new RecordListener(feed, record, id, await feed.last())
  }

  /**
   * Resolves once the record was changed since the last call, or since the beginning; also when
   * `signal` is aborted or the store closes.
   */
  async changed(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        const rows = await this.#feed.tail.next(this.#end, signal)
        this.#end = rows.at(-1) ?? this.#end
        if (rows.length === 0 || rows.some((row) => row.changes.some((change) => this.#isMeant(change))))
          return
      }
    } catch (error) {
      if (!(error instanceof ChangesGoneError)) throw error
      // The database was put back to an earlier state, or went far ahead: it has to be read anew.
      this.#end = { number: await this.#feed.last(), time: undefined }
    }
  }

  #isMeant({ record, id }: { readonly record: string; readonly id: string }): boolean {
    return record === this.#record && id === this.#id
  }
}
