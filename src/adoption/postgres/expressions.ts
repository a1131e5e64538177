// Migration expressions in PostgreSQL's dialect. Inside expressions instants are text, in the ISO
// 8601 form that all engines share; in their columns they become timestamptz (ddl.ts). What SQL
// cannot compute is a function in functions.ts.

import { quoteName, quoteText } from '../../engines/postgres/quoting.ts'
import type { AdoptionExpressions } from '../expressions.ts'

/** What JavaScript considers white space. */
const whiteSpace =
  "U&'\\0009\\000A\\000B\\000C\\000D\\0020\\00A0\\1680\\2000\\2001\\2002\\2003\\2004\\2005\\2006\\2007\\2008\\2009\\200A\\2028\\2029\\202F\\205F\\3000\\FEFF'"
const controlCharacters = "('[' || chr(1) || '-' || chr(31) || chr(127) || '-' || chr(159) || ']')"

const trimmed = (expression: string) => `btrim(${expression}, ${whiteSpace})`
const isBlank = (expression: string) => `(coalesce(${trimmed(expression)}, '') = '')`
const instant = (expression: string) => `pg_temp.purser_instant(${expression})`
const hasOffset = (expression: string) => `pg_temp.purser_has_offset(${expression})`
const namesInstant = (expression: string) =>
  `coalesce(${instant(expression)} IS NOT NULL AND ${hasOffset(expression)}, false)`
const isoOfInstant = (expression: string) => `pg_temp.purser_iso(${expression})`

export const expressions = {
  column: quoteName,
  text: quoteText,
  toInstant: instant,
  instantOf: instant,
  asText: (expression) => `(${expression})::text`,
  hasOffset,
  fromInstant: (expression) => `replace(${instant(expression)}, '.000Z', 'Z')`,
  toMoney: (expression) => `pg_temp.purser_money(${expression})`,
  // Both operands are exact floating-point numbers up to 2^53, so the quotient is the nearest
  // possible number.
  fromMoney: (expression) => `((${expression})::double precision / 1000000000.0::double precision)`,
  realToText: (expression) => `(${expression})::text`,
  textToReal: (expression) => `pg_temp.purser_real(${expression})`,
  numberedUlid: (time, number) => `pg_temp.purser_ulid(${time}, ${number})`,
  ulidNumber: (expression) => `pg_temp.purser_ulid_number(${expression})`,
  isJson: (expression) => `(pg_temp.purser_json((${expression})::text) IS NOT NULL)`,
  // Rows that were never updated are stored in insertion order.
  insertionOrder: (table) => `${quoteName(table)}.ctid`,
  instantOfIso: instant,
  isoOfInstant,
  instantOfPlainIso: instant,
  arePlainIso: (list) =>
    `(${list.map((one) => `coalesce(${one} = ${isoOfInstant(instant(one))}, ${one} IS NULL)`).join(' AND ')})`,
  nameInstants: (list) => `(${list.map((one) => `(${one} IS NULL OR ${namesInstant(one)})`).join(' AND ')})`,
  otherIso: (fields) => {
    const pieces = Object.entries(fields).map(
      ([key, one]) =>
        `CASE WHEN ${namesInstant(one)} AND ${one} <> ${isoOfInstant(instant(one))} THEN ${quoteText(`,${JSON.stringify(key)}:`)} || to_json(${one})::text ELSE '' END`,
    )
    return `('{' || substr(${pieces.join(' || ')}, 2) || '}')`
  },
  // A column's values always have its type.
  isText: (expression) => `(${expression} IS NOT NULL)`,
  isWholeNumber: (expression) => `(${expression} IS NOT NULL)`,
  before: (expression, separator) =>
    `left(${expression}, greatest(strpos(${expression}, ${quoteText(separator)}) - 1, 0))`,
  after: (expression, separator) =>
    `substr(${expression}, strpos(${expression}, ${quoteText(separator)}) + 1)`,
  isBlank,
  trimmed,
  isLabel: (expression) =>
    `coalesce(length(${trimmed(expression)}) BETWEEN 1 AND 255 AND ${expression} !~ ${controlCharacters} AND left(${trimmed(expression)}, 1) NOT IN ('{', '[', '"') AND pg_temp.purser_json((${expression})::text) IS NULL, false)`,
} satisfies Partial<AdoptionExpressions>
