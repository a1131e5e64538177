// Rows of the feed as they are read: in the order of positions, which have no gaps. So a row that
// is not the next one means that those between were trimmed, or that the database is another one.

import type { Engine, Query, WireValue } from '../engines/contract/engine.ts'
import { CHANGES_TABLE, unreadable } from '../engines/contract/engine.ts'
import { ChangesGoneError } from '../errors.ts'
import { decodeChanges, type RecordChange } from './change.ts'
import type { FeedPosition } from './position.ts'

/** One row of the feed; its changes are decoded once, whoever asks. */
export class FeedRow implements FeedPosition {
  readonly number: bigint
  readonly at: Date
  readonly actor: string
  /** Length of the stored text. */
  readonly size: number
  #text: string | undefined
  #changes: readonly RecordChange[] | undefined

  constructor(number: bigint, at: Date, actor: string, changes: string) {
    this.number = number
    this.at = at
    this.actor = actor
    this.#text = changes
    this.size = changes.length
  }

  get time(): number {
    return this.at.getTime()
  }

  get changes(): readonly RecordChange[] {
    this.#changes ??= Object.freeze(decodeChanges(this.#text ?? ''))
    this.#text = undefined
    return this.#changes
  }
}

export class FeedRows {
  readonly #engine: Pick<Engine, 'read' | 'codec'>
  readonly #fromSql: string
  readonly #oldestSql: string

  constructor(engine: Pick<Engine, 'read' | 'codec' | 'builder'>) {
    this.#engine = engine
    const rows = engine.builder.selectFrom(CHANGES_TABLE).select(['position', 'at', 'actor', 'changes'])
    this.#fromSql = rows.where('position', '>=', 0).orderBy('position').limit(1).compile().sql
    this.#oldestSql = engine.builder
      .selectFrom(CHANGES_TABLE)
      .select(['position', 'at'])
      .orderBy('position')
      .limit(1)
      .compile().sql
  }

  /**
   * At most `limit` rows after a position.
   * @throws ChangesGoneError if rows after it were trimmed, or it is not of this feed's history
   */
  async after({ number, time }: FeedPosition, limit: number): Promise<readonly FeedRow[]> {
    const rows = await this.#read({ sql: this.#fromSql, parameters: [number, limit + 1] })
    const [first] = rows
    if (first?.number === number) {
      if (time !== undefined && first.time !== time) throw new ChangesGoneError()
      return rows.slice(1)
    }
    if (first ? first.number !== number + 1n : number !== 0n) throw new ChangesGoneError()
    return rows.slice(0, limit)
  }

  /** A row by its number, with its time. */
  async find(number: bigint): Promise<FeedPosition> {
    const [row] = await this.#read({ sql: this.#fromSql, parameters: [number, 1] })
    return row?.number === number ? row : { number, time: undefined }
  }

  /** The positions of the oldest rows. */
  async oldest(limit: number): Promise<readonly (FeedPosition & { readonly time: number })[]> {
    const rows = await this.#engine.read({ sql: this.#oldestSql, parameters: [limit] })
    return rows.map(([number, at]) => ({ number: BigInt(String(number)), time: this.#timeOf(at).getTime() }))
  }

  #timeOf(at: WireValue | undefined): Date {
    const instant = at === null || at === undefined ? unreadable : this.#engine.codec.decode.instant(at)
    return instant === unreadable ? new Date(0) : instant
  }

  async #read(query: Query): Promise<readonly FeedRow[]> {
    const rows = await this.#engine.read(query)
    return rows.map(
      ([number, at, actor, changes]) =>
        new FeedRow(BigInt(String(number)), this.#timeOf(at), String(actor), String(changes)),
    )
  }
}
