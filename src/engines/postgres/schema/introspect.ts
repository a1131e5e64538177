// Reads the live schema from PostgreSQL's catalog, in the engine-neutral form that adoption and
// drift compare.

import type { Row } from '../../contract/engine.ts'
import type { LiveColumn, LiveForeignKey, LiveIndex, LiveSchema, LiveTable } from '../../contract/schema.ts'
import type { Connection } from '../connection.ts'

/** The schema in which tables are created now. */
const NAMESPACE = 'to_regnamespace(quote_ident((current_schemas(false))[1]))'

/** @param namespace an expression for the oid of the schema */
export async function introspect(connection: Connection, namespace: string = NAMESPACE): Promise<LiveSchema> {
  const read = async (sql: string): Promise<readonly Row[]> =>
    (await connection.run({ sql, parameters: [] })).rows
  // The queries are pipelined.
  const [tables, columns, keys, indexes, checks, triggers] = await Promise.all([
    read(tablesSql(namespace)),
    read(columnsSql(namespace)),
    read(keysSql(namespace)),
    read(indexesSql(namespace)),
    read(checksSql(namespace)),
    read(triggersSql(namespace)),
  ])
  return {
    tables: tables.map(([name, options]): LiveTable => {
      const of = (rows: readonly Row[]) => rows.filter(([table]) => table === name)
      return {
        name: String(name),
        options: listOf(options),
        columns: of(columns).map(toColumn),
        foreignKeys: of(keys).map(toKey),
        indexes: of(indexes).map(toIndex),
        checks: of(checks).map(([, text]) => String(text)),
        triggers: of(triggers).map(([, trigger, definition]) => ({
          name: String(trigger),
          definition: String(definition),
        })),
      }
    }),
    layoutMark: 0,
  }
}

function toColumn([, name, type, notNull, value, position, generated]: Row): LiveColumn {
  return {
    name: String(name),
    type: String(type),
    nullable: notNull === 'f',
    default: generated === 's' || value === null || value === undefined ? null : literal(String(value)),
    keyPosition: Number(position),
    generated: generated === 's' ? String(value) : null,
  }
}

/** Restores a default as it was declared: the server adds its type, and quotes negative numbers. */
function literal(value: string): string {
  const typed = /^('(?:[^']|'')*')::[a-z ]+$/.exec(value)
  const number = /^'(-?\d+(?:\.\d+)?)'::(?:integer|bigint|numeric|double precision)$/.exec(value)
  return number?.[1] ?? typed?.[1] ?? value
}

function toKey([, columns, table, referenced, onDelete, onUpdate, validated]: Row): LiveForeignKey {
  return {
    columns: listOf(columns),
    table: String(table),
    referenced: listOf(referenced),
    onUpdate: String(onUpdate),
    onDelete: validated === 't' ? String(onDelete) : `${String(onDelete)} (not validated)`,
  }
}

function toIndex([, name, columns, unique, where]: Row): LiveIndex {
  return {
    name: String(name),
    columns: listOf(columns),
    unique: unique === 't',
    where: where === null || where === undefined ? null : String(where),
  }
}

/** Lists are returned as JSON. */
function listOf(value: Row[number] | undefined): readonly string[] {
  return (JSON.parse(String(value ?? '[]')) as readonly unknown[]).map(String)
}

const names = (numbers: string, table: string) =>
  `(SELECT coalesce(json_agg(part.attname ORDER BY at.place), '[]') FROM unnest(${numbers}) WITH ORDINALITY AS at (number, place) JOIN pg_attribute AS part ON part.attrelid = ${table} AND part.attnum = at.number)`

const policy = (letter: string) =>
  `CASE ${letter} WHEN 'a' THEN 'no action' WHEN 'r' THEN 'restrict' WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' ELSE 'set default' END`

/** Views count as tables: they occupy names, and sometimes only the name matters. */
const tablesSql = (namespace: string) => `
SELECT t.relname, to_json(array_remove(ARRAY[
  CASE t.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign' WHEN 'p' THEN 'partitioned' END,
  CASE WHEN t.relkind = 'r' AND t.relpersistence = 'u' THEN 'unlogged' END,
  CASE WHEN t.relrowsecurity THEN 'row security' END,
  array_to_string(t.reloptions, ', ')], NULL))
FROM pg_class AS t
WHERE t.relnamespace = ${namespace} AND t.relkind IN ('r', 'v', 'm', 'f', 'p') AND t.relname NOT IN ('purser_references', 'purser_called')
ORDER BY t.relname COLLATE "C"`

const columnsSql = (namespace: string) => `
SELECT t.relname, c.attname,
  format_type(c.atttypid, c.atttypmod) || CASE WHEN c.attidentity <> '' THEN ' identity' ELSE '' END
    || CASE WHEN c.attcollation <> 0 AND c.attcollation <> 'pg_catalog."C"'::regcollation AND t.relkind = 'r' THEN ' collate ' || c.attcollation::regcollation::text ELSE '' END,
  c.attnotnull, pg_get_expr(d.adbin, d.adrelid),
  coalesce((SELECT array_position(k.conkey, c.attnum) FROM pg_constraint AS k WHERE k.conrelid = t.oid AND k.contype = 'p'), 0),
  c.attgenerated
FROM pg_class AS t
JOIN pg_attribute AS c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped
LEFT JOIN pg_attrdef AS d ON d.adrelid = t.oid AND d.adnum = c.attnum
WHERE t.relnamespace = ${namespace} AND t.relkind IN ('r', 'v', 'm', 'f', 'p')
ORDER BY t.relname, c.attnum`

const keysSql = (namespace: string) => `
SELECT t.relname, ${names('k.conkey', 'k.conrelid')}, other.relname, ${names('k.confkey', 'k.confrelid')},
  ${policy('k.confdeltype')}, ${policy('k.confupdtype')}, k.convalidated
FROM pg_constraint AS k
JOIN pg_class AS t ON t.oid = k.conrelid
JOIN pg_class AS other ON other.oid = k.confrelid
WHERE k.contype = 'f' AND t.relnamespace = ${namespace}
ORDER BY t.relname, k.conname COLLATE "C"`

const indexesSql = (namespace: string) => `
SELECT t.relname, i.relname,
  (SELECT json_agg(CASE WHEN x.indoption[at.place] & 1 = 1 THEN part || ' desc' ELSE part END ORDER BY at.place)
   FROM generate_series(0, x.indnkeyatts - 1) AS at (place), LATERAL (SELECT trim(both '"' FROM pg_get_indexdef(x.indexrelid, at.place + 1, false))) AS named (part)),
  x.indisunique, pg_get_expr(x.indpred, x.indrelid)
FROM pg_index AS x
JOIN pg_class AS i ON i.oid = x.indexrelid
JOIN pg_class AS t ON t.oid = x.indrelid
WHERE t.relnamespace = ${namespace} AND t.relkind = 'r'
  AND NOT EXISTS (SELECT 1 FROM pg_constraint AS k WHERE k.conindid = x.indexrelid AND k.conrelid = x.indrelid AND k.contype IN ('p', 'x'))
ORDER BY t.relname, i.relname COLLATE "C"`

const checksSql = (namespace: string) => `
SELECT t.relname, pg_get_expr(k.conbin, k.conrelid)
FROM pg_constraint AS k JOIN pg_class AS t ON t.oid = k.conrelid
WHERE k.contype = 'c' AND t.relnamespace = ${namespace}
ORDER BY t.relname, k.conname COLLATE "C"`

/**
 * The body of a trigger's function says what it does; the rest of the definition says when, and for
 * which rows.
 */
const triggersSql = (namespace: string) => `
SELECT t.relname, g.tgname,
  CASE WHEN g.tgenabled = 'D' THEN 'disabled ' ELSE '' END || g.tgtype || ' ' ||
  coalesce(substring(pg_get_triggerdef(g.oid) FROM 'WHEN \\((.*)\\) EXECUTE'), '') || ' ' ||
  coalesce(g.tgoldtable, '') || ' ' || coalesce(g.tgnewtable, '') || ' ' || f.prosrc
FROM pg_trigger AS g
JOIN pg_class AS t ON t.oid = g.tgrelid
JOIN pg_proc AS f ON f.oid = g.tgfoid
WHERE NOT g.tgisinternal AND t.relnamespace = ${namespace}
ORDER BY t.relname, g.tgname COLLATE "C"`
