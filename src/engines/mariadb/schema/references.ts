// Finds rows with broken references. The server checks references for each row, but not while a
// migration rebuilds tables.

import { MigrationError } from '../../../errors.ts'
import type { BrokenReference, IntegrityFault } from '../../contract/engine.ts'
import type { Connection } from '../connection.ts'
import { quoteName, quoteText } from '../quoting.ts'

/** @param tables the tables whose references are checked; all if omitted */
export async function findBrokenReferences(
  connection: Connection,
  tables?: ReadonlySet<string>,
): Promise<readonly BrokenReference[]> {
  // A composite key is listed under its first column.
  const references = await connection.rows(
    `SELECT TABLE_NAME, COLUMN_NAME, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NOT NULL AND ORDINAL_POSITION = 1 ORDER BY 1, 2`,
  )
  const there = new Set(
    (
      await connection.rows(
        'SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()',
      )
    ).map(([name]) => String(name)),
  )
  const broken: BrokenReference[] = []
  for (const reference of references) {
    const [table = '', column = '', target = '', key = ''] = reference.map(String)
    if (tables && !tables.has(table) && !tables.has(target)) continue
    const missing = there.has(target)
      ? ` AND NOT EXISTS (SELECT 1 FROM ${quoteName(target)} AS target WHERE target.${quoteName(key)} = source.${quoteName(column)})`
      : ''
    const sql = `SELECT count(*) FROM ${quoteName(table)} AS source WHERE source.${quoteName(column)} IS NOT NULL${missing}`
    const rows = Number((await connection.rows(sql))[0]?.[0] ?? 0)
    if (rows > 0) broken.push({ table, column, target, rows })
  }
  return broken
}

/**
 * How many rows of a column may have a broken reference when a migration ends, by `table.column`.
 */
export type OpenReferences = Map<string, number>

/**
 * Checks the tables that statements created, rebuilt or filled.
 * @throws MigrationError when more references are broken than expected
 */
export async function assertReferences(
  connection: Connection,
  statements: readonly { readonly sql: string }[],
  expected: OpenReferences,
): Promise<void> {
  const touched = new Set(statements.flatMap(({ sql }) => touchedBy(sql)))
  const details = (await findBrokenReferences(connection, touched))
    .filter(({ table, column, rows }) => rows > (expected.get(`${table}.${column}`) ?? 0))
    .map(({ table, target, rows }) => `${rows} rows of ${table} refer to missing rows of ${target}`)
  if (details.length === 0) return
  throw new MigrationError(`the migration would leave broken references: ${details.join('; ')}`, { details })
}

const target =
  /^\s*(?:CREATE TABLE IF NOT EXISTS|INSERT INTO|UPDATE|DELETE FROM|RENAME TABLE IF EXISTS \S+ TO)\s+"?(\w+)"?/i

function touchedBy(sql: string): readonly string[] {
  const name = target.exec(sql)?.[1]
  return name === undefined ? [] : [name.replace(/__new$/, '')]
}

/** Runs `CHECK TABLE` on every table and returns everything except that all is well. */
export async function checkIntegrity(connection: Connection): Promise<readonly IntegrityFault[]> {
  const tables = await connection.rows(
    `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = ${quoteText('BASE TABLE')} ORDER BY 1`,
  )
  const faults: IntegrityFault[] = []
  for (const [name] of tables) {
    for (const [, , kind, said] of await connection.rows(`CHECK TABLE ${quoteName(String(name))}`)) {
      if (kind === 'status' && said === 'OK') continue
      const text = `${String(name)}: ${String(said)}`
      faults.push({ text, table: String(name), damaged: kind === 'error' ? 'rows' : null })
    }
  }
  return faults.slice(0, 100)
}
