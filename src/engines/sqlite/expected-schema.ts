// What a database that is laid out as declared looks like to introspection: it is built by the same writer as migrations use,
// empty and in memory, and looked at. So drift compares two things of one kind, and no rule of SQLite is written down twice.

import Database from 'better-sqlite3'
import type { LiveSchema, SchemaWriter, TableLayout } from '../schema.ts'
import { createWriter } from './ddl.ts'
import { introspect } from './introspect.ts'

export function expectedSchema(declared: readonly TableLayout[]): LiveSchema {
  const handle = new Database(':memory:')
  try {
    const writer = createWriter(new Date(0))
    for (const { sql } of statementsOf(declared, writer)) handle.exec(sql)
    return introspect(handle)
  } finally {
    handle.close()
  }
}

/** Tables before anything that names several of them. */
function statementsOf(declared: readonly TableLayout[], writer: SchemaWriter) {
  return [
    ...declared.flatMap(({ table }) => writer.createTable(table)),
    ...declared.flatMap(({ indexes, guards, totals, fullText }) => [
      ...indexes.flatMap((index) => writer.createIndex(index)),
      ...guards.flatMap((guard) => writer.createGuard(guard)),
      ...(totals ? writer.createTotals(totals) : []),
      ...(fullText ? writer.createFullText(fullText) : []),
    ]),
  ]
}
