// Reads the live schema from information_schema, in the engine-neutral form that adoption and drift
// compare. The session's sql_mode (ANSI_QUOTES) determines how the server quotes names in
// expressions, so the session must be one of connection.ts.

import { QueryError } from '../../../errors.ts'
import type { Row } from '../../contract/engine.ts'
import type { LiveColumn, LiveForeignKey, LiveIndex, LiveSchema, LiveTable } from '../../contract/schema.ts'
import type { Connection } from '../connection.ts'
import { COLLATION } from '../session-settings.ts'
import { INSERTION_ORDER } from './ddl.ts'
import { STEPS_TABLE } from './steps.ts'

/** Views count as tables: they occupy names, and sometimes only the name matters. */
export async function introspect(connection: Connection): Promise<LiveSchema> {
  const select = (sql: string) => connection.rows(sql)
  const tables = await select(
    `SELECT TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_COLLATION FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME <> '${STEPS_TABLE}' ORDER BY BINARY TABLE_NAME`,
  )
  const columns = grouped(
    await select(
      `SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, COLLATION_NAME, GENERATION_EXPRESSION, EXTRA FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, ORDINAL_POSITION`,
    ),
  )
  const indexes = grouped(
    await select(
      `SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, BINARY INDEX_NAME, SEQ_IN_INDEX`,
    ),
  )
  const keys = grouped(
    await select(
      `SELECT part.TABLE_NAME, part.CONSTRAINT_NAME, part.COLUMN_NAME, part.REFERENCED_TABLE_NAME, part.REFERENCED_COLUMN_NAME, rule.DELETE_RULE, rule.UPDATE_RULE FROM information_schema.KEY_COLUMN_USAGE AS part JOIN information_schema.REFERENTIAL_CONSTRAINTS AS rule ON rule.CONSTRAINT_SCHEMA = part.CONSTRAINT_SCHEMA AND rule.CONSTRAINT_NAME = part.CONSTRAINT_NAME AND rule.TABLE_NAME = part.TABLE_NAME WHERE part.TABLE_SCHEMA = DATABASE() ORDER BY part.TABLE_NAME, part.CONSTRAINT_NAME, part.ORDINAL_POSITION`,
    ),
  )
  const checks = grouped(
    await select(
      `SELECT TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE() ORDER BY TABLE_NAME, BINARY CONSTRAINT_NAME`,
    ),
  )
  const triggers = grouped(
    await select(
      `SELECT EVENT_OBJECT_TABLE, TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() ORDER BY EVENT_OBJECT_TABLE, BINARY TRIGGER_NAME`,
    ),
  )
  // The server hides trigger bodies from users who may not change them.
  if ([...triggers.values()].some((rows) => rows.some(([, , , body]) => body === null))) {
    throw new QueryError(
      'the user may not see what the triggers of the database do; look as the user who migrates it, or grant TRIGGER',
    )
  }
  return {
    tables: tables.map(([name, type, engine, collation]): LiveTable => {
      const of = (rows: ReadonlyMap<string, readonly Row[]>) => rows.get(String(name)) ?? []
      return {
        name: String(name),
        options: type === 'VIEW' ? ['view'] : [String(engine), String(collation)],
        columns: of(columns)
          .filter(([column]) => column !== INSERTION_ORDER)
          .map((row) => columnOf(row, of(indexes))),
        foreignKeys: foreignKeysOf(of(keys)),
        indexes: indexesOf(of(indexes)),
        checks: of(checks).map(([, clause]) => String(clause)),
        triggers: of(triggers).map(([trigger, timing, event, body]) => ({
          name: String(trigger),
          definition: triggerText(String(timing), String(event), String(body)),
        })),
      }
    }),
    layoutMark: 0,
  }
}

/** A trigger as drift shows it; white space is ignored. */
export function triggerText(timing: string, event: string, body: string): string {
  return `${timing} ${event} ${body}`.replaceAll(/\s+/g, ' ')
}

/** Groups rows by their first column and removes it. */
function grouped(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>()
  for (const [name, ...rest] of rows) {
    const group = groups.get(String(name)) ?? []
    group.push(rest)
    groups.set(String(name), group)
  }
  return groups
}

function columnOf(row: Row, indexes: readonly Row[]): LiveColumn {
  const [name, type, nullable, value, collation, generated] = row
  const key = indexes.filter(([index]) => index === 'PRIMARY').map(([, , column]) => column)
  const strange = collation !== null && collation !== COLLATION ? ` collate ${String(collation)}` : ''
  return {
    name: String(name),
    type: `${String(type)}${strange}`,
    nullable: nullable === 'YES',
    // The server reports the word NULL for a nullable column without another default.
    default: value === null || value === 'NULL' ? null : String(value),
    keyPosition: key.indexOf(name ?? null) + 1,
    generated: generated === null || generated === undefined ? null : String(generated),
  }
}

function foreignKeysOf(rows: readonly Row[]): readonly LiveForeignKey[] {
  const keys = new Map<string, LiveForeignKey>()
  for (const [name, column, table, referenced, onDelete, onUpdate] of rows) {
    const key = keys.get(String(name))
    keys.set(String(name), {
      columns: [...(key?.columns ?? []), String(column)],
      table: String(table),
      referenced: [...(key?.referenced ?? []), String(referenced)],
      onDelete: String(onDelete).toLowerCase(),
      onUpdate: String(onUpdate).toLowerCase(),
    })
  }
  return [...keys.values()].sort((a, b) => (a.columns.join() < b.columns.join() ? -1 : 1))
}

function indexesOf(rows: readonly Row[]): readonly LiveIndex[] {
  const indexes = new Map<string, LiveIndex>()
  for (const [name, nonUnique, column] of rows) {
    if (name === 'PRIMARY' || name === INSERTION_ORDER) continue
    const index = indexes.get(String(name))
    indexes.set(String(name), {
      name: String(name),
      columns: [...(index?.columns ?? []), String(column)],
      unique: Number(nonUnique) === 0,
      where: null,
    })
  }
  return [...indexes.values()]
}
