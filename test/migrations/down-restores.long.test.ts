// G2, first half: an ancestor's database that goes up and down again is what it was, value by
// value, type by type, whatever its values looked like; and going up again decides the same as the
// first time.

import { describe, expect, test } from 'vitest'
import { createSqliteEngine } from '../../src/engines/sqlite/index.ts'
import {
  contentOf,
  type DatabaseContent,
  sound,
  soundness,
  withDatabase,
} from '../support/database-content.ts'
import { sqliteDefaults } from '../support/driver.ts'
import { type AncestorOptions, makeAncestor } from '../support/legacy.ts'
import { migrateFile } from '../support/migrated.ts'
import { schemaFacts } from '../support/schema-facts.ts'
import { scratchFile } from '../support/scratch.ts'

const operationsTables = ['tasks', 'cost_records', 'messages']
const plansTables = [
  'alembic_version',
  'actions',
  'v3_plans',
  'plan_projects',
  'plan_arguments',
  'plan_invariants',
]

const ancestors: Readonly<Record<string, AncestorOptions>> = {
  operations: { operations: true },
  'operations without rows': { operations: { tasks: 0, costs: 0, messages: 0 } },
  plans: { plans: true },
  both: { operations: true, plans: true },
  'times without an offset': { operations: true, damage: ['timesWithoutOffset'] },
  'times that cannot be read': { operations: true, damage: ['timesUnreadable'] },
  'broken JSON in every column': { operations: true, damage: ['brokenJson'] },
  'negative, textual and infinite money': { operations: true, damage: ['strangeMoney'] },
  'everything at once': {
    operations: { tasks: 300, costs: 500, messages: 700 },
    plans: true,
    damage: ['timesWithoutOffset', 'timesUnreadable', 'brokenJson', 'strangeMoney'],
  },
  ...Object.fromEntries(
    (['planProfiles', 'planTimes', 'planJson', 'planWords', 'planNames', 'planCompletions'] as const).map(
      (damage) => [damage, { plans: 60, damage: [damage] }],
    ),
  ),
  'everything at once in plans': {
    operations: true,
    plans: 300,
    damage: [
      'planProfiles',
      'planTimes',
      'planJson',
      'planWords',
      'planNames',
      'planCompletions',
      'timesUnreadable',
    ],
  },
  'plans with values of other types': {
    plans: 40,
    afterwards: [
      "UPDATE v3_plans SET namespaced_name = x'ff00' WHERE rowid IN (2, 3)",
      "UPDATE v3_plans SET namespace = x'ff00' WHERE rowid IN (4, 5)",
      "UPDATE v3_plans SET description = x'ff00', changeset_id = x'01' WHERE rowid = 6",
      "UPDATE v3_plans SET created_at = x'32303234', applied_at = x'00', completed_at = x'00' WHERE rowid = 7",
      "UPDATE v3_plans SET attempt = x'31' WHERE rowid = 8",
      'UPDATE v3_plans SET attempt = 0.1 + 0.2 WHERE rowid = 9',
      "UPDATE v3_plans SET namespaced_name = 'a' || char(0) || 'b/c' WHERE rowid IN (12, 21)",
      "UPDATE v3_plans SET namespaced_name = '' WHERE rowid IN (13, 31)",
      "UPDATE plan_projects SET project_name = x'00ff' WHERE rowid = 1",
      "UPDATE plan_projects SET alias = x'00ff', read_only = 0.1 + 0.2 WHERE rowid = 2",
      "UPDATE plan_arguments SET value_json = x'22', position = 9e999 WHERE rowid = 1",
      'UPDATE plan_arguments SET value_json = \' { "a" : [ 1.0, 2 ] } \' WHERE rowid = 3',
      "UPDATE plan_invariants SET invariant_text = 'a' || char(0) || 'b', source = x'00' WHERE rowid = 1",
      'UPDATE plan_invariants SET id = 7000 + id',
    ],
  },
  'values of other types': {
    operations: true,
    afterwards: [
      "UPDATE tasks SET reviewers = x'5b5d' WHERE rowid = 1",
      "UPDATE tasks SET title = x'00ff' WHERE rowid = 2",
      "UPDATE tasks SET budget_limit = x'31' WHERE rowid = 3",
      "UPDATE tasks SET max_retries = 'few' WHERE rowid = 4",
      'UPDATE tasks SET budget_limit = -0.0 WHERE rowid = 5',
      'UPDATE tasks SET budget_limit = 5e-324 WHERE rowid = 6',
      "UPDATE cost_records SET timestamp = x'3230' WHERE rowid = 1",
      "UPDATE cost_records SET cost_usd = '' WHERE rowid = 3",
      'UPDATE cost_records SET input_tokens = 9007199254740993 WHERE rowid = 5',
      'UPDATE cost_records SET cost_usd = 9007199.254740993 WHERE rowid = 7',
      "UPDATE messages SET content = 'a' || char(0) || 'b' WHERE rowid = 1",
      "UPDATE messages SET metadata = x'7b7d' WHERE rowid = 2",
      "UPDATE messages SET attachments = '  [ ]  ' WHERE rowid = 3",
    ],
  },
}

function tablesOf(options: AncestorOptions): readonly string[] {
  return [...(options.operations ? operationsTables : []), ...(options.plans ? plansTables : [])]
}

describe.each(Object.entries(ancestors))('%s', (_, options) => {
  test('up and down gives every row back as it was', async () => {
    const path = makeAncestor(scratchFile(), options)
    const tables = tablesOf(options)
    const before = contentOf(path, tables)
    const factsBefore = schemaFacts(path)
    await migrateFile(path)
    await migrateFile(path, { to: 1 })
    const after = contentOf(path, tables)
    expect(after.tables).toEqual(before.tables)
    if (options.operations) expect(after.userVersion).toBe(before.userVersion)
    const factsAfter = schemaFacts(path)
    for (const table of tables)
      expect(columnsAndIndexes(factsAfter[table])).toEqual(columnsAndIndexes(factsBefore[table]))
    expect(soundness(path)).toEqual(sound)
  })

  test('up again gives the rows and findings of the first time', async () => {
    const path = makeAncestor(scratchFile(), options)
    const first = await migrateFile(path)
    const upgraded = withoutRunTimes(contentOf(path))
    await migrateFile(path, { to: 1 })
    const second = await migrateFile(path)
    expect(second.findings).toEqual(first.findings)
    expect(withoutRunTimes(contentOf(path))).toEqual(upgraded)
  })
})

const openEnds: Readonly<Record<string, AncestorOptions>> = {
  'plans without their parent': { plans: 60, damage: ['planOrphans'] },
  'rows of plans that are not there': { plans: 60, damage: ['planChildren'] },
  'roots that are not there': { plans: 60, damage: ['planRoots'] },
  'actions that are not there': { plans: 60, damage: ['planLabels'] },
  'all of them': {
    operations: true,
    plans: 60,
    damage: ['planOrphans', 'planChildren', 'planRoots', 'planLabels', 'planNames', 'planTimes'],
  },
}

describe.each(Object.entries(openEnds))('%s', (_, options) => {
  test('are put right on the way up, and are as open as they were on the way down', async () => {
    const path = makeAncestor(scratchFile(), options)
    const tables = tablesOf(options)
    const before = contentOf(path, tables)
    const { integrity, brokenReferences } = soundness(path)
    expect([integrity, (brokenReferences as unknown[]).length]).toEqual(['ok', expect.any(Number)])
    expect(brokenReferences).not.toEqual([])
    const first = await migrateFile(path)
    const upgraded = withoutRunTimes(contentOf(path))
    expect(soundness(path)).toEqual(sound)
    await migrateFile(path, { to: 1 })
    expect(contentOf(path, tables).tables).toEqual(before.tables)
    expect(countByKey(path)).toEqual(countByKey(makeAncestor(scratchFile('again.db'), options)))
    const second = await migrateFile(path)
    expect(second.findings).toEqual(first.findings)
    expect(withoutRunTimes(contentOf(path))).toEqual(upgraded)
  })
})

test('no more references are left open than were expected', async () => {
  const path = makeAncestor(scratchFile(), { operations: true, plans: true })
  await migrateFile(path)
  const engine = createSqliteEngine({ ...sqliteDefaults, path })
  await engine.connect()
  const breakOff = (rows: number) =>
    engine.schema.exclusively(async (session) => {
      session.expectOpenReferences({ table: 'tasks', column: 'plan_id', rows: 1 })
      await session.execute(`UPDATE tasks SET plan_id = 'gone' WHERE rowid <= ${rows}`)
    })
  await expect(breakOff(2)).rejects.toMatchObject({
    details: ['2 rows of tasks refer to missing rows of plans'],
  })
  expect(soundness(path)).toEqual(sound)
  await breakOff(1)
  expect(soundness(path).brokenReferences).toHaveLength(1)
  await engine.disconnect()
})

/** How many rows refer to nothing, by table and by the place of the key. */
function countByKey(path: string) {
  return withDatabase(path, (handle) =>
    handle
      .prepare(
        'SELECT broken."table", key."from", count(*) FROM pragma_foreign_key_check AS broken JOIN pragma_foreign_key_list(broken."table") AS key ON key.id = broken.fkid GROUP BY 1, 2 ORDER BY 1, 2',
      )
      .all(),
  )
}

/** Adopted tasks, their rows in the queue, and settings carry the migration's own time. */
function withoutRunTimes(content: DatabaseContent): DatabaseContent {
  const tables = Object.entries(content.tables).map(([name, table]) => {
    if (!['tasks', 'task_queue', 'settings'].includes(name)) return [name, table]
    const kept = table.columns.map((column) => column !== 'created_at' && column !== 'updated_at')
    const columns = table.columns.filter((_, index) => kept[index])
    return [name, { columns, rows: table.rows.map((row) => row.filter((_, index) => kept[index])) }]
  })
  return { ...content, tables: Object.fromEntries(tables) }
}

function columnsAndIndexes(facts: unknown) {
  const { columns, indexes } = facts as {
    columns: readonly object[]
    indexes: readonly { name: string; columns: unknown }[]
  }
  return { columns, indexes: indexes.map(({ name, columns: indexed }) => ({ name, indexed })) }
}
