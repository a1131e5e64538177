// What introspection would return for a database with the declared layout. The same writer that
// migrations use creates it as temporary tables, which no other session sees and which are rolled
// back, and it is introspected. So drift compares like with like.

import type { LiveSchema, TableLayout } from '../../contract/schema.ts'
import { layoutStatements } from '../../core/layout-statements.ts'
import type { Connection } from '../connection.ts'
import { createWriter } from './ddl.ts'
import { temporaryFunctions } from './functions.ts'
import { introspect } from './introspect.ts'
import { makeReferences } from './references.ts'

/**
 * What introspection finds in a schema with exactly these tables: creates them as temporary
 * tables, in a transaction that is rolled back.
 */
export async function expectedSchema(
  connection: Connection,
  declared: readonly TableLayout[],
): Promise<LiveSchema> {
  const statements = layoutStatements(declared, createWriter(new Date(0)))
  try {
    await connection.script(`BEGIN; SET LOCAL search_path = pg_temp; ${temporaryFunctions}`)
    // The server looks up temporary functions only with an explicit schema.
    const qualified = statements.map(({ sql }) => sql.replace(/ EXECUTE FUNCTION /, '$&pg_temp.'))
    await connection.script(qualified.join(';\n'))
    await makeReferences(connection, new Map())
    return await introspect(connection, 'pg_my_temp_schema()')
  } finally {
    await connection.rollback()
  }
}
