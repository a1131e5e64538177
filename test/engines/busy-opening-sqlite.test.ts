// Opening a file, and taking a view of it for a backup or an export, waits for another program's
// lock instead of giving up at once.

import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { newMessage } from '../../src/conformance/support/samples.ts'
import { backupStore, exportToFile, openStore, type Store } from '../../src/index.ts'
import { startChild } from '../support/child-process.ts'
import { scratchFile } from '../support/scratch.ts'

const HELD = 300

async function messagesIn(path: string): Promise<number> {
  await using store = await openStore(`sqlite:${path}?journal=delete`)
  return store.messages.count()
}

const works: Readonly<Record<string, (store: Store, url: string) => Promise<unknown>>> = {
  open: async (_, url) => (await openStore(url)).close(),
  backup: async (store) => {
    const path = scratchFile('backup.db')
    await backupStore(store, path)
    expect(await messagesIn(path)).toBe(1)
  },
  export: (store) => exportToFile(store, scratchFile('records.jsonl')),
}

test.each(Object.entries(works))('%s waits for the lock of another program', async (_, work) => {
  const path = scratchFile('busy.db')
  const url = `sqlite:${path}?journal=delete`
  await using store = await openStore(url)
  await store.messages.append(newMessage())
  const other = new Database(path)
  onTestFinished(() => void other.close())
  other.exec('BEGIN EXCLUSIVE')
  const started = performance.now()
  setTimeout(() => other.exec('ROLLBACK'), HELD)
  await work(store, url)
  expect(performance.now() - started).toBeGreaterThanOrEqual(HELD - 10)
})

// Each of them is the last to close from time to time, and SQLite then removes the files beside the
// database.
test('processes that open and close one file at once never find it refused', async () => {
  const url = `sqlite:${scratchFile('shared.db')}`
  await (await openStore(url)).close()
  const children = [1, 2, 3].map(() => startChild('open-and-close', [url, 150]))
  for (const { ended } of children) expect(await ended).toMatchObject({ code: 0, errors: '' })
})
