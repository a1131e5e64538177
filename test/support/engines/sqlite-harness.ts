// The SQLite engine's side of the conformance harness: files in a temporary folder, or databases in
// memory. Rows are looked at and damaged over a connection of the test's own; in memory there is
// only the store's, which the driver's opener hands out.

import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type {
  Cell,
  HarnessFeatures,
  Place,
  PlaceOptions,
  UnusableLocation,
} from '../../../src/conformance/index.ts'
import type { ConnectionSettings } from '../../../src/engines/sqlite/connection.ts'
import { createSqliteEngine } from '../../../src/engines/sqlite/index.ts'
import { createBackend, type Store } from '../../../src/index.ts'
import { FailingDriver } from './failing-driver.ts'
import { performInProcess } from './job-process.ts'
import { keyOf, oddTexts } from './key-columns.ts'
import type { DisposableHarness } from './run-conformance.ts'

const settings: ConnectionSettings = {
  journal: 'wal',
  synchronous: 'full',
  busyTimeout: 5000,
  journalSizeLimit: 67_108_864,
}

/** What both kinds of place share: stores to close, and statements behind the library's back. */
function base(use: (place: Place, work: (handle: Database.Database) => unknown) => unknown) {
  const stores = new Set<Store>()
  const cells: HarnessFeatures['cells'] = {
    async write(place, { table, id, column }, value) {
      use(place, (handle) => {
        handle.pragma('ignore_check_constraints = on')
        handle.prepare(`UPDATE "${table}" SET "${column}" = ? WHERE "${keyOf(table)}" = ?`).run(value, id)
        handle.pragma('ignore_check_constraints = off')
      })
    },
    async read(place, { table, id, column }: Cell) {
      const row = use(place, (handle) =>
        handle
          .prepare(`SELECT CAST("${column}" AS TEXT) FROM "${table}" WHERE "${keyOf(table)}" = ?`)
          .pluck()
          .get(id),
      )
      return row === undefined || row === null ? null : String(row)
    },
  }
  const sql: HarnessFeatures['sql'] = async (place, text, parameters = []) =>
    use(place, (handle) => {
      const statement = handle.prepare(text)
      if (statement.reader) return statement.raw(true).all(...parameters)
      statement.run(...parameters)
      return []
    }) as readonly (readonly unknown[])[]
  const guards: HarnessFeatures['guards'] = {
    async lift(place, table, work) {
      const triggers = (await sql(
        place,
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? ORDER BY rowid",
        [table],
      )) as readonly (readonly [name: string, text: string])[]
      for (const [name] of triggers) await sql(place, `DROP TRIGGER "${name}"`)
      try {
        await work()
      } finally {
        for (const [, text] of triggers) await sql(place, text)
      }
    },
  }
  const plans: HarnessFeatures['plans'] = {
    async insert(place, { planId, parentPlanId = null }) {
      const now = '2026-01-01T00:00:00.000Z'
      await sql(
        place,
        `WITH given (id, parent, at) AS (VALUES (?, nullif(?, ''), ?))
INSERT INTO plans (plan_id, parent_plan_id, root_plan_id, name, action_name, description, automation_profile_name, automation_profile_provenance, effective_profile_snapshot, created_at, updated_at)
SELECT id, parent, coalesce((SELECT root_plan_id FROM plans WHERE plan_id = parent), id), iif(parent IS NULL, 'local/' || id, NULL), 'local/act', 'A plan', 'balanced', 'global', '{}', at, at FROM given`,
        [planId, parentPlanId ?? '', now],
      )
    },
    async remove(place, planId) {
      await sql(place, 'DELETE FROM plans WHERE plan_id = ?', [planId])
    },
  }
  return {
    stores,
    closeAll: async () => {
      for (const store of stores) await store.close()
    },
    features: {
      cells,
      looseCells: true,
      bytesAsText: () => null,
      foreignTexts: [new Uint8Array([1, 2]), ...oddTexts],
      guards,
      sql,
      plans,
    } as const,
  }
}

class FilePlace implements Place {
  readonly path: string
  constructor(path: string) {
    this.path = path
  }

  create(options: PlaceOptions = {}): Store {
    const { waitForLocks, connections: _, ...rest } = options
    const search = waitForLocks === undefined ? '' : `?busyTimeout=${waitForLocks}`
    return createBackend({ ...rest, url: `sqlite:${this.path}${search}` })
  }
}

function asFile(place: Place): FilePlace {
  if (place instanceof FilePlace) return place
  throw new TypeError('the place is not of this harness')
}

export function createFileHarness(): DisposableHarness {
  const folder = mkdtempSync(join(tmpdir(), 'purser-conformance-'))
  const onFile = (place: Place, work: (handle: Database.Database) => unknown) => {
    const handle = new Database(asFile(place).path, { fileMustExist: true })
    try {
      return work(handle)
    } finally {
      handle.close()
    }
  }
  const { stores, closeAll, features } = base(onFile)
  let places = 0
  return {
    backendName: 'sqlite',
    newPlace: () => {
      places += 1
      return new FilePlace(join(folder, `place ${places}`, 'data', 'purser.db'))
    },
    closeAfterwards: (store) => stores.add(store),
    dispose: async () => {
      await closeAll()
      rmSync(folder, { recursive: true, force: true })
    },
    features: {
      ...features,
      persistent: true,
      shared: true,
      processes: {
        perform: (place, job, { waitForLocks = settings.busyTimeout, started } = {}) =>
          performInProcess({ url: `sqlite:${asFile(place).path}?busyTimeout=${waitForLocks}`, job }, started),
      },
      tenants: {
        create: (place, tenant) => createBackend({ url: `sqlite:${asFile(place).path}`, tenant }),
      },
      faults: (place) => {
        const driver = new FailingDriver()
        const engine = createSqliteEngine({ ...settings, path: asFile(place).path, open: driver.open })
        return {
          store: createBackend({ engine }),
          fail: (point) => driver.fail(point),
          heal: () => driver.heal(),
        }
      },
      unusable: () => unusableFiles(folder),
      handles: () => openFiles(folder),
      durability: (
        [
          ['the default', ''],
          ['a rollback journal', '?journal=delete'],
          ['a write-ahead log', '?journal=wal'],
        ] as const
      ).map(([name, search]) => ({
        name,
        create: (place) => createBackend(`sqlite:${asFile(place).path}${search}`),
        expected: search.includes('delete') ? 'delete' : 'wal',
        inForce: async (place) =>
          String(onFile(place, (handle) => handle.pragma('journal_mode', { simple: true }))),
      })),
      strangers: async (place) => {
        const data = join(asFile(place).path, '..')
        const paths = [join(data, '..'), data, ...readdirSync(data).map((name) => join(data, name))]
        const reached = paths.filter((path) => (statSync(path).mode & 0o077) !== 0)
        return { tried: paths.length, reached }
      },
    },
  }
}

/** Files in a folder that this process has open. */
function openFiles(folder: string): number {
  return readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(folder)
    } catch {
      return false // the descriptor with which the list was read
    }
  }).length
}

function unusableFiles(folder: string): readonly UnusableLocation[] {
  const home = mkdtempSync(join(folder, 'unusable-'))
  const write = (name: string, content: string | Buffer) => {
    const path = join(home, name)
    writeFileSync(path, content, { mode: 0o600 })
    const assertUntouched = () => {
      if (!readFileSync(path).equals(Buffer.from(content))) throw new Error(`${name} was changed`)
    }
    return { path, assertUntouched }
  }
  const at = (name: string, path: string, more: Partial<UnusableLocation> = {}): UnusableLocation => ({
    name,
    create: () => createBackend(`sqlite:${path}`),
    ...more,
  })
  const whole = join(home, 'whole.db')
  const database = new Database(whole)
  database.exec('CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(100000))')
  database.close()
  const bytes = readFileSync(whole)
  const text = write('text.db', 'this is a letter, and no database; the password is hunter2')
  const cut = write('cut.db', bytes.subarray(0, 30_000))
  const stub = write('stub.db', bytes.subarray(0, 50))
  const garbled = write(
    'garbled.db',
    Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(bytes.length - 100, 0xa5)]),
  )
  mkdirSync(join(home, 'folder.db'))
  chmodSync(join(home, 'folder.db'), 0o700)
  return [
    at('a folder', join(home, 'folder.db')),
    at('a path with ".."', `${home}/../up.db`),
    at('a path with ".." in the other style', `${home}/a\\..\\up.db`),
    at('a path with NUL', `${home}/a%00b.db`),
    at('a path through a file', join(text.path, 'below.db')),
    at('a text file', text.path, { secrets: ['hunter2'], assertUntouched: text.assertUntouched }),
    at('a cut-off database', cut.path, { assertUntouched: cut.assertUntouched }),
    at('a database of less than a header', stub.path, { assertUntouched: stub.assertUntouched }),
    at('a damaged database', garbled.path, { assertUntouched: garbled.assertUntouched }),
    at('no path', ''),
    { name: 'an unknown setting', create: () => createBackend(`sqlite:${home}/a.db?sync=off`) },
    {
      name: 'a scheme without an engine',
      create: () => createBackend('nosql://user:hunter2@host/db'),
      secrets: ['hunter2'],
    },
    { name: 'no scheme', create: () => createBackend(`${home}/a.db`) },
    {
      name: 'outside of the root',
      create: () => createBackend({ url: `sqlite:${folder}/a.db`, root: home }),
    },
  ]
}

class MemoryPlace implements Place {
  #handle: Database.Database | undefined

  get handle(): Database.Database {
    if (!this.#handle?.open) throw new Error('no store is open on this place')
    return this.#handle
  }

  create(options: PlaceOptions = {}): Store {
    const { waitForLocks = settings.busyTimeout, connections: _, ...rest } = options
    const engine = createSqliteEngine({
      ...settings,
      busyTimeout: waitForLocks,
      path: ':memory:',
      open: (path, driverOptions) => {
        this.#handle = new Database(path, driverOptions)
        return this.#handle
      },
    })
    return createBackend({ ...rest, engine })
  }
}

export function createMemoryHarness(): DisposableHarness {
  const { stores, closeAll, features } = base((place, work) => {
    if (!(place instanceof MemoryPlace)) throw new TypeError('the place is not of this harness')
    return work(place.handle)
  })
  return {
    backendName: 'sqlite',
    newPlace: () => new MemoryPlace(),
    closeAfterwards: (store) => stores.add(store),
    dispose: closeAll,
    features: {
      ...features,
      tenants: { create: (_place, tenant) => createBackend({ url: 'sqlite::memory:', tenant }) },
      faults: () => {
        const driver = new FailingDriver()
        const engine = createSqliteEngine({ ...settings, path: ':memory:', open: driver.open })
        return {
          store: createBackend({ engine }),
          fail: (point) => driver.fail(point),
          heal: () => driver.heal(),
        }
      },
    },
  }
}
