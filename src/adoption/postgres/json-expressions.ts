// JSON in migrations, in PostgreSQL's dialect. Columns store JSON as text. A part of a list or
// object has the type json, so that it is not quoted again when nested. What is written has no
// white space between its parts.

import { quoteText } from '../../engines/postgres/quoting.ts'
import type { AdoptionExpressions } from '../expressions.ts'

const json = (expression: string) => `pg_temp.purser_json((${expression})::text)`
const typeOf = (expression: string) => `coalesce(json_typeof(${json(expression)}), '')`
const asList = (expression: string) =>
  `CASE WHEN ${typeOf(expression)} = 'array' THEN ${json(expression)} ELSE '[]'::json END`
const member = (expression: string, key: string) =>
  `CASE WHEN ${typeOf(expression)} = 'object' THEN ${json(expression)} -> ${quoteText(key)} END`
const jsonText = (expression: string) => `pg_temp.purser_json_text(${expression})`
/** Removes the white space between parts; string literals are matched first and kept. */
const compact = (expression: string) =>
  `regexp_replace(${expression}, '("(?:[^"\\\\]|\\\\.)*")|\\s+', '\\1', 'g')`
const written = (value: string) => `coalesce(to_json(${value})::text, 'null')`

export const jsonExpressions = {
  isJsonObject: (expression) => `(${typeOf(expression)} = 'object')`,
  isTextList: (expression) =>
    `(CASE WHEN ${typeOf(expression)} = 'array' THEN NOT EXISTS (SELECT 1 FROM json_array_elements(${json(expression)}) AS item WHERE json_typeof(item) <> 'string' OR btrim(coalesce(${jsonText('item')}, '')) = '') ELSE false END)`,
  isEmptyList: (expression) => `(json_array_length(${asList(expression)}) = 0)`,
  jsonString: (expression) => jsonText(json(expression)),
  jsonText: (expression, key) => jsonText(member(expression, key)),
  jsonHas: (expression, key) => `((${member(expression, key)}) IS NOT NULL)`,
  isTrue: (expression, key) => `(coalesce((${member(expression, key)})::text, '') = 'true')`,
  jsonOf: (expression, key) => `((${member(expression, key)})::text)`,
  jsonWithout: (expression, key) =>
    `(CASE WHEN ${typeOf(expression)} = 'object' THEN (SELECT '{' || coalesce(string_agg(to_json(part.key)::text || ':' || part.value::text, ','), '') || '}' FROM json_each(${json(expression)}) AS part WHERE part.key <> ${quoteText(key)}) END)`,
  cellOf: (expression, key, type) => {
    const cell = `pg_temp.purser_cell(${member(expression, key)})`
    if (type === 'integer' || type === 'serial' || type === 'money') return `(${cell})::bigint`
    return type === 'real' ? `(${cell})::double precision` : cell
  },
  itemsOf: (expression) => ({
    table: `json_array_elements(${asList(expression)}) WITH ORDINALITY AS item (value, place)`,
    value: 'item.value',
    position: '(item.place - 1)',
  }),
  jsonQuote: (expression) => `to_json(${expression})::text`,
  jsonValue: (expression) => `(${compact(expression)})::json`,
  compactJson: compact,
  jsonBoolean: (condition) => `to_json(${condition})`,
  jsonCell: (expression) => `to_json(${expression})`,
  jsonObject: (fields) => {
    const members = Object.entries(fields).map(
      ([key, value]) => `${quoteText(`${JSON.stringify(key)}:`)} || ${written(value)}`,
    )
    return `('{' || ${members.join(` || ',' || `)} || '}')::json`
  },
  jsonList: (item, orderBy) => `'[' || string_agg(${written(item)}, ',' ORDER BY ${orderBy}) || ']'`,
  jsonOfSome: (fields) => {
    const pieces = fields.map(
      ({ key, value, when }) =>
        `CASE WHEN ${when} THEN ${quoteText(`,${JSON.stringify(key)}:`)} || ${written(value)} ELSE '' END`,
    )
    return `('{' || substr(${pieces.join(' || ')}, 2) || '}')`
  },
} satisfies Partial<AdoptionExpressions>
