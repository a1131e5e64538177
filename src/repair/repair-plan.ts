// What a repair is: one thing that is put right, with its value before and after. Plans are data: what was shown is what is done.

/** What is put right. */
export type RepairKind = 'value' | 'totals' | 'index' | 'full text'

/** One thing that can be put right. */
export interface Repair {
  /**
   * `value`: a word that is none of its list's; `totals`: sums that are not those of the records; `index`: indexes of a table that are
   * missing, other than declared, or damaged; `full text`: a search index that lacks records, has too many, or is damaged.
   */
  readonly kind: RepairKind
  readonly table: string
  /** The record; null for what is about the whole table. */
  readonly id: string | null
  /** The column, or the index; null for the whole table. */
  readonly column: string | null
  /** What is there; null where that is not a plain word, which may be anything, or nothing. It is kept as a finding. */
  readonly before: string | null
  /** What will be there; null for nothing. */
  readonly after: string | null
  /** What is wrong, in words. */
  readonly detail: string
}

/** Something that is wrong and that nobody but its owner can put right. */
export interface Unrepaired {
  readonly table: string
  readonly id: string | null
  readonly column: string | null
  readonly reason: string
  /** What to do about it. */
  readonly next: string
}

export interface RepairPlan {
  /** The first thousand, in the order in which they are made: structure before values, values before totals. */
  readonly repairs: readonly Repair[]
  /** The first thousand. */
  readonly left: readonly Unrepaired[]
}

export interface RepairReport {
  readonly done: readonly Repair[]
  /** Those that could not be made, each with the reason; nothing of them is half done. */
  readonly failed: readonly (Repair & { readonly reason: string })[]
}

/** The most repairs, and the most things left, that one plan lists. Repairing and planning again goes on. */
export const MAX_LISTED = 1000

/** The action of audit entries of repairs. */
export const FIX_ACTION = 'doctor:fix'

/** Words of enumerations may be told; what is no word may be content. */
export function shownWord(cell: unknown): string | null {
  return typeof cell === 'string' && /^[A-Za-z][\w-]{0,31}$/.test(cell) ? cell : null
}
