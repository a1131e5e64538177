// A PostgreSQL of the test's own whose tables stand on a file system that becomes full: writes end
// in the right class of error, reads and what was acknowledged stay, and the store works again once
// there is room.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore, QueryError } from '../../src/index.ts'
import { fillUp } from '../support/engines/fill-up.ts'
import { serverUrl } from '../support/engines/server-url.ts'
import { hasPostgres, type PostgresProcess, startPostgres } from '../support/server-process.ts'
import { canMount, smallDisk } from '../support/small-disk.ts'

const isPossible = hasPostgres && canMount
if (!isPossible)
  console.warn('SKIPPED: a full disk under PostgreSQL; this machine lacks its binaries or the right to mount')

describe.skipIf(serverUrl('postgres') === undefined || !isPossible)('a PostgreSQL whose disk is full', () => {
  let server: PostgresProcess
  beforeAll(async () => {
    server = await startPostgres(() => ({}))
  }, 120_000)
  afterAll(() => server?.remove())

  test('refuses writes for good, serves reads, and takes writes again once there is room', async () => {
    const disk = smallDisk(48)
    const space = join(disk.folder, 'space')
    mkdirSync(space)
    server.own(disk.folder)
    server.own(space)
    await server.query(`CREATE TABLESPACE small LOCATION '${space}'`)
    await server.query('CREATE DATABASE agents TABLESPACE small')
    await using store = await openStore(`postgres://postgres@127.0.0.1:${server.port}/agents`)
    try {
      const stored = await fillUp(store, disk, 50)
      expect(stored.error).toBeInstanceOf(QueryError)
      expect(stored.error?.message).toMatch(/disk of the server is full; nothing of this write was stored/)
      expect(stored.error?.retryable).toBe(false)
      await stored.refusesMore()
      await stored.worksAgain()
    } finally {
      await store.close()
      await server.query('DROP DATABASE agents WITH (FORCE)')
      await server.query('DROP TABLESPACE small')
    }
  }, 120_000)
})
