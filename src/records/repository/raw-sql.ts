// SQL that is written out, with `?` for its parameters, as an expression of the statement builder, which writes the
// placeholders of its dialect.

import { sql } from 'kysely'
import type { Query } from '../../engines/contract/engine.ts'
import type { SlotOf } from './statements.ts'

export function rawSql(query: Query) {
  const texts = query.sql.split('?')
  const strings = Object.assign([...texts], { raw: texts }) as unknown as TemplateStringsArray
  return (slot: SlotOf) => sql<boolean>(strings, ...query.parameters.map((_, index) => slot(index)))
}
