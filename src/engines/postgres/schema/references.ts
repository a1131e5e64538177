// Foreign keys at the end of a migration: the recorded keys are created, and rows with broken
// references are counted. A key that such rows violate is left unvalidated: it applies to every row
// written from then on.

import { MigrationError } from '../../../errors.ts'
import type { BrokenReference } from '../../contract/engine.ts'
import type { Connection } from '../connection.ts'
import { quoteName } from '../quoting.ts'

interface Reference {
  readonly name: string
  readonly source: string
  readonly columns: readonly string[]
  readonly target: string
  readonly referenced: readonly string[]
  readonly rule: string
}

/**
 * @param allowed how many rows of a column may have a broken reference, by `table.column`
 * @throws MigrationError when there are more
 */
export async function makeReferences(
  connection: Connection,
  allowed: ReadonlyMap<string, number>,
): Promise<void> {
  const { rows } = await connection.run({
    sql: 'SELECT name, source, to_json(columns), target, to_json(referenced), rule FROM pg_temp.purser_references WHERE to_regclass(quote_ident(source)) IS NOT NULL ORDER BY name',
    parameters: [],
  })
  const details: string[] = []
  for (const row of rows) {
    const reference = toReference(row)
    await connection.script(`${addition(reference)} NOT VALID`)
    const broken = await countBroken(connection, reference)
    if (broken === 0) {
      await connection.script(
        `ALTER TABLE ${quoteName(reference.source)} VALIDATE CONSTRAINT ${quoteName(reference.name)}`,
      )
      continue
    }
    const { source, columns, target } = reference
    if (broken > (allowed.get(`${source}.${columns[0]}`) ?? 0)) {
      details.push(`${broken} rows of ${source} refer to missing rows of ${target}`)
    }
  }
  await connection.script('DELETE FROM pg_temp.purser_references')
  if (details.length === 0) return
  throw new MigrationError(`the migration would leave broken references: ${details.join('; ')}`, { details })
}

/**
 * The number of broken references for each key that has any.
 * @param all includes validated keys: only a load with triggers disabled can have broken those
 */
export async function findBroken(connection: Connection, all: boolean): Promise<readonly BrokenReference[]> {
  const { rows } = await connection.run({
    sql: `SELECT key.conname, source.relname, (SELECT json_agg(attname ORDER BY attnum) FROM pg_attribute WHERE attrelid = key.conrelid AND attnum = ANY (key.conkey)), target.relname,
  (SELECT json_agg(attname ORDER BY attnum) FROM pg_attribute WHERE attrelid = key.confrelid AND attnum = ANY (key.confkey)), ''
FROM pg_constraint AS key JOIN pg_class AS source ON source.oid = key.conrelid JOIN pg_class AS target ON target.oid = key.confrelid
WHERE key.contype = 'f' ${all ? '' : 'AND NOT key.convalidated '}AND source.relnamespace = to_regnamespace(quote_ident(current_schema()))
ORDER BY source.relname, key.conname`,
    parameters: [],
  })
  const found: BrokenReference[] = []
  for (const row of rows) {
    const reference = toReference(row)
    const broken = await countBroken(connection, reference)
    const { source: table, columns, target } = reference
    if (broken > 0) found.push({ table, column: columns[0] ?? '', target, rows: broken })
  }
  return found
}

function toReference(row: readonly unknown[]): Reference {
  const [name, source, columns, target, referenced, rule] = row.map(String)
  const list = (text: string | undefined) => JSON.parse(text ?? '[]') as readonly string[]
  return {
    name: name ?? '',
    source: source ?? '',
    columns: list(columns),
    target: target ?? '',
    referenced: list(referenced),
    rule: rule ?? '',
  }
}

function addition({ name, source, columns, target, referenced, rule }: Reference): string {
  const list = (items: readonly string[]) => items.map(quoteName).join(', ')
  return `ALTER TABLE ${quoteName(source)} ADD CONSTRAINT ${quoteName(name)} FOREIGN KEY (${list(columns)}) REFERENCES ${quoteName(target)} (${list(referenced)}) ON DELETE ${rule.toUpperCase()}`
}

async function countBroken(
  connection: Connection,
  { source, columns, target, referenced }: Reference,
): Promise<number> {
  const present = columns.map((column) => `source.${quoteName(column)} IS NOT NULL`).join(' AND ')
  const same = columns
    .map((column, index) => `target.${quoteName(referenced[index] ?? '')} = source.${quoteName(column)}`)
    .join(' AND ')
  const { rows } = await connection.run({
    sql: `SELECT count(*) FROM ${quoteName(source)} AS source WHERE ${present} AND NOT EXISTS (SELECT 1 FROM ${quoteName(target)} AS target WHERE ${same})`,
    parameters: [],
  })
  return Number(rows[0]?.[0] ?? 0)
}
