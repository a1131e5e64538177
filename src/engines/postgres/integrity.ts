// What PostgreSQL finds damaged: indexes that it does not use any more, tables that cannot be read to the end, and, where the
// extension amcheck is installed, indexes that do not agree with their tables.

import type { Connection } from './connection.ts'
import { ServerFailure } from './errors.ts'
import { quoteName } from './quoting.ts'

/** The most lines that are told. */
const MAX_LINES = 100
const OWN = 'to_regnamespace(quote_ident(current_schema()))'

export async function checkIntegrity(connection: Connection): Promise<readonly string[]> {
  const names = async (sql: string) => (await connection.script(sql)).map(([name]) => String(name))
  const found: string[] = []
  const check = async (what: string, sql: string) => {
    try {
      await connection.script(sql)
    } catch (error) {
      // A check that cannot be made says nothing of what it would have checked.
      if (!(error instanceof ServerFailure) || !error.code?.startsWith('XX')) throw error
      found.push(`${what} is damaged (${error.code})`)
    }
  }
  const invalid = await names(
    `SELECT i.relname FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid WHERE i.relnamespace = ${OWN} AND NOT (x.indisvalid AND x.indisready) ORDER BY 1`,
  )
  found.push(...invalid.map((name) => `the index ${name} is not valid`))
  const tables = await names(
    `SELECT relname FROM pg_class WHERE relnamespace = ${OWN} AND relkind = 'r' ORDER BY 1`,
  )
  for (const table of tables) {
    await check(`the table ${table}`, `SELECT sum(length(whole::text)) FROM ${quoteName(table)} AS whole`)
  }
  // The planner may ask about every schema, also those without the function: there the name leads to nothing, and not to an error.
  const [checker] = await names(
    "SELECT quote_ident(n.nspname) FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'amcheck' AND has_function_privilege(to_regprocedure(quote_ident(n.nspname) || '.bt_index_check(regclass)')::oid, 'EXECUTE')",
  )
  if (checker !== undefined) {
    const indexes = await names(
      `SELECT i.relname FROM pg_class AS i JOIN pg_am AS a ON a.oid = i.relam WHERE i.relnamespace = ${OWN} AND i.relkind = 'i' AND a.amname = 'btree' ORDER BY 1`,
    )
    for (const index of indexes) {
      await check(
        `the index ${index}`,
        `SELECT ${checker}.bt_index_check('${quoteName(index).replaceAll("'", "''")}'::regclass)`,
      )
    }
  }
  return found.slice(0, MAX_LINES)
}
