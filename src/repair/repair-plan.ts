// A repair: one correction, with the value before and after. Plans are data: what was shown is what
// is done.

/** The kinds of repairs. */
export type RepairKind = 'value' | 'totals' | 'queue' | 'index' | 'full text'

/** One possible repair. */
export interface Repair {
  /**
   * `value`: a word outside its enumeration; `totals`: sums that differ from those of the records;
   * `queue`: what is kept beside tasks so that those that are ready are found;
   * `index`: indexes of a table that are missing, differ from the declaration, or are damaged;
   * `full text`: a search index that lacks records, has too many, or is damaged.
   */
  readonly kind: RepairKind
  readonly table: string
  /** The record; null for a repair of the whole table. */
  readonly id: string | null
  /** The column, or the index; null for the whole table. */
  readonly column: string | null
  /**
   * The current value; null if it is not a plain word: it may be anything, or nothing. It is kept
   * as a finding.
   */
  readonly before: string | null
  /** The new value; null for none. */
  readonly after: string | null
  /** What is wrong, in words. */
  readonly detail: string
}

/** A problem that only the owner of the data can fix. */
export interface Unrepaired {
  readonly table: string
  readonly id: string | null
  readonly column: string | null
  readonly reason: string
  /** What to do about it. */
  readonly next: string
}

export interface RepairPlan {
  /** The first thousand, in execution order: structure before values, values before totals. */
  readonly repairs: readonly Repair[]
  /** The first thousand. */
  readonly left: readonly Unrepaired[]
  /** How many there are of each beyond those listed; 0 if all are. */
  readonly more: { readonly repairs: number; readonly left: number }
}

export interface RepairReport {
  readonly done: readonly Repair[]
  /** The failed ones, each with the reason; none of them is half done. */
  readonly failed: readonly (Repair & { readonly reason: string })[]
}

/**
 * The most repairs, and the most remaining problems, that one plan lists; it counts the others.
 * Repairing and planning again continues with those.
 */
export const MAX_LISTED = 1000

/** The action of audit entries of repairs. */
export const FIX_ACTION = 'doctor:fix'

/** Enumeration values may be shown; any other text may be content. */
export function shownWord(cell: unknown): string | null {
  return typeof cell === 'string' && /^[A-Za-z][\w-]{0,31}$/.test(cell) ? cell : null
}
