// Handwritten SQL, with `?` for its parameters, as an expression of the statement builder, which
// writes the placeholders of its dialect.

import { sql } from 'kysely'
import type { Query } from '../../engines/contract/engine.ts'

/** Returns the slot of the value at an index. Its type fits any column. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type SlotOf = (index: number) => any

export function rawSql(query: Query) {
  const texts = query.sql.split('?')
  const strings = Object.assign([...texts], { raw: texts }) as unknown as TemplateStringsArray
  return (slot: SlotOf) => sql<boolean>(strings, ...query.parameters.map((_, index) => slot(index)))
}
