// Damage that PostgreSQL can detect: invalid indexes, tables that cannot be read to the end, and,
// if the amcheck extension is installed, indexes that disagree with their tables.

import type { IntegrityFault } from '../contract/engine.ts'
import type { Connection } from './connection.ts'
import { ServerFailure } from './errors.ts'
import { quoteName } from './quoting.ts'

/** The most faults that are reported. */
const MAX_FAULTS = 100
const OWN = 'to_regnamespace(quote_ident(current_schema()))'
const indexes =
  'pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid JOIN pg_class AS t ON t.oid = x.indrelid'

/**
 * Checks the indexes and rows of every table with what the server offers for it, and reports each
 * fault once. Changes nothing.
 */
export async function checkIntegrity(connection: Connection): Promise<readonly IntegrityFault[]> {
  const rowsOf = async (sql: string) => (await connection.script(sql)).map((row) => row.map(String))
  const found: IntegrityFault[] = []
  const check = async (fault: (code: string) => IntegrityFault, sql: string) => {
    try {
      await connection.script(sql)
    } catch (error) {
      // A check that cannot run says nothing about what it would have checked.
      if (!(error instanceof ServerFailure) || !error.code?.startsWith('XX')) throw error
      found.push(fault(error.code))
    }
  }
  const invalid = await rowsOf(
    `SELECT i.relname, t.relname FROM ${indexes} WHERE i.relnamespace = ${OWN} AND NOT (x.indisvalid AND x.indisready) ORDER BY 1`,
  )
  for (const [index, table = ''] of invalid)
    found.push({ text: `the index ${index} of ${table} is not valid`, table, damaged: 'index' })
  const tables = await rowsOf(
    `SELECT relname FROM pg_class WHERE relnamespace = ${OWN} AND relkind = 'r' ORDER BY 1`,
  )
  for (const [table = ''] of tables) {
    await check(
      (code) => ({ text: `the table ${table} is damaged (${code})`, table, damaged: 'rows' }),
      `SELECT sum(length(whole::text)) FROM ${quoteName(table)} AS whole`,
    )
  }
  // The planner may evaluate this for every schema, including those without the function: there the
  // name must resolve to nothing instead of an error.
  const [checker] = await rowsOf(
    "SELECT quote_ident(n.nspname) FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'amcheck' AND has_function_privilege(to_regprocedure(quote_ident(n.nspname) || '.bt_index_check(regclass)')::oid, 'EXECUTE')",
  )
  if (checker !== undefined) {
    const trees = await rowsOf(
      `SELECT i.relname, t.relname FROM ${indexes} JOIN pg_am AS a ON a.oid = i.relam WHERE i.relnamespace = ${OWN} AND i.relkind = 'i' AND a.amname = 'btree' ORDER BY 1`,
    )
    for (const [index = '', table = ''] of trees) {
      await check(
        (code) => ({ text: `the index ${index} of ${table} is damaged (${code})`, table, damaged: 'index' }),
        `SELECT ${checker[0]}.bt_index_check('${quoteName(index).replaceAll("'", "''")}'::regclass)`,
      )
    }
  }
  return found.slice(0, MAX_FAULTS)
}
