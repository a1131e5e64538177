// Pruning in a process that is killed, on MariaDB.

import { afterAll, describe, test } from 'vitest'
import { MariadbDatabases } from './mariadb-databases.ts'
import { surviveKills } from './retention-killed.ts'
import { serverUrl } from './server-url.ts'

const server = serverUrl('mariadb')
const databases = new MariadbDatabases(server ?? '')

describe.skipIf(server === undefined)('a process killed while it prunes MariaDB', () => {
  afterAll(() => databases.dropAll())

  test('changes no total, and leaves nothing by half', async () => {
    await surviveKills(databases.urlOf(await databases.create()))
  })
})
