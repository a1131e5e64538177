// What a PostgreSQL server guarantees beside the rows, for the conformance harness: that
// acknowledged writes are kept, whatever a session begins with, and that a role without a grant
// gets at nothing.

import pg from 'pg'
import type { DurabilityMode, Exposure, Place } from '../../../src/conformance/index.ts'
import { createPostgresEngine } from '../../../src/engines/postgres/index.ts'
import { parseServerUrl } from '../../../src/engines/server/url.ts'
import { createBackend, type Store } from '../../../src/index.ts'
import { onServer } from './postgres-schemas.ts'

type PostgresEngine = ReturnType<typeof createPostgresEngine>

/** As ALTER ROLE … SET and postgresql.conf do: every session begins with the setting. */
function clientBeginningWith(synchronousCommit: string): typeof pg.Client {
  return class extends pg.Client {
    constructor(given: pg.ClientConfig) {
      super({ ...given, options: `-c synchronous_commit=${synchronousCommit}` })
    }
  } as typeof pg.Client
}

/** `synchronous_commit` is on whatever the server's default is, unless that asks for more. */
export function postgresDurability(urlOf: (place: Place) => string): readonly DurabilityMode[] {
  const engines = new WeakMap<Store, PostgresEngine>()
  const mode = (title: string, given: string | undefined, expected: string): DurabilityMode => ({
    name: title,
    expected,
    create: (place) => {
      const settings = parseServerUrl({ url: urlOf(place) }, { scheme: 'postgres', port: 5432 })
      const engine = createPostgresEngine({
        ...settings,
        load: async () => ({ Client: given === undefined ? pg.Client : clientBeginningWith(given) }),
      })
      const store = createBackend({ engine })
      engines.set(store, engine)
      return store
    },
    inForce: async (_place, store) => {
      const rows = await engines.get(store)?.read({ sql: 'SHOW synchronous_commit', parameters: [] })
      return String(rows?.[0]?.[0])
    },
  })
  return [
    mode('the default', undefined, 'on'),
    mode('a server that would answer before the disk does', 'off', 'on'),
    mode('a server that waits for its standby', 'remote_apply', 'remote_apply'),
  ]
}

/** Tries every table, and to make one, as a role that was given nothing. */
export async function postgresStrangers(server: string, schema: string): Promise<Exposure> {
  const role = `${schema}stranger`
  return onServer(server, undefined, async (client) => {
    await client.query(`CREATE ROLE "${role}"`)
    try {
      const { rows } = await client.query<{ name: string }>(
        'SELECT tablename AS name FROM pg_tables WHERE schemaname = $1',
        [schema],
      )
      const attempts = [
        ...rows.map(({ name: table }) => `SELECT 1 FROM "${schema}"."${table}"`),
        ...rows.map(({ name: table }) => `DELETE FROM "${schema}"."${table}"`),
        `CREATE TABLE "${schema}".theirs (x int)`,
      ]
      await client.query(`SET ROLE "${role}"`)
      const reached: string[] = []
      for (const attempt of attempts) {
        const taken = await client.query(attempt).then(
          () => true,
          () => false,
        )
        if (taken) reached.push(attempt)
      }
      return { tried: attempts.length, reached }
    } finally {
      await client.query(`RESET ROLE; DROP ROLE "${role}"`)
    }
  })
}
