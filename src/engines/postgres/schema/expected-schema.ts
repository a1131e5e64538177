// What a database that is laid out as declared looks like to introspection: it is built by the same writer as migrations use, as
// temporary tables that nobody else sees and that are taken back, and looked at. So drift compares two things of one kind.

import type { LiveSchema, TableLayout } from '../../contract/schema.ts'
import { layoutStatements } from '../../core/layout-statements.ts'
import type { Connection } from '../connection.ts'
import { createWriter } from './ddl.ts'
import { temporaryFunctions } from './functions.ts'
import { introspect } from './introspect.ts'
import { makeReferences } from './references.ts'

export async function expectedSchema(
  connection: Connection,
  declared: readonly TableLayout[],
): Promise<LiveSchema> {
  const statements = layoutStatements(declared, createWriter(new Date(0)))
  try {
    await connection.script(`BEGIN; SET LOCAL search_path = pg_temp; ${temporaryFunctions}`)
    // The server looks for temporary functions only where it is told to.
    const qualified = statements.map(({ sql }) => sql.replace(/ EXECUTE FUNCTION /, '$&pg_temp.'))
    await connection.script(qualified.join(';\n'))
    await makeReferences(connection, new Map())
    return await introspect(connection, 'pg_my_temp_schema()')
  } finally {
    await connection.rollback()
  }
}
