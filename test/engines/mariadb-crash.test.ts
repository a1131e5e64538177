// A process that writes to MariaDB with 64 callers is killed at random moments: what it had acknowledged is stored, nothing is there by
// half, and every check of the doctor passes.

import { afterAll, describe, expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { startChild } from '../fixtures/child-process.ts'
import { MariadbDatabases, onMariadb, rowsOf } from './mariadb-databases.ts'
import { serverUrl } from './server-url.ts'

const server = serverUrl('mariadb')
const databases = new MariadbDatabases(server ?? '')
const ROUNDS = 4
const tables: Readonly<Record<string, string>> = { m: 'messages', t: 'tasks', c: 'cost_records' }

describe.skipIf(server === undefined)('a process killed while it writes to MariaDB', () => {
  afterAll(() => databases.dropAll())

  test('loses nothing that it had acknowledged', async () => {
    const database = await databases.create()
    const url = databases.urlOf(database)
    const acknowledged = new Map<string, Set<string>>(Object.keys(tables).map((kind) => [kind, new Set()]))
    for (let round = 0; round < ROUNDS; round += 1) {
      const child = startChild('write', [url, round])
      await child.lineCount(300 + Math.floor(Math.random() * 300))
      child.kill()
      await child.ended
      for (const line of child.lines) {
        const [kind = '', id = ''] = line.split(' ')
        if (id !== '') acknowledged.get(kind)?.add(id)
      }
    }
    for (const [kind, ids] of acknowledged) {
      expect(ids.size, kind).toBeGreaterThan(0)
      const rows = await onMariadb(server ?? '', database, (connection) =>
        rowsOf(connection, `SELECT id FROM ${tables[kind]}`),
      )
      const there = new Set(rows.map(([id]) => id))
      expect(
        [...ids].filter((id) => !there.has(id)),
        kind,
      ).toEqual([])
    }
    await using store = await openStore(url)
    const { checks } = await store.doctor()
    expect(checks.filter(({ status }) => status === 'fail')).toEqual([])
  })
})
