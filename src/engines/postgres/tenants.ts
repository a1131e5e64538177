// Lists the tenants of a schema: each has a separate schema with the migration ledger in it.

import type { Query } from '../contract/engine.ts'
import { LEDGER_TABLE } from '../contract/schema.ts'
import type { ServerSettings } from '../server/url.ts'
import { schemaOf } from './connection.ts'

/** Returns the name of each tenant. */
export function tenantsQuery(settings: ServerSettings): Query {
  const before = schemaOf({ ...settings, tenant: '' })
  return {
    sql: 'select substr(space.nspname, length($1) + 1) from pg_catalog.pg_namespace as space join pg_catalog.pg_class as ledger on ledger.relnamespace = space.oid where left(space.nspname, length($1)) = $1 and ledger.relname = $2',
    parameters: [before, LEDGER_TABLE],
  }
}
