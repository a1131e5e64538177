// G8: databases that are neither empty, nor Purser's, nor laid out as an ancestor's are refused
// with every difference named, and are left byte for byte as they were: no ledger, no write-ahead
// log, no backup, no change of the journal mode.

import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { MigrationError, openStore } from '../../src/index.ts'
import { sound, soundness } from '../support/database-content.ts'
import { type AncestorOptions, makeAncestor } from '../support/legacy.ts'
import { migrateFile, withBackend } from '../support/migrated.ts'
import { folderState, scratchFile } from '../support/scratch.ts'

function makeForeign(path: string, statements: readonly string[]): string {
  const handle = new Database(path)
  for (const sql of statements) handle.exec(sql)
  handle.close()
  return path
}

interface Foreign {
  readonly statements: readonly string[]
  readonly details: readonly string[]
}

const foreign: Readonly<Record<string, Foreign>> = {
  'a tasks table of another program': {
    statements: [
      'CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT, done INTEGER)',
      "INSERT INTO tasks VALUES (1, 'sail', 0)",
    ],
    details: [
      'tasks.id has the type INTEGER, expected TEXT',
      'tasks.title has the nullability true, expected false',
      'the column tasks.description is missing',
      'the column tasks.done is not known',
      'the table cost_records is missing',
      'the table messages is missing',
      'the version mark is 0, expected 1',
    ],
  },
  'tables of other names': {
    statements: ['CREATE TABLE invoices (id INTEGER)', 'CREATE TABLE payments (id INTEGER)'],
    details: ['invoices', 'payments'],
  },
  'an actions table of another program': {
    statements: ['CREATE TABLE actions (id INTEGER PRIMARY KEY)'],
    details: [
      'the column actions.namespaced_name is missing',
      'the column actions.id is not known',
      'the table v3_plans is missing',
    ],
  },
  'one virtual table': {
    statements: ['CREATE VIRTUAL TABLE notes USING fts5(body)'],
    details: ['notes'],
  },
  'one view': {
    statements: ['CREATE VIEW tasks AS SELECT 1 AS id'],
    details: ['the column tasks.title is missing', 'the table messages is missing'],
  },
  "a ledger of other columns under Purser's name": {
    statements: ['CREATE TABLE purser_migrations (id INTEGER PRIMARY KEY)'],
    details: [],
  },
}

const damaged: Readonly<Record<string, { options: AncestorOptions; details: readonly string[] }>> = {
  'a missing column': {
    options: { operations: true, damage: ['missingColumn'] },
    details: ['the column messages.priority is missing'],
  },
  'a column too many': {
    options: { operations: true, damage: ['extraColumn'] },
    details: ['the column tasks.mood is not known'],
  },
  'a column of another type': {
    options: { operations: true, damage: ['wrongType'] },
    details: ['cost_records.call_category has the type INTEGER, expected TEXT'],
  },
  'another default': {
    options: { operations: true, damage: ['wrongDefault'] },
    details: ["messages.priority has the default 'urgent', expected 'normal'"],
  },
  'a column that may be null': {
    options: { operations: true, damage: ['wrongNullability'] },
    details: ['messages.priority has the nullability true, expected false'],
  },
  'a missing table': {
    options: { operations: true, damage: ['missingTable'] },
    details: ['the table cost_records is missing'],
  },
  'another version mark': {
    options: { operations: true, damage: ['otherMark'] },
    details: ['the version mark is 7, expected 1'],
  },
  'another Alembic revision': {
    options: { plans: true, damage: ['otherRevision'] },
    details: [expect.stringMatching(/^the Alembic revision is m3_001, expected m4_003_plan_env_columns/)],
  },
  'no Alembic revision': {
    options: { plans: true, damage: ['noRevision'] },
    details: [expect.stringMatching(/^the Alembic revision is none/)],
  },
  'a missing plans table': {
    options: { plans: true, afterwards: ['DROP TABLE plan_arguments'] },
    details: ['the table plan_arguments is missing'],
  },
  'a trigger on one of its tables': {
    options: {
      operations: true,
      afterwards: [
        "CREATE TRIGGER t AFTER INSERT ON tasks BEGIN UPDATE tasks SET title = 'x' WHERE id = NEW.id; END",
      ],
    },
    details: ['the trigger t on tasks is not known'],
  },
  'a table with a name that Purser needs': {
    options: { operations: true, afterwards: ['CREATE TABLE cost_totals (id INTEGER)'] },
    details: ["the table cost_totals is not the ancestor's, and Purser needs the name"],
  },
  'rows without an id': {
    options: {
      operations: true,
      afterwards: [
        "UPDATE tasks SET id = NULL WHERE id = 'task-3'",
        'UPDATE messages SET id = NULL WHERE rowid < 4',
      ],
    },
    details: ['1 row of tasks have no id; give them one', '3 rows of messages have no id; give them one'],
  },
  'several differences in both halves': {
    options: { operations: true, plans: true, damage: ['extraColumn', 'missingColumn', 'otherRevision'] },
    details: [
      'the column tasks.mood is not known',
      'the column messages.priority is missing',
      expect.stringMatching(/m3_001/),
    ],
  },
}

async function expectRefused(path: string, details: readonly unknown[]): Promise<void> {
  const folder = dirname(path)
  const before = folderState(folder)
  const refusals = [
    () => migrateFile(path, { backup: true }),
    () => openStore(`sqlite:${path}`).then((store) => store.close()),
    () => withBackend(path, (store) => store.migrationPlan()),
  ]
  for (const attempt of refusals) {
    const error = await attempt().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(MigrationError)
    expect((error as MigrationError).details).toEqual(expect.arrayContaining([...details]))
    expect((error as MigrationError).message).toMatch(
      /left as it is|left as it was|nothing was changed|rolled back/,
    )
    expect(folderState(folder)).toEqual(before)
  }
  expect(soundness(path)).toEqual(sound)
}

describe.each(Object.entries(foreign))('%s', (_, { statements, details }) => {
  test('is refused and not touched', () => expectRefused(makeForeign(scratchFile(), statements), details))
  test('is refused and not touched in WAL mode', () =>
    expectRefused(makeForeign(scratchFile(), ['PRAGMA journal_mode = wal', ...statements]), details))
})

describe.each(Object.entries(damaged))('an ancestor with %s', (_, { options, details }) => {
  test('is refused and not touched', () => expectRefused(makeAncestor(scratchFile(), options), details))
})
