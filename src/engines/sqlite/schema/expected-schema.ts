// What introspection would return for a database with the declared layout. The layout is created by
// the same writer that migrations use, in an empty in-memory database, and introspected. So drift
// compares like with like, and no rule of SQLite is duplicated.

import type { LiveSchema, TableLayout } from '../../contract/schema.ts'
import { layoutStatements } from '../../core/layout-statements.ts'
import type { OpenDriver } from '../driver.ts'
import { createWriter } from './ddl.ts'
import { introspect } from './introspect.ts'

/** What introspection finds in a database with exactly these tables: creates them in memory. */
export function expectedSchema(open: OpenDriver, declared: readonly TableLayout[]): LiveSchema {
  const handle = open(':memory:', {})
  try {
    const writer = createWriter(new Date(0))
    for (const { sql } of layoutStatements(declared, writer)) handle.exec(sql)
    return introspect(handle)
  } finally {
    handle.close()
  }
}
