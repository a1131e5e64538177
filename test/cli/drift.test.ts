// `purser drift` as a process: what it prints, how it ends, and that it neither makes nor migrates
// anything.

import { existsSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { workspace } from '../support/cli/purser.ts'
import { makeAncestor } from '../support/legacy.ts'
import { latest, migrateFile } from '../support/migrated.ts'
import { damage } from '../support/organisation.ts'
import { hashOf } from '../support/scratch.ts'

interface Drift {
  readonly differences: readonly Readonly<Record<string, unknown>>[]
}

async function database() {
  const place = workspace()
  const path = place.path('books.db')
  await migrateFile(path)
  return { ...place, path, url: ['--url', 'sqlite:books.db'] }
}

test('says that a schema is as declared, and ends with 0', async () => {
  const { purser, url, path } = await database()
  const result = await purser(['drift', ...url])
  expect(result).toMatchObject({ code: 0, stdout: `✔ The schema of ${path} is as declared.\n`, stderr: '' })
  expect(await purser(['drift', '--quiet', ...url])).toMatchObject({ code: 0, stdout: '' })
  expect((await purser(['drift', '--json', ...url])).json<Drift>()).toMatchObject({
    command: 'drift',
    status: 'ok',
    exitCode: 0,
    data: { differences: [] },
  })
})

test('lists every difference, ends with 3, and changes nothing', async () => {
  const { purser, url, path } = await database()
  damage(
    path,
    'DROP INDEX tasks_status',
    'ALTER TABLE tasks ADD COLUMN mood TEXT',
    'DROP TRIGGER plans_profile_frozen',
    'CREATE TRIGGER plans_profile_frozen BEFORE UPDATE ON plans BEGIN SELECT 1; END',
  )
  const before = hashOf(path)
  const { code, stdout, stderr } = await purser(['drift', ...url])
  expect({ code, stderr }).toEqual({ code: 3, stderr: '' })
  const lines = stdout.split('\n')
  expect(lines[0]).toBe(`3 differences between ${path} and the declared schema:`)
  expect(lines.slice(2, 6).map((line) => line.replaceAll(/ {2,}/g, ' | '))).toEqual([
    'TABLE | COLUMN | WHAT | DECLARED | LIVE',
    expect.stringMatching(
      /^plans \| – \| trigger \| CREATE TRIGGER plans_profile_frozen .*… \| CREATE TRIGGER .*…$/,
    ),
    'tasks | mood | column | unknown | TEXT, may be null',
    'tasks | – | index | tasks_status (status, created_at, id) | missing',
  ])
  expect(stdout).toContain('purser doctor --url sqlite:books.db')

  const json = await purser(['drift', '--json', ...url])
  expect(json.code).toBe(3)
  expect(json.json<Drift>()).toMatchObject({ status: 'warn', exitCode: 3 })
  expect(json.json<Drift>().data.differences).toEqual([
    {
      table: 'plans',
      kind: 'trigger',
      declared: expect.stringContaining('RAISE(ABORT') as string,
      live: 'CREATE TRIGGER plans_profile_frozen BEFORE UPDATE ON plans BEGIN SELECT 1; END',
    },
    { table: 'tasks', column: 'mood', kind: 'column', declared: null, live: 'TEXT, may be null' },
    { table: 'tasks', kind: 'index', declared: 'tasks_status (status, created_at, id)', live: null },
  ])
  expect(hashOf(path)).toBe(before)
})

test('on a narrow terminal definitions are cut, names are not; --verbose shows them whole', async () => {
  const { purser, url, path } = await database()
  damage(path, 'DROP TRIGGER cost_records_totals')
  const { stdout } = await purser(['drift', '--quiet', ...url], { env: { COLUMNS: '60' } })
  for (const line of stdout.trimEnd().split('\n')) expect(line.length).toBeLessThanOrEqual(60)
  expect(stdout).toMatch(/cost_records +– +trigger +CREATE TRIGGER/)
  const whole = await purser(['drift', '--verbose', ...url])
  expect(whole.stdout).toContain('records = records + excluded.records')
})

test('a database that is not there is not made', async () => {
  const { purser, folder } = workspace()
  const { code, stderr } = await purser(['drift', '--url', 'sqlite:none.db'])
  expect(code).toBe(1)
  expect(stderr).toContain('there is no database at')
  expect(readdirSync(folder)).toEqual([])
})

test('a database at another version is not migrated; it is said what to do', async () => {
  const { purser, path } = workspace()
  makeAncestor(path('old.db'), { operations: true, plans: true })
  await migrateFile(path('older.db'), { to: latest - 1 })
  for (const name of ['old.db', 'older.db']) {
    const before = hashOf(path(name))
    const { code, stdout, stderr } = await purser(['drift', '--url', `sqlite:${name}`])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('run purser migrate first')
    expect(hashOf(path(name))).toBe(before)
    expect(existsSync(path(`${name}-wal`))).toBe(false)
  }
})
