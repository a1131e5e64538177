// The chain on MariaDB: a fresh database, one that went down and up again, and one with the rows of both ancestors end alike; going
// down gives the rows back; a run that dies again and again, at whatever statement, ends like one that never did.

import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Connection } from 'mysql2/promise'
import { afterAll, describe, expect, test } from 'vitest'
import { createMariadbEngine } from '../../src/engines/mariadb/index.ts'
import type { LiveSchema } from '../../src/engines/schema.ts'
import { parseServerUrl } from '../../src/engines/server-url.ts'
import { createBackend, MigrationError, openStore, type Store } from '../../src/index.ts'
import { type AncestorOptions, makeAncestor } from '../fixtures/legacy.ts'
import { scratchFolder } from '../fixtures/scratch.ts'
import { FailingMariadbDriver } from './failing-mariadb-driver.ts'
import { MariadbDatabases, onMariadb, rowsOf } from './mariadb-databases.ts'
import { serverUrl } from './server-url.ts'

const found = serverUrl('mariadb')
const server = found ?? ''
const databases = new MariadbDatabases(server)
const defaults = { scheme: 'mariadb', port: 3306 }

const ancestors: Readonly<Record<string, AncestorOptions>> = {
  both: { operations: true, plans: true },
  'times without an offset': { operations: true, damage: ['timesWithoutOffset'] },
  'times that cannot be read': { operations: true, damage: ['timesUnreadable'] },
  'broken JSON in every column': { operations: true, damage: ['brokenJson'] },
  'plans with every damage': {
    plans: 60,
    damage: ['planProfiles', 'planTimes', 'planJson', 'planNames', 'planCompletions', 'planOrphans'],
  },
}

const tables = [
  'actions',
  'v3_plans',
  'plan_projects',
  'plan_arguments',
  'plan_invariants',
  'tasks',
  'cost_records',
  'messages',
]
const news = ['plans', 'actions', 'tasks', 'cost_records', 'messages', 'cost_totals']

const on = <T>(database: string, work: (connection: Connection) => Promise<T>) =>
  onMariadb(server, database, work)

async function withStore<T>(database: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = createBackend(databases.urlOf(database))
  await store.connect()
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

const migrate = (database: string, to?: number) => withStore(database, (store) => store.migrate({ to }))

async function factsOf(database: string): Promise<LiveSchema> {
  const engine = createMariadbEngine(parseServerUrl({ url: databases.urlOf(database) }, defaults))
  await engine.connect()
  try {
    return await engine.schema.introspect()
  } finally {
    await engine.disconnect()
  }
}

/** Every row of tables, as JSON, in the order of their text. */
const contentOf = (database: string, of: readonly string[] = tables) =>
  on(database, async (connection) => {
    const content: Record<string, readonly string[]> = {}
    for (const table of of) {
      const shown = await rowsOf(connection, `SHOW COLUMNS FROM "${table}"`)
      const columns = shown.filter(([, , , , , extra]) => !String(extra).includes('INVISIBLE'))
      const names = columns.map(([name]) => `"${String(name)}"`).join(', ')
      const rows = await rowsOf(connection, `SELECT ${names} FROM "${table}"`)
      content[table] = rows
        .map((row) => JSON.stringify(Object.fromEntries(columns.map(([name], index) => [name, row[index]]))))
        .sort()
    }
    return content
  })

/** Adopted records get the time of the migration as theirs. */
const timeless = (content: Readonly<Record<string, readonly string[]>>) =>
  Object.fromEntries(
    Object.entries(content).map(([table, rows]) => [
      table,
      rows.map((row) => row.replaceAll(/"(?:created|updated)_at":"[^"]*",?/g, '')),
    ]),
  )

/** The ancestor's layout with the rows of an ancestor's file. Values that the types of columns do not take are left out. */
async function fill(database: string, options: AncestorOptions): Promise<void> {
  await migrate(database, 1)
  const path = join(scratchFolder(), 'ancestor.db')
  makeAncestor(path, options)
  const source = new Database(path, { readonly: true })
  await on(database, async (connection) => {
    await connection.query('SET foreign_key_checks = 0')
    for (const table of tables) {
      const exists = source
        .prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?")
        .get(table)
      if (!exists) continue
      const types = new Map(
        (await rowsOf(connection, `SHOW COLUMNS FROM "${table}"`)).map(([name, type]) => [
          name,
          String(type),
        ]),
      )
      for (const row of source.prepare(`SELECT * FROM "${table}"`).all() as Record<string, unknown>[]) {
        const columns = Object.keys(row)
        const values = columns.map((column) => {
          const isNumber = types.get(column)?.startsWith('bigint')
          const value = isNumber && !Number.isSafeInteger(row[column]) ? 0 : row[column]
          return value === null ? null : String(value)
        })
        await connection.execute(
          `INSERT INTO "${table}" (${columns.map((column) => `"${column}"`).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
          values,
        )
      }
    }
  })
  source.close()
}

describe.skipIf(found === undefined)('migrations on MariaDB', () => {
  afterAll(() => databases.dropAll())

  test('a fresh database is as declared, and so is one that went down and up again', async () => {
    const database = await databases.create()
    await migrate(database)
    const fresh = await factsOf(database)
    expect(await withStore(database, (store) => store.drift())).toEqual([])
    await migrate(database, 1)
    const baseline = await factsOf(database)
    await migrate(database)
    expect(await factsOf(database)).toEqual(fresh)
    await migrate(database, 1)
    expect(await factsOf(database)).toEqual(baseline)
  })

  test('what is not as declared is reported as drift', async () => {
    const database = await databases.create()
    await migrate(database)
    await on(database, async (connection) => {
      await connection.query('ALTER TABLE tasks ALTER COLUMN priority DROP DEFAULT')
      await connection.query('DROP INDEX messages_channel ON messages')
      await connection.query('DROP TRIGGER audit_entries_no_update')
      await connection.query(
        'ALTER TABLE actions MODIFY description LONGTEXT COLLATE utf8mb4_general_ci NOT NULL',
      )
      await connection.query('ALTER TABLE tasks DROP FOREIGN KEY tasks_ibfk_1')
    })
    const differences = await withStore(database, (store) => store.drift())
    expect(differences.map(({ table, kind }) => `${table} ${kind}`).sort()).toEqual([
      'actions type',
      'audit_entries trigger',
      'messages index',
      'tasks default',
      'tasks foreign key',
    ])
  })

  test.each(Object.entries(ancestors))(
    'rows of an ancestor go up, down and up again: %s',
    async (_, options) => {
      const database = await databases.create()
      await fill(database, options)
      const before = await contentOf(database)
      const { findings } = await migrate(database)
      expect(await withStore(database, (store) => store.drift())).toEqual([])
      const first = await contentOf(database, news)
      await migrate(database, 1)
      expect(await contentOf(database)).toEqual(before)
      expect((await migrate(database)).findings).toEqual(findings)
      expect(timeless(await contentOf(database, news))).toEqual(timeless(first))
    },
  )

  test('records of every kind go down and up again', async () => {
    const database = await databases.create()
    await using store = await openStore(databases.urlOf(database))
    await store.tasks.create({ title: 'T', description: 'D', project: 'P', createdBy: 'a', type: 'admin' })
    await store.costRecords.append({
      agentId: 'a',
      provider: 'p',
      model: 'm',
      inputTokens: 1,
      outputTokens: 2,
      cost: '0.5',
    })
    await store.messages.append({
      sender: 'a',
      to: 'b',
      channel: 'c',
      type: 'announcement',
      content: 'hello',
    })
    const root = await store.plans.create({ name: 'a/b', actionName: 'a/c', description: 'd' })
    await store.plans.create({ parentPlanId: root.planId, actionName: 'a/c', description: 'e' })
    await expect(store.migrate({ to: 1 })).rejects.toBeInstanceOf(MigrationError)
    await store.migrate({ to: 1, allowDataLoss: true })
    await store.migrate()
    expect(await store.plans.count()).toBe(2)
    expect(await store.tasks.count()).toBe(1)
    expect((await store.costRecords.aggregate())[0]?.cost).toBe('0.5')
    expect((await store.messages.search('hello')).items).toHaveLength(1)
    expect(await store.drift()).toEqual([])
  })

  test('two stores that open a new database at once both get it whole', async () => {
    const database = await databases.create()
    const stores = await Promise.all([1, 2, 3].map(() => openStore(databases.urlOf(database))))
    expect(await Promise.all(stores.map((store) => store.tasks.count()))).toEqual([0, 0, 0])
    for (const store of stores) await store.close()
  })

  test('a run that dies at any statement, up and down, is gone on with by the next', {
    timeout: 300_000,
  }, async () => {
    const options: AncestorOptions = { operations: { tasks: 5, costs: 5, messages: 5 }, plans: 5 }
    const whole = await databases.create()
    await fill(whole, options)
    const before = await contentOf(whole)
    await migrate(whole)

    const database = await databases.create()
    await fill(database, options)
    expect(await dieUntilDone(database, undefined)).toBeGreaterThan(5)
    expect(await factsOf(database)).toEqual(await factsOf(whole))
    expect(timeless(await contentOf(database, news))).toEqual(timeless(await contentOf(whole, news)))
    expect(await dieUntilDone(database, 1)).toBeGreaterThan(5)
    expect(await contentOf(database)).toEqual(before)
  })

  test('a migration that another build began is left to it', async () => {
    const database = await databases.create()
    await dieOnce(database, undefined, 40)
    await on(database, (connection) =>
      connection.query(
        `UPDATE purser_migration_steps SET run = REGEXP_REPLACE(run, '"checksum":"[0-9a-f]+"', '"checksum":"00"')`,
      ),
    )
    await expect(withStore(database, (store) => store.migrationPlan())).rejects.toThrow(/cut off/)
    await expect(migrate(database)).rejects.toThrow(/begun by another build/)
    // Opening without migrating does not take what is left of it for a whole database.
    await expect(openStore({ url: databases.urlOf(database), migrate: 'check' })).rejects.toBeInstanceOf(
      MigrationError,
    )
  })

  test('tables of another program are refused and left as they are', async () => {
    const database = await databases.create()
    await on(database, (connection) =>
      connection.query('CREATE TABLE tasks (id int PRIMARY KEY, title text)'),
    )
    const before = await factsOf(database)
    await expect(openStore(databases.urlOf(database))).rejects.toBeInstanceOf(MigrationError)
    expect(await factsOf(database)).toEqual(before)
  })

  test('a chain of 100,000 plans is brought below its root', { timeout: 240_000 }, async () => {
    const database = await databases.create()
    await migrate(database, 1)
    await on(database, async (connection) => {
      await connection.query('SET foreign_key_checks = 0')
      await connection.query(
        "INSERT INTO actions VALUES ('local/act', 'local', 'act', 'available', 'An action', NULL, '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00')",
      )
      await connection.query(`INSERT INTO v3_plans (plan_id, parent_plan_id, namespaced_name, namespace, action_name, description, created_at, updated_at)
SELECT lpad(seq, 26, '0'), CASE WHEN seq > 1 THEN lpad(seq - 1, 26, '0') END, 'local/p' || seq, 'local', 'local/act', 'A plan', '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00' FROM seq_1_to_100000`)
    })
    await migrate(database)
    const rows = await on(database, (connection) =>
      rowsOf(connection, 'SELECT count(*), count(DISTINCT root_plan_id) FROM plans'),
    )
    expect(rows.map((row) => row.map(Number))).toEqual([[100_000, 1]])
  })
})

/** Cuts the connection before the statement of a number; true when the run came to its end before that. */
async function dieOnce(database: string, to: number | undefined, statements: number): Promise<boolean> {
  const driver = new FailingMariadbDriver()
  const engine = createMariadbEngine({
    ...parseServerUrl({ url: databases.urlOf(database) }, defaults),
    open: driver.open,
  })
  const store = createBackend({ engine })
  await store.connect()
  let left = statements
  driver.watch = (_sql, handle) => {
    left -= 1
    if (left !== 0) return
    handle.destroy()
    throw Object.assign(new Error('cut off'), { code: 'PROTOCOL_CONNECTION_LOST', fatal: true })
  }
  try {
    await store.migrate({ to, allowDataLoss: true })
    return true
  } catch {
    return false
  } finally {
    driver.watch = undefined
    await store.close()
  }
}

/** Every run dies some statements further than the last one could go, at each time at another kind of place. */
async function dieUntilDone(database: string, to: number | undefined): Promise<number> {
  for (let deaths = 0; deaths < 200; deaths += 1) {
    if (await dieOnce(database, to, 29 + (deaths % 7))) return deaths
  }
  throw new Error('the migration does not get on')
}
