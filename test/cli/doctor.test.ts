// `purser doctor` as a process: what it prints for people and programs, how it ends, and that
// findings come back whole.

import { chmodSync, copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { newTask } from '../../src/conformance/support/samples.ts'
import { type DoctorCheck, type Finding, openStore } from '../../src/index.ts'
import { withoutProgress, workspace } from '../support/cli/purser.ts'
import { withDatabase } from '../support/database-content.ts'
import { makeAncestor } from '../support/legacy.ts'
import { migrateFile } from '../support/migrated.ts'
import { damage, makeOrganisation } from '../support/organisation.ts'
import { hashOf } from '../support/scratch.ts'

interface Doctor {
  readonly checks: readonly DoctorCheck[]
}
interface Findings extends Doctor {
  readonly findings: readonly (Omit<Finding, 'time'> & { readonly time: string })[]
  readonly nextCursor: string | null
  readonly summary: { readonly shown: number; readonly total: number }
}

async function organisation() {
  const place = workspace()
  const path = place.path('books.db')
  return { ...place, path, url: ['--url', 'sqlite:books.db'], made: await makeOrganisation(path) }
}

test('finds nothing wrong with a sound database, and ends with 0', async () => {
  const { purser, url, path } = await organisation()
  const { code, stdout, stderr } = await purser(['doctor', ...url])
  expect({ code, stderr: withoutProgress(stderr) }).toEqual({ code: 0, stderr: '' })
  const lines = stdout.trimEnd().split('\n')
  expect(lines[0]).toBe(path)
  expect(lines.filter((line) => line.startsWith('  ✔ '))).toHaveLength(16)
  expect(lines.at(-1)).toBe('16 ok')
  expect(await purser(['doctor', '--quiet', ...url])).toMatchObject({ code: 0, stdout: '' })
})

test('names what is wrong and what to do, ends with 3, and changes nothing', async () => {
  const { purser, url, path, made } = await organisation()
  const [, child, leaf] = made.plans
  damage(
    path,
    `UPDATE plans SET root_plan_id = '${child}' WHERE plan_id = '${leaf}'`,
    'DROP INDEX tasks_status',
    "UPDATE tasks SET assigned_to = NULL WHERE id = 'busy'",
  )
  const before = hashOf(path)
  const { code, stdout } = await purser(['doctor', ...url])
  expect(code).toBe(3)
  expect(stdout).toContain(`✘ plan trees          1 plan with a wrong root_plan_id: ${leaf}`)
  expect(stdout).toContain('✘ task assignees      1 task with a status that their assignee contradicts: busy')
  expect(stdout).toContain('→ run purser drift --url sqlite:books.db to see each')
  expect(stdout).toMatch(/\n13 ok, 3 failed\n$/)
  expect(hashOf(path)).toBe(before)
})

test('with --json gives every check, with ids whole', async () => {
  const { purser, url, path, made } = await organisation()
  damage(path, `UPDATE plans SET parent_plan_id = plan_id WHERE plan_id = '${made.otherPlan}'`)
  const result = await purser(['doctor', '--json', ...url])
  expect(result.code).toBe(3)
  const { command, status, exitCode, data } = result.json<Doctor>()
  expect({ command, status, exitCode }).toEqual({ command: 'doctor', status: 'warn', exitCode: 3 })
  expect(data.checks).toHaveLength(16)
  for (const check of data.checks)
    expect(Object.keys(check)).toEqual(['name', 'status', 'detail', 'count', 'next'])
  expect(data.checks.find(({ status: found }) => found === 'fail')).toMatchObject({
    name: 'plan trees',
    detail: `1 cycle of parents: ${made.otherPlan}`,
    count: 1,
  })
})

test('fits its lines to the screen', async () => {
  const { purser, url, path } = await organisation()
  damage(path, 'DROP INDEX tasks_status', 'DROP INDEX plans_phase', 'DROP INDEX messages_to')
  const { stdout } = await purser(['doctor', ...url], { env: { COLUMNS: '70' } })
  for (const line of stdout.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(70)
})

test('an ancestor’s database: what to do, and nothing is migrated', async () => {
  const { purser, path } = workspace()
  makeAncestor(path('old.db'), { operations: true, plans: true })
  const before = hashOf(path('old.db'))
  const { code, stdout } = await purser(['doctor', '--url', 'sqlite:old.db'])
  expect(code).toBe(3)
  expect(stdout).toContain('✘ ledger')
  expect(stdout).toContain('purser migrate --url sqlite:old.db')
  expect(stdout).toContain('not checked: the database is at version 0')
  const findings = await purser(['doctor', '--findings', '--json', '--url', 'sqlite:old.db'])
  expect(findings.code).toBe(3)
  expect(Object.keys(findings.json<Doctor>().data)).toEqual(['checks'])
  expect(hashOf(path('old.db'))).toBe(before)
})

test('a database that is not there is not made; a file that is none is refused', async () => {
  const { purser, folder, path } = workspace()
  expect(await purser(['doctor', '--url', 'sqlite:none.db'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is no database at') as string,
  })
  expect(readdirSync(folder)).toEqual([])
  writeFileSync(path('notes.txt'), 'Nothing but text.\n')
  expect(await purser(['doctor', '--url', 'sqlite:notes.txt'])).toMatchObject({ code: 1, stdout: '' })
  expect(readdirSync(folder)).toEqual(['notes.txt'])
})

test('--limit and --cursor belong to --findings', async () => {
  const { purser, url } = await organisation()
  expect(await purser(['doctor', '--limit', '3', ...url])).toMatchObject({
    code: 2,
    stderr: 'purser: --limit and --cursor go with --findings\n',
  })
})

test('wrong totals are put right by the command that docs/operations.md names', async () => {
  const { purser, done, url, path } = await organisation()
  damage(path, 'UPDATE cost_totals SET cost = cost + 1, records = records + 1')
  const sick = await purser(['doctor', '--json', ...url])
  expect(sick.json<Doctor>().data.checks.filter(({ status }) => status === 'fail')).toMatchObject([
    { name: 'cost totals' },
  ])
  await done(['doctor', '--fix', '--yes', ...url])
  expect(await purser(['doctor', ...url])).toMatchObject({ code: 0 })
})

describe('--findings', () => {
  /** A made-up ancestor with values that cannot be carried over. */
  async function adopted() {
    const place = workspace()
    const long = `{"${'x'.repeat(400)}`
    makeAncestor(place.path('old.db'), {
      operations: true,
      afterwards: [
        `UPDATE tasks SET reviewers = '${long}' WHERE id IN (SELECT id FROM tasks ORDER BY id LIMIT 1)`,
        `UPDATE tasks SET dependencies = '[' || char(27) || '[31m' || char(10) || 'red' WHERE id IN (SELECT id FROM tasks ORDER BY id LIMIT 1)`,
        "UPDATE tasks SET delegation_chain = '  ' WHERE id IN (SELECT id FROM tasks ORDER BY id LIMIT 3)",
      ],
    })
    await migrateFile(place.path('old.db'))
    return { ...place, long, url: ['--url', 'sqlite:old.db'] }
  }

  test('lists originals: cut, on one line, and without what a terminal would obey', async () => {
    const { purser, url } = await adopted()
    const { code, stdout } = await purser(['doctor', '--findings', ...url])
    expect(code).toBe(0)
    expect(stdout).toContain('! findings            5 values could not be carried over: 5 json-unreadable')
    expect(stdout).toMatch(/TABLE +ROW +COLUMN +PROBLEM +BY +ORIGINAL/)
    expect(stdout).toMatch(/tasks +\S+ +reviewers +json-unreadable +migration 3 +\{"x+…\n/)
    expect(stdout).toContain('[\u{fffd}[31m\\nred')
    expect(stdout).toContain('"  "')
    expect(stdout).not.toContain('\u001b')
    expect(stdout).toContain('5 findings; --verbose or --json shows each original whole')
  })

  test('gives them whole with --verbose and with --json', async () => {
    const { purser, url, long } = await adopted()
    expect((await purser(['doctor', '--findings', '--verbose', ...url])).stdout).toContain(long)
    const { data } = (await purser(['doctor', '--findings', '--json', ...url])).json<Findings>()
    expect(data.checks).toHaveLength(16)
    expect(data.summary).toEqual({ shown: 5, total: 5 })
    expect(data.nextCursor).toBeNull()
    expect(data.findings.map(({ original }) => original)).toEqual([
      long,
      '[\u001b[31m\nred',
      '  ',
      '  ',
      '  ',
    ])
    expect(data.findings[0]).toEqual({
      table: 'tasks',
      rowId: expect.any(String) as string,
      column: 'reviewers',
      problem: 'json-unreadable',
      original: long,
      migration: 3,
      time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    })
  })

  test('goes page by page', async () => {
    const { purser, url } = await adopted()
    const first = await purser(['doctor', '--findings', '--limit', '2', ...url])
    expect(first.stdout).toContain('2 of 5 findings')
    const cursor = /--cursor=(\S+)/.exec(first.stdout)?.[1] ?? ''
    const words = ['doctor', '--findings', '--limit', '2', `--cursor=${cursor}`, ...url]
    const { data } = (await purser([...words, '--json'])).json<Findings>()
    expect(data.checks.map(({ name }) => name)).toEqual(['findings'])
    expect(data.summary).toEqual({ shown: 2, total: 5 })
    expect(data.nextCursor).not.toBeNull()
    expect((await purser(['doctor', '--findings', '--cursor', 'wrong', ...url])).code).toBe(2)
  })

  test('says when there is nothing', async () => {
    const { purser, url } = await organisation()
    const { code, stdout } = await purser(['doctor', '--findings', ...url])
    expect(code).toBe(0)
    expect(stdout).toContain('No findings: no migration had to replace a value.')
  })

  const legacy = fileURLToPath(new URL('../../../shared/fixtures/legacy/plans-corrupt.db', import.meta.url))
  if (!existsSync(legacy)) console.warn(`SKIPPED: there is no ${legacy}`)

  test.skipIf(!existsSync(legacy))('has every value of the real ancestor that was replaced', async () => {
    const { done, path } = workspace()
    copyFileSync(legacy, path('plans.db'))
    chmodSync(path('plans.db'), 0o600)
    const oldColumns: Readonly<Record<string, string>> = {
      automation_profile_name: 'automation_profile',
      sandbox_refs: 'sandbox_refs_json',
      validation_summary: 'validation_summary_json',
      error_details: 'error_details_json',
    }
    const old = withDatabase(path('plans.db'), (handle) =>
      handle.prepare('SELECT * FROM v3_plans').all(),
    ) as Readonly<Record<string, unknown>>[]
    const { stdout } = await done(['migrate', '--json', '--no-backup', '--url', 'sqlite:plans.db'])
    const { total } = (JSON.parse(stdout) as { data: { findings: { total: number } } }).data.findings
    expect(total).toBeGreaterThan(8)
    const { data } = (
      await done(['doctor', '--findings', '--json', '--url', 'sqlite:plans.db'])
    ).json<Findings>()
    expect(data.findings).toHaveLength(total)
    for (const { rowId, column, original } of data.findings) {
      const row = old.find(({ plan_id: id }) => id === rowId)
      expect(row?.[oldColumns[column] ?? column], `${rowId} ${column}`).toBe(original)
    }
  })
})

describe('U15: --fix', () => {
  async function weird() {
    const place = await organisation()
    damage(
      place.path,
      "UPDATE tasks SET status = 'weird' WHERE id = 'busy'",
      "UPDATE tasks SET priority = 'a secret of somebody' WHERE id = 'idle'",
      "UPDATE cost_totals SET cost = cost + 1 WHERE dimension = 'agent'",
      'DROP INDEX tasks_status',
    )
    return place
  }

  test('--plan shows each change with its values, and changes nothing', async () => {
    const { purser, url, path } = await weird()
    const before = hashOf(path)
    const { code, stdout } = await purser(['doctor', '--fix', '--plan', ...url])
    expect(code).toBe(3)
    expect(stdout).toMatch(/^tasks +busy +status +weird +interrupted +is no word of its list$/m)
    expect(stdout).toMatch(/^tasks +idle +priority +\(no word\) +medium/m)
    expect(stdout).toMatch(/^tasks +tasks_status +is missing; it is made$/m)
    expect(stdout).toMatch(/^cost_totals +agent +3 totals are not the sum of the records$/m)
    expect(stdout).toContain(
      'Nothing was changed. To put it right:\n  purser doctor --fix --url sqlite:books.db',
    )
    expect(stdout).not.toContain('secret')
    expect(hashOf(path)).toBe(before)
  })

  test('without a terminal it needs --yes, and changes nothing until then', async () => {
    const { purser, url, path } = await weird()
    const before = hashOf(path)
    const { code, stderr } = await purser(['doctor', '--fix', ...url])
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /^purser: 4 changes would be made in .*--fix --plan.* shows each\); nothing was done.*--yes/,
    )
    expect(hashOf(path)).toBe(before)
  })

  test('with --yes makes the changes in the name of --actor, keeps the words, and the database is well', async () => {
    const { purser, url } = await weird()
    const { code, stdout } = await purser(['doctor', '--fix', '--yes', '--actor', 'mira', ...url])
    expect(code).toBe(0)
    expect(stdout).toMatch(/✔ 4 changes in /)
    const log = await purser(['audit', 'log', '--actor', 'mira', '--json', ...url])
    const { items } = log.json<{ items: readonly { action: string }[] }>().data
    expect(items.map(({ action }) => action)).toEqual(Array(4).fill('doctor:fix'))
    const found = await purser(['doctor', '--findings', ...url])
    expect(found.code).toBe(0)
    expect(found.stdout).toMatch(/^tasks +busy +status +word-unknown +doctor --fix +weird$/m)
    const again = await purser(['doctor', '--fix', ...url])
    expect(again).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('There is nothing to put right') as string,
    })
  })

  test('--json has the plan, and what was done; what cannot be put right is left, with what to do', async () => {
    const { purser, url, path } = await organisation()
    damage(
      path,
      "UPDATE tasks SET reviewers = '{}' WHERE id = 'busy'",
      "UPDATE tasks SET type = 'odd' WHERE id = 'idle'",
    )
    const plan = await purser(['doctor', '--fix', '--plan', '--json', ...url])
    expect(plan.json<object>().data).toMatchObject({
      planned: true,
      repairs: [{ kind: 'value', table: 'tasks', id: 'idle', column: 'type', before: 'odd', after: 'admin' }],
      left: [{ table: 'tasks', id: 'busy', column: 'reviewers', reason: 'it cannot be read' }],
    })
    const done = await purser(['doctor', '--fix', '--yes', '--json', ...url])
    expect(done.code).toBe(3)
    expect(done.json<object>().data).toMatchObject({ planned: false, done: [{ id: 'idle' }], failed: [] })
  })

  test('makes all changes, also where one plan cannot list them all, and ends with 0', async () => {
    const { purser, url, path } = await organisation()
    const weird = "SELECT count(*) FROM tasks WHERE status = 'weird'"
    const count = () => withDatabase(path, (handle) => handle.prepare(weird).pluck().get())
    {
      await using store = await openStore(`sqlite:${path}`)
      await store.tasks.createMany(
        Array.from({ length: 1100 }, (_, index) => newTask({ id: `many-${index}` })),
      )
    }
    damage(path, "UPDATE tasks SET status = 'weird' WHERE id LIKE 'many-%'")
    const plan = await purser(['doctor', '--fix', '--plan', ...url])
    expect(plan).toMatchObject({ code: 3, stdout: expect.stringMatching(/^and 100 more$/m) as string })
    const asked = await purser(['doctor', '--fix', ...url])
    expect(asked.stderr).toMatch(/^purser: 1,100 changes would be made/)
    expect(count()).toBe(1100)
    const { code, json } = await purser(['doctor', '--fix', '--yes', '--json', ...url])
    expect(code).toBe(0)
    const { data } = json<{ done: readonly unknown[]; more: object }>()
    expect([data.done.length, data.more]).toEqual([1000, { done: 100, repairs: 0, left: 0 }])
    expect(count()).toBe(0)
    expect(await purser(['doctor', '--quiet', ...url])).toMatchObject({ code: 0 })
  })

  test('flags that do not go together are refused', async () => {
    const { purser, url } = await organisation()
    for (const words of [['--plan'], ['--yes'], ['--fix', '--findings'], ['--fix', '--plan', '--yes']])
      expect(await purser(['doctor', ...words, ...url])).toMatchObject({ code: 2 })
  })
})
