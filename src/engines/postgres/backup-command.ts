// How PostgreSQL's own tools back a schema up and bring it back. They read the password from where libpq looks for it.

import type { BackupCommand } from '../engine.ts'
import type { ServerSettings } from '../server-url.ts'
import { shellLine } from '../shell-words.ts'
import { schemaOf } from './connection.ts'

export function backupCommand(settings: ServerSettings, path: string): BackupCommand {
  const { user, database } = settings
  const place = [...placeOf(settings), `--username=${user}`, `--dbname=${connectionString(settings)}`]
  // Double quotes keep the name from being read as a pattern.
  const schema = `--schema="${schemaOf(settings)}"`
  return {
    tool: 'pg_dump',
    command: shellLine(['pg_dump', ...place, schema, '--format=custom', `--file=${path}`]),
    restore: shellLine(['pg_restore', ...place, '--no-owner', '--exit-on-error', path]),
    password: `PGPASSWORD, or a line for ${user} and ${database} in ~/.pgpass`,
  }
}

/** The host that is written to: of several, the tools try each. */
function placeOf({ hosts }: ServerSettings): readonly string[] {
  return [
    `--host=${hosts.map(({ host }) => host).join(',')}`,
    `--port=${hosts.map(({ port }) => port).join(',')}`,
  ]
}

/** What has no flag of its own. A database's name may have the form of such a string, so that it stands in one by itself. */
function connectionString(settings: ServerSettings): string {
  const { database, sslmode, sslrootcert, sslcert, sslkey } = settings
  const given = { dbname: database, sslmode, sslrootcert, sslcert, sslkey }
  return Object.entries(given)
    .filter(([name, value]) => value !== undefined && !(name === 'sslmode' && value === 'prefer'))
    .map(([name, value]) => `${name}=${quoted(String(value))}`)
    .join(' ')
}

function quoted(value: string): string {
  return /^[\w./-]+$/.test(value) ? value : `'${value.replaceAll(/[\\']/g, '\\$&')}'`
}
