// What a copy reports: while it runs, and at the end of every table.

/**
 * `compare`: the target's rows are compared; `copy`: rows are written; `verify`: they are read
 * back.
 */
export type CopyPhase = 'compare' | 'copy' | 'verify'

export interface CopyProgress {
  readonly phase: CopyPhase
  /** The current table. */
  readonly table: string
  /** Rows processed in this phase, of all tables. */
  readonly rows: number
  /** Rows to process in this phase. */
  readonly total: number
}

/** A row that is not in the target as it is in the source. Its values are not reported. */
export interface CopyProblem {
  /**
   * `refused`: the target cannot hold it, and it was skipped. `different`: a row with its id has
   * other values, and was left unchanged. `unreadable`: it cannot be read and was skipped; or, with
   * a column, it was copied without that column's reference, which is lost.
   */
  readonly problem: 'refused' | 'different' | 'unreadable'
  readonly table: string
  /** For rows whose ids cannot be read either: their row numbers in the source. */
  readonly id: string
  /** The column whose value cannot be held, if known. */
  readonly column: string | null
  readonly reason: string
}

/** One table. Equal content has equal checksums on every engine. */
export interface CopiedTable {
  readonly table: string
  /** Rows of the source, as far as they can be read. */
  readonly rows: number
  /**
   * SHA-256 over the source's rows, as lines of JSON in transfer order; see docs/export-format.md.
   */
  readonly checksum: string
  /** Rows that this run has written. */
  readonly stored: number
  /** Rows that already existed, every value equal. */
  readonly unchanged: number
  /** Rows that were skipped: refused, or unreadable. */
  readonly refused: number
  readonly different: number
  /** Rows of the target under keys that the source does not have; 0 unless merged. */
  readonly others: number
  /** The target was read back, and has every row of the source with every value equal. */
  readonly verified: boolean
}

export interface CopyReport {
  /** In transfer order. */
  readonly tables: readonly CopiedTable[]
  /** The first hundred. */
  readonly problems: readonly CopyProblem[]
  /** How many there were. */
  readonly problemCount: number
  /** The target already held the beginning of this copy. */
  readonly continued: boolean
  /** Every table is verified, and nothing was skipped. */
  readonly ok: boolean
  readonly durationMs: number
}

/** The outcome of the rows of each table so far. */
export class Tally {
  readonly #tables: { stored: number; unchanged: number; refused: number; different: number }[] = []

  /** The counters of the next table. */
  begin() {
    const counts = { stored: 0, unchanged: 0, refused: 0, different: 0 }
    this.#tables.push(counts)
    return counts
  }

  /** Of all tables, in the terms of a `TransferError`. */
  total() {
    const sum = { stored: 0, unchanged: 0, failed: 0 }
    for (const { stored, unchanged, refused, different } of this.#tables) {
      sum.stored += stored
      sum.unchanged += unchanged
      sum.failed += refused + different
    }
    return sum
  }
}

const MAX_PROBLEMS = 100

/** Collects problems: all are counted, the first ones kept. */
export class Problems {
  readonly kept: CopyProblem[] = []
  count = 0

  add(problem: CopyProblem): void {
    this.count += 1
    if (this.kept.length < MAX_PROBLEMS) this.kept.push(problem)
  }
}
