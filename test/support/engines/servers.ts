// The engines on servers, for test files: a suite that runs on each of them, and an engine's places
// and conformance harness.

import { afterAll, describe } from 'vitest'
import type { Engine } from '../../../src/engines/contract/engine.ts'
import { createMariadbEngine } from '../../../src/engines/mariadb/index.ts'
import { createPostgresEngine } from '../../../src/engines/postgres/index.ts'
import { parseServerUrl } from '../../../src/engines/server/url.ts'
import { MariadbDatabases } from './mariadb-databases.ts'
import { createMariadbHarness } from './mariadb-harness.ts'
import { createPostgresHarness } from './postgres-harness.ts'
import { PostgresSchemas } from './postgres-schemas.ts'
import type { DisposableHarness } from './run-conformance.ts'
import type { ServerPlaces } from './server-places.ts'
import { type ServerEngine, serverEngines, serverUrl } from './server-url.ts'

/** Cases that look at the first migration of a place. */
const migrating: ReadonlySet<string | undefined> = new Set(['L4', 'L7', 'H3'])

/** Places on a server, wherever it is; the caller ends with `dropAll`. */
export function placesAt(engine: ServerEngine, server: string): ServerPlaces {
  return engine === 'postgres' ? new PostgresSchemas(server) : new MariadbDatabases(server)
}

/** An engine by itself, for statements of a test's own. */
export function engineAt(engine: ServerEngine, url: string): Engine {
  return engine === 'postgres'
    ? createPostgresEngine(parseServerUrl({ url }, { scheme: 'postgres', port: 5432 }))
    : createMariadbEngine(parseServerUrl({ url }, { scheme: 'mariadb', port: 3306 }))
}

/** Makes the harness of a case on places of one server. */
export function harnessesOn(places: ServerPlaces): (id?: string) => DisposableHarness {
  if (places instanceof PostgresSchemas) return (id) => createPostgresHarness(places, migrating.has(id))
  if (places instanceof MariadbDatabases) return (id) => createMariadbHarness(places, migrating.has(id))
  throw new TypeError(`there is no harness for ${places.engine}`)
}

/**
 * A suite on one engine's server, or on each. Without a server it is skipped, and in CI it fails
 * (server-url.ts).
 * @param suite gets the engine's places, which are dropped after it
 */
export function describeOnServers(
  title: string,
  suite: (places: ServerPlaces, name: string) => void,
  engines: readonly ServerEngine[] = ['postgres', 'mariadb'],
): void {
  for (const engine of engines) {
    const name = serverEngines[engine]
    const server = serverUrl(engine)
    if (server === undefined) {
      describe.skip(`${title} on ${name} (there is no server)`, () => undefined)
      continue
    }
    const places = placesAt(engine, server)
    describe(`${title} on ${name}`, () => {
      afterAll(() => places.dropAll())
      suite(places, name)
    })
  }
}
