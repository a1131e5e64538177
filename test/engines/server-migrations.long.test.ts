// The chain on servers: a fresh place, one that went down and up again, and one with the rows of
// both ancestors end alike; going down gives the rows back. What a run that dies leaves is in
// postgres-migrations.test.ts and mariadb-migrations.test.ts.

import { expect, test } from 'vitest'
import { MigrationError, openStore } from '../../src/index.ts'
import { byName } from '../support/engines/any-places.ts'
import { MigratedPlaces, timeless } from '../support/engines/migrated-places.ts'
import { describeOnServers } from '../support/engines/servers.ts'
import type { AncestorOptions } from '../support/legacy.ts'
import { versions } from '../support/migrated.ts'

const damages = [
  'planProfiles',
  'planTimes',
  'planJson',
  'planWords',
  'planNames',
  'planCompletions',
  'planOrphans',
] as const

const ancestors: Readonly<Record<string, AncestorOptions>> = {
  both: { operations: true, plans: true },
  'times without an offset': { operations: true, damage: ['timesWithoutOffset'] },
  'times that cannot be read': { operations: true, damage: ['timesUnreadable'] },
  'broken JSON in every column': { operations: true, damage: ['brokenJson'] },
  'plans with every damage': { plans: 60, damage: damages },
}

/** What hands can do to a schema, in each server's words, and how `drift` calls it. */
const changes = {
  postgres: [
    ['ALTER TABLE tasks ALTER COLUMN priority DROP DEFAULT', 'tasks default'],
    ['DROP INDEX messages_channel', 'messages index'],
    ['ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_no_update', 'audit_entries trigger'],
    ['ALTER TABLE plans DROP CONSTRAINT plans_root_plan_id_fkey', 'plans foreign key'],
    ['ALTER TABLE actions ALTER COLUMN name TYPE text COLLATE "default"', 'actions type'],
  ],
  mariadb: [
    ['ALTER TABLE tasks ALTER COLUMN priority DROP DEFAULT', 'tasks default'],
    ['DROP INDEX messages_channel ON messages', 'messages index'],
    ['DROP TRIGGER audit_entries_no_update', 'audit_entries trigger'],
    ['ALTER TABLE actions MODIFY description LONGTEXT COLLATE utf8mb4_general_ci NOT NULL', 'actions type'],
    ['ALTER TABLE tasks DROP FOREIGN KEY tasks_ibfk_1', 'tasks foreign key'],
  ],
} as const

/** A chain of plans in the ancestor's layout, by one statement. */
const chainOfPlans = {
  postgres: (
    levels: number,
  ) => `INSERT INTO v3_plans (plan_id, parent_plan_id, namespaced_name, namespace, action_name, description, created_at, updated_at)
SELECT lpad(n::text, 26, '0'), CASE WHEN n > 1 THEN lpad((n - 1)::text, 26, '0') END, 'local/p' || n, 'local', 'local/act', 'A plan', '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00' FROM generate_series(1, ${levels}) AS n`,
  mariadb: (
    levels: number,
  ) => `INSERT INTO v3_plans (plan_id, parent_plan_id, namespaced_name, namespace, action_name, description, created_at, updated_at)
SELECT lpad(seq, 26, '0'), CASE WHEN seq > 1 THEN lpad(seq - 1, 26, '0') END, 'local/p' || seq, 'local', 'local/act', 'A plan', '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00' FROM seq_1_to_${levels}`,
}

describeOnServers('migrations', (places) => {
  const { migrate, withStore, factsOf, contentOf, fill } = new MigratedPlaces(places)

  test('a fresh place is as declared, and so is one that went down and up again', async () => {
    const place = await places.create()
    await migrate(place)
    const fresh = byName(await factsOf(place))
    expect(await withStore(place, (store) => store.drift())).toEqual([])
    await migrate(place, 1)
    const baseline = await factsOf(place)
    // Up step by step through the chain ends where creation at once does.
    for (const to of versions) await migrate(place, to)
    expect(byName(await factsOf(place))).toEqual(fresh)
    expect(await withStore(place, (store) => store.drift())).toEqual([])
    await migrate(place, 1)
    expect(await factsOf(place)).toEqual(baseline)
  })

  test('what is not as declared is reported as drift', async () => {
    const place = await places.create()
    await migrate(place)
    for (const [change] of changes[places.engine]) await places.rows(place, change)
    const differences = await withStore(place, (store) => store.drift())
    const expected = changes[places.engine].map(([, difference]) => difference)
    expect(differences.map(({ table, kind }) => `${table} ${kind}`).sort()).toEqual([...expected].sort())
  })

  test.each(Object.entries(ancestors))(
    'rows of an ancestor go up, down and up again: %s',
    async (_, options) => {
      const place = await places.create()
      await fill(place, options)
      const before = await contentOf(place, 'old')
      const { findings } = await migrate(place)
      // Also where an ancestor's reference stayed open: its `down` opens it again.
      expect(await withStore(place, (store) => store.drift())).toEqual([])
      const first = await contentOf(place, 'new')
      await migrate(place, 1)
      expect(await contentOf(place, 'old')).toEqual(before)
      expect((await migrate(place)).findings).toEqual(findings)
      expect(timeless(await contentOf(place, 'new'))).toEqual(timeless(first))
    },
  )

  test('records of every kind go down and up again', async () => {
    const place = await places.create()
    await using store = await openStore(places.urlOf(place))
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

  test('stores that open a new place at once all get it whole', async () => {
    const url = places.urlOf(await places.create())
    const stores = await Promise.all([1, 2, 3].map(() => openStore(url)))
    expect(await Promise.all(stores.map((store) => store.tasks.count()))).toEqual([0, 0, 0])
    for (const store of stores) await store.close()
  })

  test('tables of another program are refused and left as they are', async () => {
    const place = await places.create()
    await places.make(place)
    await places.rows(place, 'CREATE TABLE tasks (id int PRIMARY KEY, title text)')
    const before = await factsOf(place)
    await expect(openStore(places.urlOf(place))).rejects.toBeInstanceOf(MigrationError)
    expect(await factsOf(place)).toEqual(before)
  })

  test('a chain of 100,000 plans is brought below its root, and read as a tree', {
    timeout: 240_000,
  }, async () => {
    const place = await places.create()
    await migrate(place, 1)
    const levels = 100_000
    await places.rows(
      place,
      "INSERT INTO actions VALUES ('local/act', 'local', 'act', 'available', 'An action', NULL, '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00')",
    )
    await places.rows(place, chainOfPlans[places.engine](levels))
    await migrate(place)
    const counted = await places.rows(place, 'SELECT count(*), count(DISTINCT root_plan_id) FROM plans')
    expect(counted.map((row) => row.map(Number))).toEqual([[levels, 1]])
    const tree = await withStore(place, (store) => store.plans.tree('1'.padStart(26, '0')))
    expect([tree?.nodes.size, tree?.depth]).toEqual([levels, levels])
  })
})
