// Every conformance case on MariaDB.

import { afterAll, describe } from 'vitest'
import { MariadbDatabases } from './mariadb-databases.ts'
import { createMariadbHarness } from './mariadb-harness.ts'
import { runConformance } from './run-conformance.ts'
import { serverUrl } from './server-url.ts'

const server = serverUrl('mariadb')

if (server === undefined) describe.skip('conformance on MariaDB (there is no server)', () => undefined)
else {
  const databases = new MariadbDatabases(server)
  runConformance('MariaDB', () => createMariadbHarness(server, databases))
  afterAll(() => databases.dropAll())
}
