// The chain on PostgreSQL: a fresh schema, one that went down and up again, and one with the rows of both ancestors end alike;
// going down gives the rows back; a session that is killed between two steps leaves a complete version.

import { join } from 'node:path'
import Database from 'better-sqlite3'
import type pg from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
import { createPostgresEngine } from '../../src/engines/postgres/index.ts'
import type { LiveSchema } from '../../src/engines/schema.ts'
import { parseServerUrl } from '../../src/engines/server-url.ts'
import { createBackend, events, MigrationError, openStore, type Store } from '../../src/index.ts'
import { type AncestorOptions, makeAncestor } from '../fixtures/legacy.ts'
import { scratchFolder } from '../fixtures/scratch.ts'
import { dropSchemas, onServer, SchemaPlace } from './postgres-harness.ts'
import { serverUrl } from './server-url.ts'

const found = serverUrl('postgres')
const server = found ?? ''

const ancestors: Readonly<Record<string, AncestorOptions>> = {
  both: { operations: true, plans: true },
  'times without an offset': { operations: true, damage: ['timesWithoutOffset'] },
  'times that cannot be read': { operations: true, damage: ['timesUnreadable'] },
  'broken JSON in every column': { operations: true, damage: ['brokenJson'] },
  ...Object.fromEntries(
    (
      [
        'planProfiles',
        'planTimes',
        'planJson',
        'planWords',
        'planNames',
        'planCompletions',
        'planOrphans',
      ] as const
    ).map((damage) => [damage, { plans: 60, damage: [damage] }]),
  ),
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

describe.skipIf(found === undefined)('migrations on PostgreSQL', () => {
  const made: SchemaPlace[] = []
  const newPlace = () => {
    const place = new SchemaPlace(server)
    made.push(place)
    return place
  }
  afterEach(async () =>
    dropSchemas(
      server,
      made.splice(0).map(({ schema }) => schema),
    ),
  )
  const on = <T>(place: SchemaPlace, work: (client: pg.Client) => Promise<T>) =>
    onServer(server, place.schema, work)

  async function withStore<T>(place: SchemaPlace, work: (store: Store) => Promise<T>): Promise<T> {
    const store = createBackend(place.url())
    await store.connect()
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  }
  const migrate = (place: SchemaPlace, to?: number) => withStore(place, (store) => store.migrate({ to }))

  async function factsOf(place: SchemaPlace): Promise<LiveSchema> {
    const engine = createPostgresEngine(
      parseServerUrl({ url: place.url() }, { scheme: 'postgres', port: 5432 }),
    )
    await engine.connect()
    try {
      return await engine.schema.introspect()
    } finally {
      await engine.disconnect()
    }
  }

  /** Every row of the tables that are there, as JSON, in the order of their text. */
  const contentOf = (place: SchemaPlace, of: readonly string[] = tables) =>
    on(place, async (client) => {
      const content: Record<string, readonly string[]> = {}
      for (const table of of) {
        const { rows } = await client.query<{ row: string }>(
          `SELECT to_jsonb(t)::text AS row FROM "${table}" AS t ORDER BY 1`,
        )
        content[table] = rows.map(({ row }) => row)
      }
      return content
    })

  /** The ancestor's layout with the rows of an ancestor's file. Values that the types of columns do not take are left out. */
  async function fill(place: SchemaPlace, options: AncestorOptions): Promise<void> {
    await migrate(place, 1)
    const path = join(scratchFolder(), 'ancestor.db')
    makeAncestor(path, options)
    const source = new Database(path, { readonly: true })
    await on(place, async (client) => {
      const keys = await client.query<{ table: string; name: string; definition: string }>(
        `SELECT conrelid::regclass::text AS table, conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE contype = 'f' AND connamespace = '${place.schema}'::regnamespace`,
      )
      for (const { table, name } of keys.rows)
        await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`)
      for (const table of tables) {
        const exists = source
          .prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?")
          .get(table)
        if (!exists) continue
        const { rows: numbers } = await client.query<{ name: string }>(
          "SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND atttypid = 'bigint'::regtype",
          [`"${table}"`],
        )
        const isNumber = new Set(numbers.map(({ name }) => name))
        for (const row of source.prepare(`SELECT * FROM "${table}"`).all() as Record<string, unknown>[]) {
          const columns = Object.keys(row)
          const places = columns.map((_, index) => `$${index + 1}`)
          const insert = `INSERT INTO "${table}" (${columns.map((column) => `"${column}"`).join(', ')}) VALUES (${places.join(', ')})`
          const values = columns.map((column) =>
            isNumber.has(column) && !Number.isSafeInteger(row[column]) ? 0 : row[column],
          )
          await client.query(insert, values)
        }
      }
      // Rows of an orphan refer to nothing, as in the file.
      for (const { table, name, definition } of keys.rows)
        await client.query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition} NOT VALID`)
    })
    source.close()
  }

  test('a fresh schema is as declared, and so is one that went down and up again', async () => {
    const place = newPlace()
    await migrate(place)
    const fresh = await factsOf(place)
    expect(await withStore(place, (store) => store.drift())).toEqual([])
    await migrate(place, 1)
    const baseline = await factsOf(place)
    await migrate(place)
    expect(await factsOf(place)).toEqual(fresh)
    await migrate(place, 1)
    expect(await factsOf(place)).toEqual(baseline)
    const other = newPlace()
    for (let to = 1; to <= 8; to += 1) await migrate(other, to)
    expect(await factsOf(other)).toEqual(fresh)
  })

  test('what is not as declared is reported as drift', async () => {
    const place = newPlace()
    await migrate(place)
    await on(place, async (client) => {
      await client.query('ALTER TABLE tasks ALTER COLUMN priority DROP DEFAULT')
      await client.query('DROP INDEX messages_channel')
      await client.query('ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_no_update')
      await client.query('ALTER TABLE plans DROP CONSTRAINT plans_root_plan_id_fkey')
      await client.query('ALTER TABLE actions ALTER COLUMN name TYPE text COLLATE "default"')
    })
    const differences = await withStore(place, (store) => store.drift())
    expect(differences.map(({ table, kind }) => `${table} ${kind}`).sort()).toEqual([
      'actions type',
      'audit_entries trigger',
      'messages index',
      'plans foreign key',
      'tasks default',
    ])
  })

  test.each(Object.entries(ancestors))(
    'rows of an ancestor go up, down and up again: %s',
    async (_, options) => {
      const place = newPlace()
      await fill(place, options)
      const before = await contentOf(place)
      const { findings } = await migrate(place)
      expect(await withStore(place, (store) => store.drift())).toEqual(
        // A reference that the ancestor left open stays open where its `down` put it back, not here.
        [],
      )
      const news = ['plans', 'actions', 'tasks', 'cost_records', 'messages', 'cost_totals']
      const first = await contentOf(place, news)
      await migrate(place, 1)
      expect(await contentOf(place)).toEqual(before)
      expect((await migrate(place)).findings).toEqual(findings)
      const again = await contentOf(place, news)
      const timeless = (rows: readonly string[]) =>
        rows.map((row) => row.replaceAll(/"(?:created|updated)_at": "[^"]*", ?/g, ''))
      for (const table of news)
        expect(timeless(again[table] ?? []), table).toEqual(timeless(first[table] ?? []))
    },
  )

  test('records of every kind go down and up again', async () => {
    const place = newPlace()
    await using store = await openStore(place.url())
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

  test('two stores that open a new schema at once both get it whole', async () => {
    const place = newPlace()
    const stores = await Promise.all([1, 2, 3].map(() => openStore(place.url())))
    expect(await Promise.all(stores.map((store) => store.tasks.count()))).toEqual([0, 0, 0])
    for (const store of stores) await store.close()
  })

  test('a session killed at any step leaves a complete version, and the next run ends the work', async () => {
    const place = newPlace()
    await fill(place, { operations: { tasks: 5, costs: 5, messages: 5 }, plans: 5 })
    for (const at of [3, 17, 40, 71]) {
      const name = `${place.schema}k${at}`
      const store = createBackend(place.url({ applicationName: name, poolMax: 1 }))
      await store.connect()
      let step = 0
      store.on(events.migrationStep, () => {
        step += 1
        if (step !== at) return
        void onServer(server, undefined, (client) =>
          client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [
            name,
          ]),
        )
      })
      await store.migrate().catch((error: unknown) => error)
      await store.close()
      const { current } = await withStore(place, (reader) => reader.migrationStatus())
      const { rows } = await on(place, (client) =>
        client.query('SELECT max(version) AS version FROM purser_migrations'),
      )
      expect(Number(rows[0]?.version)).toBe(current)
    }
    await migrate(place)
    expect(await withStore(place, (store) => store.drift())).toEqual([])
  })

  test('tables of another program are refused and left as they are', async () => {
    const place = newPlace()
    await onServer(server, undefined, (client) =>
      client.query(
        `CREATE SCHEMA "${place.schema}"; CREATE TABLE "${place.schema}".tasks (id int PRIMARY KEY, title text)`,
      ),
    )
    const before = await factsOf(place)
    await expect(openStore(place.url())).rejects.toBeInstanceOf(MigrationError)
    expect(await factsOf(place)).toEqual(before)
  })

  test('a chain of 100,000 plans is brought below its root, and read as a tree', {
    timeout: 240_000,
  }, async () => {
    const place = newPlace()
    await migrate(place, 1)
    const levels = 100_000
    await on(place, async (client) => {
      await client.query(
        "INSERT INTO actions VALUES ('local/act', 'local', 'act', 'available', 'An action', NULL, '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00')",
      )
      await client.query(`INSERT INTO v3_plans (plan_id, parent_plan_id, namespaced_name, namespace, action_name, description, created_at, updated_at)
SELECT lpad(n::text, 26, '0'), CASE WHEN n > 1 THEN lpad((n - 1)::text, 26, '0') END, 'local/p' || n, 'local', 'local/act', 'A plan', '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00' FROM generate_series(1, ${levels}) AS n`)
    })
    await migrate(place)
    const { rows } = await on(place, (client) =>
      client.query('SELECT count(*) AS plans, count(DISTINCT root_plan_id) AS roots FROM plans'),
    )
    expect(rows).toEqual([{ plans: String(levels), roots: '1' }])
    const tree = await withStore(place, (store) => store.plans.tree('1'.padStart(26, '0')))
    expect([tree?.nodes.size, tree?.depth]).toEqual([levels, levels])
  })
})
