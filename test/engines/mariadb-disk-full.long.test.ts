// A MariaDB of the test's own whose tables stand on a file system that becomes full: writes end in
// the right class of error, reads and what was acknowledged stay, and the store works again once
// there is room.

import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore, PersistenceError, QueryError, type Store } from '../../src/index.ts'
import { fillUp } from '../support/engines/fill-up.ts'
import { serverUrl } from '../support/engines/server-url.ts'
import { hasMariadb, type MariadbProcess, startMariadb } from '../support/server-process.ts'
import { canMount, type SmallDisk, smallDisk } from '../support/small-disk.ts'

const isPossible = hasMariadb && canMount
if (!isPossible)
  console.warn('SKIPPED: a full disk under MariaDB; this machine lacks its binaries or the right to mount')

describe.skipIf(serverUrl('mariadb') === undefined || !isPossible)('a MariaDB whose disk is full', () => {
  let server: MariadbProcess
  beforeAll(async () => {
    server = await startMariadb()
    await server.query("CREATE USER app@'%'; GRANT ALL ON *.* TO app@'%'")
  }, 120_000)
  afterAll(() => server?.remove())

  const onSmallDisk = async (work: (store: Store, disk: SmallDisk) => Promise<void>) => {
    const disk = smallDisk(64)
    const space = join(disk.folder, 'space')
    mkdirSync(space)
    server.own(disk.folder)
    server.own(space)
    // A database is a folder: this one is elsewhere.
    symlinkSync(space, join(server.folder, 'data', 'agents'))
    await server.query('ALTER DATABASE agents CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin')
    const store = await openStore(`mariadb://app@127.0.0.1:${server.port}/agents?connectTimeout=2000`)
    try {
      await work(store, disk)
    } finally {
      await store.close()
      await server.query('DROP DATABASE agents')
    }
  }

  test(
    'refuses writes for good, serves reads, and takes writes again once there is room',
    { timeout: 120_000 },
    () =>
      onSmallDisk(async (store, disk) => {
        const filled = await fillUp(store, disk, 1)
        expect(filled.error).toBeInstanceOf(QueryError)
        expect(filled.error?.message).toMatch(/disk of the server is full; nothing of this write was stored/)
        expect(filled.error?.retryable).toBe(false)
        await filled.refusesMore()
        await filled.worksAgain()
      }),
  )

  // "[FATAL] InnoDB: Error (Out of disk space) in rollback": 10.11 ends itself when a statement of
  // many rows does not fit.
  test(
    'with large sets, whether or not the server ends itself: nothing acknowledged is lost',
    { timeout: 120_000 },
    () =>
      onSmallDisk(async (store, disk) => {
        const filled = await fillUp(store, disk, 50)
        expect(filled.error).toBeInstanceOf(PersistenceError)
        disk.free()
        await server.start()
        await filled.worksAgain()
      }),
  )
})
