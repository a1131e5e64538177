// Places of databases on any engine, for tests that take one through versions of its schema: a file,
// or a place on a server.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LiveSchema } from '../../../src/engines/contract/schema.ts'
import { createSqliteEngine } from '../../../src/engines/sqlite/index.ts'
import { createBackend, type MigrateOptions, type MigrationReport } from '../../../src/index.ts'
import { contentOf } from '../database-content.ts'
import { sqliteDefaults } from '../driver.ts'
import type { EngineName } from '../fresh-url.ts'
import { type AncestorOptions, makeAncestor } from '../legacy.ts'
import { MigratedPlaces } from './migrated-places.ts'
import { serverUrl } from './server-url.ts'
import { placesAt } from './servers.ts'

/** Every row of every table, as text, in the order of the texts. */
export type Rows = Readonly<Record<string, readonly string[]>>

export interface AnyPlace {
  readonly url: string
  /** Goes to a version, up or down, without a copy of the file. */
  migrate(options: MigrateOptions): Promise<MigrationReport>
  schema(): Promise<LiveSchema>
  /** What is stored, with the ledger; without what an engine keeps of a search index. */
  rows(): Promise<Rows>
}

export interface AnyPlaces {
  /** Nothing is there yet. */
  create(): Promise<AnyPlace>
  /** The baseline with the rows of ancestors; in a file, the ancestors' file itself. */
  adopt(options: AncestorOptions): Promise<AnyPlace>
  dropAll(): Promise<void>
}

/** The places of one test file; the caller ends with `dropAll`. */
export function anyPlaces(engine: EngineName): AnyPlaces {
  return engine === 'sqlite' ? new Files() : new Servers(engine)
}

/** A server puts a column that is added later behind the others. */
export function byName({ tables, ...rest }: LiveSchema): LiveSchema {
  const sorted = tables.map(({ columns, ...table }) => ({
    ...table,
    columns: columns.toSorted((a, b) => a.name.localeCompare(b.name)),
  }))
  return { ...rest, tables: sorted }
}

async function migrate(url: string, options: MigrateOptions): Promise<MigrationReport> {
  const store = createBackend(url)
  await store.connect()
  try {
    return await store.migrate({ backup: false, ...options })
  } finally {
    await store.close()
  }
}

class Files implements AnyPlaces {
  #folder: string | undefined
  #made = 0

  async create(): Promise<AnyPlace> {
    return this.#place(this.#path())
  }

  async adopt(options: AncestorOptions): Promise<AnyPlace> {
    return this.#place(makeAncestor(this.#path(), options))
  }

  async dropAll(): Promise<void> {
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true })
  }

  #path(): string {
    this.#folder ??= mkdtempSync(join(tmpdir(), 'purser-places-'))
    this.#made += 1
    return join(this.#folder, `${this.#made}.db`)
  }

  #place(path: string): AnyPlace {
    const url = `sqlite:${path}`
    const schema = async () => {
      const engine = createSqliteEngine({ ...sqliteDefaults, path })
      await engine.connect()
      try {
        return await engine.schema.introspect()
      } finally {
        await engine.disconnect()
      }
    }
    return {
      url,
      migrate: (options) => migrate(url, options),
      schema,
      rows: async () => {
        const { tables } = contentOf(path, namesIn(await schema()))
        return Object.fromEntries(
          Object.entries(tables).map(([table, { columns, rows }]) => [
            table,
            rows.map((row) => row.map((cell, index) => `${columns[index]} ${cell}`).join('; ')).sort(),
          ]),
        )
      },
    }
  }
}

class Servers implements AnyPlaces {
  readonly #places
  readonly #migrated

  constructor(engine: Exclude<EngineName, 'sqlite'>) {
    this.#places = placesAt(engine, String(serverUrl(engine)))
    this.#migrated = new MigratedPlaces(this.#places)
  }

  async create(): Promise<AnyPlace> {
    return this.#place(await this.#places.create())
  }

  async adopt(options: AncestorOptions): Promise<AnyPlace> {
    const name = await this.#places.create()
    await this.#migrated.fill(name, options)
    return this.#place(name)
  }

  async dropAll(): Promise<void> {
    await this.#places.dropAll()
  }

  #place(name: string): AnyPlace {
    const url = this.#places.urlOf(name)
    const schema = () => this.#migrated.factsOf(name)
    return {
      url,
      migrate: (options) => migrate(url, options),
      schema,
      rows: async () => this.#migrated.rowsOf(name, namesIn(await schema())),
    }
  }
}
function namesIn({ tables }: LiveSchema): readonly string[] {
  return tables.map(({ name }) => name)
}
