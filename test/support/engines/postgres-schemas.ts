// Schemas for tests on a PostgreSQL server. The chain of migrations takes half a second there, so
// schemas that come back are emptied and given out again.

import pg from 'pg'
import { openStore } from '../../../src/index.ts'
import type { Insert, ServerPlaces } from './server-places.ts'

/** The most bytes of a table that is emptied by DELETE. */
const SMALL = 65_536

let made = 0

export function newSchemaName(): string {
  made += 1
  return `t${process.pid}x${made}x${Math.random().toString(36).slice(2, 8)}`
}

/** Statements that a connection of a test's own begins with, by the URL of its server. */
export const ownSettings = new Map<string, string>()

/** Runs statements on a connection of the test's own. */
export async function onServer<T>(
  server: string,
  schema: string | undefined,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  try {
    await client.query(ownSettings.get(server) ?? '')
    if (schema !== undefined) await client.query(`SET search_path = "${schema}"`)
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Removes a schema and those of its tenants. */
export async function dropSchemas(server: string, schemas: readonly string[]): Promise<void> {
  await onServer(server, undefined, async (client) => {
    await client.query('SET client_min_messages = warning')
    const { rows } = await client.query<{ name: string }>(
      "SELECT nspname AS name FROM pg_namespace WHERE split_part(nspname, '__', 1) = ANY ($1)",
      [schemas],
    )
    for (const { name } of rows) await dropSchema(client, name)
  })
}

/**
 * A backend whose client is gone holds its locks until it notices, and can deadlock with this:
 * the statement is repeated, as PostgreSQL advises.
 */
async function dropSchema(client: pg.Client, name: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query(`DROP SCHEMA IF EXISTS "${name}" CASCADE`)
      return
    } catch (error) {
      if ((error as { readonly code?: string }).code !== DEADLOCK_DETECTED || attempt === 10) throw error
    }
  }
}

export function schemaUrl(
  server: string,
  schema: string,
  settings: Readonly<Record<string, string | number>> = {},
): string {
  const search = new URLSearchParams({ schema, applicationName: schema, poolMax: '5' })
  for (const [name, value] of Object.entries(settings)) search.set(name, String(value))
  return `${server}?${search}`
}

export class PostgresSchemas implements ServerPlaces {
  readonly engine = 'postgres'
  readonly server: string
  readonly #made = new Set<string>()
  readonly #free: string[] = []
  /** The chain as the first schema has it in its ledger. */
  #chain: string | undefined

  /** @param server a URL with the right to create schemas, without a query */
  constructor(server: string) {
    this.server = server
  }

  urlOf(schema: string, settings: Readonly<Record<string, string | number>> = {}): string {
    return schemaUrl(this.server, schema, settings)
  }

  /** Only a name: the first store makes the schema. */
  async create(): Promise<string> {
    const name = newSchemaName()
    this.#made.add(name)
    return name
  }

  reserve(): string {
    const free = this.#free.pop()
    if (free !== undefined) return free
    const name = newSchemaName()
    this.#made.add(name)
    return name
  }

  async lay(schema: string): Promise<void> {
    await (await openStore(this.urlOf(schema))).close()
  }

  /**
   * A schema that is not at this build's version, because its test never migrated it, is dropped.
   */
  async giveBack(schema: string): Promise<void> {
    const emptied = await onServer(this.server, schema, async (client) => {
      const chain = await chainOf(client)
      this.#chain ??= chain
      if (chain === undefined || chain !== this.#chain) return false
      const { rows } = await client.query<{ name: string; large: boolean }>(
        `SELECT quote_ident(relname) AS name, pg_relation_size(oid) > ${SMALL} AS large FROM pg_class
WHERE relnamespace = $1::regnamespace AND relkind = 'r' AND relname <> 'purser_migrations' AND pg_relation_size(oid) > 0`,
        [`"${schema}"`],
      )
      // A large table is not emptied by DELETE: what the planner then knows of it is that it is
      // empty, whatever the next test puts there. For a small one TRUNCATE takes ten times as long.
      const large = rows.flatMap((table) => (table.large ? [table.name] : []))
      const statements = [
        'SET session_replication_role = replica; SET client_min_messages = warning',
        ...(large.length > 0 ? [`TRUNCATE ${large.join(', ')} RESTART IDENTITY CASCADE`] : []),
        ...rows.flatMap((table) => (table.large ? [] : [`DELETE FROM ${table.name}`])),
      ]
      if (rows.length > 0) await client.query(statements.join(';'))
      return true
    }).catch(() => false)
    if (emptied) this.#free.push(schema)
    else await this.drop(schema)
  }

  async rows(schema: string | undefined, sql: string): Promise<readonly (readonly unknown[])[]> {
    const { rows } = await onServer(this.server, schema, (client) =>
      client.query({ text: sql, rowMode: 'array' }),
    )
    return rows as readonly (readonly unknown[])[]
  }

  async make(schema: string): Promise<void> {
    await onServer(this.server, undefined, (client) =>
      client.query(`CREATE SCHEMA IF NOT EXISTS "${schema}"`),
    )
  }

  async columns(schema: string, table: string) {
    const { rows } = await onServer(this.server, schema, (client) =>
      client.query<{ name: string; type: string }>(
        'SELECT attname AS name, atttypid::regtype::text AS type FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum',
        [`"${table}"`],
      ),
    )
    return rows
  }

  /**
   * References are made anew. One whose rows all lead somewhere is as it was; another does not look
   * at the rows that are there, as those of a file do not.
   */
  async withoutReferences(schema: string, work: (insert: Insert) => Promise<void>): Promise<void> {
    await onServer(this.server, schema, async (client) => {
      const keys = await client.query<{ table: string; name: string; definition: string }>(
        `SELECT conrelid::regclass::text AS table, conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE contype = 'f' AND connamespace = $1::regnamespace`,
        [`"${schema}"`],
      )
      for (const { table, name } of keys.rows)
        await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`)
      await work(async (table, columns, values) => {
        const names = columns.map((column) => `"${column}"`).join(', ')
        const given = columns.map((_, index) => `$${index + 1}`).join(', ')
        await client.query(`INSERT INTO "${table}" (${names}) VALUES (${given})`, [...values])
      })
      for (const { table, name, definition } of keys.rows) {
        await client.query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition} NOT VALID`)
        await client
          .query(`ALTER TABLE ${table} VALIDATE CONSTRAINT ${name}`)
          .catch(unlessCode(FOREIGN_KEY_VIOLATION))
      }
    })
  }

  async holding(schema: string, sql: string, work: () => Promise<void>): Promise<void> {
    await onServer(this.server, schema, async (client) => {
      await client.query('BEGIN')
      await client.query(sql)
      await work()
      await client.query('ROLLBACK')
    })
  }

  async cut(schema: string): Promise<void> {
    await onServer(this.server, undefined, (client) =>
      client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [
        schema,
      ]),
    )
  }

  async drop(...schemas: readonly string[]): Promise<void> {
    await dropSchemas(this.server, schemas)
    for (const schema of schemas) this.#made.delete(schema)
  }

  async dropAll(): Promise<void> {
    if (this.#made.size > 0) await this.drop(...this.#made)
  }
}

const DEADLOCK_DETECTED = '40P01'
const FOREIGN_KEY_VIOLATION = '23503'

function unlessCode(accepted: string): (error: { readonly code?: string }) => void {
  return (error) => {
    if (error.code !== accepted) throw error
  }
}

/** Undefined where the schema, or its ledger, is not there. */
async function chainOf(client: pg.Client): Promise<string | undefined> {
  const { rows: found } = await client.query<{ ledger: string | null }>(
    "SELECT to_regclass('purser_migrations')::text AS ledger",
  )
  if (!found[0]?.ledger) return undefined
  const { rows } = await client.query<{ chain: string }>(
    'SELECT string_agg(version::text, chr(32) ORDER BY version) AS chain FROM purser_migrations',
  )
  return rows[0]?.chain
}
