// The file of open stores is moved, replaced or deleted, and the stores are closed: what was
// acknowledged is in the file that was taken away, however many stores, threads and processes had
// it open, and no log is left for the next file of the name.

import { copyFileSync, existsSync, linkSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Worker } from 'node:worker_threads'
import { describe, expect, onTestFinished, test } from 'vitest'
import { exportRecords, openStore, PersistenceConnectionError, type Store } from '../../src/index.ts'
import { startChild } from '../support/child-process.ts'
import { hashOf, scratchFile, scratchFolder } from '../support/scratch.ts'

const message = { sender: 'a', to: 'b', channel: 'c', type: 'question', content: 'x' } as const

async function opened(path: string, settings = ''): Promise<Store> {
  const store = await openStore(`sqlite:${path}${settings}`)
  onTestFinished(() => store.close())
  return store
}

async function append(store: Store, prefix: string): Promise<string[]> {
  const ids: string[] = []
  for (let turn = 0; turn < 5; turn += 1)
    ids.push((await store.messages.append({ ...message, id: `${prefix}-${turn}` })).id)
  return ids
}

async function idsIn(path: string): Promise<string[]> {
  const store = await openStore(`sqlite:${path}`)
  const { items } = await store.messages.query({}, { limit: 200 })
  await store.close()
  return items.map(({ id }) => id).sort()
}

async function databaseWith(path: string, prefix: string): Promise<string[]> {
  const store = await openStore(`sqlite:${path}`)
  const ids = await append(store, prefix)
  await store.close()
  return ids
}

const logSize = (path: string) => statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0

/** Someone beside the first store who has the file open: what it wrote, and how it is closed. */
interface Neighbour {
  readonly ids: readonly string[]
  close(): Promise<unknown>
}

const neighbours: Readonly<Record<string, (path: string) => Promise<Neighbour | undefined>>> = {
  'no other': async () => undefined,
  'a second store': async (path) => {
    const store = await opened(path)
    return { ids: await append(store, 'second'), close: () => store.close() }
  },
  'a thread': async (path) => {
    const script = new URL('../support/children/append-and-close.ts', import.meta.url)
    const worker = new Worker(script, { argv: [`sqlite:${path}`, 'thread'], stdin: true, stdout: true })
    onTestFinished(async () => {
      await worker.terminate()
    })
    const lines = createInterface({ input: worker.stdout })[Symbol.asyncIterator]()
    const until = async (end: string) => {
      const found: string[] = []
      for (let line = await lines.next(); !line.done && line.value !== end; line = await lines.next())
        found.push(line.value)
      return found
    }
    return {
      ids: await until('ready'),
      close: async () => {
        worker.stdin?.write('close\n')
        await until('closed')
      },
    }
  },
  'another process': async (path) => {
    const child = startChild('append-and-close', [`sqlite:${path}`, 'process'])
    await child.line('ready')
    return {
      ids: child.lines.filter((line) => line.startsWith('process-')),
      close: async () => {
        child.say('close')
        expect((await child.ended).errors).toBe('')
        expect(child.lines.at(-1)).toBe('closed')
      },
    }
  },
}

describe.each(Object.keys(neighbours))('S2: the file of a store, and of %s', (who) => {
  describe.each(['moved', 'replaced', 'deleted'])('is %s', (what) => {
    test.each(who === 'no other' ? ['it is closed'] : ['it is closed first', 'it is closed last'])(
      '%s: what was acknowledged is in the file that was taken away',
      async (order) => {
        const [path, away, other] = [scratchFile(), scratchFile('away.db'), scratchFile('other.db')]
        const before = await databaseWith(path, 'before')
        const inOther = await databaseWith(other, 'other')
        const store = await opened(path)
        const neighbour = await neighbours[who]?.(path)
        const ids = [...before, ...(await append(store, 'first')), ...(neighbour?.ids ?? [])].sort()
        if (what === 'deleted') {
          // The second name is how the test finds it again.
          linkSync(path, away)
          unlinkSync(path)
        } else renameSync(path, away)
        if (what === 'replaced') renameSync(other, path)
        const closings = [() => store.close(), async () => neighbour?.close()]
        for (const close of order === 'it is closed last' ? closings.reverse() : closings) await close()
        expect(logSize(path)).toBe(0)
        expect(await idsIn(away)).toEqual(ids)
        expect(await idsIn(path)).toEqual(what === 'replaced' ? inOther : [])
      },
    )
  })
})

test('S2: a new database is moved right after its first writes', async () => {
  const [path, away] = [scratchFile(), scratchFile('away.db')]
  const store = await opened(path)
  const ids = await append(store, 'first')
  renameSync(path, away)
  await store.close()
  expect(await idsIn(away)).toEqual(ids)
  expect(await idsIn(path)).toEqual([])
})

test('S2: a reader keeps writes in the log of a moved file: closing says so, and whoever closes last writes them home', async () => {
  const [path, away] = [scratchFile(), scratchFile('away.db')]
  const store = await openStore(`sqlite:${path}?busyTimeout=50`)
  const reader = await opened(path)
  await append(store, 'seen')
  const view = exportRecords(reader)
  await view.next()
  const ids = await append(store, 'unseen')
  renameSync(path, away)
  const error = await store.close().catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(PersistenceConnectionError)
  expect(error).toMatchObject({ retryable: false, message: expect.stringContaining(`still in ${path}-wal`) })
  await view.return({} as never)
  await reader.close()
  expect(await idsIn(away)).toEqual(expect.arrayContaining(ids))
  expect(logSize(path)).toBe(0)
})

test('S2: a log that the next file of the name was opened with is not written into the old one, and closing says so', async () => {
  const [path, away, other] = [scratchFile(), scratchFile('away.db'), scratchFile('other.db')]
  await databaseWith(other, 'other')
  const store = await openStore(`sqlite:${path}`)
  await append(store, 'first')
  renameSync(path, away)
  renameSync(other, path)
  const next = await openStore(`sqlite:${path}`)
  await append(next, 'next')
  const hash = hashOf(away)
  const error = await store.close().catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(PersistenceConnectionError)
  expect(error).toMatchObject({ message: expect.stringMatching(/another program may have opened the file/) })
  expect(hashOf(away)).toBe(hash)
  await next.close()
})

describe('S2: a log without its database, as a killed program and a move leave it', () => {
  test.each(['with nothing', 'with an empty file'])('%s at the name: it is not deleted', async (what) => {
    const [origin, folder] = [scratchFile(), scratchFolder()]
    const path = join(folder, 'books.db')
    const store = await opened(origin)
    const ids = await append(store, 'first')
    copyFileSync(`${origin}-wal`, `${path}-wal`)
    if (what === 'with an empty file') copyFileSync('/dev/null', path)
    const hash = hashOf(`${path}-wal`)
    const error = await openStore(`sqlite:${path}`).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(PersistenceConnectionError)
    expect(error).toMatchObject({
      retryable: false,
      message: expect.stringMatching(
        /books\.db-wal belongs to a database that was deleted or moved.*Put the/,
      ),
    })
    expect(hashOf(`${path}-wal`)).toBe(hash)
    expect(existsSync(path)).toBe(what === 'with an empty file')
    await store.close()
    copyFileSync(origin, path)
    expect(await idsIn(path)).toEqual(ids)
  })

  test('a journal with no database at the name: it is not deleted', async () => {
    const path = scratchFile('books.db')
    writeFileSync(`${path}-journal`, 'what undoes half a transaction')
    const hash = hashOf(`${path}-journal`)
    await expect(openStore(`sqlite:${path}`)).rejects.toThrow(
      /books\.db-journal belongs to a database that was deleted or moved/,
    )
    expect(hashOf(`${path}-journal`)).toBe(hash)
    expect(existsSync(path)).toBe(false)
  })
})
