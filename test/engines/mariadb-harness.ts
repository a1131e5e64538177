// The MariaDB engine's side of the conformance harness: each place is a database of its own on the server of the run. Rows are
// looked at and damaged over a connection of the test's own.

import type {
  Cell,
  HarnessFeatures,
  Place,
  PlaceOptions,
  UnusableLocation,
} from '../../src/conformance/index.ts'
import { COLLATION, type OpenDriver, openDriver } from '../../src/engines/mariadb/connection.ts'
import { createMariadbEngine } from '../../src/engines/mariadb/index.ts'
import { parseServerUrl } from '../../src/engines/server-url.ts'
import { createBackend, type Store } from '../../src/index.ts'
import { FailingMariadbDriver } from './failing-mariadb-driver.ts'
import { performInProcess } from './job-process.ts'
import { type MariadbDatabases, onMariadb } from './mariadb-databases.ts'
import type { DisposableHarness } from './run-conformance.ts'

const defaults = { scheme: 'mariadb', port: 3306 }

/** A database is taken when the first store connects: making a place takes no time. */
class DatabasePlace implements Place {
  readonly #databases: MariadbDatabases
  #taken: Promise<string> | undefined
  /** Its layout was changed, so that nobody else can have it. */
  spoiled = false

  constructor(databases: MariadbDatabases) {
    this.#databases = databases
  }

  get taken(): Promise<string> | undefined {
    return this.#taken
  }

  database(): Promise<string> {
    this.#taken ??= this.#databases.take()
    return this.#taken
  }

  async url(settings: Readonly<Record<string, string | number>> = {}): Promise<string> {
    return this.#databases.urlOf(await this.database(), settings)
  }

  create(options: PlaceOptions = {}): Store {
    const { waitForLocks, ...rest } = options
    return createBackend({ ...rest, engine: this.engine(patience(waitForLocks)) })
  }

  engine(settings: Readonly<Record<string, string | number>> = {}, open: OpenDriver = openDriver) {
    const parsed = parseServerUrl({ url: this.#databases.urlOf('later', settings) }, defaults)
    return createMariadbEngine({
      ...parsed,
      open: async (options) => open({ ...options, database: await this.database() }),
    })
  }
}

/** The server counts in whole seconds, and sees deadlocks at once; 0 would be no limit. */
function patience(waitForLocks: number | undefined) {
  return waitForLocks === undefined ? {} : { lockTimeout: Math.max(waitForLocks, 1) }
}

function asDatabase(place: Place): DatabasePlace {
  if (place instanceof DatabasePlace) return place
  throw new TypeError('the place is not of this harness')
}

/** @param server a URL with the right to create databases */
export function createMariadbHarness(server: string, databases: MariadbDatabases): DisposableHarness {
  const stores = new Set<Store>()
  const places: DatabasePlace[] = []
  const tenants = new Set<DatabasePlace>()
  const sql: HarnessFeatures['sql'] = async (place, text, parameters = []) =>
    onMariadb(server, await asDatabase(place).database(), async (connection) => {
      const [rows] = await connection.query(connection.format(text, [...parameters]))
      return Array.isArray(rows) ? (rows as unknown as readonly (readonly unknown[])[]) : []
    })
  const cells: HarnessFeatures['cells'] = {
    async write(place, { table, id, column }, value) {
      await onMariadb(server, await asDatabase(place).database(), async (connection) => {
        await connection.query('SET check_constraint_checks = 0')
        const change = () =>
          connection.execute(`UPDATE "${table}" SET "${column}" = ? WHERE id = ?`, [
            typeof value === 'string' ? value : Buffer.from(value),
            id,
          ])
        try {
          await change()
        } catch {
          // The column's type stands in the way; nothing but a change of the type gets such a value in.
          asDatabase(place).spoiled = true
          const type = typeof value === 'string' ? `VARCHAR(255) COLLATE ${COLLATION}` : 'VARBINARY(255)'
          await connection.query(`ALTER TABLE "${table}" MODIFY "${column}" ${type}`)
          await change()
        }
      })
    },
    async read(place, { table, id, column }: Cell) {
      const [row] = await sql(place, `SELECT CAST("${column}" AS CHAR) FROM "${table}" WHERE id = ?`, [id])
      const value = row?.[0] ?? null
      return value === null ? null : String(value)
    },
  }
  const plans: HarnessFeatures['plans'] = {
    async insert(place, { planId, parentPlanId = null }) {
      await onMariadb(server, await asDatabase(place).database(), (connection) =>
        connection.execute(
          `INSERT INTO plans (plan_id, parent_plan_id, root_plan_id, name, action_name, description, automation_profile_name, automation_profile_provenance, effective_profile_snapshot, created_at, updated_at)
SELECT id, parent, coalesce((SELECT root_plan_id FROM plans WHERE plan_id = parent), id), CASE WHEN parent IS NULL THEN 'local/' || id END, 'local/act', 'A plan', 'balanced', 'global', '{}', made_at, made_at
FROM (SELECT ? AS id, ? AS parent, CAST('2026-01-01' AS DATETIME(3)) AS made_at) AS given`,
          [planId, parentPlanId],
        ),
      )
    },
    async remove(place, planId) {
      await sql(place, 'DELETE FROM plans WHERE plan_id = ?', [planId])
    },
  }
  return {
    backendName: 'mariadb',
    newPlace: () => {
      const place = new DatabasePlace(databases)
      places.push(place)
      return place
    },
    closeAfterwards: (store) => stores.add(store),
    dispose: async () => {
      for (const store of stores) await store.close()
      for (const place of places) {
        const name = await place.taken
        if (name === undefined) continue
        if (place.spoiled || tenants.has(place)) await databases.drop(name)
        else await databases.giveBack(name)
      }
    },
    features: {
      persistent: true,
      shared: true,
      processes: {
        perform: async (place, job, { waitForLocks, started } = {}) =>
          performInProcess({ url: await asDatabase(place).url(patience(waitForLocks)), job }, started),
      },
      tenants: {
        create: (place, tenant) => {
          tenants.add(asDatabase(place))
          return createBackend({ engine: tenantEngine(asDatabase(place), tenant, databases) })
        },
      },
      cells,
      looseCells: true,
      sql,
      plans,
      faults: (place) => {
        const driver = new FailingMariadbDriver()
        return {
          store: createBackend({ engine: asDatabase(place).engine({}, driver.open) }),
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

/** The engine names the tenant's database itself; only what stands before the hyphen is not known yet. */
function tenantEngine(place: DatabasePlace, tenant: string, databases: MariadbDatabases) {
  const parsed = parseServerUrl({ url: databases.urlOf('later'), tenant }, defaults)
  return createMariadbEngine({
    ...parsed,
    open: async (options) => {
      const base = await place.database()
      const { database } = options
      return openDriver(
        database === undefined ? options : { ...options, database: database.replace('later', base) },
      )
    },
  })
}

function unusableServers(server: string): readonly UnusableLocation[] {
  const { host, username } = new URL(server)
  const at = (name: string, url: string): UnusableLocation => ({
    name,
    create: () => createBackend(url),
    secrets: ['hunter2'],
  })
  return [
    at('a refused port', 'mariadb://user:hunter2@127.0.0.1:1/db'),
    at('several refused ports', 'mariadb://user:hunter2@127.0.0.1:1,127.0.0.1:2/db'),
    at('an unknown host', 'mariadb://user:hunter2@no-such-host.invalid/db'),
    at('a wrong password', `mariadb://${username}:hunter2@${host}/mysql`),
    at('an unknown database', `${server.replace(/\/[^/]*$/, '')}/no_such_database`),
    at('an unknown user', `mariadb://no_such_user:hunter2@${host}/mysql`),
    at('a server without encryption', `mariadb://${username}:hunter2@${host}/mysql?sslmode=verify-full`),
    at(
      'an authority that is not there',
      `mariadb://u:hunter2@${host}/db?sslmode=verify-ca&sslrootcert=/no/file`,
    ),
    at('an unknown setting', 'mariadb://user:hunter2@127.0.0.1/db?ssl=on'),
    at('a schema, which a database does not have', 'mariadb://user:hunter2@127.0.0.1/db?schema=a'),
    at('a name that no database has', 'mariadb://user:hunter2@127.0.0.1/a%2Fb'),
    at('no host at all', 'mariadb:hunter2'),
  ]
}
