// `purser backup` as a process: the file it leaves, what it prints for people and programs, and how
// it ends.

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createBackend } from '../../src/index.ts'
import { internalsOf } from '../../src/store/store-internals.ts'
import { workspace } from '../support/cli/purser.ts'
import { contentOf, sound, soundness } from '../support/database-content.ts'
import { makeAncestor } from '../support/legacy.ts'
import { makeOrganisation } from '../support/organisation.ts'
import { hashOf, modeOf } from '../support/scratch.ts'

async function organisation() {
  const place = workspace()
  await makeOrganisation(place.path('books.db'))
  return { ...place, url: ['--url', 'sqlite:books.db'] }
}

test('writes a sound file, and says how to restore it; those lines work', async () => {
  const { done, path, folder, url } = await organisation()
  const before = contentOf(path('books.db'))
  const { stdout, stderr } = await done(['backup', "it's a backup.db", ...url])
  // A slow machine says how far it is.
  expect(stderr.replaceAll(/^\d+\.\d % {2}copying .*\n/gm, '')).toBe('')
  const lines = stdout.trimEnd().split('\n')
  expect(lines[0]).toMatch(/^✔ it's a backup\.db {2}\d+\.\d kB, 30 rows \(.*; it was checked and is sound\)$/)
  expect(modeOf(path("it's a backup.db"))).toBe('600')
  expect(soundness(path("it's a backup.db"))).toEqual(sound)
  await done(['tasks', 'delete', 'idle', '--yes', ...url])
  expect(contentOf(path('books.db'))).not.toEqual(before)
  for (const line of lines.filter((text) => text.startsWith('  '))) {
    execFileSync('/bin/sh', ['-c', line], { cwd: folder })
  }
  expect(contentOf(path('books.db'))).toEqual(before)
  await done(['doctor', ...url])
})

test('with --json gives the file, its size and its rows', async () => {
  const { done, url } = await organisation()
  const { data, exitCode } = (await done(['backup', 'backup.db', '--json', ...url])).json<{
    readonly rows: Readonly<Record<string, number>>
  }>()
  expect(exitCode).toBe(0)
  expect(data).toMatchObject({ path: 'backup.db', bytes: expect.any(Number), durationMs: expect.any(Number) })
  expect(data.rows).toMatchObject({ tasks: 2, plans: 4, cost_records: 12 })
})

test('a file that is there is refused, and replaced with --force', async () => {
  const { purser, done, path, url } = await organisation()
  writeFileSync(path('backup.db'), 'precious')
  const before = hashOf(path('backup.db'))
  const { code, stderr } = await purser(['backup', 'backup.db', ...url])
  expect(code).toBe(1)
  expect(stderr).toMatch(/backup\.db is there already.*--force/)
  expect(hashOf(path('backup.db'))).toBe(before)
  await done(['backup', 'backup.db', '--force', ...url])
  expect(soundness(path('backup.db'))).toEqual(sound)
})

test('a database of an ancestor is backed up as it is, before it is taken over', async () => {
  const { done, path } = workspace()
  makeAncestor(path('old.db'), { plans: true })
  await done(['backup', 'backup.db', '--url', 'sqlite:old.db'])
  expect(contentOf(path('backup.db'))).toEqual(contentOf(path('old.db')))
})

test('ends with 1 where there is no database, and with 2 without a name for the file', async () => {
  const { purser, folder } = workspace()
  expect(await purser(['backup', 'backup.db'])).toMatchObject({ code: 1, stdout: '' })
  expect((await purser(['backup'])).code).toBe(2)
  expect(readdirSync(folder)).toEqual([])
})

test('a server’s call stands alone on a line with --quiet, and holds no password', () => {
  const { engine } = internalsOf(createBackend('postgres://keeper:hunter2@db.example/books'))
  const made = engine.backupCommand?.('books.dump')
  expect(made?.command).toBe(
    `pg_dump --host=db.example --port=5432 --username=keeper --dbname=books '--schema="public"' --format=custom --file=books.dump`,
  )
  expect(existsSync('books.dump')).toBe(false)
  // The guides show what is printed.
  const shown = internalsOf(createBackend('postgres://keeper@db.example/agents')).engine
  const guide = readFileSync(new URL('../../docs/cli/backup.md', import.meta.url), 'utf8')
  for (const line of [
    shown.backupCommand?.('agents.dump').command,
    shown.backupCommand?.('agents.dump').restore,
  ])
    expect(guide).toContain(`\n  ${line}\n`)
})
