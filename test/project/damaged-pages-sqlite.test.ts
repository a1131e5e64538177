// U15: SQLite files with pages that cannot be read any more. The doctor names the tables and
// indexes that they belong to, says what to do, and changes nothing.

import { expect, test } from 'vitest'
import { backupStore, openStore } from '../../src/index.ts'
import { largeDatabase, leavesOf, overwrite, rootOf, SECRET } from '../support/damaged-pages.ts'
import { examine, find, statuses } from '../support/diagnose.ts'
import { hashOf, scratchFile } from '../support/scratch.ts'

async function damaged(name: string, count: number) {
  const path = await largeDatabase()
  const pages = leavesOf(path, name).slice(-count)
  expect(pages).toHaveLength(count)
  overwrite(path, pages)
  const before = hashOf(path)
  const report = await examine(path)
  expect(hashOf(path)).toBe(before)
  expect(JSON.stringify(report)).not.toContain(SECRET)
  return { path, pages, report, integrity: find(report, 'integrity') }
}

test('U15: the doctor names the table of every page that is damaged', async () => {
  const { integrity, pages } = await damaged('tasks', 3)
  expect(integrity).toMatchObject({ status: 'fail', count: 3 })
  for (const page of pages) expect(integrity.detail).toContain(`page ${page} of the table tasks is damaged`)
  expect(integrity.detail).toMatch(/\d+ rows of tasks cannot be read: task-\d+, task-\d+/)
  expect(integrity.next).toMatch(/restore the last sound backup.*purser export --salvage/)
})

test('U15: a table whose root is damaged is one fault, whatever follows from it', async () => {
  const path = await largeDatabase()
  const root = rootOf(path, 'messages')
  overwrite(path, [root])
  const integrity = find(await examine(path), 'integrity')
  expect(integrity.detail).toMatch(
    new RegExp(
      `^the database finds 1 fault: page ${root} of the table messages is damaged; 200 rows of messages cannot be read: message-000, .* and 190 more$`,
    ),
  )
})

test('U15: the doctor tells a damaged index from a damaged table: it can be made anew', async () => {
  const { integrity, pages, report } = await damaged('tasks_status', 1)
  expect(integrity.detail).toBe(
    `the database finds 1 fault: page ${pages[0]} of the index tasks_status of tasks is damaged`,
  )
  expect(integrity.next).toContain('purser doctor --fix')
  expect(statuses(report)).toContain('integrity: fail')
})

test('U15: the index of a key, and of the full text, are named as what they are', async () => {
  const key = await damaged('sqlite_autoindex_tasks_1', 1)
  expect(key.integrity.detail).toContain('of the key’s index of tasks is damaged')
  const path = await largeDatabase()
  overwrite(path, [rootOf(path, 'messages_fts_data')])
  const { detail, next } = find(await examine(path), 'integrity')
  expect(detail).toContain('of the full-text index of messages is damaged')
  expect(next).toContain('purser doctor --fix')
})

test('U15: tables behind the first damaged one are looked at all the same', async () => {
  const path = await largeDatabase()
  overwrite(path, [leavesOf(path, 'plans')[1] ?? 0, leavesOf(path, 'cost_records')[0] ?? 0])
  const { count, detail } = find(await examine(path), 'integrity')
  expect(count).toBe(2)
  expect(detail).toMatch(/the table plans is damaged/)
  expect(detail).toMatch(/the table cost_records is damaged/)
})

test('U15: a backup of such a file is refused by the name of the table', async () => {
  const { path } = await damaged('tasks', 1)
  await using store = await openStore(`sqlite:${path}`)
  await expect(backupStore(store, scratchFile('copy.db'))).rejects.toThrow(
    /of the table tasks is damaged.*purser export --salvage/,
  )
})
