// What could not be read of a damaged store, or not unchanged. No value of a record is reported,
// beyond ids.

/** One skipped record, a range of them, or a removed reference of one. */
export interface Loss {
  /** The kind of record: `task`. */
  readonly type: string
  readonly table: string
  /** The record's id; null if not even that can be read. */
  readonly id: string | null
  /**
   * Without an id: the database's own row numbers in the table, both inclusive; up to that many
   * rows were lost.
   */
  readonly from: string | null
  readonly to: string | null
  /**
   * The record is kept, without the reference in this column; null if the record itself is missing.
   */
  readonly column: string | null
  readonly reason: string
}

/** The most losses that are kept; any further ones are only counted. */
const MAX_LOSSES = 1000

export class Losses {
  readonly kept: Loss[] = []
  count = 0

  add(loss: Loss): void {
    this.count += 1
    if (this.kept.length < MAX_LOSSES) this.kept.push(loss)
  }
}
