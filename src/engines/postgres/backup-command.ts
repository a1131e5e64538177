// Backup and restore commands for a schema, with PostgreSQL's own tools. They read the password
// from where libpq looks for it.

import type { BackupCommand } from '../contract/engine.ts'
import { shellLine } from '../server/shell-words.ts'
import type { ServerSettings } from '../server/url.ts'
import { schemaOf } from './connection.ts'

/**
 * The `pg_dump` command line that backs up the schema into a file, for the user to run. Never
 * contains the password.
 */
export function backupCommand(settings: ServerSettings, path: string): BackupCommand {
  const { user, database } = settings
  const place = [...placeOf(settings), `--username=${user}`, `--dbname=${connectionString(settings)}`]
  // Double quotes keep the name from being read as a pattern.
  const schema = `"${schemaOf(settings).replaceAll('"', '""')}"`
  return {
    tool: 'pg_dump',
    command: shellLine(['pg_dump', ...place, `--schema=${schema}`, '--format=custom', `--file=${path}`]),
    restore: restoreLine(place, schema, path),
    password: `PGPASSWORD, or a line for ${user} and ${database} in ~/.pgpass`,
  }
}

/**
 * The dump of a schema creates it, which fails if it exists, and every new database has `public`.
 * So the schema is created only if it is missing, and its creation is left out of the list of what
 * to restore; its grants are kept.
 */
function restoreLine(place: readonly string[], schema: string, path: string): string {
  const made = ['psql', '--no-psqlrc', '--quiet', ...place, `--command=CREATE SCHEMA IF NOT EXISTS ${schema}`]
  const restored = ['pg_restore', ...place, '--no-owner', '--exit-on-error', '--use-list=/dev/stdin', path]
  return [
    `${shellLine(made)} && ${shellLine(['pg_restore', '--list', path])}`,
    shellLine(['grep', '-v', ' SCHEMA - ']),
    shellLine(restored),
  ].join(' | ')
}

/** The host that accepts writes: given several, the tools try each. */
function placeOf({ hosts }: ServerSettings): readonly string[] {
  return [
    `--host=${hosts.map(({ host }) => host).join(',')}`,
    `--port=${hosts.map(({ port }) => port).join(',')}`,
  ]
}

/**
 * Settings without a flag are passed in a connection string. A name that could be mistaken for a
 * connection string is passed inside one.
 */
function connectionString(settings: ServerSettings): string {
  const { database, sslmode, sslrootcert, sslcert, sslkey } = settings
  const given = { dbname: database, sslmode, sslrootcert, sslcert, sslkey }
  const parts = Object.entries(given).filter(
    ([name, value]) => value !== undefined && !(name === 'sslmode' && value === 'prefer'),
  )
  if (parts.length === 1 && /^[\w.-]+$/.test(database)) return database
  return parts.map(([name, value]) => `${name}=${quoted(String(value))}`).join(' ')
}

function quoted(value: string): string {
  return /^[\w./-]+$/.test(value) ? value : `'${value.replaceAll(/[\\']/g, '\\$&')}'`
}
