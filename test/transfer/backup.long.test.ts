// Backups: of a file, whole and sound while others write, under its name only when it is; of a
// server, the call that really does it.

import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  backupStore,
  copyRecords,
  createBackend,
  openStore,
  QueryError,
  type Store,
} from '../../src/index.ts'
import { internalsOf } from '../../src/store/store-internals.ts'
import { contentOf, sound, soundness, withDatabase } from '../support/database-content.ts'
import { freshUrl } from '../support/fresh-url.ts'
import { makeAncestor } from '../support/legacy.ts'
import { makeOrganisation } from '../support/organisation.ts'
import { hashOf, modeOf, scratchFile, scratchFolder } from '../support/scratch.ts'
import { canMount, smallDisk } from '../support/small-disk.ts'
import { connected, onMariadb, onPostgres, opened, placeNames } from '../support/transfer/places.ts'
import { recordLines } from '../support/transfer/record-lines.ts'

const message = { sender: 'ada', to: 'bo', channel: 'deck', type: 'announcement' } as const

async function organisation(settings = '') {
  const path = scratchFile('books.db')
  await makeOrganisation(path)
  return { path, store: await opened(`sqlite:${path}${settings}`) }
}

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => new Error('nothing was refused'),
    (error: unknown) => error as Error,
  )

async function fileBackup(store: Store, path: string, options?: Parameters<typeof backupStore>[2]) {
  const made = await backupStore(store, path, options)
  if (made.kind !== 'file') throw new Error('a file was expected')
  return made
}

describe('of a file', () => {
  test('has every row, the rights of its owner alone, no file beside it, and can be opened', async () => {
    const { store } = await organisation()
    const path = scratchFile('backup.db')
    const shares: number[] = []
    const made = await fileBackup(store, path, { progress: (share) => shares.push(share) })
    expect(made).toMatchObject({ path, rows: { tasks: 2, plans: 4, cost_records: 12, messages: 1 } })
    expect(made.bytes).toBeGreaterThan(100_000)
    expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true)
    expect(modeOf(path)).toBe('600')
    expect(readdirSync(dirname(path))).toEqual(['backup.db'])
    expect(soundness(path)).toEqual(sound)
    expect(readdirSync(dirname(path))).toEqual(['backup.db'])
    const restored = await opened(`sqlite:${path}`)
    expect(await recordLines(restored)).toEqual(await recordLines(store))
    expect((await restored.doctor()).ok).toBe(true)
  })

  test('is restored by copying it back, as the command says', async () => {
    const { store, path } = await organisation()
    const lines = await recordLines(store)
    const backup = scratchFile('backup.db')
    await backupStore(store, backup)
    await store.messages.append({ ...message, content: 'after the backup' })
    await store.close()
    for (const beside of ['-wal', '-shm']) rmSync(`${path}${beside}`, { force: true })
    copyFileSync(backup, path)
    const restored = await opened(`sqlite:${path}`)
    expect(await recordLines(restored)).toEqual(lines)
    await restored.messages.append({ ...message, content: 'goes on' })
    expect(withDatabase(path, (handle) => handle.pragma('journal_mode', { simple: true }))).toBe('wal')
  })

  test('is of one moment, and holds up nobody who writes, in this process and in others', async () => {
    const { store, path } = await organisation()
    const content = 'x'.repeat(2000)
    await store.messages.appendMany(Array.from({ length: 6000 }, () => ({ ...message, content })))
    const other = await opened(`sqlite:${path}`)
    let isDone = false
    let pairs = 0
    const write = async (writer: Store) => {
      // Always two at once: a backup of one moment has an even number of each.
      while (!isDone) {
        await writer.transaction(async (tx) => {
          await tx.messages.append({ ...message, sender: 'pair', content: 'one' })
          await tx.messages.append({ ...message, sender: 'pair', content: 'two' })
        })
        pairs += 1
      }
    }
    const writers = [write(store), write(other)]
    const backup = scratchFile('backup.db')
    let steps = 0
    const made = await fileBackup(store, backup, { progress: () => (steps += 1) })
    isDone = true
    await Promise.all(writers)
    expect(steps).toBeGreaterThan(2)
    expect(pairs).toBeGreaterThan(2)
    const copied = withDatabase(backup, (handle) =>
      Number(handle.prepare("SELECT count(*) FROM messages WHERE sender = 'pair'").pluck().get()),
    )
    expect(copied % 2).toBe(0)
    expect(copied).toBeLessThanOrEqual(pairs * 2)
    expect(made.rows.messages).toBe(6001 + copied)
    expect(soundness(backup)).toEqual(sound)
  })

  test('a file that is there is left as it is, and replaced when that is asked for', async () => {
    const { store } = await organisation()
    const path = scratchFile('backup.db')
    writeFileSync(path, 'precious')
    const before = hashOf(path)
    const failure = await failureOf(backupStore(store, path))
    expect(failure).toBeInstanceOf(QueryError)
    expect(failure.message).toMatch(/is there already.*--force/)
    expect(hashOf(path)).toBe(before)
    await backupStore(store, path, { force: true })
    expect(soundness(path)).toEqual(sound)
    expect(modeOf(path)).toBe('600')
    expect(readdirSync(dirname(path))).toEqual(['backup.db'])
  })

  test('the database itself is never written over, by whatever name', async () => {
    const { store, path } = await organisation()
    const folder = scratchFolder()
    symlinkSync(path, join(folder, 'link.db'))
    for (const name of [path, `${path}-wal`, `${path}-shm`, `${path}-journal`, join(folder, 'link.db')]) {
      const failure = await failureOf(backupStore(store, name, { force: true }))
      expect(failure.message).toMatch(/is the database itself/)
    }
    expect((await store.doctor()).ok).toBe(true)
  })

  test('no file that another database may be using is written over', async () => {
    const { store } = await organisation()
    const other = scratchFile('other.db')
    const used = await openStore(`sqlite:${other}`)
    expect((await failureOf(backupStore(store, other, { force: true }))).message).toMatch(
      /uses as a database/,
    )
    await used.close()
    expect((await failureOf(backupStore(store, dirname(other)))).message).toMatch(/is no file/)
  })

  test('a folder that is not there, and one that may not be written, are told; nothing is left', async () => {
    const { store } = await organisation()
    const folder = scratchFolder()
    const failure = await failureOf(backupStore(store, join(folder, 'none', 'backup.db')))
    expect(failure.message).toMatch(/its folder does not exist; no file was left there/)
    expect(readdirSync(folder)).toEqual([])
  })

  test('that is ended in the middle leaves no file', async () => {
    const { store } = await organisation()
    await store.messages.appendMany(
      Array.from({ length: 5000 }, () => ({ ...message, content: 'x'.repeat(2000) })),
    )
    const path = scratchFile('backup.db')
    const controller = new AbortController()
    const failure = await failureOf(
      backupStore(store, path, {
        signal: controller.signal,
        progress: () => controller.abort(new Error('enough')),
      }),
    )
    expect(failure.message).toBe('enough')
    expect(readdirSync(dirname(path))).toEqual([])
    await store.messages.append({ ...message, content: 'goes on' })
  })

  test.skipIf(!canMount)('on a full disk says so, and leaves no file', async () => {
    const { store } = await organisation()
    const disk = smallDisk(2)
    disk.leave(100_000)
    const failure = await failureOf(backupStore(store, join(disk.folder, 'backup.db')))
    expect(failure).toBeInstanceOf(QueryError)
    expect(failure.message).toMatch(/the disk is full/)
    expect(readdirSync(disk.folder).filter((name) => name.startsWith('backup'))).toEqual([])
    disk.free()
    await backupStore(store, join(disk.folder, 'backup.db'))
  })

  test('a damaged database is found out, and no backup of it gets a name', async () => {
    const { store, path } = await organisation()
    await store.close()
    withDatabase(
      path,
      (handle) => {
        handle.unsafeMode()
        handle.pragma('writable_schema = on')
        const other = handle
          .prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'automation_profiles_created'")
          .pluck()
          .get()
        handle.prepare("UPDATE sqlite_schema SET rootpage = ? WHERE name = 'tasks_project'").run(other)
        handle.pragma('writable_schema = reset')
      },
      false,
    )
    const damaged = await connected(`sqlite:${path}`)
    const backup = scratchFile('backup.db')
    expect((await failureOf(backupStore(damaged, backup))).message).toMatch(/damaged/)
    expect(readdirSync(dirname(backup))).toEqual([])
  })

  test('a database at any version is backed up, an ancestor’s and one in memory too', async () => {
    const ancestor = makeAncestor(scratchFile('ancestor.db'), { operations: true, plans: true })
    const path = scratchFile('backup.db')
    const made = await fileBackup(await connected(`sqlite:${ancestor}`), path)
    expect(made.rows.tasks).toBeGreaterThan(0)
    expect(contentOf(path)).toEqual(contentOf(ancestor))
    const memory = createBackend('sqlite::memory:')
    await memory.connect()
    await memory.migrate()
    await memory.messages.append({ ...message, content: 'kept' })
    const second = scratchFile('memory.db')
    expect((await fileBackup(memory, second)).rows.messages).toBe(1)
    await memory.close()
    expect(await (await opened(`sqlite:${second}`)).messages.count()).toBe(1)
  })
})

describe('of a server', () => {
  const servers = placeNames.filter((place) => place !== 'sqlite')
  const tools = { sqlite: 'cp', postgres: 'pg_dump', mariadb: 'mariadb-dump' } as const
  const hasTool = (place: keyof typeof tools) => spawnSync(tools[place], ['--version']).status === 0

  const shell = (line: string) => {
    const { status, stderr } = spawnSync('/bin/sh', ['-c', line], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${line} ended with ${status}: ${stderr}`)
  }

  const urls = {
    postgres: {
      url: "postgres://o'neil:hunter2@db.example:5433,other.example/my%20books?schema=a_b&sslmode=verify-ca&sslrootcert=/ca.pem",
      command: `pg_dump --host=db.example,other.example --port=5433,5432 '--username=o'\\''neil' '--dbname=dbname='\\''my books'\\'' sslmode=verify-ca sslrootcert=/ca.pem' '--schema="a_b"' --format=custom '--file=a b.dump'`,
    },
    mariadb: {
      url: 'mariadb://keeper:hunter2@%2Frun%2Fmysqld.sock/books?sslmode=require',
      command:
        "mariadb-dump --socket=/run/mysqld.sock --user=keeper --ssl --single-transaction --triggers --hex-blob --default-character-set=utf8mb4 '--result-file=a b.dump' books",
    },
  } as const

  test.each(Object.values(urls))(
    'the call has the place and never a password: $command',
    ({ url, command }) => {
      const { engine } = internalsOf(createBackend({ url, migrate: 'off' }))
      const made = engine.backupCommand?.('a b.dump')
      expect(made?.command).toBe(command)
      expect(JSON.stringify(made)).not.toContain('hunter2')
    },
  )

  test.each(servers)('nothing is written on %s', async (place) => {
    const path = scratchFile('backup.dump')
    const made = await backupStore(await connected(await freshUrl(place)), path)
    expect(made).toMatchObject({ kind: 'tool', tool: tools[place] })
    expect(existsSync(path)).toBe(false)
  })

  test.each(servers)('the call and the way back really work on %s', async (place) => {
    if (!hasTool(place)) {
      console.warn(`SKIPPED: there is no ${tools[place]} on this machine`)
      return
    }
    const origin = scratchFile('origin.db')
    await makeOrganisation(origin)
    const from = await opened(`sqlite:${origin}`)
    const url = await freshUrl(place)
    const store = await connected(url)
    await copyRecords(from, store)
    await store.messages.append({ ...message, content: 'naïve 😀 \\ "quoted" \'text\'' })
    const path = scratchFile("it's a backup.dump")
    const made = await backupStore(store, path)
    if (made.kind !== 'tool') throw new Error('a tool was expected')
    const [lines, totals] = [
      await recordLines(store),
      await store.costRecords.aggregate({}, { by: ['agent'] }),
    ]
    await store.close()
    shell(made.command)
    const name =
      place === 'postgres' ? new URL(url).searchParams.get('schema') : new URL(url).pathname.slice(1)
    if (place === 'postgres') {
      await onPostgres(`DROP SCHEMA ${name} CASCADE`)
      await onPostgres(`CREATE SCHEMA ${name}`)
    } else {
      await onMariadb(`DROP DATABASE ${name}`)
      await onMariadb(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin`)
    }
    shell(made.restore)
    const restored = await opened(url)
    expect(await recordLines(restored)).toEqual(lines)
    expect(await restored.costRecords.aggregate({}, { by: ['agent'] })).toEqual(totals)
    expect(await restored.drift()).toEqual([])
    expect((await restored.doctor()).ok).toBe(true)
    expect((await restored.audit.verify()).ok).toBe(true)
    // Guards, totals and the search index work on.
    await restored.messages.append({ ...message, content: 'searchable' })
    expect((await restored.messages.search('searchable')).items).toHaveLength(1)
  })

  test.skipIf(!servers.includes('postgres'))(
    'U11: what is printed for PostgreSQL restores into a new database, and one without the schema',
    async ({ skip }) => {
      if (!hasTool('postgres')) skip('there is no pg_dump on this machine')
      const database = `purser_restore_${process.pid}`
      const place = new URL(await freshUrl('postgres'))
      place.search = ''
      place.pathname = `/${database}`
      const remake = async () => {
        await onPostgres(`DROP DATABASE IF EXISTS ${database}`)
        await onPostgres(`CREATE DATABASE ${database} TEMPLATE template0 ENCODING 'UTF8'`)
      }
      onTestFinished(async () => {
        await onPostgres(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`)
      })
      await remake()
      for (const [settings, tenant] of [[''], ['?schema=books'], ['', 'acme']] as const) {
        const where = { url: place.href + settings, tenant }
        const store = await openStore(where)
        await store.messages.append({ ...message, content: 'kept' })
        const lines = await recordLines(store)
        const path = scratchFile('public.dump')
        const made = await backupStore(store, path)
        if (made.kind !== 'tool') throw new Error('a tool was expected')
        await store.close()
        shell(made.command)
        // A new database has public, and no other schema; a tenant's is not there either.
        await remake()
        shell(made.restore)
        const restored = await openStore({ ...where, migrate: 'check' })
        expect(await recordLines(restored)).toEqual(lines)
        expect(await restored.drift()).toEqual([])
        expect((await restored.doctor()).ok).toBe(true)
        await restored.close()
        // What is there is never written over.
        expect(() => shell(made.restore)).toThrow(/already exists/)
      }
    },
  )
})
