// Projects, and what an action says about the plans that are made from it: their arguments and
// invariants, whether they change anything, and whether there may be more than one.

import type { ColumnSpec, TableSpec } from '../../engines/contract/schema.ts'
import type { Migration } from '../migration.ts'

const actions = { name: 'actions', primaryKey: ['name'] }

const columns: readonly ColumnSpec[] = [
  { name: 'long_description', type: 'text', nullable: true },
  { name: 'arguments', type: 'json', default: '[]' },
  { name: 'invariants', type: 'json', default: '[]' },
  { name: 'reusable', type: 'json', default: 'true' },
  { name: 'read_only', type: 'json', default: 'false' },
  { name: 'tags', type: 'json', default: '[]' },
  { name: 'created_by', type: 'name', nullable: true },
]

const projects: TableSpec = {
  name: 'projects',
  columns: [
    { name: 'name', type: 'id' },
    { name: 'description', type: 'text', default: '' },
    { name: 'automation_profile_name', type: 'name', nullable: true },
    { name: 'invariants', type: 'json', default: '[]' },
    { name: 'budget', type: 'name', nullable: true },
    {
      name: 'execution_environment',
      type: 'name',
      nullable: true,
      oneOf: { name: 'projects_execution_environment', values: ['host', 'container'] },
    },
    {
      name: 'execution_env_priority',
      type: 'name',
      nullable: true,
      oneOf: { name: 'projects_execution_env_priority', values: ['fallback', 'override'] },
    },
    { name: 'read_only', type: 'boolean' },
    { name: 'metadata', type: 'json', default: '{}' },
    { name: 'created_at', type: 'instant' },
    { name: 'updated_at', type: 'instant' },
    { name: 'version', type: 'integer', default: { number: '1' } },
  ],
  primaryKey: ['name'],
}

export const projectsMigration: Migration = {
  version: 18,
  name: 'projects',
  breaking: false,
  up: (writer) => [...writer.addColumns(actions, columns), ...writer.createTable(projects)],
  down: (writer) => [...writer.dropTable(projects.name), ...writer.dropColumns(actions.name, columns)],
  losses: () => [
    { what: 'projects', count: `SELECT count(*) FROM ${projects.name}` },
    {
      what: 'details of actions (long description, arguments, invariants, tags, whether they are reusable and read-only)',
      count: `SELECT count(*) FROM ${actions.name} WHERE long_description IS NOT NULL OR arguments <> '[]' OR invariants <> '[]' OR tags <> '[]' OR reusable <> 'true' OR read_only <> 'false'`,
    },
  ],
}
