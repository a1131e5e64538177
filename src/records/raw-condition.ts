// A condition given as SQL with `?` for its parameters, as an expression of the statement builder.

import { sql } from 'kysely'
import type { Query } from '../engines/engine.ts'
import type { SlotOf } from './statements.ts'

export function rawCondition(query: Query) {
  const texts = query.sql.split('?')
  const strings = Object.assign([...texts], { raw: texts }) as unknown as TemplateStringsArray
  return (slot: SlotOf) => sql<boolean>(strings, ...query.parameters.map((_, index) => slot(index)))
}
