// The PostgreSQL engine's side of the conformance harness: each place is a schema of its own on the server of the run, dropped
// afterwards. Rows are looked at and damaged over a connection of the test's own.

import pg from 'pg'
import type {
  Cell,
  HarnessFeatures,
  Place,
  PlaceOptions,
  UnusableLocation,
} from '../../src/conformance/index.ts'
import { createPostgresEngine } from '../../src/engines/postgres/index.ts'
import { parseServerUrl } from '../../src/engines/server-url.ts'
import { createBackend, type Store } from '../../src/index.ts'
import { FailingDriver } from './failing-client.ts'
import { performInProcess } from './job-process.ts'
import type { DisposableHarness } from './run-conformance.ts'

/** Longer than the server takes to notice a deadlock: before that, both sides of one would give up. */
const LEAST_PATIENCE = 2500

let places = 0

export class SchemaPlace implements Place {
  readonly schema: string
  readonly #server: string

  constructor(server: string) {
    places += 1
    this.schema = `t${process.pid}x${places}x${Math.random().toString(36).slice(2, 8)}`
    this.#server = server
  }

  url(settings: Readonly<Record<string, string | number>> = {}): string {
    const search = new URLSearchParams({ schema: this.schema, poolMax: '5' })
    for (const [name, value] of Object.entries(settings)) search.set(name, String(value))
    return `${this.#server}?${search}`
  }

  create(options: PlaceOptions = {}): Store {
    const { waitForLocks, ...rest } = options
    return createBackend({ ...rest, url: this.url(patience(waitForLocks)) })
  }
}

function patience(waitForLocks: number | undefined) {
  return waitForLocks === undefined ? {} : { lockTimeout: Math.max(waitForLocks, LEAST_PATIENCE) }
}

function asSchema(place: Place): SchemaPlace {
  if (place instanceof SchemaPlace) return place
  throw new TypeError('the place is not of this harness')
}

/** Runs statements on a connection of the test's own. */
export async function onServer<T>(
  server: string,
  schema: string | undefined,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  try {
    if (schema !== undefined) await client.query(`SET search_path = "${schema}"`)
    return await work(client)
  } finally {
    await client.end()
  }
}

const keyColumns: Readonly<Record<string, string>> = {
  plans: 'plan_id',
  actions: 'name',
  automation_profiles: 'name',
}
const keyOf = (table: string) => keyColumns[table] ?? 'id'

/** Makes a column take any text: its type becomes text, in which the values of other rows stand as the server shows them. */
async function loosen(server: string, schema: string, table: string, column: string): Promise<void> {
  await onServer(server, schema, async (client) => {
    await client.query("SET TIME ZONE 'UTC'")
    const { rows } = await client.query<{ type: string; computed: string }>(
      'SELECT atttypid::regtype::text AS type, attgenerated AS computed FROM pg_attribute WHERE attrelid = $1::regclass AND attname = $2',
      [`"${table}"`, column],
    )
    const [found] = rows
    for (const name of [`${table}_${column}_json`, `${table}_${column}`])
      await client.query(`ALTER TABLE "${table}" DROP CONSTRAINT IF EXISTS "${name}"`)
    if (!found || found.type === 'text') return
    const shown = found.type === 'boolean' ? `left("${column}"::text, 1)` : `"${column}"::text`
    await client.query(`ALTER TABLE "${table}" ALTER COLUMN "${column}" DROP DEFAULT`)
    await client.query(`ALTER TABLE "${table}" ALTER COLUMN "${column}" TYPE text COLLATE "C" USING ${shown}`)
  })
}

/** Removes a schema and those of its tenants. */
export async function dropSchemas(server: string, schemas: readonly string[]): Promise<void> {
  await onServer(server, undefined, async (client) => {
    await client.query('SET client_min_messages = warning')
    const { rows } = await client.query<{ name: string }>(
      "SELECT nspname AS name FROM pg_namespace WHERE split_part(nspname, '__', 1) = ANY ($1)",
      [schemas],
    )
    for (const { name } of rows) await client.query(`DROP SCHEMA "${name}" CASCADE`)
  })
}

/** @param server a URL with the right to create schemas, without a query */
export function createPostgresHarness(server: string): DisposableHarness {
  const stores = new Set<Store>()
  const made: SchemaPlace[] = []
  const sql: NonNullable<HarnessFeatures['sql']> = async (place, text, parameters = []) =>
    onServer(server, asSchema(place).schema, async (client) => {
      let count = 0
      const numbered = text.replaceAll('?', () => {
        count += 1
        return `$${count}`
      })
      const { rows } = await client.query({ text: numbered, values: [...parameters], rowMode: 'array' })
      return rows as readonly (readonly unknown[])[]
    })
  const cells: HarnessFeatures['cells'] = {
    async write(place, { table, id, column }, value) {
      const put = () =>
        sql(place, `UPDATE "${table}" SET "${column}" = ? WHERE "${keyOf(table)}" = ?`, [String(value), id])
      const taken = await put().then(
        async () => (await cells.read(place, { table, id, column })) === String(value),
        () => false,
      )
      if (taken) return
      // Only what the column refuses, or makes another value of, needs another column; the doctor would find that one too.
      await loosen(server, asSchema(place).schema, table, column)
      await put()
    },
    async read(place, { table, id, column }: Cell) {
      const [row] = await sql(place, `SELECT "${column}"::text FROM "${table}" WHERE "${keyOf(table)}" = ?`, [
        id,
      ])
      const value = row?.[0] ?? null
      return value === null ? null : String(value)
    },
  }
  const guards: HarnessFeatures['guards'] = {
    async lift(place, table, work) {
      await sql(place, `ALTER TABLE "${table}" DISABLE TRIGGER USER`)
      try {
        await work()
      } finally {
        await sql(place, `ALTER TABLE "${table}" ENABLE TRIGGER USER`)
      }
    },
  }
  const plans: HarnessFeatures['plans'] = {
    async insert(place, { planId, parentPlanId = null }) {
      await sql(
        place,
        `INSERT INTO plans (plan_id, parent_plan_id, root_plan_id, name, action_name, description, automation_profile_name, automation_profile_provenance, effective_profile_snapshot, created_at, updated_at)
SELECT id, parent, coalesce((SELECT root_plan_id FROM plans WHERE plan_id = parent), id), CASE WHEN parent IS NULL THEN 'local/' || id END, 'local/act', 'A plan', 'balanced', 'global', '{}', at, at
FROM (SELECT ?::text AS id, nullif(?::text, '') AS parent, '2026-01-01T00:00:00Z'::timestamptz AS at) AS given`,
        [planId, parentPlanId ?? ''],
      )
    },
    async remove(place, planId) {
      await sql(place, 'DELETE FROM plans WHERE plan_id = ?', [planId])
    },
  }
  return {
    backendName: 'postgres',
    newPlace: () => {
      const place = new SchemaPlace(server)
      made.push(place)
      return place
    },
    closeAfterwards: (store) => stores.add(store),
    dispose: async () => {
      for (const store of stores) await store.close()
      if (made.length > 0)
        await dropSchemas(
          server,
          made.map(({ schema }) => schema),
        )
    },
    features: {
      persistent: true,
      shared: true,
      processes: {
        perform: (place, job, { waitForLocks, started } = {}) =>
          performInProcess({ url: asSchema(place).url(patience(waitForLocks)), job }, started),
      },
      tenants: { create: (place, tenant) => createBackend({ url: asSchema(place).url(), tenant }) },
      cells,
      looseCells: true,
      guards,
      sql,
      plans,
      faults: (place) => {
        const driver = new FailingDriver()
        const settings = parseServerUrl({ url: asSchema(place).url() }, { scheme: 'postgres', port: 5432 })
        const engine = createPostgresEngine({ ...settings, load: driver.load })
        return {
          store: createBackend({ engine }),
          fail: (point) => {
            driver.failing = point
          },
          heal: () => {
            driver.failing = undefined
          },
        }
      },
      unusable: () => unusableServers(server),
      handles: () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length,
    },
  }
}

function unusableServers(server: string): readonly UnusableLocation[] {
  const { host, username } = new URL(server)
  const at = (name: string, url: string, secrets: readonly string[] = []): UnusableLocation => ({
    name,
    create: () => createBackend(url),
    secrets,
  })
  const secret = ['hunter2']
  return [
    at('a refused port', 'postgres://user:hunter2@127.0.0.1:1/db', secret),
    at('several refused ports', 'postgres://user:hunter2@127.0.0.1:1,127.0.0.1:2/db', secret),
    at('an unknown host', 'postgres://user:hunter2@no-such-host.invalid/db', secret),
    at('an unknown database', `postgres://${username}:hunter2@${host}/no_such_database`, secret),
    at('an unknown user', `postgres://no_such_user:hunter2@${host}/postgres`, secret),
    at(
      'a server that cannot prove who it is',
      `postgres://${username}:hunter2@${host}/postgres?sslmode=verify-full`,
      secret,
    ),
    at(
      'an authority that is not there',
      `postgres://u:hunter2@${host}/db?sslmode=verify-ca&sslrootcert=/no/file`,
      secret,
    ),
    at('an unknown setting', 'postgres://user:hunter2@127.0.0.1/db?ssl=on', secret),
    at('a setting twice', 'postgres://user:hunter2@127.0.0.1/db?poolMax=1&poolMax=2', secret),
    at('a pool of nothing', 'postgres://user:hunter2@127.0.0.1/db?poolMax=0', secret),
    at('a schema that is no name', 'postgres://user:hunter2@127.0.0.1/db?schema=a"b', secret),
    at(
      'a schema that could be a tenant of another',
      'postgres://user:hunter2@127.0.0.1/db?schema=a__b',
      secret,
    ),
    at('a broken escape', 'postgres://user:hunter2%ZZ@127.0.0.1/db', secret),
    at('a port that is none', 'postgres://user:hunter2@127.0.0.1:99999/db', secret),
    at('no host at all', 'postgres:hunter2', secret),
  ]
}
