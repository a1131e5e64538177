// Reads the live schema from SQLite's own tables, in the engine-neutral form that adoption and
// drift compare.

import type Database from 'better-sqlite3'
import type { LiveColumn, LiveForeignKey, LiveIndex, LiveSchema, LiveTable } from '../../contract/schema.ts'

interface MasterRow {
  readonly type: string
  readonly name: string
  readonly tbl_name: string
  readonly sql: string | null
}

/** Views count as tables: they occupy names, and sometimes only the name matters. */
export function introspect(handle: Database.Database): LiveSchema {
  const master = handle
    .prepare(
      "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    .all() as MasterRow[]
  const triggers = master.filter((row) => row.type === 'trigger')
  const tables = master.filter(
    (row) => row.type === 'view' || (row.type === 'table' && !isShadowTable(row.name, master)),
  )
  return {
    tables: tables.map((row) => introspectTable(handle, row, triggers)),
    layoutMark: Number(handle.pragma('user_version', { simple: true })),
  }
}

/**
 * True for the further tables in which FTS5 stores its index; they are part of the virtual table.
 */
function isShadowTable(name: string, master: readonly MasterRow[]): boolean {
  const match = /^(.*)_(?:data|idx|docsize|config|content)$/.exec(name)
  const parent = match && master.find((row) => row.name === match[1])
  return parent?.sql?.startsWith('CREATE VIRTUAL TABLE') === true
}

function introspectTable(
  handle: Database.Database,
  row: MasterRow,
  triggers: readonly MasterRow[],
): LiveTable {
  return {
    name: row.name,
    options: optionsOf(handle, row),
    columns: row.type === 'view' ? viewColumns(handle, row) : columnsOf(handle, row),
    foreignKeys: foreignKeysOf(handle, row.name),
    indexes: indexesOf(handle, row.name),
    checks: checksOf(row.sql ?? ''),
    triggers: triggers
      .filter((trigger) => trigger.tbl_name === row.name)
      .map((trigger) => ({ name: trigger.name, definition: canonical(trigger.sql ?? '') })),
  }
}

/** Table-level options. A virtual table is fully described by them. */
function optionsOf(handle: Database.Database, { name, sql }: MasterRow): readonly string[] {
  const kept = handle
    .prepare("SELECT type, wr, strict FROM pragma_table_list(?) WHERE schema = 'main'")
    .get(name) as { type: string; wr: number; strict: number } | undefined
  const definition = canonical(sql ?? '')
  return [
    ...(kept?.type === 'view' ? ['view'] : []),
    ...(kept?.type === 'virtual' ? [definition.replace(/^.* USING /i, '')] : []),
    ...(kept?.wr === 1 && kept.type === 'table' ? ['without rowid'] : []),
    ...(kept?.strict === 1 ? ['strict'] : []),
    ...(/\bAUTOINCREMENT\b/i.test(definition) ? ['autoincrement'] : []),
    // No pragma reports the collation of a column.
    ...[...definition.matchAll(/[(,](\w+) [^,()]*\bCOLLATE (\w+)/gi)].map(
      ([, column, collation]) => `${column} collate ${collation?.toLowerCase()}`,
    ),
  ]
}

/**
 * The columns of a view; none if it is broken. Another program's view breaks when it reads a column
 * that has since been renamed.
 */
function viewColumns(handle: Database.Database, row: MasterRow): readonly LiveColumn[] {
  try {
    return columnsOf(handle, row)
  } catch {
    return []
  }
}

function columnsOf(handle: Database.Database, row: MasterRow): readonly LiveColumn[] {
  const rows = handle
    .prepare('SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?)')
    .all(row.name) as {
    name: string
    type: string
    notnull: number
    dflt_value: string | null
    pk: number
    hidden: number
  }[]
  const computed = bodiesAfter(row.sql ?? '', /\b(?:GENERATED\s+ALWAYS\s+)?AS\s*\(/gi)
  // hidden 1 marks hidden columns of a virtual table; 2 and 3 are generated columns
  return rows
    .filter((column) => column.hidden !== 1)
    .map((column) => ({
      name: column.name,
      type: column.type.toUpperCase(),
      nullable: column.notnull === 0,
      default: column.dflt_value,
      keyPosition: column.pk,
      generated: column.hidden > 1 ? (computed.shift() ?? '') : null,
    }))
}

function foreignKeysOf(handle: Database.Database, table: string): readonly LiveForeignKey[] {
  const rows = handle
    .prepare(
      'SELECT id, "table", "from", "to", on_delete, on_update FROM pragma_foreign_key_list(?) ORDER BY id, seq',
    )
    .all(table) as {
    id: number
    table: string
    from: string
    to: string
    on_delete: string
    on_update: string
  }[]
  const keys = new Map<number, LiveForeignKey>()
  for (const row of rows) {
    const key = keys.get(row.id)
    keys.set(row.id, {
      columns: [...(key?.columns ?? []), row.from],
      table: row.table,
      referenced: [...(key?.referenced ?? []), row.to],
      onDelete: row.on_delete.toLowerCase(),
      onUpdate: row.on_update.toLowerCase(),
    })
  }
  return [...keys.values()].sort((a, b) => compareText(a.columns.join(), b.columns.join()))
}

function indexesOf(handle: Database.Database, table: string): readonly LiveIndex[] {
  const rows = handle
    .prepare('SELECT name, "unique", origin FROM pragma_index_list(?) ORDER BY name')
    .all(table) as {
    name: string
    unique: number
    origin: string
  }[]
  const columns = handle
    .prepare(
      "SELECT coalesce(name, 'an expression') || iif(coll = 'BINARY', '', ' COLLATE ' || coll) || iif(\"desc\", ' DESC', '') FROM pragma_index_xinfo(?) WHERE key ORDER BY seqno",
    )
    .pluck()
  const sql = handle.prepare("SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?").pluck()
  return rows
    .filter((row) => row.origin === 'c')
    .map((row) => ({
      name: row.name,
      columns: columns.all(row.name) as string[],
      unique: row.unique === 1,
      where: /\) ?WHERE (.*)$/is.exec(canonical(String(sql.get(row.name) ?? '')))?.[1] ?? null,
    }))
}

/** The bodies of CHECK constraints, in order of appearance. */
function checksOf(sql: string): readonly string[] {
  return bodiesAfter(sql, /\bCHECK\s*\(/gi)
}

/** The contents of the parentheses that each match opens. */
function bodiesAfter(sql: string, opening: RegExp): string[] {
  const bodies: string[] = []
  for (const match of sql.matchAll(opening)) {
    let depth = 1
    let end = match.index + match[0].length
    for (; end < sql.length && depth > 0; end += 1) {
      const char = sql[end]
      if (char === "'") end = sql.indexOf("'", end + 1)
      else if (char === '(') depth += 1
      else if (char === ')') depth -= 1
    }
    bodies.push(canonical(sql.slice(match.index + match[0].length, end - 1)))
  }
  return bodies
}

/**
 * Normalizes SQL that differs only in white space and in quotes around plain names; literals are
 * kept unchanged.
 */
function canonical(sql: string): string {
  return sql
    .split(/('(?:[^']|'')*')/)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part
            .replaceAll(/"([A-Za-z_]\w*)"/g, '$1')
            .replaceAll(/\s+/g, ' ')
            .replaceAll(/ ?([(),]) ?/g, '$1'),
    )
    .join('')
    .trim()
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
