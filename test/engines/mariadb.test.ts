// Every conformance case on MariaDB.

import { afterAll, describe } from 'vitest'
import { MariadbDatabases } from './mariadb-databases.ts'
import { createMariadbHarness } from './mariadb-harness.ts'
import { runConformance } from './run-conformance.ts'
import { serverUrl } from './server-url.ts'

const server = serverUrl('mariadb')
/** Cases that look at the first migration of a place. */
const migrating = new Set(['L4', 'L7', 'H3'])

if (server === undefined) describe.skip('conformance on MariaDB (there is no server)', () => undefined)
else {
  const databases = new MariadbDatabases(server)
  runConformance('MariaDB', (id) => createMariadbHarness(server, databases, migrating.has(id ?? '')))
  afterAll(() => databases.dropAll())
}
