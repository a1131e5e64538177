// The PostgreSQL engine's side of the conformance harness: each place is a schema of its own on the
// server of the run. Rows are looked at and damaged over a connection of the test's own.

import type {
  Cell,
  HarnessFeatures,
  Place,
  PlaceOptions,
  UnusableLocation,
} from '../../../src/conformance/index.ts'
import { createPostgresEngine } from '../../../src/engines/postgres/index.ts'
import { parseServerUrl } from '../../../src/engines/server/url.ts'
import { createBackend, type Store } from '../../../src/index.ts'
import { FailingDriver } from './failing-client.ts'
import { performInProcess } from './job-process.ts'
import { keyOf, oddTexts } from './key-columns.ts'
import { postgresDurability, postgresStrangers } from './postgres-guarantees.ts'
import { newSchemaName, onServer, type PostgresSchemas, schemaUrl } from './postgres-schemas.ts'
import type { DisposableHarness } from './run-conformance.ts'

/**
 * Longer than the server takes to notice a deadlock: before that, both sides of one would give up.
 */
const LEAST_PATIENCE = 4000

export class SchemaPlace implements Place {
  readonly schema: string
  readonly #server: string
  /** Its layout was changed, so that nobody else can have it. */
  spoiled = false

  constructor(server: string, schema: string = newSchemaName()) {
    this.schema = schema
    this.#server = server
  }

  url(settings: Readonly<Record<string, string | number>> = {}): string {
    return schemaUrl(this.#server, this.schema, settings)
  }

  create(options: PlaceOptions = {}): Store {
    const { waitForLocks, connections, ...rest } = options
    return createBackend({ ...rest, url: this.url(settingsOf(waitForLocks, connections)) })
  }
}

const defaults = { scheme: 'postgres', port: 5432 }

function patience(waitForLocks: number | undefined) {
  return waitForLocks === undefined ? {} : { lockTimeout: Math.max(waitForLocks, LEAST_PATIENCE) }
}

function settingsOf(waitForLocks: number | undefined, connections: number | undefined) {
  return { ...patience(waitForLocks), ...(connections !== undefined && { poolMax: connections }) }
}

function asSchema(place: Place): SchemaPlace {
  if (place instanceof SchemaPlace) return place
  throw new TypeError('the place is not of this harness')
}

/**
 * Makes a column take any text: its type becomes text, in which the values of other rows stand as
 * the server shows them.
 */
async function loosen(server: string, schema: string, { table, column }: Cell): Promise<void> {
  await onServer(server, schema, async (client) => {
    await client.query("SET TIME ZONE 'UTC'")
    const { rows } = await client.query<{ type: string }>(
      'SELECT atttypid::regtype::text AS type FROM pg_attribute WHERE attrelid = $1::regclass AND attname = $2',
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

/** @param empty places have no table yet, as for cases about the first migration */
export function createPostgresHarness(schemas: PostgresSchemas, empty = false): DisposableHarness {
  const { server } = schemas
  const stores = new Set<Store>()
  const made: SchemaPlace[] = []
  const sql: NonNullable<HarnessFeatures['sql']> = async (place, text, parameters = []) =>
    onServer(server, asSchema(place).schema, async (client) => {
      if (/^\s*(?:create|drop|alter)\b/i.test(text)) asSchema(place).spoiled = true
      let count = 0
      const numbered = text.replaceAll('?', () => {
        count += 1
        return `$${count}`
      })
      const { rows } = await client.query({ text: numbered, values: [...parameters], rowMode: 'array' })
      return rows as readonly (readonly unknown[])[]
    })
  const cells: HarnessFeatures['cells'] = {
    async write(place, cell, value) {
      const { table, id, column } = cell
      const isText = typeof value === 'string'
      const put = async () => {
        const given = isText ? '?' : "decode(?, 'hex')"
        const parameter = isText ? value : Buffer.from(value).toString('hex')
        const change = `UPDATE "${table}" SET "${column}" = ${given} WHERE "${keyOf(table)}" = ?`
        await sql(place, change, [parameter, id])
      }
      const taken = await put().then(
        async () => !isText || (await cells.read(place, cell)) === value,
        () => false,
      )
      if (taken) return
      // Only what the column refuses, or makes another value of, needs another column; the doctor
      // would find that one too.
      asSchema(place).spoiled = true
      await loosen(server, asSchema(place).schema, cell)
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
      const place = new SchemaPlace(server, empty ? undefined : schemas.reserve())
      place.spoiled = empty
      made.push(place)
      return place
    },
    closeAfterwards: (store) => stores.add(store),
    dispose: async () => {
      for (const store of stores) await store.close()
      for (const { schema, spoiled } of made) {
        if (spoiled) await schemas.drop(schema)
        else await schemas.giveBack(schema)
      }
    },
    features: {
      persistent: true,
      shared: true,
      processes: {
        perform: (place, job, { waitForLocks, started } = {}) =>
          performInProcess({ url: asSchema(place).url(patience(waitForLocks)), job }, started),
      },
      tenants: {
        create: (place, tenant) => {
          asSchema(place).spoiled = true
          return createBackend({ url: asSchema(place).url(), tenant })
        },
      },
      cells,
      looseCells: true,
      // Whoever writes bytes into a column of text gets the text that the server shows for them.
      bytesAsText: (bytes) => `\\x${Buffer.from(bytes).toString('hex')}`,
      foreignTexts: [new Uint8Array([1, 2]), ...oddTexts],
      guards,
      sql,
      plans,
      faults: (place) => {
        const driver = new FailingDriver()
        const settings = parseServerUrl({ url: asSchema(place).url() }, defaults)
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
      durability: postgresDurability((place) => asSchema(place).url()),
      strangers: (place) => postgresStrangers(server, asSchema(place).schema),
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
