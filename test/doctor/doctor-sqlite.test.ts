// The doctor, on real files that somebody damaged behind Purser's back: the ledger, the schema, the
// file itself, and what migrations found. Each kind of damage is found by the check that is there
// for it, and by no other; nothing about a sick database makes the doctor throw or write. Damage of
// records is in doctor-records-sqlite.test.ts.

import { closeSync, openSync, writeSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createBackend, openStore } from '../../src/index.ts'
import { withDatabase } from '../support/database-content.ts'
import { bad, examine, find, soundDatabase, statuses } from '../support/diagnose.ts'
import { makeAncestor } from '../support/legacy.ts'
import { latest, migrateFile, withBackend } from '../support/migrated.ts'
import { damage } from '../support/organisation.ts'
import { hashOf, scratchFile } from '../support/scratch.ts'

const sound = soundDatabase()

test('a sound database is found sound', async () => {
  const report = await sound.diagnose(() => undefined)
  expect(bad(report)).toEqual([])
  expect(report.ok).toBe(true)
  expect(report.checks.map(({ name, count, next }) => [name, count, next])).toEqual(
    [
      'ledger',
      'schema drift',
      'integrity',
      'references',
      'plan trees',
      'decisions',
      'unreadable columns',
      'task assignees',
      'task links',
      'task queue',
      'task dependencies',
      'task claims',
      'cost totals',
      'search index',
      'audit chain',
      'findings',
    ].map((name) => [name, 0, null]),
  )
  expect(find(report, 'plan trees').detail).toBe('4 plans in 2 trees')
})

test('an empty one too, in memory, also while it is used', async () => {
  await using store = await openStore('sqlite::memory:')
  const [report] = await Promise.all([
    store.doctor(),
    store.messages.append({ sender: 'a', to: 'b', channel: 'c', type: 'announcement', content: 'x' }),
  ])
  expect(bad(report)).toEqual([])
})

describe('the ledger', () => {
  test('a checksum that was changed', async () => {
    const report = await sound.diagnose((path) =>
      damage(path, "UPDATE purser_migrations SET checksum = 'other' WHERE version = 3"),
    )
    expect(statuses(report)).toEqual(['ledger: fail'])
    expect(find(report, 'ledger').detail).toContain('0003-tasks of the database is not the one of this build')
  })

  test('an entry that is missing', async () => {
    const report = await sound.diagnose((path) =>
      damage(path, 'DELETE FROM purser_migrations WHERE version = 2'),
    )
    expect(statuses(report)).toEqual(['ledger: fail'])
    expect(find(report, 'ledger').detail).toContain('lacks 0002-findings')
  })

  test('a database that waits for a migration: what to do, and no check that would read another layout', async () => {
    const path = scratchFile()
    await migrateFile(path, { to: latest - 1 })
    const report = await examine(path)
    expect(find(report, 'ledger')).toMatchObject({ status: 'fail', count: 1, next: 'run purser migrate' })
    expect(find(report, 'integrity').status).toBe('ok')
    for (const name of [
      'schema drift',
      'plan trees',
      'unreadable columns',
      'cost totals',
      'audit chain',
    ] as const) {
      expect(find(report, name)).toMatchObject({
        status: 'fail',
        detail: `not checked: the database is at version ${latest - 1}`,
      })
    }
  })

  test('a database that is not Purser’s yet', async () => {
    const path = makeAncestor(scratchFile(), { operations: true, plans: true })
    const before = hashOf(path)
    const report = await examine(path)
    expect(find(report, 'ledger')).toMatchObject({
      status: 'fail',
      next: 'run purser status, then purser migrate',
    })
    expect(report.checks).toHaveLength(16)
    expect(hashOf(path)).toBe(before)
  })

  test('a newer build’s compatible migration is worth a look only', async () => {
    const report = await sound.diagnose((path) =>
      damage(
        path,
        `INSERT INTO purser_migrations VALUES (${latest + 1}, 'later', 'x', 0, '2030-01-01T00:00:00.000Z', 1, '9.9.9')`,
      ),
    )
    expect(statuses(report)).toEqual(['ledger: warn', 'schema drift: warn'])
    expect(report.ok).toBe(true)
  })

  test('a ledger that is no ledger', async () => {
    const report = await sound.diagnose((path) =>
      damage(path, 'DROP TABLE purser_migrations', 'CREATE TABLE purser_migrations (x)'),
    )
    expect(find(report, 'ledger').detail).toContain('cannot be read')
    expect(find(report, 'cost totals').detail).toBe('not checked: the ledger cannot be read')
  })
})

test('drift of the schema', async () => {
  const report = await sound.diagnose((path) =>
    damage(path, 'DROP INDEX tasks_status', 'DROP INDEX plans_phase'),
  )
  expect(bad(report)).toEqual([
    {
      name: 'schema drift',
      status: 'fail',
      detail: '2 differences from the declared schema: index of plans, index of tasks',
      count: 2,
      next: 'run purser drift to see each',
    },
  ])
})

describe('damage of the file', () => {
  test('a constraint that rows break', async () => {
    const report = await sound.diagnose((path) => damage(path, "UPDATE actions SET state = 'lost'"))
    expect(statuses(report)).toEqual(['integrity: fail', 'unreadable columns: fail'])
    expect(find(report, 'integrity')).toMatchObject({
      detail: 'the database finds 1 fault: CHECK constraint failed in actions',
      count: 1,
    })
  })

  test('an index that misses rows', async () => {
    const report = await sound.diagnose((path) =>
      withDatabase(
        path,
        (handle) => {
          handle.unsafeMode()
          handle.pragma('writable_schema = on')
          handle.exec("DELETE FROM sqlite_schema WHERE name = 'tasks_project'")
          handle.pragma('writable_schema = reset')
          handle.exec('CREATE INDEX tasks_project ON tasks (project, created_at, id)')
          handle.pragma('writable_schema = on')
          const other = handle
            .prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'automation_profiles_created'")
            .pluck()
            .get()
          handle.prepare("UPDATE sqlite_schema SET rootpage = ? WHERE name = 'tasks_project'").run(other)
          handle.pragma('writable_schema = reset')
        },
        false,
      ),
    )
    expect(find(report, 'integrity')).toMatchObject({ status: 'fail' })
    expect(find(report, 'integrity').detail).toContain('tasks_project')
    expect(find(report, 'schema drift').status).toBe('ok')
  })

  test('pages that were overwritten', async () => {
    const report = await sound.diagnose((path) => {
      const page = withDatabase(path, (handle) => {
        const root = handle
          .prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'messages'")
          .pluck()
          .get()
        return Number(root)
      })
      const file = openSync(path, 'r+')
      writeSync(file, Buffer.alloc(512, 0xab), 0, 512, 4096 * (page - 1))
      closeSync(file)
    })
    expect(statuses(report)).toEqual([
      'integrity: fail',
      'unreadable columns: fail',
      'task links: fail',
      'search index: fail',
    ])
    expect(find(report, 'unreadable columns').detail).toContain('the database file is damaged')
  })

  test('a table that is gone: checks that need it say so, the others are made', async () => {
    const report = await sound.diagnose((path) => damage(path, 'DROP TABLE audit_entries'))
    expect(statuses(report)).toEqual([
      'schema drift: fail',
      'unreadable columns: fail',
      'task links: fail',
      'audit chain: fail',
    ])
    expect(find(report, 'schema drift').detail).toContain('table of audit_entries')
    expect(find(report, 'audit chain').detail).toContain('could not be checked: ')
  })
})

test('references to rows that are missing', async () => {
  const report = await sound.diagnose((path) => damage(path, "UPDATE tasks SET plan_id = 'nowhere'"))
  expect(statuses(report)).toEqual(['references: fail'])
  expect(find(report, 'references')).toMatchObject({
    detail: '2 rows refer to missing rows: 2 rows of tasks through plan_id to plans',
    count: 2,
  })
})

describe('findings', () => {
  async function withFindings(): Promise<string> {
    const path = makeAncestor(scratchFile(), {
      operations: true,
      afterwards: [
        "UPDATE tasks SET reviewers = '{\"secret' WHERE id IN (SELECT id FROM tasks ORDER BY id LIMIT 4)",
        "UPDATE messages SET timestamp = 'noon' WHERE id IN (SELECT id FROM messages ORDER BY id LIMIT 2)",
        "UPDATE messages SET metadata = x'00ff' WHERE id IN (SELECT id FROM messages ORDER BY id LIMIT 1)",
      ],
    })
    await migrateFile(path)
    return path
  }

  test('are worth a look, counted by problem', async () => {
    const report = await examine(await withFindings())
    expect(statuses(report)).toEqual(['findings: warn'])
    expect(report.ok).toBe(true)
    expect(find(report, 'findings')).toMatchObject({
      count: 7,
      detail: '7 values could not be carried over: 5 json-unreadable, 2 time-unreadable',
      next: 'run purser doctor --findings to see the originals',
    })
    expect(JSON.stringify(report)).not.toContain('secret')
  })

  test('are listed with their originals, in pages, in the order in which they were noted', async () => {
    const path = await withFindings()
    await withBackend(path, async (store) => {
      const all = await store.findings()
      expect(all).toMatchObject({ nextCursor: null, corrupt: [] })
      expect(all.items).toHaveLength(7)
      expect(all.items[0]).toEqual({
        table: 'tasks',
        rowId: expect.any(String) as string,
        column: 'reviewers',
        problem: 'json-unreadable',
        original: '{"secret',
        migration: 3,
        time: expect.any(Date) as Date,
      })
      expect(
        all.items.filter(({ column }) => column === 'timestamp').map(({ original }) => original),
      ).toEqual(['noon', 'noon'])
      expect(all.items.find(({ column }) => column === 'metadata')?.original).toBe("x'00ff'")
      const paged: unknown[] = []
      let cursor: string | null | undefined
      do {
        const page = await store.findings({ limit: 3, ...(cursor ? { cursor } : {}) })
        expect(page.items.length).toBeLessThanOrEqual(3)
        paged.push(...page.items)
        cursor = page.nextCursor
      } while (cursor !== null)
      expect(paged).toEqual(all.items)
      await expect(store.findings({ cursor: 'other' })).rejects.toMatchObject({ code: 'INVALID_RECORD' })
      await expect(store.findings({ limit: 0 })).rejects.toMatchObject({ code: 'INVALID_RECORD' })
    })
  })

  test('one whose time cannot be read is told apart', async () => {
    const path = await withFindings()
    damage(path, "UPDATE purser_findings SET created_at = 'then' WHERE id = 2")
    await withBackend(path, async (store) => {
      const page = await store.findings()
      expect(page.items).toHaveLength(6)
      expect(page.corrupt).toEqual([{ table: 'purser_findings', id: '2', column: 'created_at' }])
    })
  })
})

describe('the doctor', () => {
  test('says how far it is, from nothing to nearly all, and never goes back', async () => {
    const seen: { check: string; share: number }[] = []
    await withBackend(sound.copy(), (store) => store.doctor({ onProgress: (step) => seen.push(step) }))
    expect(seen[0]).toEqual({ check: 'ledger', share: 0 })
    expect(seen.map(({ share }) => share)).toEqual(seen.map(({ share }) => share).toSorted((a, b) => a - b))
    expect(new Set(seen.map(({ check }) => check)).size).toBe(16)
    expect(seen.at(-1)?.share).toBeLessThanOrEqual(1)
  })

  test('makes only the checks that are asked for', async () => {
    const report = await withBackend(sound.copy(), (store) => store.doctor({ only: ['findings', 'ledger'] }))
    expect(report.checks.map(({ name }) => name)).toEqual(['ledger', 'findings'])
  })

  test('needs a store that is open', async () => {
    const store = createBackend('sqlite::memory:')
    await expect(store.doctor()).rejects.toMatchObject({ code: 'CONNECTION_FAILED' })
    await expect(store.findings()).rejects.toMatchObject({ code: 'CONNECTION_FAILED' })
  })
})
