// What could not be read of a damaged store, or not as it was. No value of a record is told, beyond ids.

/** One record that was left out, a range of them, or a reference of one that was taken off. */
export interface Loss {
  /** The kind of record: `task`. */
  readonly type: string
  readonly table: string
  /** The record; null where not even its id can be read. */
  readonly id: string | null
  /** Without an id: numbers that the database itself gives the rows of the table, both included; up to so many were lost. */
  readonly from: string | null
  readonly to: string | null
  /** The record is there, without what it refers to in this column; null when the record is not there. */
  readonly column: string | null
  readonly reason: string
}

/** The most losses that are kept; any further ones are counted only. */
const MAX_LOSSES = 1000

export class Losses {
  readonly kept: Loss[] = []
  count = 0

  add(loss: Loss): void {
    this.count += 1
    if (this.kept.length < MAX_LOSSES) this.kept.push(loss)
  }
}
