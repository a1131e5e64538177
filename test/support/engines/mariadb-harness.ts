// The MariaDB engine's side of the conformance harness: each place is a database of its own on the
// server of the run. Rows are looked at and damaged over a connection of the test's own.

import type {
  Cell,
  HarnessFeatures,
  Place,
  PlaceOptions,
  UnusableLocation,
} from '../../../src/conformance/index.ts'
import { type OpenDriver, openDriver } from '../../../src/engines/mariadb/driver.ts'
import { createMariadbEngine } from '../../../src/engines/mariadb/index.ts'
import { COLLATION } from '../../../src/engines/mariadb/session-settings.ts'
import { parseServerUrl } from '../../../src/engines/server/url.ts'
import { createBackend, type Store } from '../../../src/index.ts'
import { FailingMariadbDriver } from './failing-mariadb-driver.ts'
import { performInProcess } from './job-process.ts'
import { keyOf, oddTexts } from './key-columns.ts'
import { type MariadbDatabases, newName, onMariadb, rowsOf } from './mariadb-databases.ts'
import { mariadbDurability, mariadbStrangers } from './mariadb-guarantees.ts'
import type { DisposableHarness } from './run-conformance.ts'

const defaults = { scheme: 'mariadb', port: 3306 }

/** The database is made when the first store connects: making a place takes no time. */
class DatabasePlace implements Place {
  readonly name: string
  readonly #databases: MariadbDatabases
  #ready: Promise<unknown> | undefined
  readonly #empty: boolean
  /** Its layout was changed, so that nobody else can have it. */
  spoiled = false

  /** @param empty without a table, instead of at this build's version */
  constructor(databases: MariadbDatabases, empty: boolean) {
    this.#databases = databases
    this.#empty = empty
    this.spoiled = empty
    this.name = empty ? newName() : databases.reserve()
  }

  get made(): boolean {
    return this.#ready !== undefined
  }

  ready(): Promise<unknown> {
    this.#ready ??= this.#empty ? this.#databases.create(this.name) : this.#databases.lay(this.name)
    return this.#ready
  }

  url(settings: Readonly<Record<string, string | number>> = {}): string {
    return this.#databases.urlOf(this.name, settings)
  }

  create(options: PlaceOptions = {}): Store {
    const { waitForLocks, connections, ...rest } = options
    return createBackend({ ...rest, engine: this.engine(settingsOf(waitForLocks, connections)) })
  }

  engine(settings: Readonly<Record<string, string | number>> = {}, open: OpenDriver = openDriver) {
    return createMariadbEngine({
      ...parseServerUrl({ url: this.url(settings) }, defaults),
      open: async (options) => {
        await this.ready()
        return open(options)
      },
    })
  }
}

/** The server counts in whole seconds, and sees deadlocks at once; 0 would be no limit. */
function patience(waitForLocks: number | undefined) {
  return waitForLocks === undefined ? {} : { lockTimeout: Math.max(waitForLocks, 1) }
}

function settingsOf(waitForLocks: number | undefined, connections: number | undefined) {
  return { ...patience(waitForLocks), ...(connections !== undefined && { poolMax: connections }) }
}

function asDatabase(place: Place): DatabasePlace {
  if (place instanceof DatabasePlace) return place
  throw new TypeError('the place is not of this harness')
}

/** @param empty places have no table yet, as for cases about the first migration */
export function createMariadbHarness(databases: MariadbDatabases, empty = false): DisposableHarness {
  const { server } = databases
  const stores = new Set<Store>()
  const places: DatabasePlace[] = []
  const tenants = new Set<DatabasePlace>()
  const on = async <T>(place: Place, work: Parameters<typeof onMariadb<T>>[2]): Promise<T> => {
    await asDatabase(place).ready()
    return onMariadb(server, asDatabase(place).name, work)
  }
  const sql: HarnessFeatures['sql'] = (place, text, parameters = []) =>
    on(place, async (connection) => {
      if (/^\s*(?:create|drop|alter|rename)\b/i.test(text)) asDatabase(place).spoiled = true
      const [rows] = await connection.query(connection.format(text, [...parameters]))
      return Array.isArray(rows) ? (rows as unknown as readonly (readonly unknown[])[]) : []
    })
  const cells: HarnessFeatures['cells'] = {
    async write(place, { table, id, column }, value) {
      await on(place, async (connection) => {
        await connection.query('SET check_constraint_checks = 0')
        const given = typeof value === 'string' ? value : Buffer.from(value)
        const change = () =>
          connection.execute(`UPDATE "${table}" SET "${column}" = ? WHERE "${keyOf(table)}" = ?`, [given, id])
        const [current] = await rowsOf(
          connection,
          `SELECT DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '${table}' AND COLUMN_NAME = '${column}'`,
        )
        const holdsText = ['varchar', 'longtext'].includes(String(current?.[0]))
        if (typeof value === 'string' && holdsText) return change()
        // The column's type stands in the way; nothing but a change of the type gets such a value
        // in.
        asDatabase(place).spoiled = true
        const keys = await rowsOf(
          connection,
          `SELECT CONSTRAINT_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '${table}' AND COLUMN_NAME = '${column}' AND REFERENCED_TABLE_NAME IS NOT NULL`,
        )
        for (const [key] of keys)
          await connection.query(`ALTER TABLE "${table}" DROP FOREIGN KEY "${String(key)}"`)
        await connection.query('SET foreign_key_checks = 0')
        const indexes = await rowsOf(
          connection,
          `SELECT DISTINCT INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '${table}' AND COLUMN_NAME = '${column}' AND INDEX_NAME <> 'PRIMARY'`,
        )
        for (const [index] of indexes) await connection.query(`DROP INDEX "${String(index)}" ON "${table}"`)
        const type = typeof value === 'string' ? `LONGTEXT COLLATE ${COLLATION}` : 'LONGBLOB'
        await connection.query(`ALTER TABLE "${table}" MODIFY "${column}" ${type}`)
        return change()
      })
    },
    async read(place, { table, id, column }: Cell) {
      const [row] = await sql(
        place,
        `SELECT CAST("${column}" AS CHAR) FROM "${table}" WHERE "${keyOf(table)}" = ?`,
        [id],
      )
      const value = row?.[0] ?? null
      return value === null ? null : String(value)
    },
  }
  const guards: HarnessFeatures['guards'] = {
    lift: (place, table, work) =>
      on(place, async (connection) => {
        const triggers: string[] = []
        for (const [name, , of] of await rowsOf(connection, 'SHOW TRIGGERS')) {
          if (of !== table) continue
          const [row] = await rowsOf(connection, `SHOW CREATE TRIGGER "${String(name)}"`)
          triggers.push(String(row?.[2]))
          await connection.query(`DROP TRIGGER "${String(name)}"`)
        }
        try {
          await work()
        } finally {
          for (const trigger of triggers) await connection.query(trigger)
        }
      }),
  }
  const plans: HarnessFeatures['plans'] = {
    async insert(place, { planId, parentPlanId = null }) {
      await on(place, (connection) =>
        connection.execute(
          `INSERT INTO plans (plan_id, parent_plan_id, root_plan_id, name, action_name, description, automation_profile_name, automation_profile_provenance, effective_profile_snapshot, created_at, updated_at)
SELECT id, parent, coalesce((SELECT root_plan_id FROM plans WHERE plan_id = parent), id), CASE WHEN parent IS NULL THEN 'local/' || id END, 'local/act', 'A plan', 'balanced', 'global', '{}', made_at, made_at
FROM (SELECT ? AS id, ? AS parent, CAST('2026-01-01' AS DATETIME(3)) AS made_at) AS given`,
          [planId, parentPlanId],
        ),
      )
    },
    async remove(place, planId) {
      // A root refers to itself, which keeps it from being deleted while references are checked.
      await on(place, async (connection) => {
        await connection.query('SET foreign_key_checks = 0')
        await connection.execute('DELETE FROM plans WHERE plan_id = ?', [planId])
      })
    },
  }
  return {
    backendName: 'mariadb',
    newPlace: () => {
      const place = new DatabasePlace(databases, empty)
      places.push(place)
      return place
    },
    closeAfterwards: (store) => stores.add(store),
    dispose: async () => {
      for (const store of stores) await store.close()
      for (const place of places) {
        if (place.spoiled || tenants.has(place)) await databases.drop(place.name)
        else if (place.made) await databases.giveBack(place.name)
      }
    },
    features: {
      persistent: true,
      shared: true,
      processes: {
        perform: async (place, job, { waitForLocks, started } = {}) => {
          await asDatabase(place).ready()
          return performInProcess({ url: asDatabase(place).url(patience(waitForLocks)), job }, started)
        },
      },
      tenants: {
        create: (place, tenant) => {
          tenants.add(asDatabase(place))
          return createBackend({ url: asDatabase(place).url(), tenant })
        },
      },
      cells,
      looseCells: true,
      bytesAsText: () => null,
      foreignTexts: oddTexts,
      guards,
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
      durability: mariadbDurability((place, open) => asDatabase(place).engine({}, open)),
      strangers: (place) => mariadbStrangers(server, asDatabase(place).name),
      handles: () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length,
    },
  }
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
