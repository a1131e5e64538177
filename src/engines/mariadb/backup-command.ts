// Backup and restore commands for a database, with MariaDB's own tools. They read the password from
// an option file, or prompt for it.

import type { BackupCommand } from '../contract/engine.ts'
import { shellLine } from '../server/shell-words.ts'
import type { ServerSettings } from '../server/url.ts'
import { databaseOf } from './hosts.ts'

/**
 * The `mariadb-dump` command line that backs up the database into a file, for the user to run.
 * Never contains the password.
 */
export function backupCommand(settings: ServerSettings, path: string): BackupCommand {
  const database = databaseOf(settings)
  const place = [...placeOf(settings), `--user=${settings.user}`, ...tlsOf(settings)]
  const dump = [
    'mariadb-dump',
    ...place,
    // One view of all tables, while others write. Includes the triggers of totals and guards.
    '--single-transaction',
    '--triggers',
    '--hex-blob',
    '--default-character-set=utf8mb4',
    `--result-file=${path}`,
    database,
  ]
  return {
    tool: 'mariadb-dump',
    command: shellLine(dump),
    restore: `${shellLine(['mariadb', ...place, '--default-character-set=utf8mb4', `--database=${database}`])} < ${shellLine([path])}`,
    password: '--password, which asks for it, or the section [client] of ~/.my.cnf',
  }
}

/** The tools connect to one host: the first. */
function placeOf({ hosts }: ServerSettings): readonly string[] {
  const [first] = hosts
  if (!first) return []
  return first.host.startsWith('/')
    ? [`--socket=${first.host}`]
    : [`--host=${first.host}`, `--port=${first.port}`]
}

function tlsOf({ sslmode, sslrootcert, sslcert, sslkey }: ServerSettings): readonly string[] {
  if (sslmode === 'disable' || sslmode === 'prefer') return []
  return [
    '--ssl',
    ...(sslmode === 'require' ? [] : ['--ssl-verify-server-cert']),
    ...(sslrootcert === undefined ? [] : [`--ssl-ca=${sslrootcert}`]),
    ...(sslcert === undefined ? [] : [`--ssl-cert=${sslcert}`]),
    ...(sslkey === undefined ? [] : [`--ssl-key=${sslkey}`]),
  ]
}
