// Settings. A database that has plans gets one: its callers may break rules of plans that a new
// database enforces, so here those are recorded until its operator decides otherwise.

import type { TableSpec } from '../../engines/contract/schema.ts'
import type { Migration } from '../migration.ts'

const settings: TableSpec = {
  name: 'settings',
  columns: [
    { name: 'name', type: 'id' },
    { name: 'namespace', type: 'name' },
    { name: 'setting_key', type: 'name' },
    { name: 'value', type: 'json', default: 'null' },
    { name: 'created_at', type: 'instant' },
    { name: 'updated_at', type: 'instant' },
    { name: 'version', type: 'integer', default: { number: '1' } },
  ],
  primaryKey: ['name'],
}

export const settingsMigration: Migration = {
  version: 17,
  name: 'settings',
  // An older build does not look at this table.
  breaking: false,
  up: (writer) => [
    ...writer.createTable(settings),
    writer.run(
      'record what breaks a rule',
      `INSERT INTO ${settings.name} SELECT 'purser/enforce', 'purser', 'enforce', '"record"', ${writer.now}, ${writer.now}, 1 FROM (SELECT count(*) AS plans FROM plans) AS existing WHERE existing.plans > 0`,
    ),
  ],
  down: (writer) => writer.dropTable(settings.name),
  losses: () => [
    {
      what: 'settings',
      // What this migration itself stored comes back with it.
      count: `SELECT count(*) FROM ${settings.name} WHERE NOT (name = 'purser/enforce' AND version = 1)`,
    },
  ],
}
