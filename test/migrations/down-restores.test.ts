// G2, first half: an ancestor's database that goes up and down again is what it was, value by value, type by type, whatever its
// values looked like; and going up again decides the same as the first time.

import { describe, expect, test } from 'vitest'
import { contentOf, type DatabaseContent, sound, soundness } from '../fixtures/database-content.ts'
import { type AncestorOptions, makeAncestor } from '../fixtures/legacy.ts'
import { migrateFile } from '../fixtures/migrated.ts'
import { schemaFacts } from '../fixtures/schema-facts.ts'
import { scratchFile } from '../fixtures/scratch.ts'

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

/** Adopted tasks carry the migration's own time. */
function withoutRunTimes(content: DatabaseContent): DatabaseContent {
  const { tasks, ...tables } = content.tables
  if (!tasks) return content
  const kept = tasks.columns.map((column) => column !== 'created_at' && column !== 'updated_at')
  const rows = tasks.rows.map((row) => row.filter((_, index) => kept[index]))
  return {
    ...content,
    tables: { ...tables, tasks: { columns: tasks.columns.filter((_, index) => kept[index]), rows } },
  }
}

function columnsAndIndexes(facts: unknown) {
  const { columns, indexes } = facts as {
    columns: readonly object[]
    indexes: readonly { name: string; columns: unknown }[]
  }
  return { columns, indexes: indexes.map(({ name, columns: indexed }) => ({ name, indexed })) }
}
