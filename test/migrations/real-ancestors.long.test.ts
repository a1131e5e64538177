// G7: the databases of the real ancestors, in ../shared/fixtures/legacy beside the repository. They
// are not part of the product, so a clone without them skips these tests, and says so. Only copies
// are opened.

import { chmodSync, copyFileSync, existsSync, readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  contentOf,
  sound,
  soundness,
  withDatabase,
  withoutTimesOfSettings,
} from '../support/database-content.ts'
import { latest, migrateFile, withBackend } from '../support/migrated.ts'
import { hashOf, scratchFile } from '../support/scratch.ts'

const folder = fileURLToPath(new URL('../../../shared/fixtures/legacy/', import.meta.url))
const available = existsSync(`${folder}operations-v1.db`)
if (!available) console.warn(`SKIPPED: the real ancestors' databases are not at ${folder}; G7 is not tested`)

const operationsTables = ['tasks', 'cost_records', 'messages']
const plansTables = [
  'alembic_version',
  'actions',
  'v3_plans',
  'plan_projects',
  'plan_arguments',
  'plan_invariants',
]

function copyOf(name: string): string {
  const path = scratchFile(name)
  copyFileSync(`${folder}${name}`, path)
  // The originals are read-only, and so is a copy until it is allowed to be written.
  chmodSync(path, 0o600)
  return path
}

describe.skipIf(!available)('operations-v1.db', () => {
  test('is adopted with every row, and the total is exact', async () => {
    const path = copyOf('operations-v1.db')
    const report = await migrateFile(path, { backup: true })
    expect(report).toMatchObject({
      adopted: true,
      from: 0,
      to: latest,
      rows: { tasks: 959, cost_records: 1294, messages: 1282 },
      findings: { total: 0, byProblem: {} },
    })
    await withBackend(path, async (store) => {
      expect(await store.costRecords.aggregate()).toMatchObject([
        { cost: '7.932878', currency: 'USD', records: 1294 },
      ])
      const byAgent = await store.costRecords.aggregate({}, { by: ['agent'] })
      expect(byAgent.reduce((sum, { records }) => sum + records, 0)).toBe(1294)
      expect([await store.tasks.count(), await store.messages.count()]).toEqual([959, 1282])
    })
    expect(soundness(path)).toEqual(sound)
    expect(contentOf(String(report.backup))).toEqual(contentOf(`${folder}operations-v1.db`))
  })

  test('has all 60 histories in the order of instants, with every message in its place', async () => {
    const path = copyOf('operations-v1.db')
    const rows = withDatabase(path, (handle) =>
      handle.prepare('SELECT id, channel, timestamp FROM messages').all(),
    ) as { id: string; channel: string; timestamp: string }[]
    await migrateFile(path)
    const channels = new Set(rows.map((row) => row.channel))
    expect(channels.size).toBe(60)
    await withBackend(path, async (store) => {
      for (const channel of channels) {
        // The instants as JavaScript reads them: independent of the parser that adopted them.
        const expected = rows
          .filter((row) => row.channel === channel)
          .sort((a, b) => Date.parse(b.timestamp) - Date.parse(a.timestamp) || (a.id < b.id ? 1 : -1))
        const history = await store.messages.history(channel, { limit: 1000 })
        const shown = 'items' in history ? history.items : history
        expect(shown.map((message) => message.id)).toEqual(expected.map((row) => row.id))
        expect(shown.map((message) => message.timestamp.getTime())).toEqual(
          expected.map((row) => Date.parse(row.timestamp)),
        )
      }
    })
  })

  test('goes down to equal tables, and up again', async () => {
    const path = copyOf('operations-v1.db')
    const before = contentOf(path, operationsTables)
    await migrateFile(path)
    const upgraded = contentOf(path, ['cost_records', 'messages', 'cost_totals'])
    await migrateFile(path, { to: 1 })
    expect(contentOf(path, operationsTables)).toEqual(before)
    await migrateFile(path)
    expect(contentOf(path, ['cost_records', 'messages', 'cost_totals'])).toEqual(upgraded)
  })
})

describe.skipIf(!available)('plans-m4_003.db', () => {
  test('is adopted with 1,019 plans in 60 trees of 12 levels, and nothing to find fault with', async () => {
    const path = copyOf('plans-m4_003.db')
    const report = await migrateFile(path)
    expect(report).toMatchObject({
      adopted: true,
      to: latest,
      rows: { plans: 1019, actions: 16 },
      findings: { total: 0, byProblem: {} },
    })
    const facts = withDatabase(path, (handle) =>
      handle
        .prepare(
          `WITH RECURSIVE tree (id, root, depth) AS (SELECT plan_id, plan_id, 1 FROM plans WHERE parent_plan_id IS NULL
UNION ALL SELECT plan.plan_id, tree.root, tree.depth + 1 FROM plans AS plan JOIN tree ON plan.parent_plan_id = tree.id)
SELECT count(*) AS plans, count(DISTINCT root_plan_id) AS roots, max(depth) AS depth, sum(root <> root_plan_id) AS wrong FROM tree JOIN plans ON plan_id = id`,
        )
        .get(),
    )
    expect(facts).toEqual({ plans: 1019, roots: 60, depth: 12, wrong: 0 })
    const profiles = withDatabase(path, (handle) =>
      handle
        .prepare(
          'SELECT automation_profile_name AS name, automation_profile_provenance AS provenance, count(*) AS plans FROM plans GROUP BY 1, 2 ORDER BY 1',
        )
        .all(),
    )
    expect(profiles).toEqual([
      { name: 'balanced', provenance: 'global', plans: 126 + 126 + 127 },
      { name: 'full-auto', provenance: 'global', plans: 131 },
      { name: 'local/careful-auto', provenance: 'project', plans: 128 },
      { name: 'manual', provenance: 'action', plans: 126 },
      { name: 'supervised', provenance: 'plan', plans: 129 },
      { name: 'trusted', provenance: 'global', plans: 126 },
    ])
    expect(soundness(path)).toEqual(sound)
  })
})

describe.skipIf(!available).each([
  { name: 'plans-m4_003.db', options: {} },
  { name: 'plans-orphans.db', options: {} },
  { name: 'plans-cycle.db', options: { onCycle: 'break' } as const },
  { name: 'plans-corrupt.db', options: {} },
])('$name', ({ name, options }) => {
  test('goes down to what it was, without a loss, and up again to the same', async () => {
    const path = copyOf(name)
    const before = contentOf(path, plansTables).tables
    const broken = soundness(path)
    const report = await migrateFile(path, options)
    const upgraded = withoutTimesOfSettings(contentOf(path))
    expect(soundness(path)).toEqual(sound)
    await migrateFile(path, { to: 1 })
    expect(contentOf(path, plansTables).tables).toEqual(before)
    expect((soundness(path).brokenReferences as unknown[]).length).toBe(
      (broken.brokenReferences as unknown[]).length,
    )
    expect((await migrateFile(path, options)).findings).toEqual(report.findings)
    expect(withoutTimesOfSettings(contentOf(path))).toEqual(upgraded)
  })
})

describe.skipIf(!available)('plans-orphans.db', () => {
  test('gets two true trees and one finding, unless orphans are refused', async () => {
    const path = copyOf('plans-orphans.db')
    const hash = hashOf(path)
    await expect(migrateFile(path, { onOrphan: 'abort' })).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      details: ['01HK153X00VXZ71S822N2F90TB (parent 01HK153X00HBRX6A6QBT8WYQZZ)'],
    })
    expect(hashOf(path)).toBe(hash)
    const report = await migrateFile(path)
    expect(report.findings).toEqual({ total: 1, byProblem: { 'plan-orphan': 1 } })
    expect(trees(path)).toEqual({ A: 'A', B: 'B', C: 'B', D: 'A' })
  })
})

describe.skipIf(!available)('plans-cycle.db', () => {
  test('is refused with X, Y, Z and S named, byte for byte as it was, and adopted with the cycles broken', async () => {
    const path = copyOf('plans-cycle.db')
    const [x, y, z, s] = withDatabase(path, (handle) =>
      ['X', 'Y', 'Z', 'S'].map((name) =>
        String(handle.prepare('SELECT plan_id FROM v3_plans WHERE description = ?').pluck().get(name)),
      ),
    )
    const hash = hashOf(path)
    const error = await migrateFile(path, { backup: true }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      code: 'MIGRATION_FAILED',
      details: [`${y} → ${x} → ${z} → ${y}`, `${s} → ${s}`],
      message: expect.stringContaining('--on-cycle=break'),
    })
    expect(hashOf(path)).toBe(hash)
    expect(readdirSync(dirname(path))).toEqual(['plans-cycle.db'])
    const report = await migrateFile(path, { onCycle: 'break' })
    expect(report.findings).toEqual({ total: 2, byProblem: { 'plan-cycle': 2 } })
    expect(trees(path)).toEqual({ A: 'A', B: 'A', X: 'Y', Y: 'Y', Z: 'Y', W: 'Y', S: 'S' })
  })
})

describe.skipIf(!available)('plans-corrupt.db', () => {
  test('is adopted whole and readable, with every replaced value in a finding', async () => {
    const path = copyOf('plans-corrupt.db')
    const old = withDatabase(path, (handle) => handle.prepare('SELECT * FROM v3_plans').all()) as Record<
      string,
      unknown
    >[]
    const report = await migrateFile(path)
    expect(report.rows.plans).toBe(12)
    expect(report.findings.byProblem).toEqual({
      'json-unreadable': 2,
      'json-wrong-shape': 1,
      'profile-unreadable': 7,
      'time-unreadable': 1,
    })
    const columns: Readonly<Record<string, string>> = {
      automation_profile_name: 'automation_profile',
      sandbox_refs: 'sandbox_refs_json',
      validation_summary: 'validation_summary_json',
      error_details: 'error_details_json',
      created_at: 'created_at',
    }
    const findings = withDatabase(path, (handle) =>
      handle.prepare('SELECT row_id, column_name, original_value FROM purser_findings').all(),
    ) as { row_id: string; column_name: string; original_value: unknown }[]
    for (const { row_id, column_name, original_value } of findings) {
      const plan = old.find(({ plan_id }) => plan_id === row_id)
      expect(original_value).toBe(plan?.[columns[column_name] ?? ''])
    }
    await withBackend(path, async (store) => {
      const plans = await Promise.all(old.map(({ plan_id }) => store.plans.get(String(plan_id))))
      expect(plans.map((plan) => plan?.unreadable ?? [])).toEqual(old.map(() => []))
      expect(plans.map((plan) => plan?.automationProfile)).toContainEqual({
        name: 'nightly-only',
        provenance: 'global',
      })
    })
  })
})

/** The root of every plan, by their descriptions. */
function trees(path: string): Readonly<Record<string, string>> {
  const rows = withDatabase(path, (handle) =>
    handle
      .prepare(
        'SELECT plan.description, root.description FROM plans AS plan JOIN plans AS root ON root.plan_id = plan.root_plan_id',
      )
      .raw()
      .all(),
  ) as [string, string][]
  return Object.fromEntries(rows)
}
