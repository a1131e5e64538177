// What a copy tells: while it runs, and in the end of every table.

/** `compare`: what stands in the target is compared; `copy`: rows are written; `verify`: they are read again. */
export type CopyPhase = 'compare' | 'copy' | 'verify'

export interface CopyProgress {
  readonly phase: CopyPhase
  /** The table under way. */
  readonly table: string
  /** Rows that are done in this phase, of all tables. */
  readonly rows: number
  /** Rows that there will be in this phase. */
  readonly total: number
}

/** A row that is not in the target as it is in the source. No value of it is told. */
export interface CopyProblem {
  /**
   * `refused`: the target cannot hold it, and it was left out. `different`: a row with its id has other values, and was left as it is.
   * `unreadable`: it cannot be read and was left out; or, with a column, it was copied without what it refers to there, which is lost.
   */
  readonly problem: 'refused' | 'different' | 'unreadable'
  readonly table: string
  /** Of rows whose ids cannot be read either: the numbers that the source gives them. */
  readonly id: string
  /** The column whose value cannot be held, where that is known. */
  readonly column: string | null
  readonly reason: string
}

/** One table. Equal content has equal checksums on every engine. */
export interface CopiedTable {
  readonly table: string
  /** Rows of the source, as far as they can be read. */
  readonly rows: number
  /** SHA-256 over the source's rows, as lines of JSON in transfer order; see docs/export-format.md. */
  readonly checksum: string
  /** Rows that this run has written. */
  readonly stored: number
  /** Rows that were there already, every value equal. */
  readonly unchanged: number
  /** Rows that were left out: refused, or unreadable. */
  readonly refused: number
  readonly different: number
  /** Rows of the target under keys that the source has not; 0 unless it was added to. */
  readonly others: number
  /** The target was read again, and has every row of the source with every value equal. */
  readonly verified: boolean
}

export interface CopyReport {
  /** In transfer order. */
  readonly tables: readonly CopiedTable[]
  /** The first hundred. */
  readonly problems: readonly CopyProblem[]
  /** How many there were. */
  readonly problemCount: number
  /** The target had the beginning of this copy already. */
  readonly continued: boolean
  /** Every table is verified, and nothing was left out. */
  readonly ok: boolean
  readonly durationMs: number
}

/** What became of the rows of each table so far. */
export class Tally {
  readonly #tables: { stored: number; unchanged: number; refused: number; different: number }[] = []

  /** The counts of the next table, for adding to. */
  begin() {
    const counts = { stored: 0, unchanged: 0, refused: 0, different: 0 }
    this.#tables.push(counts)
    return counts
  }

  /** Of all tables, in the words of a `TransferError`. */
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
