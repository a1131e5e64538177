// What a database that is laid out as declared looks like to introspection: it is built by the same writer as migrations use,
// empty and in memory, and looked at. So drift compares two things of one kind, and no rule of SQLite is written down twice.

import type { LiveSchema, TableLayout } from '../../contract/schema.ts'
import { layoutStatements } from '../../core/layout-statements.ts'
import type { OpenDriver } from '../driver.ts'
import { createWriter } from './ddl.ts'
import { introspect } from './introspect.ts'

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
