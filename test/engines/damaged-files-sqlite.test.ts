// Files that are no database, or no whole one: refused with words that say which, byte for byte as
// they were afterwards. And files that look strange but are fine: an empty one, one whose
// write-ahead log is still there.

import {
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openStore, PersistenceConnectionError, PersistenceError } from '../../src/index.ts'
import { sound, soundness, withDatabase } from '../support/database-content.ts'
import { makeAncestor } from '../support/legacy.ts'
import { folderState, modeOf, scratchFile } from '../support/scratch.ts'

const task = { title: 't', description: 'd', project: 'p', createdBy: 'c', type: 'admin' } as const

async function expectRefused(path: string, says: RegExp): Promise<void> {
  const before = folderState(dirname(path))
  const error = await openStore(`sqlite:${path}`).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(PersistenceConnectionError)
  expect(error).toMatchObject({ retryable: false, message: expect.stringMatching(says) })
  expect((error as Error).message).toContain(path)
  expect(folderState(dirname(path))).toEqual(before)
}

describe('a file that is no database', () => {
  const contents: Readonly<Record<string, Buffer>> = {
    'of 50 bytes': Buffer.alloc(50, 'x'),
    'of one byte': Buffer.from('S'),
    'of zeros': Buffer.alloc(8192),
    'of text': Buffer.from('dear diary, '.repeat(1000)),
    'of another format': Buffer.from('%PDF-1.7\n'.padEnd(5000, '\0')),
    'of an older SQLite': Buffer.from('** This file contains an SQLite 2.1 database **'.padEnd(4096, '\0')),
    'that begins almost like one': Buffer.from('SQLite format 4\0'.padEnd(4096, '\0')),
  }
  test.each(Object.entries(contents))('%s', async (_, content) => {
    const path = scratchFile()
    writeFileSync(path, content)
    await expectRefused(path, /is not a SQLite database/)
  })

  test.each([16, 50, 99])('that is the first %i bytes of one', async (bytes) => {
    const path = makeAncestor(scratchFile(), { operations: true })
    truncateSync(path, bytes)
    await expectRefused(path, /is cut off.*Restore a backup/)
  })
})

describe('a database that is cut off', () => {
  const cuts: Readonly<Record<string, (size: number) => number>> = {
    'after its header': () => 100,
    'within its first page': () => 511,
    'after its first page': () => 4096,
    'within its second page': () => 5000,
    'half-way': (size) => size / 2,
    'by its last page': (size) => size - 4096,
    'by its last byte': (size) => size - 1,
  }
  test.each(Object.entries(cuts))('%s', async (_, cut) => {
    const path = makeAncestor(scratchFile(), { operations: true })
    const { length } = readFileSync(path)
    truncateSync(path, Math.floor(cut(length)))
    await expectRefused(
      path,
      new RegExp(`is cut off: it has ${Math.floor(cut(length))} bytes, .*Restore a backup`),
    )
  })

  test('one of Purser, in WAL mode', async () => {
    const path = scratchFile()
    const store = await openStore(`sqlite:${path}`)
    await store.tasks.createMany(Array.from({ length: 200 }, () => task))
    await store.close()
    truncateSync(path, 3 * 4096)
    await expectRefused(path, /is cut off/)
  })
})

describe('a database that is damaged inside', () => {
  test('says so when the damage is met, and nothing is written to it', async () => {
    const path = scratchFile()
    const store = await openStore(`sqlite:${path}?journal=delete`)
    await store.messages.appendMany(
      Array.from({ length: 400 }, (_, index) => ({
        sender: 's',
        to: 't',
        channel: 'c',
        type: 'question' as const,
        content: `marker ${index}`,
      })),
    )
    await store.close()
    const bytes = readFileSync(path)
    for (let page = 1; page * 4096 < bytes.length; page += 1) {
      if (bytes.subarray(page * 4096, (page + 1) * 4096).includes('marker'))
        bytes.fill(0xff, page * 4096, page * 4096 + 200)
    }
    writeFileSync(path, bytes)
    const again = await openStore(`sqlite:${path}?journal=delete`)
    const error = await again.messages.history('c').catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(PersistenceError)
    expect(error).toMatchObject({ code: 'QUERY_FAILED', message: expect.stringMatching(/damaged.*backup/) })
    expect((error as Error).message).not.toContain('marker')
    await again.close()
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })
})

describe('a file that is fine', () => {
  test('empty: it becomes a new database', async () => {
    const path = scratchFile()
    writeFileSync(path, '')
    const store = await openStore(`sqlite:${path}`)
    expect(await store.tasks.count()).toBe(0)
    await store.close()
    expect(soundness(path)).toEqual(sound)
  })

  test('with rows in a write-ahead log that nobody has written back', async () => {
    const path = scratchFile()
    const store = await openStore(`sqlite:${path}`)
    await store.tasks.create({ ...task, id: 'in-the-log' })
    const copy = scratchFile()
    for (const suffix of ['', '-wal']) copyFileSync(path + suffix, copy + suffix)
    expect(existsSync(`${copy}-wal`)).toBe(true)
    const opened = await openStore(`sqlite:${copy}`)
    expect(await opened.tasks.get('in-the-log')).toMatchObject({ id: 'in-the-log' })
    await opened.close()
    await store.close()
    expect(soundness(copy)).toEqual(sound)
  })

  test('new, beside the log of a database that is gone: the log is neither deleted nor taken for its own', async () => {
    const gone = scratchFile()
    const store = await openStore(`sqlite:${gone}`)
    await store.tasks.create({ ...task, id: 'of-another' })
    const path = scratchFile()
    copyFileSync(`${gone}-wal`, `${path}-wal`)
    await store.close()
    await expect(openStore(`sqlite:${path}`)).rejects.toThrow(/-wal belongs to a database that was deleted/)
    renameSync(`${path}-wal`, `${path}-wal.away`)
    const fresh = await openStore(`sqlite:${path}`)
    expect(await fresh.tasks.count()).toBe(0)
    await fresh.tasks.create(task)
    await fresh.close()
    expect(soundness(path)).toEqual(sound)
  })

  test('left in the middle of a transaction with a rollback journal', async () => {
    const path = scratchFile()
    const store = await openStore(`sqlite:${path}?journal=delete`)
    await store.tasks.create({ ...task, id: 'committed' })
    const copy = scratchFile()
    await withDatabase(
      path,
      async (handle) => {
        handle.pragma('cache_size = 1')
        handle.pragma('cache_spill = 1')
        handle.exec('BEGIN IMMEDIATE')
        const insert = handle.prepare("UPDATE tasks SET description = ? WHERE id = 'committed'")
        insert.run('x'.repeat(1_000_000))
        for (const suffix of ['', '-journal']) copyFileSync(path + suffix, copy + suffix)
        handle.exec('ROLLBACK')
      },
      false,
    )
    await store.close()
    const opened = await openStore(`sqlite:${copy}?journal=delete`)
    expect(await opened.tasks.get('committed')).toMatchObject({ description: 'd' })
    await opened.close()
    expect(existsSync(`${copy}-journal`)).toBe(false)
    expect(soundness(copy)).toEqual(sound)
  })
})

describe('modes of what is made', () => {
  test.each([0o000, 0o022, 0o077])('under the umask %o: files 0600, folders 0700', async (mask) => {
    const before = process.umask(mask)
    try {
      const path = scratchFile('deep/er/purser.db')
      const store = await openStore(`sqlite:${path}`)
      await store.tasks.create(task)
      for (const suffix of ['', '-wal', '-shm']) expect(modeOf(path + suffix), suffix).toBe('600')
      for (const folder of [dirname(path), dirname(dirname(path))]) expect(modeOf(folder)).toBe('700')
      await store.close()
    } finally {
      process.umask(before)
    }
  })

  test('a rollback journal and a backup too', async () => {
    const before = process.umask(0)
    try {
      const path = scratchFile('journal.db')
      const store = await openStore(`sqlite:${path}?journal=delete`)
      await store.transaction(async (tx) => {
        await tx.tasks.create(task)
        expect(modeOf(`${path}-journal`)).toBe('600')
      })
      const { backup } = await store.migrate({ to: 1, allowDataLoss: true })
      expect(modeOf(String(backup))).toBe('600')
      await store.close()
    } finally {
      process.umask(before)
    }
  })

  test('what is there keeps its mode', async () => {
    const path = makeAncestor(scratchFile(), { operations: true })
    chmodSync(path, 0o640)
    await (await openStore({ url: `sqlite:${path}`, backup: false })).close()
    expect(modeOf(path)).toBe('640')
  })
})
