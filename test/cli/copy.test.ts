// `purser copy`: what it prints for people and programs, and how it ends. Copies of many records, and
// those that are stopped, are in copy-many.long.test.ts.

import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type CopyReport, openStore } from '../../src/index.ts'
import { withoutProgress, workspace } from '../support/cli/purser.ts'
import { withDatabase } from '../support/database-content.ts'
import { makeAncestor } from '../support/legacy.ts'
import { CONTENT, damage, makeOrganisation } from '../support/organisation.ts'
import { hashOf } from '../support/scratch.ts'

type Report = CopyReport & { readonly from: string; readonly to: string }

async function organisation() {
  const place = workspace()
  await makeOrganisation(place.path('books.db'))
  return place
}

const message = { sender: 'ada', to: 'bo', channel: 'deck', type: 'announcement' } as const

/** A store with so many messages. */
async function messages(path: string, count: number): Promise<void> {
  await using store = await openStore(`sqlite:${path}`)
  const content = 'x'.repeat(300)
  for (let made = 0; made < count; made += 1000) {
    await store.messages.appendMany(Array.from({ length: 1000 }, () => ({ ...message, content })))
  }
}

const countOf = (path: string) =>
  withDatabase(path, (handle) => Number(handle.prepare('SELECT count(*) FROM messages').pluck().get()))

test('copies everything, and shows rows and checksums of each table', async () => {
  const { purser, path } = await organisation()
  const { code, stdout, stderr } = await purser([
    'copy',
    '--from',
    'sqlite:books.db',
    '--to',
    'sqlite:new/copy.db',
  ])
  expect({ code, stderr: withoutProgress(stderr) }).toEqual({ code: 0, stderr: '' })
  const lines = stdout.split('\n')
  expect(lines[0]).toMatch(/^✔ Copied 30 rows \(.*\)$/)
  expect(lines.slice(1, 5)).toEqual([
    `  from  ${path('books.db')}`,
    `  to    ${path('new/copy.db')}`,
    '',
    'TABLE          ROWS  CHECKSUM          IN THE TARGET',
  ])
  expect(stdout).toMatch(/\ncost records {3} {2}12 {2}[0-9a-f]{16} {2}the same\n/)
  expect(stdout).not.toContain('purser findings')
  expect(stdout).toMatch(/\nNext:\n {2}purser doctor --url sqlite:new\/copy.db\n$/)
  expect((await purser(['doctor', '--url', 'sqlite:new/copy.db'])).code).toBe(0)
})

test('with --json gives every table, and the same a second time', async () => {
  const { done } = await organisation()
  const words = ['copy', '--url', 'sqlite:books.db', '--to', 'sqlite:copy.db', '--json']
  const first = (await done(words)).json<Report>()
  expect(first).toMatchObject({ command: 'copy', status: 'ok', exitCode: 0, messages: [] })
  expect(first.data).toMatchObject({ ok: true, continued: false, problems: [], problemCount: 0 })
  expect(first.data.tables.map(({ table }) => table)).toEqual([
    'actions',
    'automation_profiles',
    'projects',
    'plans',
    'decisions',
    'corrections',
    'plan_checkpoints',
    'plan_steps',
    'tasks',
    'budgets',
    'cost_records',
    'cost_rollups',
    'messages',
    'agents',
    'approvals',
    'parked_runs',
    'settings',
    'tokens',
    'audit_cuts',
    'audit_entries',
    'purser_findings',
    'purser_originals',
  ])
  for (const table of first.data.tables) {
    expect(table).toMatchObject({ verified: true, unchanged: 0, others: 0, stored: table.rows })
    expect(table.checksum).toMatch(/^[0-9a-f]{64}$/)
  }
  const second = (await done(words)).json<Report>()
  expect(second.data).toMatchObject({ ok: true, continued: true })
  expect(second.data.tables.map(({ checksum }) => checksum)).toEqual(
    first.data.tables.map(({ checksum }) => checksum),
  )
})

test('the source is the configured database where none is named', async () => {
  const { purser } = await organisation()
  const env = { PURSER_URL: 'sqlite:books.db' }
  expect((await purser(['copy', '--to', 'sqlite:copy.db', '--quiet'], { env })).code).toBe(0)
})

test('an empty source is said to be empty, and the target is ready', async () => {
  const { done } = workspace()
  await done(['migrate'])
  const { stdout } = await done(['copy', '--to', 'sqlite:copy.db'])
  expect(stdout).toContain('There are no records in the source; the target is ready for use.')
  await done(['doctor', '--url', 'sqlite:copy.db'])
})

describe('wrong usage and refusals', () => {
  const cases: readonly (readonly [what: string, words: readonly string[], code: number, text: RegExp])[] = [
    ['no target', ['copy'], 2, /--to is missing/],
    ['no source', ['copy', '--from', 'sqlite:none.db', '--to', 'sqlite:x.db'], 1, /there is no database at/],
    [
      'source = target',
      ['copy', '--from', 'sqlite:books.db', '--to', 'sqlite:./books.db'],
      1,
      /are one database/,
    ],
    ['a word that --on-error has not', ['copy', '--to', 'sqlite:x.db', '--on-error', 'ask'], 2, /--on-error/],
    [
      'a place that cannot be',
      ['copy', '--from', 'sqlite:books.db', '--to', 'nosql://u:hunter2@h/x'],
      1,
      /purser: /,
    ],
    [
      'a server that does not answer',
      ['copy', '--from', 'sqlite:books.db', '--to', 'postgres://u:hunter2@127.0.0.1:1/x'],
      1,
      /127\.0\.0\.1:1/,
    ],
  ]

  test.each(cases)('%s', async (_what, words, code, text) => {
    const { purser, path } = await organisation()
    const before = hashOf(path('books.db'))
    const result = await purser(words)
    expect(result.stderr).toMatch(text)
    expect(result).toMatchObject({ code, stdout: '' })
    expect(result.stderr + result.stdout).not.toContain('hunter2')
    expect(hashOf(path('books.db'))).toBe(before)
    expect(existsSync(path('x.db'))).toBe(false)
  })

  test('a source at an older version is named with what to do', async () => {
    const { done, purser, path } = workspace()
    makeAncestor(path('old.db'), { operations: true })
    await done(['migrate', '--url', 'sqlite:old.db', '--to', '4', '--yes'])
    const { code, stderr } = await purser(['copy', '--from', 'sqlite:old.db', '--to', 'sqlite:x.db'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/at version 4.*run purser migrate/)
  })

  test('a target with rows of its own is refused, and added to with --merge', async () => {
    const { purser, done, path } = await organisation()
    await messages(path('own.db'), 1000)
    const words = ['copy', '--from', 'sqlite:books.db', '--to', 'sqlite:own.db']
    const refused = await purser(words)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/the target is not empty.*--merge/)
    const { stdout } = await done([...words, '--merge'])
    expect(stdout).toMatch(/\nmessages +1 +1,000 +[0-9a-f]{16} {2}the same\n/)
    expect(countOf(path('own.db'))).toBe(1001)
  })
})

test('rows that the target has otherwise are told by id, and end with 3', async () => {
  const { done, purser, path } = await organisation()
  await done(['copy', '--from', 'sqlite:books.db', '--to', 'sqlite:other.db'])
  damage(path('other.db'), `UPDATE tasks SET title = '${CONTENT} too' WHERE id = 'idle'`)
  const words = ['copy', '--from', 'sqlite:books.db', '--to', 'sqlite:other.db', '--merge']
  const { code, stdout } = await purser(words)
  expect(code).toBe(3)
  expect(stdout).toMatch(/^✘ Copied 0 rows; 29 were there/)
  expect(stdout).toMatch(/\ntasks +idle +the target has other values/)
  expect(stdout).not.toContain(CONTENT)
  const { json } = await purser([...words, '--json'])
  expect(json<Report>()).toMatchObject({ status: 'warn', exitCode: 3 })
  expect(json<Report>().data.problems).toHaveLength(1)
})
