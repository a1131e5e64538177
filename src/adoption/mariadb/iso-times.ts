// The ancestors' text times in SQL: any ISO form as an instant, and the two forms that the plans'
// ancestor wrote. The rules are those of src/values/instant.ts; a test compares the two.

import { quoteText } from '../../engines/mariadb/quoting.ts'

const date = '[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])'
const hour = '([01][0-9]|2[0-3])'
const sixtieth = '[0-5][0-9]'
const offset = `[+-]${hour}(:?${sixtieth})?`
/** A date, then an optional time, then an optional offset. */
const anyForm = `^${date}([Tt ]${hour}:${sixtieth}(:(${sixtieth}|60)([.,][0-9]{1,9})?)?[[:space:]]?([Zz]|${offset})?)?$`
const plainForm = `^${date}T${hour}:${sixtieth}:${sixtieth}([.][0-9]{6})?[+]00:00$`

const isDay = (text: string) => `SUBSTR(${text}, 9, 2) <= DAY(LAST_DAY(CONCAT(LEFT(${text}, 7), '-01')))`
const hasForm = (text: string, form: string) =>
  `(CASE WHEN ${text} REGEXP ${quoteText(form)} THEN ${isDay(text)} ELSE 0 END)`
const isPlainForm = (text: string) => hasForm(text, plainForm)

/** The offset at the end of a time; empty if there is none, or for Z. */
const offsetOf = (text: string) => `REGEXP_SUBSTR(SUBSTR(${text}, 11), ${quoteText(`${offset}$`)})`

function offsetMinutes(text: string): string {
  const found = `REPLACE(${offsetOf(text)}, ':', '')`
  return `(CASE WHEN ${found} = '' THEN 0 ELSE IF(LEFT(${found}, 1) = '-', -1, 1) * (SUBSTR(${found}, 2, 2) * 60 + RPAD(SUBSTR(${found}, 4, 2), 2, '0')) END)`
}

const secondsOf = (text: string) =>
  `RPAD(REPLACE(REGEXP_SUBSTR(SUBSTR(${text}, 17, 3), '^:[0-9]{2}'), ':', ''), 2, '0')`
const millisecondsOf = (text: string) =>
  `RPAD(SUBSTR(REGEXP_SUBSTR(${text}, '[.,][0-9]{1,9}'), 2, 3), 3, '0')`

/**
 * NULL for text that is not a time, or is outside the years 1000 to 9999. The very last day is not
 * shifted past itself.
 */
export function toInstant(text: string): string {
  const minute = `CONCAT(LEFT(${text}, 10), ' ', RPAD(SUBSTR(${text}, 12, 5), 5, '00:00'), ':00')`
  const local = `TIMESTAMPADD(SECOND, ${secondsOf(text)}, ${minute})`
  const moved = `TIMESTAMPADD(MINUTE, -${offsetMinutes(text)}, ${local})`
  const beyond = `LEFT(${text}, 10) = '9999-12-31' AND ${offsetMinutes(text)} < 0`
  return `(CASE WHEN NOT ${hasForm(text, anyForm)} OR ${text} IS NULL OR ${beyond} THEN NULL WHEN ${moved} >= '1000-01-01' THEN CONCAT(DATE_FORMAT(${moved}, '%Y-%m-%dT%H:%i:%s'), '.', ${millisecondsOf(text)}, 'Z') END)`
}

/** The end of a bare date looks like an offset, but is not one. */
export function hasOffset(text: string): string {
  return `(CHAR_LENGTH(${text}) > 10 AND ${text} REGEXP '([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)$')`
}

/** For a text that is known to be in a plain form. */
export function plainInstant(text: string): string {
  return `CONCAT(LEFT(${text}, 19), '.', IF(CHAR_LENGTH(${text}) = 25, '000', SUBSTR(${text}, 21, 3)), 'Z')`
}

/** An expression for the instant that an ISO 8601 text names. */
export function instantOfIso(text: string): string {
  return `(CASE WHEN ${isPlainForm(text)} THEN ${plainInstant(text)} ELSE ${toInstant(text)} END)`
}

/** For an instant column, or an instant as text. */
export function isoOfInstant(instant: string): string {
  return `CONCAT(LEFT(${instant}, 10), 'T', SUBSTR(${instant}, 12, 8), IF(SUBSTR(${instant}, 21, 3) = '000', '', CONCAT('.', SUBSTR(${instant}, 21, 3), '000')), '+00:00')`
}

/** A condition: the text is in the form that is stored today. */
export function isPlain(text: string): string {
  return `(${isPlainForm(text)} AND (CHAR_LENGTH(${text}) = 25 OR SUBSTR(${text}, 24, 3) = '000' AND SUBSTR(${text}, 21, 3) <> '000'))`
}

/** A condition: the text names an instant. */
export function namesInstant(text: string): string {
  return `(CASE WHEN ${isPlainForm(text)} THEN 1 WHEN ${hasOffset(text)} THEN ${toInstant(text)} IS NOT NULL ELSE 0 END)`
}

/** A condition: every text of the list is in the form that is stored today. */
export function arePlainIso(list: readonly string[]): string {
  return all(list.map((text) => `(${text} IS NULL OR ${isPlain(text)})`))
}

/** A condition: every text of the list names an instant. */
export function nameInstants(list: readonly string[]): string {
  return all(list.map((text) => `(${text} IS NULL OR ${namesInstant(text)})`))
}

const all = (conditions: readonly string[]) => `(${conditions.join(' AND ')})`
