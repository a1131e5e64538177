// What happens to the files of a database around a store that has it open: replaced, deleted, in
// another's hands, on a file system that may not be written. Nothing acknowledged is lost, and
// nothing foreign is written over.

import {
  chmodSync,
  chownSync,
  existsSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openStore, PersistenceConnectionError, QueryError, type Store } from '../../src/index.ts'
import { startChild } from '../support/child-process.ts'
import { hashOf, scratchFile, scratchFolder } from '../support/scratch.ts'
import { canMount, smallDisk } from '../support/small-disk.ts'

const message = { sender: 'a', to: 'b', channel: 'c', type: 'question', content: 'x' } as const
const contents = async (store: Store) =>
  (await store.messages.query({}, { order: 'asc' })).items.map(({ content }) => content)

async function opened(url: string): Promise<Store> {
  const store = await openStore(url)
  onTestFinished(() => store.close())
  return store
}

/** A closed database with one message. */
async function database(path: string, content: string, settings = ''): Promise<void> {
  const store = await openStore(`sqlite:${path}${settings}`)
  await store.messages.append({ ...message, content })
  await store.close()
}

async function refusal(call: Promise<unknown>): Promise<PersistenceConnectionError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(PersistenceConnectionError)
  expect(error).toMatchObject({ retryable: false })
  return error as PersistenceConnectionError
}

describe.each(['wal', 'delete'])('L5: with journal=%s', (journal) => {
  const settings = `?journal=${journal}`

  test('another file is put in the place of an open one: it is noticed, and left as it is', async () => {
    const [path, other] = [scratchFile(), scratchFile('other.db')]
    await database(other, 'of the other', settings)
    const store = await opened(`sqlite:${path}${settings}`)
    await store.messages.append({ ...message, content: 'before' })
    renameSync(other, path)
    const hash = hashOf(path)
    expect(await store.healthCheck()).toMatchObject({
      ok: false,
      error: expect.stringContaining('was replaced'),
    })
    for (const call of [
      () => store.messages.append(message),
      () => store.messages.count(),
      () => store.transaction((tx) => tx.messages.append(message)),
    ]) {
      expect((await refusal(call())).message).toMatch(
        /was replaced while it was open.*open the file that is there now/,
      )
    }
    await store.close()
    expect(hashOf(path)).toBe(hash)
    expect(await contents(await opened(`sqlite:${path}${settings}`))).toEqual(['of the other'])
  })

  test.each(['deleted', 'replaced'])('%s inside a transaction: it is refused whole', async (what) => {
    const [path, other] = [scratchFile(), scratchFile('other.db')]
    await database(other, 'of the other', settings)
    const store = await opened(`sqlite:${path}${settings}`)
    await store.messages.append({ ...message, content: 'before' })
    const error = await refusal(
      store.transaction(async (tx) => {
        await tx.messages.append({ ...message, content: 'inside' })
        renameSync(path, `${path}.away`)
        if (what === 'replaced') renameSync(other, path)
        expect(await store.healthCheck()).toMatchObject({ ok: false })
        await tx.messages.append({ ...message, content: 'after' })
      }),
    )
    expect(error.message).toMatch(what === 'replaced' ? /was replaced/ : /was deleted or moved/)
    await store.close()
    if (what === 'replaced') {
      expect(await contents(await opened(`sqlite:${path}${settings}`))).toEqual(['of the other'])
    } else expect(existsSync(path)).toBe(false)
    expect(await contents(await opened(`sqlite:${path}.away${settings}`))).toEqual(['before'])
  })
})

describe('L5: the write-ahead log of an open store', () => {
  test.each(['deleted', 'moved'])(
    '%s: it is noticed, and closing keeps what was acknowledged',
    async (what) => {
      const path = scratchFile()
      const store = await opened(`sqlite:${path}`)
      for (const content of ['1', '2', '3']) await store.messages.append({ ...message, content })
      if (what === 'deleted') unlinkSync(`${path}-wal`)
      else renameSync(`${path}-wal`, `${path}-wal.away`)
      expect(await store.healthCheck()).toMatchObject({
        ok: false,
        error: expect.stringContaining(`${path}-wal`),
      })
      expect((await refusal(store.messages.append(message))).message).toMatch(
        /-wal was deleted, moved or replaced/,
      )
      await store.close()
      expect(await contents(await opened(`sqlite:${path}`))).toEqual(['1', '2', '3'])
    },
  )

  test('deleted inside a transaction: it is refused, and what was acknowledged before is kept', async () => {
    const path = scratchFile()
    const store = await opened(`sqlite:${path}`)
    await store.messages.append({ ...message, content: 'before' })
    const error = await refusal(
      store.transaction(async (tx) => {
        await tx.messages.append({ ...message, content: 'inside' })
        unlinkSync(`${path}-wal`)
        expect(await store.healthCheck()).toMatchObject({ ok: false })
        await tx.messages.append({ ...message, content: 'after' })
      }),
    )
    expect(error.message).toContain('-wal was deleted')
    await store.close()
    expect(await contents(await opened(`sqlite:${path}`))).toEqual(['before'])
  })
})

describe.skipIf(!canMount)('P1: a file system that may not be written', () => {
  test.each(['wal', 'delete'])('is read, and a write says why not (journal=%s)', async (journal) => {
    const disk = smallDisk(8)
    const path = join(disk.folder, 'books.db')
    await database(path, 'kept', `?journal=${journal}`)
    disk.makeReadOnly()
    const store = await opened(`sqlite:${path}?journal=${journal}`)
    expect(await contents(store)).toEqual(['kept'])
    const error = await store.messages.append(message).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(QueryError)
    expect((error as Error).message).toMatch(/read-only; nothing was written/)
    await store.close()
    expect(readdirSync(disk.folder)).toEqual(['books.db'])
  })

  test('with writes in a log that nobody can read there: it says which file, and what to do', async () => {
    const disk = smallDisk(8)
    const [origin, path] = [scratchFile(), join(disk.folder, 'books.db')]
    const writer = await opened(`sqlite:${origin}`)
    await writer.messages.append(message)
    for (const suffix of ['', '-wal']) {
      const { execFileSync } = await import('node:child_process')
      execFileSync('cp', [`${origin}${suffix}`, `${path}${suffix}`])
    }
    disk.makeReadOnly()
    expect((await refusal(openStore(`sqlite:${path}`))).message).toMatch(
      /newest writes are in .*books\.db-wal.*copy both files/,
    )
  })
})

const isRoot = process.getuid?.() === 0
const NOBODY = 65_534

describe.skipIf(!isRoot)('P1: files of several users', () => {
  test('root opens the file of another user: what is made beside it is that user’s', async () => {
    const folder = scratchFolder()
    const path = join(folder, 'theirs.db')
    await database(path, 'theirs')
    for (const place of [folder, path]) chownSync(place, NOBODY, NOBODY)
    const store = await opened(`sqlite:${path}`)
    await store.messages.append(message)
    const beside = readdirSync(folder).filter((name) => name !== 'theirs.db')
    expect(beside.sort()).toEqual(['theirs.db-shm', 'theirs.db-wal'])
    for (const name of beside)
      expect(statSync(join(folder, name)), name).toMatchObject({ uid: NOBODY, gid: NOBODY })
    // The owner works on beside it.
    const child = startChild('open-as-nobody', [path, 'write'])
    await child.ended
    expect(child.lines.at(-1)).toMatch(/^done /)
    await store.close()
    expect(readdirSync(folder)).toEqual(['theirs.db'])
    expect(statSync(path)).toMatchObject({ uid: NOBODY, gid: NOBODY })
  })

  test.each(['-wal', '-shm', '-journal'])('a %s of another user in the way is named', async (suffix) => {
    const folder = scratchFolder()
    const path = join(folder, 'shared.db')
    await database(path, 'kept')
    chmodSync(folder, 0o777)
    chmodSync(path, 0o666)
    writeFileSync(`${path}${suffix}`, 'x'.repeat(64), { mode: 0o600 })
    const before = [hashOf(path), hashOf(`${path}${suffix}`)]
    const child = startChild('open-as-nobody', [path, 'write'])
    await child.ended
    const line = child.lines.at(-1) ?? ''
    expect(line).toContain('PersistenceConnectionError')
    expect(line).toContain(`${path}${suffix} belongs to the user 0`)
    expect(line).toContain('do not delete it')
    expect([hashOf(path), hashOf(`${path}${suffix}`)]).toEqual(before)
  })
})
