// L2 to L4: the conformance list on servers whose defaults are the worst there are, all at once. A
// run takes one case of ten, or all: PURSER_RUNS=10.

import { afterAll, beforeAll, describe } from 'vitest'
import { newName } from '../support/engines/mariadb-databases.ts'
import { onServer } from '../support/engines/postgres-schemas.ts'
import { type PrivateServer, startPrivateMariadb } from '../support/engines/private-servers.ts'
import { runConformance } from '../support/engines/run-conformance.ts'
import { serverUrl } from '../support/engines/server-url.ts'
import { harnessesOn, placesAt } from '../support/engines/servers.ts'
import { spoilMariadb, spoilPostgres } from '../support/engines/worst-settings.ts'
import { propertyRuns } from '../support/property-runs.ts'

const kind = { everyCase: false, everyOf: Math.max(1, Math.round(10 / propertyRuns(1))) }

const postgres = serverUrl('postgres')

describe.skipIf(postgres === undefined)('L4: PostgreSQL', () => {
  const server = postgres ?? 'postgres://localhost/postgres'
  const database = newName()
  const url = new URL(server)
  url.pathname = `/${database}`
  const places = placesAt('postgres', url.href)
  beforeAll(async () => {
    await onServer(server, undefined, (client) =>
      client.query(`CREATE DATABASE ${database} ENCODING 'UTF8' TEMPLATE template0`),
    )
    await spoilPostgres(server, database)
  })
  afterAll(async () => {
    await onServer(server, undefined, (client) =>
      client.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`),
    )
  })
  runConformance('PostgreSQL with other defaults', harnessesOn(places), kind)
})

const server: PrivateServer | undefined =
  serverUrl('mariadb') === undefined ? undefined : await startPrivateMariadb()
if (server === undefined)
  console.warn('NOT TESTED: MariaDB with other defaults: there are no programs to start one with')

describe.skipIf(server === undefined)('L2, L3: MariaDB', () => {
  const url = server?.url ?? 'mariadb://localhost/mysql'
  beforeAll(() => spoilMariadb(url))
  afterAll(() => server?.stop())
  runConformance('MariaDB with other defaults', harnessesOn(placesAt('mariadb', url)), kind)
})
