// JSON in migrations, in SQLite's dialect. Reading requires text first, so bytes are never treated
// as JSON.

import { quoteText } from '../../engines/sqlite/quoting.ts'
import type { AdoptionExpressions } from '../expressions.ts'

const path = (key: string) => quoteText(`$."${key}"`)
const isJson = (expression: string) => `typeof(${expression}) = 'text' AND json_valid(${expression})`
const list = (expression: string) => `CASE WHEN ${isJson(expression)} THEN ${expression} ELSE '[]' END`

export const jsonExpressions = {
  isJsonObject: (expression) =>
    `(CASE WHEN ${isJson(expression)} THEN json_type(${expression}) = 'object' ELSE 0 END)`,
  isTextList: (expression) => `purser_text_list(${expression})`,
  isEmptyList: (expression) =>
    `(typeof(${expression}) = 'text' AND substr(ltrim(substr(ltrim(${expression}, char(9, 10, 13, 32)), 2), char(9, 10, 13, 32)), 1, 1) = ']')`,
  jsonString: (expression) =>
    `(CASE WHEN ${isJson(expression)} AND json_type(${expression}) = 'text' THEN json_extract(${expression}, '$') END)`,
  jsonText: (expression, key) =>
    `(CASE WHEN ${isJson(expression)} AND json_type(${expression}, ${path(key)}) = 'text' THEN json_extract(${expression}, ${path(key)}) END)`,
  jsonHas: (expression, key) =>
    `(CASE WHEN ${isJson(expression)} THEN json_type(${expression}, ${path(key)}) IS NOT NULL ELSE 0 END)`,
  isTrue: (expression, key) =>
    `(CASE WHEN ${isJson(expression)} THEN json_type(${expression}, ${path(key)}) IS 'true' ELSE 0 END)`,
  jsonOf: (expression, key) => `(CASE WHEN ${isJson(expression)} THEN ${expression} -> ${path(key)} END)`,
  jsonWithout: (expression, key) =>
    `(CASE WHEN ${isJson(expression)} THEN json_remove(${expression}, ${path(key)}) END)`,
  // Bytes and floating-point numbers have no exact JSON form, so they are stored in marked objects.
  cellOf: (expression, key) =>
    `(CASE json_type(${expression}, ${path(key)}) WHEN 'object' THEN coalesce(unhex(json_extract(${expression}, ${quoteText(`$."${key}".hex`)})), CAST(purser_real(json_extract(${expression}, ${quoteText(`$."${key}".real`)})) AS REAL)) ELSE json_extract(${expression}, ${path(key)}) END)`,
  itemsOf: (expression) => ({
    table: `json_each(${list(expression)}) AS item`,
    value: 'item.value',
    position: 'item.key',
  }),
  jsonQuote: (expression) => `json_quote(${expression})`,
  jsonValue: (expression) => `json(${expression})`,
  compactJson: (expression) => `json(${expression})`,
  jsonBoolean: (condition) => `json(CASE WHEN ${condition} THEN 'true' ELSE 'false' END)`,
  jsonCell: (expression) =>
    `CASE typeof(${expression}) WHEN 'blob' THEN json_object('hex', hex(${expression})) WHEN 'real' THEN json_object('real', purser_real_text(${expression})) ELSE ${expression} END`,
  jsonObject: (fields) =>
    `json_object(${Object.entries(fields)
      .map(([key, value]) => `${quoteText(key)}, ${value}`)
      .join(', ')})`,
  jsonList: (item, orderBy) => `json_group_array(${item} ORDER BY ${orderBy})`,
  jsonOfSome: (fields) => {
    const pieces = fields.map(
      ({ key, value, when }) =>
        `CASE WHEN ${when} THEN ${quoteText(`,${JSON.stringify(key)}:`)} || json_quote(${value}) ELSE '' END`,
    )
    return `('{' || substr(${pieces.join(' || ')}, 2) || '}')`
  },
} satisfies Partial<AdoptionExpressions>
