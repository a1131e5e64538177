// JSON expressions of migrations in MariaDB's dialect. They write compact JSON, as JSON.stringify
// does, so that texts written by a migration and by the program compare as equal.

import { quoteText } from '../../engines/mariadb/quoting.ts'
import { COLLATION } from '../../engines/mariadb/session-settings.ts'
import type { AdoptionExpressions } from '../expressions.ts'
import { expressions } from './expressions.ts'
import { isPlain, namesInstant } from './iso-times.ts'

/**
 * The results of JSON functions have another collation, with which no column here can be compared.
 */
const ownText = (text: string) => `(CONVERT(${text} USING utf8mb4) COLLATE ${COLLATION})`
const path = (key: string) => quoteText(`$."${key}"`)
const hasType = (expression: string, type: string) =>
  `(CASE WHEN JSON_VALID(${expression}) THEN JSON_TYPE(${expression}) = '${type}' ELSE 0 END)`
const whenJson = (expression: string, then: string, otherwise = 'NULL') =>
  `(CASE WHEN JSON_VALID(${expression}) THEN ${then} ELSE ${otherwise} END)`
const part = (expression: string, key: string) => `JSON_EXTRACT(${expression}, ${path(key)})`

const jsonOfSome: AdoptionExpressions['jsonOfSome'] = (fields) => {
  const pieces = fields.map(
    ({ key, value, when }) =>
      `CASE WHEN ${when} THEN ${quoteText(`,${JSON.stringify(key)}:`)} || coalesce(${ownText(`JSON_QUOTE(${value})`)}, 'null') ELSE '' END`,
  )
  return `('{' || SUBSTR(${pieces.join(' || ')}, 2) || '}')`
}

export const jsonExpressions = {
  isJsonObject: (expression) => hasType(expression, 'OBJECT'),
  isTextList: (expression) =>
    `(CASE WHEN ${hasType(expression, 'ARRAY')} THEN NOT EXISTS (SELECT 1 FROM JSON_TABLE(${expression}, '$[*]' COLUMNS (place FOR ORDINALITY, word LONGTEXT COLLATE ${COLLATION} PATH '$')) AS item WHERE JSON_TYPE(JSON_EXTRACT(${expression}, CONCAT('$[', item.place - 1, ']'))) <> 'STRING' OR ${expressions.isBlank('item.word')}) ELSE 0 END)`,
  isEmptyList: (expression) => `(${hasType(expression, 'ARRAY')} AND JSON_LENGTH(${expression}) = 0)`,
  jsonString: (expression) =>
    `(CASE WHEN ${hasType(expression, 'STRING')} THEN ${ownText(`JSON_UNQUOTE(${expression})`)} END)`,
  jsonText: (expression, key) =>
    whenJson(
      expression,
      `CASE WHEN JSON_TYPE(${part(expression, key)}) = 'STRING' THEN ${ownText(`JSON_UNQUOTE(${part(expression, key)})`)} END`,
    ),
  jsonHas: (expression, key) => whenJson(expression, `JSON_EXISTS(${expression}, ${path(key)})`, '0'),
  isTrue: (expression, key) => whenJson(expression, `coalesce(${part(expression, key)} = 'true', 0)`, '0'),
  jsonOf: (expression, key) => whenJson(expression, ownText(`JSON_COMPACT(${part(expression, key)})`)),
  jsonWithout: (expression, key) =>
    whenJson(expression, ownText(`JSON_COMPACT(JSON_REMOVE(${expression}, ${path(key)}))`)),
  cellOf: (expression, key, type) => {
    const value = `JSON_VALUE(${expression}, ${path(key)})`
    return type === 'integer' || type === 'serial' ? `CAST(${value} AS SIGNED)` : ownText(value)
  },
  itemsOf: (expression) => ({
    table: `JSON_TABLE(${whenJson(expression, expression, "'[]'")}, '$[*]' COLUMNS (place FOR ORDINALITY, value JSON PATH '$')) AS item`,
    value: 'item.value',
    position: '(item.place - 1)',
  }),
  jsonQuote: (expression) => ownText(`JSON_QUOTE(${expression})`),
  jsonValue: (expression) => `JSON_COMPACT(${expression})`,
  compactJson: (expression) => ownText(`JSON_COMPACT(${expression})`),
  jsonBoolean: (condition) => `JSON_COMPACT(CASE WHEN ${condition} THEN 'true' ELSE 'false' END)`,
  // The column types are known, so the values need no marks.
  jsonCell: (expression) => expression,
  jsonObject: (fields) =>
    `JSON_COMPACT(JSON_OBJECT(${Object.entries(fields)
      .map(([key, value]) => `${quoteText(key)}, ${value}`)
      .join(', ')}))`,
  jsonList: (item, orderBy) => `JSON_COMPACT(JSON_ARRAYAGG(${item} ORDER BY ${orderBy}))`,
  jsonOfSome,
  otherIso: (fields) =>
    jsonOfSome(
      Object.entries(fields).map(([key, value]) => ({
        key,
        value,
        when: `${value} IS NOT NULL AND NOT ${isPlain(value)} AND ${namesInstant(value)}`,
      })),
    ),
} satisfies Partial<AdoptionExpressions>
