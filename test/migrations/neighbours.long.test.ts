// What another program keeps beside an ancestor's tables in the same file stays: tables with their
// rows, and views of the adopted tables. Only names that the chain itself needs are refused
// (refused.test.ts).

import { expect, test } from 'vitest'
import { operationsHalf, plansHalf } from '../../src/adoption/ancestor-layouts.ts'
import { contentOf, sound, soundness, withDatabase } from '../support/database-content.ts'
import { makeAncestor } from '../support/legacy.ts'
import { latest, migrateFile } from '../support/migrated.ts'
import { scratchFile } from '../support/scratch.ts'

const neighbours = [
  'CREATE TABLE invoices (id INTEGER PRIMARY KEY, task TEXT REFERENCES tasks (id), total REAL)',
  "INSERT INTO invoices VALUES (1, 'task-1', 12.5)",
  'CREATE TRIGGER invoices_round AFTER INSERT ON invoices BEGIN UPDATE invoices SET total = round(total, 2); END',
  "CREATE VIEW open_tasks AS SELECT id, title FROM tasks WHERE status <> 'completed'",
  'CREATE INDEX tasks_of_mine ON tasks (created_by, project)',
]

const look = (path: string) =>
  withDatabase(path, (handle) => ({
    invoices: handle.prepare('SELECT * FROM invoices').all(),
    view: handle.prepare('SELECT count(*) FROM open_tasks').pluck().get(),
    trigger: handle.prepare("SELECT sql FROM sqlite_schema WHERE name = 'invoices_round'").pluck().get(),
  }))

test('tables and views of another program survive adoption, going down, and adoption again', async () => {
  const path = makeAncestor(scratchFile(), { operations: true, plans: true, afterwards: neighbours })
  const before = look(path)
  expect(before.view).toBeGreaterThan(0)
  for (const to of [latest, 1, latest]) {
    await migrateFile(path, { to })
    expect(look(path)).toEqual(before)
    expect(soundness(path)).toEqual(sound)
  }
})

test('references that were broken before do not stop the chain, and stay as they are', async () => {
  const path = makeAncestor(scratchFile(), {
    operations: true,
    plans: true,
    afterwards: [
      ...neighbours,
      'PRAGMA foreign_keys = off',
      "INSERT INTO invoices VALUES (2, 'task-gone', 1)",
      "UPDATE v3_plans SET parent_plan_id = 'gone' WHERE rowid = 3",
    ],
  })
  const broken = soundness(path).brokenReferences as { table: string }[]
  expect(broken).toHaveLength(2)
  const before = contentOf(path)
  await migrateFile(path)
  // The plan without its parent is a root now; what is wrong in another program's table is not
  // Purser's to change.
  expect(soundness(path).brokenReferences).toEqual(broken.filter(({ table }) => table === 'invoices'))
  await migrateFile(path, { to: 1 })
  expect(contentOf(path)).toEqual(before)
})

test('views of plans do not stop the chain, broken ones included, and work again below it', async () => {
  const path = makeAncestor(scratchFile(), {
    operations: true,
    plans: true,
    afterwards: [
      "CREATE VIEW running AS SELECT plan_id, namespaced_name FROM v3_plans WHERE processing_state = 'processing'",
      'CREATE VIEW lost AS SELECT gone FROM nowhere',
      'CREATE TABLE notes (plan_id TEXT REFERENCES v3_plans (plan_id), note TEXT)',
      'INSERT INTO notes SELECT plan_id, 1 FROM v3_plans',
    ],
  })
  const read = () => withDatabase(path, (handle) => handle.prepare('SELECT * FROM running').all())
  const before = read()
  expect(before.length).toBeGreaterThan(0)
  await migrateFile(path)
  expect(soundness(path)).toEqual(sound)
  await migrateFile(path, { to: 1 })
  expect(read()).toEqual(before)
  expect(soundness(path)).toEqual(sound)
})

test('every table that the chain makes has a name that adoption refuses to find taken', async () => {
  const path = scratchFile()
  await migrateFile(path)
  const ancestors = new Set([...operationsHalf.tables, ...plansHalf.tables].map((table) => table.name))
  const own = withDatabase(path, (handle) =>
    handle
      .prepare(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow' AND name NOT LIKE 'sqlite%'",
      )
      .pluck()
      .all()
      .map(String),
  ).filter((name) => !ancestors.has(name) && name !== 'purser_migrations')
  expect(own).toContain('cost_totals')
  for (const name of own) {
    const taken = makeAncestor(scratchFile(), {
      operations: true,
      afterwards: [`CREATE TABLE "${name}" (id)`],
    })
    await expect(migrateFile(taken), name).rejects.toMatchObject({
      details: [`the table ${name} is not the ancestor's, and Purser needs the name`],
    })
  }
})
