// Migration expressions in MariaDB's dialect. All are plain SQL: stored functions would require
// privileges that a migration does not otherwise need. Instants are text inside expressions
// (`2026-01-31T22:00:00.000Z`), and DATETIME(3) in columns.

import { quoteName, quoteText } from '../../engines/mariadb/quoting.ts'
import { INSERTION_ORDER } from '../../engines/mariadb/schema/ddl.ts'
import { jsonValid } from '../../engines/mariadb/schema/json-check.ts'
import type { AdoptionExpressions } from '../expressions.ts'
import {
  arePlainIso,
  hasOffset,
  instantOfIso,
  isoOfInstant,
  nameInstants,
  plainInstant,
  toInstant,
} from './iso-times.ts'

/** What JavaScript considers white space, as a regular expression class. */
const whiteSpace =
  '[\\x{9}-\\x{d} \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}]+'
const controls = '[\\x{0}-\\x{1f}\\x{7f}-\\x{9f}]'

const trimmed = (expression: string) =>
  `REGEXP_REPLACE(${expression}, ${quoteText(`^${whiteSpace}|${whiteSpace}$`)}, '')`

/**
 * Amounts below the first one that does not fit into 64 bits; up to there the number is exact as a
 * decimal.
 */
const isAmount = (expression: string) => `${expression} BETWEEN 0e0 AND 9223372036.854774e0`
const billionths = (expression: string) => `(CAST(${expression} AS DECIMAL(65, 30)) * 1000000000)`

/** Rounds half-even: ROUND rounds halves up, so one is subtracted if the integer below was even. */
function toMoney(expression: string): string {
  const exact = billionths(expression)
  return `(CASE WHEN ${isAmount(expression)} THEN CAST(ROUND(${exact}) - (${exact} - FLOOR(${exact}) = 0.5 AND FLOOR(${exact}) % 2 = 0) AS SIGNED) END)`
}

/** The letters of a base 32 number, and those for the same digits in a ULID. */
const ulidLetters = [
  ['V', 'Z'],
  ['U', 'Y'],
  ['T', 'X'],
  ['S', 'W'],
  ['R', 'V'],
  ['Q', 'T'],
  ['P', 'S'],
  ['O', 'R'],
  ['N', 'Q'],
  ['M', 'P'],
  ['L', 'N'],
  ['K', 'M'],
  ['J', 'K'],
  ['I', 'J'],
] as const

/** The replacement order ensures that no letter is replaced twice. */
const ulidDigits = (number: string, count: number) =>
  ulidLetters.reduce(
    (text, [from, to]) => `REPLACE(${text}, '${from}', '${to}')`,
    `LPAD(CONV(${number}, 10, 32), ${count}, '0')`,
  )

const ulidValue = (digits: string) =>
  `CAST(CONV(${ulidLetters.toReversed().reduce((text, [from, to]) => `REPLACE(${text}, '${to}', '${from}')`, digits)}, 32, 10) AS SIGNED)`

const milliseconds = (instant: string) =>
  `GREATEST(TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', REPLACE(LEFT(${instant}, 23), 'T', ' ')) DIV 1000, 0)`

export const expressions = {
  column: quoteName,
  text: quoteText,
  toInstant,
  instantOf: (column) => `CONCAT(REPLACE(LEFT(${column}, 23), ' ', 'T'), 'Z')`,
  hasOffset,
  fromInstant: (expression) =>
    `CONCAT(LEFT(${expression}, 10), 'T', SUBSTR(${expression}, 12, 8), IF(SUBSTR(${expression}, 21, 3) = '000', '', CONCAT('.', SUBSTR(${expression}, 21, 3))), 'Z')`,
  toMoney,
  // Both operands are exact floating-point numbers up to 2^53, so the quotient is the nearest
  // possible number.
  fromMoney: (expression) => `(CAST(${expression} AS DOUBLE) / 1000000000e0)`,
  realToText: (expression) => `CAST(${expression} AS CHAR)`,
  textToReal: (expression) =>
    `(CASE WHEN ${expression} REGEXP '^-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?$' THEN CAST(${expression} AS DOUBLE) END)`,
  numberedUlid: (instant, number) =>
    `CONCAT(${ulidDigits(milliseconds(instant), 10)}, CASE WHEN ${number} BETWEEN 0 AND 1099511627775 THEN CONCAT('00000000', ${ulidDigits(number, 8)}) ELSE CONCAT('ZZZ', ${ulidDigits(`CAST(${number} AS UNSIGNED)`, 13)}) END)`,
  ulidNumber: (expression) =>
    `(CASE WHEN ${expression} REGEXP '^[0-9A-HJKMNP-TV-Z]{10}0{8}[0-9A-HJKMNP-TV-Z]{8}$' THEN ${ulidValue(`RIGHT(${expression}, 8)`)} END)`,
  isJson: jsonValid,
  insertionOrder: (table) => `${quoteName(table)}.${quoteName(INSERTION_ORDER)}`,
  instantOfIso,
  isoOfInstant,
  instantOfPlainIso: plainInstant,
  arePlainIso,
  nameInstants,
  asText: (expression) => `CAST(${expression} AS CHAR)`,
  // Columns have types here: the values of a text column are text.
  isText: (expression) => `(${expression} IS NOT NULL)`,
  isWholeNumber: (expression) => `(${expression} IS NOT NULL)`,
  before: (expression, separator) =>
    `SUBSTR(${expression}, 1, GREATEST(LOCATE(${quoteText(separator)}, ${expression}) - 1, 0))`,
  after: (expression, separator) =>
    `SUBSTR(${expression}, LOCATE(${quoteText(separator)}, ${expression}) + 1)`,
  isBlank: (expression) => `(${expression} IS NULL OR ${trimmed(expression)} = '')`,
  trimmed,
  isLabel: (expression) =>
    `(${expression} IS NOT NULL AND CHAR_LENGTH(${trimmed(expression)}) BETWEEN 1 AND 255 AND ${expression} NOT REGEXP ${quoteText(controls)} AND LEFT(${trimmed(expression)}, 1) NOT IN ('{', '[', '"') AND NOT JSON_VALID(${expression}))`,
} satisfies Partial<AdoptionExpressions>
