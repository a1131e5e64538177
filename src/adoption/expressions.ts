// The part of the migrations' vocabulary that computes values: expressions that SQL does not have alike on every engine.
// Arguments are expressions too, never values.

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
  /** A text time in any ISO form as an instant; NULL when it is none. A time without offset counts as UTC. */
  toInstant(expression: string): string
  /** An instant's column as `toInstant` gives instants, so that the two can be compared, and with text that is none. */
  instantOf(column: string): string
  /** True when the text time names its offset. */
  hasOffset(expression: string): string
  /** An instant as the ancestors' text: `…Z`, with a fraction only when it has one. */
  fromInstant(expression: string): string
  /** A floating-point amount as exact money, rounded half-even; NULL when it is negative or no amount. */
  toMoney(expression: string): string
  /** Money as the nearest floating-point number. */
  fromMoney(expression: string): string
  /** A floating-point number as the shortest text that reads back as the same number. */
  realToText(expression: string): string
  /** Such a text as the number. */
  textToReal(expression: string): string
  /** A ULID whose time is the instant and whose random part is a small number: the id of an adopted row. */
  numberedUlid(instant: string, number: string): string
  /** The number in such a ULID; NULL for any other id. */
  ulidNumber(expression: string): string
  isJson(expression: string): string
  /** A number of the row in the order in which the rows of a table were inserted. */
  insertionOrder(table: string): string

  // The text times of the plans' ancestor: `2024-01-31T22:00:00+00:00`, with six digits of a fraction when it has one.
  /** As `toInstant`, and quick for times in that form. */
  instantOfIso(expression: string): string
  /** An instant in that form. */
  isoOfInstant(expression: string): string
  /** The instant of a text known to be in that form; NULL for NULL. */
  instantOfPlainIso(expression: string): string
  /** True when each is NULL or exactly what `isoOfInstant` writes. */
  arePlainIso(list: readonly string[]): string
  /** True when each is NULL or a text time that can be read and names its offset. */
  nameInstants(list: readonly string[]): string
  /** A JSON object, as text, of those text times that can be read and name their offset, but stand in another form. */
  otherIso(fields: Readonly<Record<string, string>>): string

  /** A number or an id as text, where values of both kinds meet. */
  asText(expression: string): string

  // What a column of an ancestor may hold beside what its type says. None of these fails, whatever the value is.
  isText(expression: string): string
  isWholeNumber(expression: string): string
  /** The text before the first separator; empty where there is none. */
  before(expression: string, separator: string): string
  /** The text after the first separator; all of it where there is none. */
  after(expression: string, separator: string): string
  /** True for NULL, and for text without a character that can be seen. */
  isBlank(expression: string): string
  /** Text without the white space around it. */
  trimmed(expression: string): string
  /** True for a short plain name: text that is no JSON, begins none, is not blank, and has no control characters. */
  isLabel(expression: string): string
  isJsonObject(expression: string): string
  /** True for a JSON list of texts that are not blank. */
  isTextList(expression: string): string
  /** True for a JSON list, known to be one, that has no items. */
  isEmptyList(expression: string): string

  // JSON, read: each gives NULL where there is no such thing.
  /** The text of a JSON string. */
  jsonString(expression: string): string
  /** The text under a key of a JSON object. */
  jsonText(expression: string, key: string): string
  jsonHas(expression: string, key: string): string
  /** True where the key holds `true`. */
  isTrue(expression: string, key: string): string
  /** What is under a key, as text that is JSON. */
  jsonOf(expression: string, key: string): string
  /** The object without a key, as text. */
  jsonWithout(expression: string, key: string): string
  /** A value under a key as `jsonCell` wrote it, for a column of this type. */
  cellOf(expression: string, key: string, type: ColumnType): string
  /** A table of a list's items: `value` is the item, `position` its place from 0. NULL is an empty list. */
  itemsOf(expression: string): { readonly table: string; readonly value: string; readonly position: string }

  // JSON, written. What these give stands inside of each other without being quoted again.
  jsonQuote(expression: string): string
  /** The JSON of a text that is JSON, without the white space between its parts. */
  jsonValue(expression: string): string
  /** The same as text, to be compared with other text. */
  compactJson(expression: string): string
  jsonBoolean(condition: string): string
  /** Any value of a column, so that `cellOf` gives back the same. */
  jsonCell(expression: string): string
  jsonObject(fields: Readonly<Record<string, string>>): string
  /** Aggregates a list. */
  jsonList(item: string, orderBy: string): string
  /** An object of those fields whose `when` holds, as text. */
  jsonOfSome(
    fields: readonly { readonly key: string; readonly value: string; readonly when: string }[],
  ): string
}

/** A table in a new layout, from its rows in the old one. */
export interface Rebuild {
  readonly to: TableSpec
  /** An expression over the old columns for every column to fill. */
  readonly values: Readonly<Record<string, string>>
  readonly indexes: readonly IndexSpec[]
  /** Brings in other tables, one row at most for each old one. */
  readonly joins?: string
  /** Sets the order of insertion. */
  readonly orderBy?: string
}

/** Everything that the migrations of earlier programs' databases are written in. */
export interface AdoptionWriter extends SchemaWriter, AdoptionExpressions {
  /** Gives a table a new layout in one rebuild: new table, one copy, old table dropped, name taken over. */
  rebuildTable(change: Rebuild): readonly MigrationStatement[]
  /** Gives a table another name; tables that refer to it follow. */
  renameTable(from: string, to: string): readonly MigrationStatement[]
  /** The declared type of a column and its default, as introspection reports them. */
  describeColumn(column: ColumnSpec): { readonly type: string; readonly default: string | null }
}
