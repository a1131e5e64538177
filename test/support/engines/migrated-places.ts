// What tests of migrations do with places on a server: bring them to a version, fill them with the
// rows of an ancestor's file, and read all that is there.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { LiveSchema } from '../../../src/engines/contract/schema.ts'
import { createBackend, type MigrationReport, type Store } from '../../../src/index.ts'
import { type AncestorOptions, makeAncestor } from '../legacy.ts'
import type { ServerPlaces } from './server-places.ts'
import { engineAt } from './servers.ts'

/**
 * The ancestors' tables, in an order in which references lead back, and those of this build that
 * have their rows.
 */
const tables = {
  old: [
    'actions',
    'v3_plans',
    'plan_projects',
    'plan_arguments',
    'plan_invariants',
    'tasks',
    'cost_records',
    'messages',
  ],
  new: ['plans', 'actions', 'tasks', 'cost_records', 'messages', 'cost_totals'],
} as const

type Content = Readonly<Record<string, readonly string[]>>

/** Adopted records get the time of the migration as theirs. */
export const timeless = (content: Content): Content =>
  Object.fromEntries(
    Object.entries(content).map(([table, rows]) => [
      table,
      rows.map((row) => row.replaceAll(/"(?:created|updated)_at":"[^"]*",?/g, '')),
    ]),
  )

/** An ancestor's rows; its file is gone. */
function ancestorInMemory(options: AncestorOptions): Database.Database {
  const folder = mkdtempSync(join(tmpdir(), 'purser-ancestor-'))
  try {
    return new Database(readFileSync(makeAncestor(join(folder, 'ancestor.db'), options)))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export class MigratedPlaces {
  readonly #places: ServerPlaces

  constructor(places: ServerPlaces) {
    this.#places = places
  }

  /** A store that is connected and not migrated, for the time of `work`. */
  readonly withStore = async <T>(place: string, work: (store: Store) => Promise<T>): Promise<T> => {
    const store = createBackend(this.#places.urlOf(place))
    await store.connect()
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  }

  readonly migrate = (place: string, to?: number): Promise<MigrationReport> =>
    this.withStore(place, (store) => store.migrate({ to }))

  readonly factsOf = async (place: string): Promise<LiveSchema> => {
    const engine = engineAt(this.#places.engine, this.#places.urlOf(place))
    await engine.connect()
    try {
      return await engine.schema.introspect()
    } finally {
      await engine.disconnect()
    }
  }

  /** What the ancestors' tables hold, or those of this build that have their rows. */
  readonly contentOf = (place: string, which: keyof typeof tables): Promise<Content> =>
    this.rowsOf(place, tables[which])

  /** Every row of the tables, as JSON, in the order of their text. */
  readonly rowsOf = async (place: string, names: readonly string[]): Promise<Content> => {
    const content: Record<string, readonly string[]> = {}
    for (const table of names) {
      const columns = (await this.#places.columns(place, table)).map(({ name }) => name)
      const names = columns.map((name) => `"${name}"`).join(', ')
      const rows = await this.#places.rows(place, `SELECT ${names} FROM "${table}"`)
      content[table] = rows
        .map((row) => JSON.stringify(Object.fromEntries(columns.map((name, index) => [name, row[index]]))))
        .sort()
    }
    return content
  }

  /**
   * The ancestor's layout with the rows of an ancestor's file. Values that the types of columns do
   * not take are left out.
   */
  readonly fill = async (place: string, options: AncestorOptions): Promise<void> => {
    await this.migrate(place, 1)
    const source = ancestorInMemory(options)
    const there = source.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?")
    await this.#places.withoutReferences(place, async (insert) => {
      for (const table of tables.old) {
        if (!there.get(table)) continue
        const columns = await this.#places.columns(place, table)
        const isNumber = new Set(columns.filter(({ type }) => type === 'bigint').map(({ name }) => name))
        for (const row of source.prepare(`SELECT * FROM "${table}"`).all() as Record<string, unknown>[]) {
          const values = Object.entries(row).map(([column, value]) => {
            const taken = isNumber.has(column) && !Number.isSafeInteger(value) ? 0 : value
            return taken === null ? null : String(taken)
          })
          await insert(table, Object.keys(row), values)
        }
      }
    })
    source.close()
  }
}
