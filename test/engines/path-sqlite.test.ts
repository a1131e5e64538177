// Which paths a store opens: names as they are written, nothing outside of its root, nothing that
// is no file; and what is said about all others. A refusal is a connection error, and leaves no
// file, no folder and no handle behind.

import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { basename, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createBackend, openStore, PersistenceConnectionError, type Store } from '../../src/index.ts'
import { startChild } from '../support/child-process.ts'
import { makeAncestor } from '../support/legacy.ts'
import { folderState, hashOf, scratchFolder } from '../support/scratch.ts'

async function refusal(open: () => Promise<unknown>): Promise<PersistenceConnectionError> {
  const error = await open().catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(PersistenceConnectionError)
  expect((error as PersistenceConnectionError).retryable).toBe(false)
  return error as PersistenceConnectionError
}

const open = async (url: string, options = {}): Promise<Store> => openStore({ url, ...options })

describe('a path with a component that leads upwards', () => {
  test.each([
    '../purser.db',
    'a/../purser.db',
    'a/..',
    '..',
    '..\\purser.db',
    'a\\..\\purser.db',
    'a\\../purser.db',
    '/tmp/../etc/purser.db',
    '%2e%2e/purser.db',
    'a/%2E%2E/purser.db',
    'a%2f..%2fpurser.db',
    '..%5Cpurser.db',
  ])('%s', async (path) => {
    expect((await refusal(() => open(`sqlite:${path}`))).message).toContain('".." component')
  })

  test.each(['a..b.db', '..a.db', 'a...db', '...'])('dots alone are fine: %s', async (name) => {
    const folder = scratchFolder()
    await (await open(`sqlite:${join(folder, name)}`)).close()
    expect(readdirSync(folder)).toEqual([name])
  })
})

test.each([
  'postgres://ada:quicksilver@db/purser',
  'gres://ada:quicksilver@db.,',
  'a/b//ada:quicksilver@db',
  'mariadb:/ada:quicksilver@db',
  'x%3A%2F%2Fada%3Aquicksilver%40db',
])('another URL with its password is no path, and is not told: %s', async (path) => {
  const { message } = await refusal(() => open(`sqlite:${path}`))
  expect(message).toContain('has another URL, with a password, as its path')
  expect(message).not.toContain('quicksilver')
})

test.each(['a\0b.db', 'a%00b.db', '\0', 'purser.db%00'])('a NUL: %j', async (path) => {
  const folder = scratchFolder()
  expect((await refusal(() => open(`sqlite:${folder}/${path}`))).message).toContain('NUL')
  expect(readdirSync(folder)).toEqual([])
})

test.each([' purser.db', 'purser.db ', 'purser.db%20', 'purser.db\n', '\tpurser.db'])(
  'white space at an end: %j',
  async (path) => {
    expect((await refusal(() => open(`sqlite:${path}`))).message).toContain('white space')
  },
)

describe('names are taken as they are', () => {
  test.each([
    { url: 'with space.db', name: 'with space.db' },
    { url: 'with%20space.db', name: 'with space.db' },
    { url: 'why%3F.db', name: 'why?.db' },
    { url: 'number#1.db', name: 'number#1.db' },
    { url: 'number%231.db', name: 'number#1.db' },
    { url: '100%.db', name: '100%.db' },
    { url: '100%25.db', name: '100%.db' },
    { url: '%41.db', name: 'A.db' },
    { url: 'Ünï-航海-⚓.db', name: 'Ünï-航海-⚓.db' },
    { url: 'it\'s;quoted".db', name: 'it\'s;quoted".db' },
    { url: 'back\\slash.db', name: 'back\\slash.db' },
    { url: 'file:x.db', name: 'file:x.db' },
    { url: 'noext', name: 'noext' },
    { url: '.hidden', name: '.hidden' },
  ])('$url', async ({ url, name }) => {
    const folder = scratchFolder()
    const store = await open(`sqlite:${folder}/${url}?journal=delete`)
    expect(store.location).toBe(join(folder, name))
    await store.close()
    expect(readdirSync(folder)).toEqual([name])
  })

  test.each(['file:memdb1?mode=memory', 'file::memory:'])(
    'a name that SQLite could take for a URI is a file: %s',
    async (name) => {
      const folder = scratchFolder()
      await (await open(`sqlite:${folder}/${encodeURIComponent(name)}`)).close()
      expect(readdirSync(folder)).toEqual([name])
    },
  )

  test('sqlite:///a and sqlite:/a are one absolute path', async () => {
    const folder = scratchFolder()
    expect(createBackend(`sqlite://${folder}/a.db`).location).toBe(`${folder}/a.db`)
    expect(createBackend(`sqlite:${folder}/a.db`).location).toBe(`${folder}/a.db`)
  })

  test('a relative path is below the working folder', () => {
    expect(createBackend('sqlite:some/purser.db').location).toBe(join(process.cwd(), 'some/purser.db'))
    expect(createBackend('sqlite:./purser.db').location).toBe(join(process.cwd(), 'purser.db'))
  })

  test('a name longer than the system allows is refused', async () => {
    const folder = scratchFolder()
    expect((await refusal(() => open(`sqlite:${folder}/${'n'.repeat(300)}.db`))).message).toContain(
      'name is too long',
    )
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('what is no regular file', () => {
  test('a folder', async () => {
    const folder = scratchFolder()
    expect((await refusal(() => open(`sqlite:${folder}`))).message).toContain('is a folder')
    expect((await refusal(() => open(`sqlite:${folder}/`))).message).toContain('is a folder')
    expect(readdirSync(folder)).toEqual([])
  })

  test('a device', async () => {
    expect((await refusal(() => open('sqlite:/dev/null'))).message).toContain('not a regular file')
    expect((await refusal(() => open('sqlite:/dev/zero'))).message).toContain('not a regular file')
  })

  test('a pipe, without waiting for its other end', async () => {
    const pipe = join(scratchFolder(), 'pipe')
    const [makePipe = ''] = ['mkfifo']
    execFileSync(makePipe, [pipe])
    expect((await refusal(() => open(`sqlite:${pipe}`))).message).toContain('not a regular file')
  })

  test('a socket', async () => {
    const socket = join(scratchFolder(), 'socket')
    const server = createServer().listen(socket)
    await new Promise((resolve) => server.once('listening', resolve))
    expect((await refusal(() => open(`sqlite:${socket}`))).message).toContain('not a regular file')
    server.close()
  })

  test('a file below a file', async () => {
    const folder = scratchFolder()
    writeFileSync(join(folder, 'plain'), 'x')
    expect((await refusal(() => open(`sqlite:${folder}/plain/purser.db`))).message).toMatch(/not a folder/)
    expect((await refusal(() => open(`sqlite:${folder}/plain/deeper/purser.db`))).message).toMatch(
      /not a folder/,
    )
  })

  test('links in a circle', async () => {
    const folder = scratchFolder()
    symlinkSync(join(folder, 'b'), join(folder, 'a'))
    symlinkSync(join(folder, 'a'), join(folder, 'b'))
    expect((await refusal(() => open(`sqlite:${folder}/a`))).message).toMatch(/link/)
  })
})

describe('a root', () => {
  function rootWithOutside() {
    const folder = scratchFolder()
    const root = join(folder, 'root')
    const outside = join(folder, 'outside')
    for (const made of [root, outside]) mkdirSync(made)
    return { folder, root, outside }
  }

  test('takes paths inside it, relative ones from it', async () => {
    const { root } = rootWithOutside()
    for (const path of ['a.db', join(root, 'b.db'), 'deep/er/c.db'])
      await (await open(`sqlite:${path}`, { root })).close()
    expect(readdirSync(root).sort()).toEqual(['a.db', 'b.db', 'deep'])
  })

  test.each(['/etc/purser.db', '/tmp/purser.db', '/'])('refuses %s', async (path) => {
    const { root } = rootWithOutside()
    expect((await refusal(() => open(`sqlite:${path}`, { root }))).message).toContain(
      'leads out of the configured root',
    )
  })

  test('refuses itself, and a folder whose name only begins like it', async () => {
    const { root, folder } = rootWithOutside()
    mkdirSync(join(folder, 'rooted'))
    for (const path of [root, join(folder, 'rooted/a.db'), join(folder, 'root.db')]) {
      expect((await refusal(() => open(`sqlite:${path}`, { root }))).message).toContain('leads out')
    }
  })

  test('follows links: out is refused, within is fine, also when the root itself is a link', async () => {
    const { folder, root, outside } = rootWithOutside()
    symlinkSync(outside, join(root, 'way-out'))
    writeFileSync(join(outside, 'target.db'), '')
    symlinkSync(join(outside, 'target.db'), join(root, 'linked.db'))
    for (const path of ['way-out/a.db', 'way-out/new/a.db', 'linked.db']) {
      expect((await refusal(() => open(`sqlite:${path}`, { root }))).message).toContain('leads out')
    }
    expect(readdirSync(outside)).toEqual(['target.db'])
    mkdirSync(join(root, 'real'))
    symlinkSync(join(root, 'real'), join(root, 'within'))
    await (await open('sqlite:within/a.db', { root })).close()
    expect(readdirSync(join(root, 'real'))).toEqual(['a.db'])
    symlinkSync(root, join(folder, 'alias'))
    await (await open('sqlite:b.db', { root: join(folder, 'alias') })).close()
    expect(existsSync(join(root, 'b.db'))).toBe(true)
  })

  test('refuses a link that leads nowhere, wherever it would have led', async () => {
    const { root, outside } = rootWithOutside()
    for (const target of [join(outside, 'new.db'), join(root, 'new.db')]) {
      const link = join(root, `to-${basename(target)}-${target.includes('outside')}`)
      symlinkSync(target, link)
      expect((await refusal(() => open(`sqlite:${link}`, { root }))).message).toMatch(
        /link that leads nowhere|leads out/,
      )
      expect(existsSync(target)).toBe(false)
    }
  })
})

test('a link that leads nowhere is refused without a root too, and nothing is made at its end', async () => {
  const folder = scratchFolder()
  symlinkSync(join(folder, 'target.db'), join(folder, 'link.db'))
  expect((await refusal(() => open(`sqlite:${folder}/link.db`))).message).toMatch(/link/)
  expect(readdirSync(folder)).toEqual(['link.db'])
})

describe('tenants', () => {
  test.each([
    { path: 'purser.db', file: 'purser.acme.db' },
    { path: 'purser', file: 'purser.acme' },
    { path: 'a.b.db', file: 'a.b.acme.db' },
    { path: '.purser', file: '.acme.purser' },
    { path: 'v1.0/purser', file: 'v1.0/purser.acme' },
  ])('the tenant acme of $path stands in $file', ({ path, file }) => {
    const folder = scratchFolder()
    expect(createBackend({ url: `sqlite:${folder}/${path}`, tenant: 'acme' }).location).toBe(
      join(folder, file),
    )
  })

  test('two tenants of one path do not see each other', async () => {
    const folder = scratchFolder()
    const url = `sqlite:${folder}/purser.db`
    const stores = await Promise.all(['a', 'b', undefined].map((tenant) => open(url, { tenant })))
    const task = {
      id: 'mine',
      title: 't',
      description: 'd',
      project: 'p',
      createdBy: 'c',
      type: 'admin',
    } as const
    await stores[0]?.tasks.create(task)
    expect(await Promise.all(stores.map((store) => store.tasks.count()))).toEqual([1, 0, 0])
    for (const store of stores) await store.close()
  })
})

// Root may do everything, so these are tried by a process that has given up its rights.
describe('permissions that are missing', () => {
  async function asNobody(path: string, action: 'open' | 'write') {
    const child = startChild('open-as-nobody', [path, action])
    const { errors } = await child.ended
    const line = child.lines.at(-1) ?? errors
    return line.startsWith('error ')
      ? (JSON.parse(line.slice(6)) as {
          name: string
          message: string
          retryable: boolean
          connected: boolean
        })
      : line
  }
  const denied = { name: 'PersistenceConnectionError', retryable: false, connected: false }

  test('to read the file', async () => {
    const folder = scratchFolder()
    chmodSync(folder, 0o755)
    await (await open(`sqlite:${folder}/mine.db`)).close()
    const before = folderState(folder)
    expect(await asNobody(join(folder, 'mine.db'), 'open')).toMatchObject({
      ...denied,
      message: expect.stringContaining('permission denied'),
    })
    expect(folderState(folder)).toEqual(before)
  })

  test('to enter the folder', async () => {
    const folder = scratchFolder()
    chmodSync(folder, 0o700)
    expect(await asNobody(join(folder, 'a.db'), 'write')).toMatchObject({
      ...denied,
      message: expect.stringContaining('permission denied'),
    })
    expect(readdirSync(folder)).toEqual([])
  })

  test('to write into the folder', async () => {
    const folder = scratchFolder()
    chmodSync(folder, 0o555)
    onTestFinished(() => chmodSync(folder, 0o700))
    for (const path of ['a.db', 'deeper/a.db']) {
      expect(await asNobody(join(folder, path), 'write')).toMatchObject({
        ...denied,
        message: expect.stringContaining('permission denied'),
      })
    }
    expect(readdirSync(folder)).toEqual([])
  })

  test('to write the file: it can be read, and a write says why not', async () => {
    const folder = scratchFolder()
    const path = join(folder, 'shared.db')
    const store = await open(`sqlite:${path}?journal=delete`)
    await store.tasks.create({ title: 't', description: 'd', project: 'p', createdBy: 'c', type: 'admin' })
    await store.close()
    chmodSync(folder, 0o755)
    chmodSync(path, 0o644)
    const hash = hashOf(path)
    expect(await asNobody(path, 'open')).toBe('done 1')
    expect(await asNobody(path, 'write')).toMatchObject({
      name: 'QueryError',
      message: expect.stringContaining('read-only'),
    })
    expect(hashOf(path)).toBe(hash)
  })

  test('to write the file of an ancestor: it is told apart, and not migrated', async () => {
    const folder = scratchFolder()
    const path = makeAncestor(join(folder, 'old.db'), { operations: true })
    chmodSync(folder, 0o755)
    chmodSync(path, 0o644)
    const before = folderState(folder)
    expect(await asNobody(path, 'write')).toMatchObject({
      name: 'MigrationError',
      message: expect.stringMatching(/read-only.*allow writing to it, or use a copy/),
    })
    expect(folderState(folder)).toEqual(before)
  })

  test('P1: to make the files of the write-ahead log: the rows are read, and nothing is left beside the file', async () => {
    const folder = scratchFolder()
    const path = join(folder, 'shared.db')
    await (await open(`sqlite:${path}`)).close()
    chmodSync(path, 0o644)
    // The folder of another user, and one in which anybody may write: files made there would lock
    // the owner out.
    for (const mode of [0o755, 0o777]) {
      chmodSync(folder, mode)
      expect(await asNobody(path, 'open')).toBe('done 0')
      expect(readdirSync(folder)).toEqual(['shared.db'])
    }
  })
})
