// Finds rows that refer to nothing, before a migration and after it. A look at every row of a large table takes seconds, so
// afterwards only tables are looked at whose rows or whose targets the migration touched.

import { MigrationError } from '../../../errors.ts'
import type { Row } from '../../contract/engine.ts'
import type { Connection } from '../connection.ts'

interface Broken {
  readonly table: string
  readonly what: string
  readonly count: number
}

/** By `table.column`: the name of the table that is referred to may change. A key of several columns goes by its first. */
type BrokenByPlace = ReadonlyMap<string, Broken>

/** What these do is seen in the layout of the tables afterwards. */
const layoutStatement = /^\s*(?:CREATE|DROP|ALTER|PRAGMA)\b/i
/** Statements of one table; a name with a schema before it is not taken for one. */
const writeStatement =
  /^\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|DELETE\s+FROM|UPDATE(?:\s+OR\s+\w+)?)\s+(?:"([^"]+)"|(\w+))(?=[\s(;]|$)/i

export class ReferenceCheck {
  #known: { readonly at: string; readonly broken: BrokenByPlace } | null = null

  /** What was found before is not known any more. */
  forget(): void {
    this.#known = null
  }

  /** Begins a check; what the last one found is not asked for again, unless somebody wrote in between. */
  begin(connection: Connection): ReferenceWatch {
    const known = this.#known
    this.#known = null
    const broken = known?.at === stateOf(connection) ? known.broken : brokenIn(connection, null)
    return new ReferenceWatch(connection, broken, (found) => {
      this.#known = { at: stateOf(connection), broken: found }
    })
  }
}

/** What one migration does to references. */
export class ReferenceWatch {
  readonly #connection: Connection
  readonly #before: BrokenByPlace
  readonly #expected: Map<string, number>
  readonly #tables: ReadonlyMap<string, string>
  readonly #triggered: ReadonlySet<string>
  readonly #keep: (broken: BrokenByPlace) => void
  /** Names of tables that statements wrote to; null when one could not be told. */
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

  /** Takes note of a statement that is going to run. */
  note(sql: string): void {
    if (this.#written === null || layoutStatement.test(sql)) return
    const [, quoted, plain] = writeStatement.exec(sql) ?? []
    const table = (quoted ?? plain)?.toLowerCase()
    // A trigger may write to any other table.
    if (table === undefined || this.#triggered.has(table)) this.#written = null
    else this.#written.add(table)
  }

  /** So many further rows may refer to nothing at the end. */
  expect(table: string, column: string, rows: number): void {
    const place = `${table}.${column}`
    this.#expected.set(place, (this.#expected.get(place) ?? 0) + rows)
  }

  /**
   * What was broken before, in an ancestor's orphans or another program's tables, does not stop a migration.
   * @throws MigrationError when more rows refer to nothing than did before, or than were expected
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

  /** Tables with references that may have changed: written to, laid out anew, or referring to such a table. */
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

/** Every table with its place in the file and its layout: a table that was made anew has another place. */
function tablesOf(connection: Connection): ReadonlyMap<string, string> {
  const rows = connection.all({
    sql: "SELECT name, rootpage, sql FROM sqlite_schema WHERE type = 'table'",
    parameters: [],
  })
  return new Map(rows.map(([name, page, sql]) => [String(name), `${String(page)} ${String(sql)}`]))
}

/** @param tables the tables to look at; null for all */
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

/** Changes with every row that this connection writes, and with every commit of another. */
function stateOf(connection: Connection): string {
  const version: unknown = connection.handle.pragma('data_version', { simple: true })
  const [row] = connection.all({ sql: 'SELECT total_changes()', parameters: [] })
  return `${String(version)} ${String(row?.[0])}`
}
