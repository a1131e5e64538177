// Lists the tenants of a database: each has a separate database with the migration ledger in it.

import type { Query } from '../contract/engine.ts'
import { LEDGER_TABLE } from '../contract/schema.ts'
import type { ServerSettings } from '../server/url.ts'
import { databaseOf } from './hosts.ts'

/** Returns the name of each tenant whose database this user may see. */
export function tenantsQuery(settings: ServerSettings): Query {
  const before = `${databaseOf({ ...settings, tenant: undefined })}-`
  return {
    sql: 'SELECT substr(table_schema, char_length(?) + 1) FROM information_schema.tables WHERE left(table_schema, char_length(?)) = ? AND table_name = ?',
    parameters: [before, before, before, LEDGER_TABLE],
  }
}
