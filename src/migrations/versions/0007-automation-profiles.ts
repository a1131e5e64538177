// User-defined automation profiles; the built-in ones are part of the program.

import type { TableSpec } from '../../engines/contract/schema.ts'
import type { Migration } from '../migration.ts'

const table: TableSpec = {
  name: 'automation_profiles',
  columns: [
    { name: 'name', type: 'id' },
    { name: 'definition', type: 'text' },
    { name: 'created_at', type: 'instant' },
    { name: 'updated_at', type: 'instant' },
    { name: 'version', type: 'integer', default: { number: '1' } },
  ],
  primaryKey: ['name'],
}

export const automationProfiles: Migration = {
  version: 7,
  name: 'automation-profiles',
  breaking: false,
  up: (writer) => [
    ...writer.createTable(table),
    ...writer.createIndex({
      name: 'automation_profiles_created',
      table: table.name,
      columns: ['created_at', 'name'],
    }),
  ],
  down: (writer) => writer.dropTable(table.name),
  losses: () => [
    { what: 'automation profiles of your own', count: 'SELECT count(*) FROM automation_profiles' },
  ],
}
