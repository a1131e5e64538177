// Finds rows with broken references before and after a migration. Checking every row of a large
// table takes seconds, so the check afterwards covers only tables whose rows or referenced tables
// the migration touched.

import { MigrationError } from '../../../errors.ts'
import type { Row } from '../../contract/engine.ts'
import type { Connection } from '../connection.ts'

interface Broken {
  readonly table: string
  readonly what: string
  readonly count: number
}

/**
 * By `table.column`, because the referenced table may be renamed. A composite key is listed under
 * its first column.
 */
type BrokenByPlace = ReadonlyMap<string, Broken>

/** The effect of these statements is detected from the table layouts afterwards. */
const layoutStatement = /^\s*(?:CREATE|DROP|ALTER|PRAGMA)\b/i
/** Statements that write to one table. A name with a schema prefix does not match. */
const writeStatement =
  /^\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|DELETE\s+FROM|UPDATE(?:\s+OR\s+\w+)?)\s+(?:"([^"]+)"|(\w+))(?=[\s(;]|$)/i

export class ReferenceCheck {
  #known: { readonly at: string; readonly broken: BrokenByPlace } | null = null

  /** Discards the result of the last check. */
  forget(): void {
    this.#known = null
  }

  /** Begins a check. Reuses the result of the last one, unless there was a write in between. */
  begin(connection: Connection): ReferenceWatch {
    const known = this.#known
    this.#known = null
    const broken = known?.at === stateOf(connection) ? known.broken : brokenIn(connection, null)
    return new ReferenceWatch(connection, broken, (found) => {
      this.#known = { at: stateOf(connection), broken: found }
    })
  }
}

/** Tracks what one migration does to references. */
export class ReferenceWatch {
  readonly #connection: Connection
  readonly #before: BrokenByPlace
  readonly #expected: Map<string, number>
  readonly #tables: ReadonlyMap<string, string>
  readonly #triggered: ReadonlySet<string>
  readonly #keep: (broken: BrokenByPlace) => void
  /** Names of the tables that statements wrote to; null if one could not be determined. */
  #written: Set<string> | null = new Set()

  constructor(connection: Connection, before: BrokenByPlace, keep: (broken: BrokenByPlace) => void) {
    this.#connection = connection
    this.#before = before
    this.#expected = new Map([...before].map(([place, { count }]) => [place, count]))
    this.#tables = tablesOf(connection)
    this.#triggered = new Set(
      connection
        .all({ sql: "SELECT lower(tbl_name) FROM sqlite_schema WHERE type = 'trigger'", parameters: [] })
        .map(([table]) => String(table)),
    )
    this.#keep = keep
  }

  /** Records a statement that is about to run. */
  note(sql: string): void {
    if (this.#written === null || layoutStatement.test(sql)) return
    const [, quoted, plain] = writeStatement.exec(sql) ?? []
    const table = (quoted ?? plain)?.toLowerCase()
    // A trigger may write to any other table.
    if (table === undefined || this.#triggered.has(table)) this.#written = null
    else this.#written.add(table)
  }

  /** Allows this many additional rows with a broken reference at the end. */
  expect(table: string, column: string, rows: number): void {
    const place = `${table}.${column}`
    this.#expected.set(place, (this.#expected.get(place) ?? 0) + rows)
  }

  /**
   * References that were broken before, such as an ancestor's orphans or another program's tables,
   * do not stop a migration.
   * @throws MigrationError when more references are broken than before, beyond those expected
   */
  assertWhole(): void {
    const touched = this.#touched()
    const broken = new Map(
      touched === null ? [] : [...this.#before].filter(([, { table }]) => !touched.includes(table)),
    )
    for (const [place, found] of brokenIn(this.#connection, touched)) broken.set(place, found)
    const details = [...broken]
      .filter(([place, { count }]) => count > (this.#expected.get(place) ?? 0))
      .map(([, { what, count }]) => `${count} ${what}`)
    if (details.length > 0)
      throw new MigrationError(`the migration would leave broken references: ${details.join('; ')}`, {
        details,
      })
    this.#keep(broken)
  }

  /**
   * Tables with references that may have changed: written to, rebuilt, or referring to such a
   * table.
   */
  #touched(): readonly string[] | null {
    const written = this.#written
    if (written === null) return null
    const now = tablesOf(this.#connection)
    const changed = new Set(written)
    for (const [name, layout] of now) if (this.#tables.get(name) !== layout) changed.add(name.toLowerCase())
    for (const name of this.#tables.keys()) if (!now.has(name)) changed.add(name.toLowerCase())
    const references: readonly Row[] = this.#connection.all({
      sql: `SELECT DISTINCT child.name, key."table" FROM sqlite_schema AS child JOIN pragma_foreign_key_list(child.name) AS key WHERE child.type = 'table'`,
      parameters: [],
    })
    const touched = references.filter((pair) => pair.some((name) => changed.has(String(name).toLowerCase())))
    return [...new Set(touched.map(([child]) => String(child)))]
  }
}

/**
 * Every table with its root page and its layout. A table that was recreated has another root page.
 */
function tablesOf(connection: Connection): ReadonlyMap<string, string> {
  const rows = connection.all({
    sql: "SELECT name, rootpage, sql FROM sqlite_schema WHERE type = 'table'",
    parameters: [],
  })
  return new Map(rows.map(([name, page, sql]) => [String(name), `${String(page)} ${String(sql)}`]))
}

/** @param tables the tables to check; null for all */
function brokenIn(connection: Connection, tables: readonly string[] | null): BrokenByPlace {
  const look = (check: string, parameters: readonly string[]) =>
    connection.all({
      sql: `SELECT broken."table", broken."parent", key."from", count(*)
FROM ${check} AS broken
JOIN pragma_foreign_key_list(broken."table") AS key ON key.id = broken.fkid AND key.seq = 0
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
      parameters,
    })
  const rows: readonly Row[] =
    tables === null
      ? look('pragma_foreign_key_check', [])
      : [...tables].sort().flatMap((table) => look('pragma_foreign_key_check(?)', [table]))
  return new Map(
    rows.map(([table, parent, column, count]) => [
      `${String(table)}.${String(column)}`,
      {
        table: String(table),
        what: `rows of ${String(table)} refer to missing rows of ${String(parent)}`,
        count: Number(count),
      },
    ]),
  )
}

/**
 * Changes with every row that this connection writes, and with every commit of another connection.
 */
function stateOf(connection: Connection): string {
  const version: unknown = connection.handle.pragma('data_version', { simple: true })
  const [row] = connection.all({ sql: 'SELECT total_changes()', parameters: [] })
  return `${String(version)} ${String(row?.[0])}`
}
