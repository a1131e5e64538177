// Writes as data: what a set of them may hold, and what becomes of each.

import type { PersistenceError } from '../../errors.ts'
import type { Query, Row, WireValue } from './query.ts'

/** How a value is stored. Each engine chooses the column type and the wire form of each kind. */
export type StorageKind = 'text' | 'integer' | 'boolean' | 'money' | 'instant' | 'json'

/** The part of a record's definition that write sets need. */
export interface TableShape {
  readonly table: string
  readonly columns: readonly string[]
  /** What each column holds. */
  readonly kinds: readonly StorageKind[]
  readonly key: string
  /** A unique column beside the key, when the record has one: an idempotency key, a name. */
  readonly uniqueKey?: string | undefined
  /** Columns that name a row of a table, each with the field that it holds. */
  readonly references: readonly { readonly column: string; readonly field: string; readonly table: string }[]
}

/** The last row of a chain: its number, from 1 without gaps, and its hash. */
export interface ChainHead {
  readonly sequence: number
  readonly hash: string
}

/**
 * The next row of a chain: a table whose rows are numbered without gaps, each made out of the one before it. The row is computed
 * inside the transaction, while nobody else can append; it is computed anew when the transaction has to be repeated.
 */
export interface ChainAppend {
  readonly shape: TableShape
  /** The columns that hold the number and the hash. */
  readonly head: { readonly sequence: string; readonly hash: string }
  /** The key was given by a caller, and may be there already. */
  readonly idempotent?: boolean
  readonly link: (last: ChainHead | null) => { readonly row: Row } & ChainHead
}

/** One write of a set. Values are wire values in the order of the columns they belong to. */
export type WriteOperation =
  | {
      readonly kind: 'insert'
      readonly shape: TableShape
      readonly row: Row
      /**
       * The row stood elsewhere and is carried over as it is: the table's conditions on its values are passed over, where the engine
       * can. Keys, references and guards hold all the same.
       */
      readonly skipChecks?: boolean | undefined
      /** Appended with the write when it goes through, and never without it: both are stored, or neither. */
      readonly auditEntry?: ChainAppend | undefined
    }
  | {
      /** Changes the row whose key and `expect` columns match and whose `among` column holds one of its values. */
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
  /** An entry of a chain by itself. */
  | { readonly kind: 'append'; readonly chain: ChainAppend }
  | {
      readonly kind: 'execute'
      readonly query: Query
      /** The rows that it deletes are referred to by nothing but themselves, which `referencesPerRow` would refuse. */
      readonly selfReferring?: boolean | undefined
    }

/**
 * What became of one write of a set.
 * - `duplicate`: a row with this key, or this identity, was there; `existing` is that row, in the order of the columns.
 * - `unmatched`: the row did not match; `actual` has the `expect` and `among` columns as they are, null when it is missing.
 * - `failed`: this write alone was refused; the others of the set are not affected.
 */
export type WriteOutcome =
  | { readonly kind: 'stored' }
  | { readonly kind: 'duplicate'; readonly existing: Row }
  | { readonly kind: 'updated' }
  | { readonly kind: 'unmatched'; readonly actual: Row | null }
  | { readonly kind: 'deleted'; readonly count: number }
  | { readonly kind: 'executed'; readonly count: number }
  | { readonly kind: 'failed'; readonly error: PersistenceError }
