// The feed of changes in the engine contract: what a batch says about itself, written in its own
// transaction, and how the feed is read. Shared code builds the rows and reads them (src/changes);
// an engine stores them, and gives them positions in an order that every reader sees alike.

import type { WriteOutcome } from './writes.ts'

/**
 * Rows in the order of their positions, which have no gaps: a row becomes visible only when every
 * row with a lower position is visible.
 */
export const CHANGES_TABLE = 'purser_changes'

/**
 * Rows that have no position yet, on engines where a number that a transaction draws says nothing
 * about the order of commits.
 */
export const NEW_CHANGES_TABLE = 'purser_changes_new'

/** One row of the feed: what a commit changed in the name of one actor, as text. */
export interface ChangeNote {
  readonly actor: string
  readonly changes: string
}

/**
 * Says what a batch changed, once the outcomes of its writes are known. It has no side effects: an
 * engine may call it with outcomes that it expects, and again if they turn out differently.
 */
export type NoteChanges = (outcomes: readonly WriteOutcome[]) => readonly ChangeNote[]

/** Access to the feed, besides plain reads of `CHANGES_TABLE`. */
export interface ChangeFeed {
  /** Rows are written with their position, so nothing has to be done for it after the commit. */
  readonly isOrdered: boolean
  /**
   * The position of the last row, 0 if there is none. Where rows are written without a position, it
   * first gives one to every row that is committed; if the store may not write, it leaves that to
   * one that may. Called several times a second, so it is as cheap as the engine can make it.
   */
  last(): Promise<bigint>
}
