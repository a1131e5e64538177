// Tokens: who may call a server of this database, and as whom.

import type { IndexSpec, TableSpec } from '../../engines/contract/schema.ts'
import type { Migration } from '../migration.ts'

const tokens: TableSpec = {
  name: 'tokens',
  columns: [
    { name: 'name', type: 'id' },
    {
      name: 'role',
      type: 'name',
      oneOf: { name: 'tokens_role', values: ['reader', 'agent', 'operator', 'admin'] },
    },
    { name: 'actor', type: 'name', nullable: true },
    { name: 'tenant', type: 'name', nullable: true },
    { name: 'expires_at', type: 'instant', nullable: true },
    { name: 'revoked_at', type: 'instant', nullable: true },
    { name: 'last_used_at', type: 'instant', nullable: true },
    { name: 'prefix', type: 'name' },
    { name: 'secret_hash', type: 'name' },
    { name: 'created_at', type: 'instant' },
    { name: 'updated_at', type: 'instant' },
    { name: 'version', type: 'integer', default: { number: '1' } },
  ],
  primaryKey: ['name'],
}

const prefix: IndexSpec = {
  name: 'tokens_prefix',
  table: tokens.name,
  columns: ['prefix'],
  unique: true,
}

export const tokensMigration: Migration = {
  version: 19,
  name: 'tokens',
  // An older build does not look at this table.
  breaking: false,
  up: (writer) => [...writer.createTable(tokens), ...writer.createIndex(prefix)],
  down: (writer) => writer.dropTable(tokens.name),
  losses: () => [{ what: 'tokens', count: `SELECT count(*) FROM ${tokens.name}` }],
}
