// Drift: no difference on any way that leads to this version, and each kind of change by hand is told with what is declared and what
// is there. Changes that SQLite has no statement for are made in its own table of statements, as a rebuild of the table would.

import { chmodSync, copyFileSync, existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createBackend, openStore, type SchemaDifference } from '../../src/index.ts'
import { startChild } from '../fixtures/child-process.ts'
import { withDatabase } from '../fixtures/database-content.ts'
import { type AncestorOptions, makeAncestor } from '../fixtures/legacy.ts'
import { latest, migrateFile, withBackend } from '../fixtures/migrated.ts'
import { hashOf, scratchFile } from '../fixtures/scratch.ts'

const driftOf = (path: string) => withBackend(path, (store) => store.drift())

async function freshFile(): Promise<string> {
  const path = scratchFile()
  await migrateFile(path)
  return path
}

function change(path: string, ...statements: readonly string[]): void {
  withDatabase(
    path,
    (handle) => {
      handle.pragma('foreign_keys = off')
      for (const sql of statements) handle.exec(sql)
    },
    false,
  )
}

/** Changes the statement that made a table, index or trigger. */
function rewrite(path: string, name: string, from: string, to: string): void {
  withDatabase(
    path,
    (handle) => {
      handle.unsafeMode()
      handle.pragma('writable_schema = on')
      const { changes } = handle
        .prepare('UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = ? AND instr(sql, ?) > 0')
        .run(from, to, name, from)
      handle.pragma('writable_schema = reset')
      if (changes !== 1) throw new Error(`${name} does not contain ${from}`)
    },
    false,
  )
}

describe('there is no difference', () => {
  const ancestors: Readonly<Record<string, AncestorOptions>> = {
    'an operations ancestor': { operations: true },
    'a plans ancestor': { plans: true },
    'both ancestors in one file': { operations: true, plans: true },
  }

  test('in a fresh database, also with rows', async () => {
    await using store = await openStore('sqlite::memory:')
    expect(await store.drift()).toEqual([])
    await store.plans.create({ name: 'local/a', actionName: 'local/do', description: 'd' })
    await store.messages.append({ sender: 'a', to: 'b', channel: 'c', type: 'announcement', content: 'x' })
    expect(await store.drift()).toEqual([])
  })

  test('after every single step up, and after down and up', async () => {
    const path = scratchFile()
    for (let to = 1; to <= latest; to += 1) await migrateFile(path, { to })
    expect(await driftOf(path)).toEqual([])
    await migrateFile(path, { to: 1 })
    await migrateFile(path)
    expect(await driftOf(path)).toEqual([])
  })

  test.each(Object.keys(ancestors))('in %s that was taken over', async (name) => {
    const path = makeAncestor(scratchFile(), ancestors[name] ?? {})
    await migrateFile(path)
    expect(await driftOf(path)).toEqual([])
  })

  const legacy = fileURLToPath(new URL('../../../shared/fixtures/legacy/', import.meta.url))
  test.skipIf(!existsSync(legacy)).each(['operations-v1.db', 'plans-m4_003.db', 'plans-corrupt.db'])(
    'in the real ancestor %s that was taken over',
    async (name) => {
      const path = scratchFile()
      copyFileSync(`${legacy}${name}`, path)
      chmodSync(path, 0o600)
      await migrateFile(path)
      expect(await driftOf(path)).toEqual([])
    },
  )

  test('where another program keeps tables of its own beside', async () => {
    const path = await freshFile()
    change(
      path,
      'CREATE TABLE invoices (id INTEGER PRIMARY KEY)',
      'CREATE VIEW open_tasks AS SELECT id FROM tasks',
    )
    expect(await driftOf(path)).toEqual([])
  })
})

describe('a change by hand', () => {
  const cases: Readonly<Record<string, { by: (path: string) => void; gives: readonly SchemaDifference[] }>> =
    {
      'a dropped table': {
        by: (path) => change(path, 'DROP TABLE purser_originals'),
        gives: [{ table: 'purser_originals', kind: 'table', declared: 'a table of 5 columns', live: null }],
      },
      'tables under names that are reserved': {
        by: (path) => change(path, 'CREATE TABLE purser_notes (text)', 'CREATE TABLE tasks__new (id, title)'),
        gives: [
          { table: 'purser_notes', kind: 'table', declared: null, live: 'a table of 1 column' },
          { table: 'tasks__new', kind: 'table', declared: null, live: 'a table of 2 columns' },
        ],
      },
      'a dropped column': {
        by: (path) => change(path, 'ALTER TABLE tasks DROP COLUMN deadline'),
        gives: [
          { table: 'tasks', column: 'deadline', kind: 'column', declared: 'TEXT, may be null', live: null },
        ],
      },
      'an added column': {
        by: (path) => change(path, "ALTER TABLE messages ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'"),
        gives: [
          {
            table: 'messages',
            column: 'mood',
            kind: 'column',
            declared: null,
            live: "TEXT, not null, default 'calm'",
          },
        ],
      },
      'another type': {
        by: (path) => rewrite(path, 'cost_records', '"latency_ms" INTEGER', '"latency_ms" REAL'),
        gives: [
          { table: 'cost_records', column: 'latency_ms', kind: 'type', declared: 'INTEGER', live: 'REAL' },
        ],
      },
      'a column that may be null now': {
        by: (path) => rewrite(path, 'plans', '"root_plan_id" TEXT NOT NULL', '"root_plan_id" TEXT'),
        gives: [
          {
            table: 'plans',
            column: 'root_plan_id',
            kind: 'nullability',
            declared: 'not null',
            live: 'may be null',
          },
        ],
      },
      'another default, and one that is gone': {
        by: (path) => {
          rewrite(
            path,
            'tasks',
            `"priority" TEXT NOT NULL DEFAULT 'medium'`,
            `"priority" TEXT NOT NULL DEFAULT 'high'`,
          )
          rewrite(path, 'tasks', "DEFAULT 'auto'", '')
        },
        gives: [
          { table: 'tasks', column: 'priority', kind: 'default', declared: "'medium'", live: "'high'" },
          {
            table: 'tasks',
            column: 'coordination_topology',
            kind: 'default',
            declared: "'auto'",
            live: null,
          },
        ],
      },
      'another primary key': {
        by: (path) =>
          rewrite(path, 'purser_originals', '"row_id", "column_name")', '"column_name", "row_id")'),
        gives: [
          {
            table: 'purser_originals',
            column: 'row_id',
            kind: 'primary key',
            declared: 'column 3',
            live: 'column 4',
          },
          {
            table: 'purser_originals',
            column: 'column_name',
            kind: 'primary key',
            declared: 'column 4',
            live: 'column 3',
          },
        ],
      },
      'another computed value': {
        by: (path) => rewrite(path, 'messages', '$.task_id', '$.taskId'),
        gives: [
          {
            table: 'messages',
            column: 'task_id',
            kind: 'computed value',
            declared: "CASE WHEN json_valid(metadata)THEN json_extract(metadata,'$.task_id')END",
            live: "CASE WHEN json_valid(metadata)THEN json_extract(metadata,'$.taskId')END",
          },
        ],
      },
      'another policy of a foreign key': {
        by: (path) =>
          rewrite(
            path,
            'tasks',
            'REFERENCES "plans" ("plan_id") ON DELETE NO ACTION',
            'REFERENCES "plans" ("plan_id") ON DELETE CASCADE',
          ),
        gives: [
          {
            table: 'tasks',
            column: 'plan_id',
            kind: 'foreign key',
            declared: 'plans (plan_id), on delete no action',
            live: 'plans (plan_id), on delete cascade',
          },
        ],
      },
      'a foreign key that is gone': {
        by: (path) => rewrite(path, 'tasks', 'REFERENCES "plans" ("plan_id") ON DELETE NO ACTION', ''),
        gives: [
          {
            table: 'tasks',
            column: 'plan_id',
            kind: 'foreign key',
            declared: 'plans (plan_id), on delete no action',
            live: null,
          },
        ],
      },
      'a check that is gone': {
        by: (path) => rewrite(path, 'tasks', 'CHECK (json_valid("reviewers"))', ''),
        gives: [{ table: 'tasks', kind: 'check', declared: 'json_valid(reviewers)', live: null }],
      },
      'a check that is wider': {
        by: (path) =>
          rewrite(path, 'actions', "('available', 'archived')", "('available', 'archived', 'lost')"),
        gives: [
          { table: 'actions', kind: 'check', declared: "state IN('available','archived')", live: null },
          {
            table: 'actions',
            kind: 'check',
            declared: null,
            live: "state IN('available','archived','lost')",
          },
        ],
      },
      'a table that keeps its rows another way': {
        by: (path) => {
          change(
            path,
            'DROP TRIGGER cost_records_totals',
            'DROP TABLE cost_totals',
            "CREATE TABLE cost_totals (dimension TEXT NOT NULL, member TEXT NOT NULL, currency TEXT NOT NULL, slot INTEGER NOT NULL, cost INTEGER NOT NULL CHECK (typeof(cost) IN ('integer', 'null')), input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, cache_read_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL, records INTEGER NOT NULL, PRIMARY KEY (dimension, member, currency, slot))",
          )
        },
        gives: [
          {
            table: 'cost_records',
            kind: 'trigger',
            declared: expect.stringContaining('INSERT INTO cost_totals') as string,
            live: null,
          },
          { table: 'cost_totals', kind: 'options', declared: 'without rowid', live: null },
        ],
      },
      'a dropped index': {
        by: (path) => change(path, 'DROP INDEX cost_records_idempotency_key'),
        gives: [
          {
            table: 'cost_records',
            kind: 'index',
            declared:
              'cost_records_idempotency_key unique (idempotency_key) where idempotency_key IS NOT NULL',
            live: null,
          },
        ],
      },
      'an added index': {
        by: (path) => change(path, 'CREATE INDEX of_mine ON tasks (created_by) WHERE created_by IS NOT NULL'),
        gives: [
          {
            table: 'tasks',
            kind: 'index',
            declared: null,
            live: 'of_mine (created_by) where created_by IS NOT NULL',
          },
        ],
      },
      'an index on other columns, and one that is not unique any more': {
        by: (path) =>
          change(
            path,
            'DROP INDEX tasks_status',
            'CREATE INDEX tasks_status ON tasks (status)',
            'DROP INDEX messages_id',
            'CREATE INDEX messages_id ON messages (id)',
          ),
        gives: [
          { table: 'messages', kind: 'index', declared: 'messages_id unique (id)', live: 'messages_id (id)' },
          {
            table: 'tasks',
            kind: 'index',
            declared: 'tasks_status (status, created_at, id)',
            live: 'tasks_status (status)',
          },
        ],
      },
      'a dropped trigger': {
        by: (path) => change(path, 'DROP TRIGGER audit_entries_no_delete'),
        gives: [
          {
            table: 'audit_entries',
            kind: 'trigger',
            declared: expect.stringContaining('rows of audit_entries are never removed') as string,
            live: null,
          },
        ],
      },
      'a trigger that does nothing any more': {
        by: (path) =>
          change(
            path,
            'DROP TRIGGER plans_profile_frozen',
            'CREATE TRIGGER plans_profile_frozen BEFORE UPDATE ON plans BEGIN SELECT 1; END',
          ),
        gives: [
          {
            table: 'plans',
            kind: 'trigger',
            declared: expect.stringContaining('RAISE(ABORT') as string,
            live: 'CREATE TRIGGER plans_profile_frozen BEFORE UPDATE ON plans BEGIN SELECT 1; END',
          },
        ],
      },
      'a trigger of somebody else': {
        by: (path) => change(path, 'CREATE TRIGGER spy AFTER INSERT ON messages BEGIN SELECT 1; END'),
        gives: [
          {
            table: 'messages',
            kind: 'trigger',
            declared: null,
            live: 'CREATE TRIGGER spy AFTER INSERT ON messages BEGIN SELECT 1; END',
          },
        ],
      },
      'a search index of another kind': {
        by: (path) =>
          change(
            path,
            'DROP TABLE messages_fts',
            "CREATE VIRTUAL TABLE messages_fts USING fts5(content, content='messages', content_rowid='seq', columnsize=0, tokenize='porter')",
          ),
        gives: [
          {
            table: 'messages_fts',
            kind: 'options',
            declared: expect.stringContaining("tokenize='unicode61 remove_diacritics 0'") as string,
            live: expect.stringContaining("tokenize='porter'") as string,
          },
        ],
      },
    }

  test.each(Object.keys(cases))('%s is told, and nothing else', async (name) => {
    const { by, gives } = cases[name] as (typeof cases)[string]
    const path = await freshFile()
    by(path)
    const before = hashOf(path)
    expect(await driftOf(path)).toEqual(gives)
    expect(hashOf(path)).toBe(before)
  })
})

test('a view in the place of a table is no table', async () => {
  const path = await freshFile()
  change(path, 'DROP TABLE automation_profiles', 'CREATE VIEW automation_profiles AS SELECT 1 AS name')
  expect(await driftOf(path)).toContainEqual({
    table: 'automation_profiles',
    kind: 'options',
    declared: null,
    live: 'view',
  })
})

test('a file that may only be read is compared and examined too', async () => {
  const path = await freshFile()
  change(path, 'DROP INDEX tasks_status')
  chmodSync(path, 0o444)
  chmodSync(dirname(path), 0o777)
  const child = startChild('open-as-nobody', [path, 'examine'])
  const line = await child.line('examined ')
  const { drift, failed } = JSON.parse(line.slice('examined '.length)) as {
    drift: SchemaDifference[]
    failed: { name: string }[]
  }
  expect(drift).toMatchObject([{ table: 'tasks', kind: 'index', live: null }])
  expect(failed.map(({ name }) => name)).toEqual(['schema drift'])
})

describe('a database at another version is not compared, and it is said what to do', () => {
  test.each([
    [
      'an older version',
      async (path: string) => migrateFile(path, { to: latest - 1 }),
      'run purser migrate first',
    ],
    [
      'an empty file',
      async () => undefined,
      'this is not a database of Purser, or not yet; run purser migrate first',
    ],
    [
      'an ancestor',
      async (path: string) => makeAncestor(path, { operations: true }),
      'this is not a database of Purser, or not yet; run purser migrate first',
    ],
    [
      'a newer version',
      async (path: string) => {
        await migrateFile(path)
        change(
          path,
          `INSERT INTO purser_migrations VALUES (${latest + 1}, 'later', 'x', 0, '2030-01-01T00:00:00.000Z', 1, '9.9.9')`,
        )
      },
      'use the build that migrated it',
    ],
  ])('%s', async (_, make, message) => {
    const path = scratchFile()
    await make(path)
    await expect(driftOf(path)).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringContaining(message),
    })
  })

  test('a store that is not open says so', async () => {
    await expect(createBackend('sqlite::memory:').drift()).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
    })
  })
})
