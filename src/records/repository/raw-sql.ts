// Handwritten SQL, with `?` for its parameters, as an expression of the statement builder, which
// writes the placeholders of its dialect.

import { sql } from 'kysely'
import type { Query } from '../../engines/contract/engine.ts'

/** Returns the slot of the value at an index. Its type fits any column. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type SlotOf = (index: number) => any

/**
 * A literal, a quoted identifier or a comment, or the `?` of a parameter. A doubled quote within
 * quotes matches as the end of one quoted part and the beginning of the next.
 */
const quotedOrParameter = /'[^']*'|"[^"]*"|`[^`]*`|--[^\n]*|\/\*[\s\S]*?\*\/|\?/g

/** @throws TypeError if the SQL has more or fewer parameters than there are values */
export function rawSql(query: Query) {
  const texts = textsBetweenParameters(query.sql)
  const parameters = texts.length - 1
  if (parameters !== query.parameters.length) {
    throw new TypeError(`${parameters} parameters, ${query.parameters.length} values: ${query.sql}`)
  }
  const strings = Object.assign([...texts], { raw: texts }) as unknown as TemplateStringsArray
  return (slot: SlotOf) => sql<boolean>(strings, ...query.parameters.map((_, index) => slot(index)))
}

/**
 * The SQL split at its parameters; a `?` in a literal, a quoted identifier or a comment is text.
 */
function textsBetweenParameters(text: string): readonly string[] {
  const texts: string[] = []
  let start = 0
  for (const { 0: part, index } of text.matchAll(quotedOrParameter)) {
    if (part !== '?') continue
    texts.push(text.slice(start, index))
    start = index + 1
  }
  return [...texts, text.slice(start)]
}
