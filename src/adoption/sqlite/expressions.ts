// Migration expressions in SQLite's dialect. What SQL cannot compute exactly is a function in
// functions.ts.

import { quoteName, quoteText } from '../../engines/sqlite/quoting.ts'
import type { AdoptionExpressions } from '../expressions.ts'

/** What JavaScript considers white space, as SQLite text. */
const whiteSpace =
  'char(9, 10, 11, 12, 13, 32, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201, 8202, 8232, 8233, 8239, 8287, 12288, 65279)'

const trimmed = (expression: string) => `trim(${expression}, ${whiteSpace})`
const isBlank = (expression: string) =>
  `(${expression} IS NULL OR typeof(${expression}) = 'text' AND ${trimmed(expression)} = '')`

const isoOfInstant = (expression: string) =>
  `(CASE WHEN substr(${expression}, 20) = '.000Z' THEN substr(${expression}, 1, 19) || '+00:00' ELSE substr(${expression}, 1, 23) || '000+00:00' END)`

export const expressions = {
  column: quoteName,
  text: quoteText,
  toInstant: (expression) => `purser_instant(${expression})`,
  instantOf: (column) => column,
  asText: (expression) => expression,
  hasOffset: (expression) => `purser_has_offset(${expression})`,
  fromInstant: (expression) => `purser_legacy_instant(${expression})`,
  toMoney: (expression) => `purser_money(${expression})`,
  // Both operands are exact floating-point numbers up to 2^53, so the quotient is the nearest
  // possible number.
  fromMoney: (expression) => `(CAST(${expression} AS REAL) / 1000000000.0)`,
  realToText: (expression) => `purser_real_text(${expression})`,
  textToReal: (expression) => `purser_real(${expression})`,
  numberedUlid: (instant, number) => `purser_ulid(${instant}, ${number})`,
  ulidNumber: (expression) => `purser_ulid_number(${expression})`,
  isJson: (expression) => `json_valid(${expression})`,
  // Every ancestor table that this is used on has a rowid.
  insertionOrder: (table) => `${quoteName(table)}.rowid`,
  instantOfIso: (expression) => `purser_iso_instant(${expression})`,
  isoOfInstant,
  instantOfPlainIso: (expression) =>
    `(CASE length(${expression}) WHEN 25 THEN substr(${expression}, 1, 19) || '.000Z' ELSE substr(${expression}, 1, 23) || 'Z' END)`,
  arePlainIso: (list) => `purser_plain_times(${list.join(', ')})`,
  nameInstants: (list) => `purser_name_instants(${list.join(', ')})`,
  otherIso: (fields) =>
    `purser_other_times(${Object.entries(fields)
      .map(([key, value]) => `${quoteText(key)}, ${value}`)
      .join(', ')})`,
  isText: (expression) => `(typeof(${expression}) = 'text')`,
  isWholeNumber: (expression) => `(typeof(${expression}) = 'integer')`,
  before: (expression, separator) =>
    `substr(${expression}, 1, max(instr(${expression}, ${quoteText(separator)}) - 1, 0))`,
  after: (expression, separator) =>
    `substr(${expression}, instr(${expression}, ${quoteText(separator)}) + 1)`,
  isBlank,
  trimmed,
  isLabel: (expression) =>
    `(typeof(${expression}) = 'text' AND length(${trimmed(expression)}) BETWEEN 1 AND 255 AND instr(${expression}, char(0)) = 0 AND ${expression} NOT GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || ']*' AND substr(${trimmed(expression)}, 1, 1) NOT IN ('{', '[', '"') AND NOT json_valid(${expression}))`,
} satisfies Partial<AdoptionExpressions>
