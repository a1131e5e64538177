// The part of the migration vocabulary that computes values: expressions for which engines have
// different SQL. Arguments are expressions too, never values.

import type {
  ColumnSpec,
  ColumnType,
  IndexSpec,
  MigrationStatement,
  SchemaWriter,
  TableSpec,
} from '../engines/contract/schema.ts'

export interface AdoptionExpressions {
  column(name: string): string
  text(literal: string): string
  /**
   * A text time in any ISO form as an instant; NULL if it is not a time. A time without an offset
   * is read as UTC.
   */
  toInstant(expression: string): string
  /**
   * An instant column in the form that `toInstant` returns, so that it can be compared with such a
   * result, and with text that is not an instant.
   */
  instantOf(column: string): string
  /** True if the text time has an offset. */
  hasOffset(expression: string): string
  /** An instant as the ancestors' text: `…Z`, with a fraction only if it is not zero. */
  fromInstant(expression: string): string
  /**
   * A floating-point amount as exact money, rounded half-even; NULL if it is negative or not an
   * amount.
   */
  toMoney(expression: string): string
  /** Money as the nearest floating-point number. */
  fromMoney(expression: string): string
  /** A floating-point number as the shortest text that parses to the same number. */
  realToText(expression: string): string
  /** The number of such a text. */
  textToReal(expression: string): string
  /**
   * A ULID with the instant as its time and a small number as its random part: the id of an adopted
   * row.
   */
  numberedUlid(instant: string, number: string): string
  /** The number in such a ULID; NULL for any other id. */
  ulidNumber(expression: string): string
  isJson(expression: string): string
  /** The position of the row in the insertion order of its table. */
  insertionOrder(table: string): string

  // The text times of the plans' ancestor: `2024-01-31T22:00:00+00:00`, with a six-digit fraction
  // if it is not zero.
  /** Like `toInstant`, but fast for times in that form. */
  instantOfIso(expression: string): string
  /** An instant in that form. */
  isoOfInstant(expression: string): string
  /** The instant of a text known to be in that form; NULL for NULL. */
  instantOfPlainIso(expression: string): string
  /** True if each is NULL or exactly what `isoOfInstant` writes. */
  arePlainIso(list: readonly string[]): string
  /** True if each is NULL or a readable text time with an offset. */
  nameInstants(list: readonly string[]): string
  /** A JSON object, as text, of the readable text times with an offset that are in another form. */
  otherIso(fields: Readonly<Record<string, string>>): string

  /** A number or an id as text, in a column that has both. */
  asText(expression: string): string

  // What an ancestor's column may contain beyond its declared type. None of these fails, whatever
  // the value.
  isText(expression: string): string
  isWholeNumber(expression: string): string
  /** The text before the first separator; empty if there is none. */
  before(expression: string, separator: string): string
  /** The text after the first separator; all of it if there is none. */
  after(expression: string, separator: string): string
  /** True for NULL, and for text without visible characters. */
  isBlank(expression: string): string
  /** Text without leading and trailing white space. */
  trimmed(expression: string): string
  /**
   * True for a short plain name: text that is not JSON or the start of it, is not blank, and has no
   * control characters.
   */
  isLabel(expression: string): string
  isJsonObject(expression: string): string
  /** True for a JSON list of texts that are not blank. */
  isTextList(expression: string): string
  /** True if a text known to be a JSON list has no items. */
  isEmptyList(expression: string): string

  // Reading JSON: each returns NULL if the value is missing or of another kind.
  /** The text of a JSON string. */
  jsonString(expression: string): string
  /** The text under a key of a JSON object. */
  jsonText(expression: string, key: string): string
  jsonHas(expression: string, key: string): string
  /** True if the value under the key is `true`. */
  isTrue(expression: string, key: string): string
  /** The value under a key, as JSON text. */
  jsonOf(expression: string, key: string): string
  /** The object without a key, as text. */
  jsonWithout(expression: string, key: string): string
  /** A value under a key as `jsonCell` wrote it, for a column of this type. */
  cellOf(expression: string, key: string, type: ColumnType): string
  /**
   * A table of a list's items: `value` is the item, `position` its index from 0. NULL is an empty
   * list.
   */
  itemsOf(expression: string): { readonly table: string; readonly value: string; readonly position: string }

  // Writing JSON: the results can be nested without being quoted again.
  jsonQuote(expression: string): string
  /** JSON text without white space between its parts. */
  jsonValue(expression: string): string
  /** The same as text, for comparison with other text. */
  compactJson(expression: string): string
  jsonBoolean(condition: string): string
  /** Any column value, in a form from which `cellOf` restores it. */
  jsonCell(expression: string): string
  jsonObject(fields: Readonly<Record<string, string>>): string
  /** Aggregates a list. */
  jsonList(item: string, orderBy: string): string
  /** An object of the fields whose `when` is true, as text. */
  jsonOfSome(
    fields: readonly { readonly key: string; readonly value: string; readonly when: string }[],
  ): string
}

/** A table in a new layout, filled from its rows in the old one. */
export interface Rebuild {
  readonly to: TableSpec
  /** An expression over the old columns for every column to fill. */
  readonly values: Readonly<Record<string, string>>
  readonly indexes: readonly IndexSpec[]
  /** Joins other tables, at most one row for each old row. */
  readonly joins?: string
  /** Determines the insertion order. */
  readonly orderBy?: string
}

/** The complete vocabulary of the adoption migrations. */
export interface AdoptionWriter extends SchemaWriter, AdoptionExpressions {
  /**
   * Gives a table a new layout in one rebuild: create the new table, copy the rows, drop the old
   * table, rename.
   */
  rebuildTable(change: Rebuild): readonly MigrationStatement[]
  /** Renames a table; references to it follow. */
  renameTable(from: string, to: string): readonly MigrationStatement[]
  /** The declared type and default of a column, as introspection reports them. */
  describeColumn(column: ColumnSpec): { readonly type: string; readonly default: string | null }
}
