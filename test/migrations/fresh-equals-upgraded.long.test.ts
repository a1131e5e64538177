// G1: a fresh database, an adopted one, and one that went down and up again have one and the same
// schema. Compared are the facts that SQLite's pragmas tell, Purser's own introspection, and the
// text of every statement that Purser itself ran.

import { describe, expect, test } from 'vitest'
import { createSqliteEngine } from '../../src/engines/sqlite/index.ts'
import { schemaText } from '../support/database-content.ts'
import { type AncestorOptions, makeAncestor } from '../support/legacy.ts'
import { migrateFile, versions } from '../support/migrated.ts'
import { schemaFacts } from '../support/schema-facts.ts'
import { scratchFile } from '../support/scratch.ts'

const waysUp: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  'an empty file, in two parts': async (path) => {
    await migrateFile(path, { to: 2 })
    await migrateFile(path)
  },
  'an empty file, one version at a time': async (path) => {
    for (const to of versions) await migrateFile(path, { to })
  },
  'an empty file, up, down and up': upDownUp,
  'an operations ancestor': adopted({ operations: true }),
  'an operations ancestor without rows': adopted({ operations: { tasks: 0, costs: 0, messages: 0 } }),
  'a plans ancestor': adopted({ plans: true }),
  'both ancestors in one file': adopted({ operations: true, plans: true }),
  'a plans ancestor without rows': adopted({
    plans: 1,
    afterwards: ['v3_plans', 'actions', 'plan_projects', 'plan_arguments', 'plan_invariants'].map(
      (table) => `DELETE FROM ${table}`,
    ),
  }),
  'a plans ancestor without its indexes, with orphans': adopted({
    plans: true,
    damage: ['planOrphans', 'planTimes'],
    afterwards: ['DROP INDEX ix_v3_plans_parent', 'DROP INDEX ix_v3_plans_action'],
  }),
  'an operations ancestor without its indexes': adopted({
    operations: true,
    afterwards: [
      'DROP INDEX idx_tasks_status',
      'DROP INDEX idx_messages_channel',
      'DROP INDEX idx_cost_records_task_id',
    ],
  }),
  'both ancestors, up, down and up': async (path) => {
    makeAncestor(path, { operations: true, plans: true })
    await upDownUp(path)
  },
}

function adopted(options: AncestorOptions) {
  return async (path: string) => {
    makeAncestor(path, options)
    await migrateFile(path)
  }
}

async function upDownUp(path: string): Promise<void> {
  await migrateFile(path)
  await migrateFile(path, { to: 1 })
  await migrateFile(path)
}

async function freshFile(): Promise<string> {
  const path = scratchFile('fresh.db')
  await migrateFile(path)
  return path
}

describe.each(Object.entries(waysUp))('%s', (_, goUp) => {
  test('has the schema of a fresh database', async () => {
    const fresh = await freshFile()
    const other = scratchFile('other.db')
    await goUp(other)
    expect(schemaFacts(other)).toEqual(schemaFacts(fresh))
    expect(await introspected(other)).toEqual(await introspected(fresh))
    expect(schemaText(other)).toEqual(schemaText(fresh))
  })
})

describe.each(versions)('version %i', (to) => {
  test('has one schema, reached from below and from above, fresh and adopted', async () => {
    const fresh = scratchFile('fresh.db')
    await migrateFile(fresh, { to })
    const above = await freshFile()
    await migrateFile(above, { to })
    const ancestor = makeAncestor(scratchFile('ancestor.db'), { operations: true, plans: true })
    await migrateFile(ancestor)
    await migrateFile(ancestor, { to, allowDataLoss: true })
    expect(schemaFacts(above)).toEqual(schemaFacts(fresh))
    expect(schemaFacts(ancestor)).toEqual(schemaFacts(fresh))
    expect(schemaText(above)).toEqual(schemaText(fresh))
  })
})

test('the comparison sees a difference of one default, one index and one trigger', async () => {
  const fresh = await freshFile()
  const { withDatabase } = await import('../support/database-content.ts')
  const changes = [
    'DROP INDEX tasks_plan',
    'DROP INDEX plans_name',
    'DROP TRIGGER plans_profile_frozen',
    'DROP TRIGGER audit_entries_next',
    'DROP TRIGGER cost_records_totals',
    "ALTER TABLE purser_migrations ADD COLUMN note TEXT DEFAULT 'x'",
    'PRAGMA user_version = 1',
  ]
  for (const change of changes) {
    const other = await freshFile()
    withDatabase(other, (handle) => handle.exec(change), false)
    expect(schemaFacts(other), change).not.toEqual(schemaFacts(fresh))
    expect(await introspected(other), change).not.toEqual(await introspected(fresh))
  }
})

async function introspected(path: string) {
  const settings = {
    journal: 'wal',
    synchronous: 'full',
    busyTimeout: 5000,
    journalSizeLimit: 1_000_000,
  } as const
  const engine = createSqliteEngine({ ...settings, path })
  await engine.connect()
  try {
    return await engine.schema.introspect()
  } finally {
    await engine.disconnect()
  }
}
