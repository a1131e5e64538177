// Names that SQLite gives to the files beside a database: nothing that is kept may have one, since
// the next program that opens the database would read it as its log, or delete it.

import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  backupStore,
  copyRecords,
  createBackend,
  exportToFile,
  openStore,
  PersistenceConnectionError,
  PersistenceError,
  QueryError,
  type Store,
  TransferError,
} from '../../src/index.ts'
import { folderState, scratchFolder } from '../support/scratch.ts'

const message = { sender: 'a', to: 'b', channel: 'c', type: 'question', content: 'kept' } as const

async function database(path: string): Promise<Store> {
  const store = await openStore(`sqlite:${path}`)
  onTestFinished(() => store.close())
  await store.messages.append(message)
  return store
}

async function refusal(call: () => unknown): Promise<PersistenceError> {
  let error: unknown
  try {
    await call()
  } catch (reason) {
    error = reason
  }
  expect(error).toBeInstanceOf(PersistenceError)
  return error as PersistenceError
}

describe.each(['-wal', '-shm', '-journal', '-WAL'])('S3: a name that ends in %s', (suffix) => {
  const says = new RegExp(
    `books(\\.acme)?\\.db${suffix} is the name of a file that SQLite keeps beside the database .*books(\\.acme)?\\.db: .*would read or delete it\\. Choose a name`,
    'i',
  )

  test('is refused for a database, in every way to open one, and nothing is made', async () => {
    const folder = scratchFolder()
    const url = `sqlite:${join(folder, `books.db${suffix}`)}`
    const ways = [
      () => openStore(url),
      () => openStore(`${url}?journal=delete`),
      () => createBackend({ url }),
      () => createBackend({ url, migrate: 'off' }),
      () => openStore({ url: `sqlite:books.db${suffix}`, root: folder }),
      () => openStore({ url: `sqlite:${join(folder, `books.db${suffix}`)}`, tenant: 'acme' }),
    ]
    for (const way of ways) {
      const error = await refusal(way)
      expect(error).toBeInstanceOf(PersistenceConnectionError)
      expect(error).toMatchObject({ retryable: false, message: expect.stringMatching(says) })
    }
    expect(folderState(folder)).toEqual({})
  })

  test('is refused behind a link, too, which SQLite follows', async () => {
    const folder = scratchFolder()
    writeFileSync(join(folder, `books.db${suffix}`), '')
    symlinkSync(join(folder, `books.db${suffix}`), join(folder, 'link.db'))
    const before = folderState(folder)
    expect((await refusal(() => openStore(`sqlite:${join(folder, 'link.db')}`))).message).toMatch(says)
    expect(folderState(folder)).toEqual(before)
  })

  test('is refused for a backup, with and without force, and nothing is touched', async () => {
    const [folder, other] = [scratchFolder(), scratchFolder()]
    const store = await database(join(other, 'origin.db'))
    await database(join(folder, 'books.db'))
    const before = folderState(folder)
    for (const force of [false, true]) {
      const error = await refusal(() => backupStore(store, join(folder, `books.db${suffix}`), { force }))
      expect(error).toBeInstanceOf(QueryError)
      expect(error.message).toMatch(says)
    }
    expect(folderState(folder)).toEqual(before)
  })

  test('is refused for an export, with and without replace, and nothing is touched', async () => {
    const [folder, other] = [scratchFolder(), scratchFolder()]
    const store = await database(join(other, 'origin.db'))
    const path = join(folder, `books.db${suffix}`)
    writeFileSync(path, 'of a database')
    const before = folderState(folder)
    for (const replace of [false, true]) {
      const error = await refusal(() => exportToFile(store, path, { replace }))
      expect(error).toBeInstanceOf(TransferError)
      expect(error.message).toMatch(says)
    }
    expect(folderState(folder)).toEqual(before)
  })
})

test('S3: a name with such letters elsewhere is a name', async () => {
  const folder = scratchFolder()
  const store = await database(join(folder, 'my-journal.db'))
  expect(await backupStore(store, join(folder, 'a-wal.backup'))).toMatchObject({ kind: 'file' })
  await exportToFile(store, join(folder, 'a-wal.jsonl'))
  const copy = await openStore(`sqlite:${join(folder, '-wal-shm.db')}`)
  onTestFinished(() => copy.close())
  await copyRecords(store, copy)
  expect(await copy.messages.count()).toBe(1)
})
