// Nothing of ours opens a file that SQLite has open: the locks of a process survive a second
// opening of the file, and so does what was acknowledged. A file that is deleted or replaced under
// a store is noticed.

import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, readdirSync, readFileSync, readlinkSync, renameSync, unlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  backupStore,
  copyRecords,
  createBackend,
  exportToFile,
  importRecords,
  openStore,
  PersistenceConnectionError,
  TransferError,
} from '../../src/index.ts'
import { scratchFile } from '../support/scratch.ts'

/** The version before the newest migration that is breaking. */
const BEFORE_BREAKING = 14
const message = { sender: 'a', to: 'b', channel: 'c', type: 'question', content: 'x' } as const

/** The POSIX locks of this process. */
const locks = () =>
  readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .filter((line) => line.split(/\s+/).includes(String(process.pid)))
    .map((line) => line.replace(/^\d+: /, ''))
    .sort()

/** What this process has open in a folder, each as often as it is. */
const descriptors = (folder: string) =>
  readdirSync('/proc/self/fd')
    .flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)]
      } catch {
        // The one by which the list itself was read.
        return []
      }
    })
    .filter((path) => path.startsWith(folder))
    .sort()

const isLinux = process.platform === 'linux'
if (!isLinux) console.warn('SKIPPED: /proc/locks is on Linux only')

describe.skipIf(!isLinux)('L1: the locks of a write-ahead log are held after', () => {
  const calls = {
    'a second store': async (url: string) => (await openStore(url)).close(),
    'a check of the version': async (url: string) => (await openStore({ url, migrate: 'check' })).close(),
    'an examination': async (url: string) => {
      await using second = await openStore(url)
      expect((await second.doctor()).ok).toBe(true)
    },
    'a backup': async (url: string, path: string) => {
      await using second = await openStore(url)
      await backupStore(second, join(dirname(path), 'backup.db'))
    },
    'a worker thread': async (url: string) => {
      const thread = new URL('../support/children/loss-thread.ts', import.meta.url)
      const [code] = await once(new Worker(thread, { workerData: { url } }), 'exit')
      expect(code).toBe(0)
    },
    'a copy': async (url: string, path: string) => {
      await using from = await openStore(url)
      await using to = createBackend(`sqlite:${join(dirname(path), 'copy.db')}`)
      await to.connect()
      expect((await copyRecords(from, to)).ok).toBe(true)
    },
    'an import': async (url: string, path: string) => {
      await using second = await openStore(url)
      const file = join(dirname(path), 'again.jsonl')
      await exportToFile(second, file)
      expect(await importRecords(second, createReadStream(file))).toMatchObject({ failed: 0, intact: true })
    },
    'a look at status': async (url: string) => {
      await using second = createBackend({ url, migrate: 'off' })
      expect(await second.isNew()).toBe(false)
      await second.connect()
      await second.migrationStatus()
      await second.info()
      expect(await second.healthCheck()).toMatchObject({ ok: true })
    },
    'a migration with its backup': async (url: string, path: string) => {
      await using second = createBackend({ url, migrate: 'off' })
      await second.connect()
      // A backup is made before a migration that older builds cannot work beside.
      await second.migrate({ to: BEFORE_BREAKING, allowDataLoss: true, backup: false })
      const { backup } = await second.migrate({ backup: true })
      expect(backup).toContain(dirname(path))
    },
    'a file that is refused': async (url: string, path: string) => {
      await expect(openStore(`${url}?journal=neither`)).rejects.toBeInstanceOf(PersistenceConnectionError)
      await expect(openStore(undefined, { file: path })).rejects.toThrow('it is a database that is open here')
    },
    'an export': async (url: string, path: string) => {
      await using second = await openStore(url)
      await exportToFile(second, join(dirname(path), 'export.jsonl'))
    },
  }
  test.each(Object.entries(calls))('%s', async (_, call) => {
    const path = scratchFile()
    await using store = await openStore(`sqlite:${path}`)
    await store.messages.append(message)
    const before = locks()
    const open = descriptors(dirname(path))
    expect(before.length).toBeGreaterThan(0)
    expect(open.length).toBeGreaterThan(0)
    await call(`sqlite:${path}`, path)
    expect(locks()).toEqual(before)
    // SQLite may keep one that it could not close without dropping a lock; it closes none that was
    // open.
    expect(descriptors(dirname(path))).toEqual(expect.arrayContaining([...open]))
  })
})

test('L1: an export does not replace a database that is open here', async () => {
  const path = scratchFile()
  await using store = await openStore(`sqlite:${path}`)
  await expect(exportToFile(store, path, { replace: true })).rejects.toBeInstanceOf(TransferError)
})

describe('L5: the file of an open store', () => {
  const changes = {
    deleted: (path: string) => unlinkSync(path),
    moved: (path: string) => renameSync(path, `${path}.away`),
  }
  test.each(Object.entries(changes))('%s: health says so at once, writes are refused', async (_, change) => {
    const path = scratchFile()
    const store = await openStore(`sqlite:${path}`)
    onTestFinished(() => store.close())
    await store.messages.append(message)
    change(path)
    expect(await store.healthCheck()).toMatchObject({ ok: false })
    const error = await store.messages.append(message).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(PersistenceConnectionError)
    expect(error).toMatchObject({ retryable: false, message: expect.stringContaining('deleted or moved') })
  })

  test('moved and put back: writes go on', async () => {
    const path = scratchFile()
    await using store = await openStore(`sqlite:${path}`)
    renameSync(path, `${path}.away`)
    expect(await store.healthCheck()).toMatchObject({ ok: false })
    renameSync(`${path}.away`, path)
    await store.messages.append(message)
    expect(await store.messages.count()).toBe(1)
  })
})

const python = spawnSync('python3', ['-c', 'import sqlite3']).status === 0
if (!python) console.warn('SKIPPED: no python3 with sqlite3, the foreign program of these tests')

/** Another program with a SQLite of its own opens the file, reads it and closes it. */
function foreignCount(path: string): number {
  const script =
    'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); print(c.execute("select count(*) from messages").fetchone()[0]); c.close()'
  return Number(execFileSync('python3', ['-c', script, path], { encoding: 'utf8' }))
}

test.skipIf(!python).each(['wal', 'delete'])(
  'L1: a foreign program that reads between two writes takes nothing away (journal=%s)',
  async (journal) => {
    const path = scratchFile()
    const url = `sqlite:${path}?journal=${journal}`
    await using store = await openStore(url)
    await store.messages.append(message)
    await (await openStore(url)).close()
    expect(foreignCount(path)).toBe(1)
    await store.messages.append(message)
    expect(foreignCount(path)).toBe(2)
  },
)

test.skipIf(!isLinux)(
  'L1: a file that another copy of SQLite has open in this process is refused',
  async () => {
    const path = scratchFile()
    await (await openStore(`sqlite:${path}`)).close()
    const { DatabaseSync } = await import('node:sqlite')
    const other = new DatabaseSync(path)
    other.prepare('SELECT count(*) FROM messages').get()
    await expect(openStore(`sqlite:${path}`)).rejects.toThrow('another copy of SQLite')
    other.close()
    await (await openStore(`sqlite:${path}`)).close()
  },
)

test.skipIf(!isLinux)('L1: healthCheck says of a copy of SQLite that came later', async () => {
  const path = scratchFile()
  await using store = await openStore(`sqlite:${path}`)
  await store.messages.append(message)
  expect(await store.healthCheck()).toMatchObject({ ok: true })
  const { DatabaseSync } = await import('node:sqlite')
  const other = new DatabaseSync(path)
  other.prepare('SELECT count(*) FROM messages').get()
  expect(await store.healthCheck()).toMatchObject({
    ok: false,
    error: expect.stringContaining('another copy of SQLite'),
  })
  other.close()
})
