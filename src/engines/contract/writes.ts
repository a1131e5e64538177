// Writes as data: what a batch of writes may contain, and the outcome of each.

import type { PersistenceError } from '../../errors.ts'
import type { Query, Row, WireValue } from './query.ts'

/** How a value is stored. Each engine chooses the column type and wire form of each kind. */
export type StorageKind = 'text' | 'integer' | 'boolean' | 'money' | 'instant' | 'json' | 'bytes'

/** The part of a record's definition that batches need. */
export interface TableShape {
  readonly table: string
  readonly columns: readonly string[]
  /** The kind of each column. */
  readonly kinds: readonly StorageKind[]
  readonly key: string
  /** A unique column besides the key, if the record has one: an idempotency key, a name. */
  readonly uniqueKey?: string | undefined
  /** Columns that reference a row of another table, with the record field that each one stores. */
  readonly references: readonly { readonly column: string; readonly field: string; readonly table: string }[]
  /** The table and the columns that each inserted row is added to, if running totals are kept. */
  readonly totals?: { readonly table: string; readonly sums: readonly string[] } | undefined
}

/** The last row of a chain: its number, starting at 1 without gaps, and its hash. */
export interface ChainHead {
  readonly sequence: number
  readonly hash: string
}

/**
 * The next row of a chain: a table whose rows are numbered without gaps, each derived from the
 * previous one. The row is computed inside the transaction, while no other writer can append, and
 * recomputed if the transaction is repeated.
 */
export interface ChainAppend {
  readonly shape: TableShape
  /** The key of the row, whatever it is linked to. */
  readonly key: WireValue
  /** The columns of the number and the hash. */
  readonly head: { readonly sequence: string; readonly hash: string }
  /** The key was chosen by the caller and may already exist. */
  readonly idempotent?: boolean
  readonly link: (last: ChainHead | null) => { readonly row: Row } & ChainHead
}

/** One write of a batch. Values are wire values in column order. */
export type WriteOperation =
  | {
      readonly kind: 'insert'
      readonly shape: TableShape
      readonly row: Row
      /**
       * The row was copied from another database and is stored unchanged: the table's check
       * constraints are skipped, if the engine can. Keys, references and guards still apply.
       */
      readonly skipChecks?: boolean | undefined
      /** Appended atomically with the write: both are stored, or neither. */
      readonly auditEntry?: ChainAppend | undefined
    }
  | {
      /**
       * Changes the row whose key and `expect` column match and whose `whereIn` column has one of
       * the given values.
       */
      readonly kind: 'compareAndSet'
      readonly shape: TableShape
      readonly key: WireValue
      readonly columns: readonly string[]
      readonly values: Row
      readonly expect: { readonly column: string; readonly value: WireValue }
      readonly whereIn?: { readonly column: string; readonly values: Row } | undefined
      readonly auditEntry?: ChainAppend | undefined
    }
  | {
      readonly kind: 'delete'
      readonly shape: TableShape
      readonly key: WireValue
      readonly auditEntry?: ChainAppend | undefined
    }
  /** An entry of a chain without another write. */
  | { readonly kind: 'append'; readonly chain: ChainAppend }
  | {
      readonly kind: 'execute'
      readonly query: Query
      /**
       * The rows that it changes, for the feed of changes; absent if they are in no table that the
       * feed covers.
       */
      readonly affects?:
        | { readonly shape: TableShape; readonly op: 'updated' | 'deleted'; readonly keys: readonly string[] }
        | undefined
      /**
       * The deleted rows are referenced only by each other, which `referencesPerRow` would reject.
       */
      readonly selfReferring?: boolean | undefined
    }

/**
 * The outcome of one write of a batch.
 * - `duplicate`: a row with this key or unique key already exists; `existing` is that row, in
 *   column order.
 * - `unmatched`: the row did not match; `actual` has the current `expect` and `whereIn` columns, or
 *   null if the row is missing.
 * - `failed`: only this write was rejected; the others of the batch are not affected.
 */
export type WriteOutcome =
  | { readonly kind: 'stored' }
  | { readonly kind: 'duplicate'; readonly existing: Row }
  | { readonly kind: 'updated' }
  | { readonly kind: 'unmatched'; readonly actual: Row | null }
  | { readonly kind: 'deleted'; readonly count: number }
  | { readonly kind: 'executed'; readonly count: number }
  | { readonly kind: 'failed'; readonly error: PersistenceError }
