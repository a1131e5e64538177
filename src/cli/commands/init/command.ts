// `purser init`: writes a configuration file with every setting explained. It creates no database;
// `purser migrate` does.

import { existsSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Call, defineCommand, type Outcome } from '../../run/command.ts'
import { CommandError, UsageError } from '../../run/failure.ts'
import { commandLine } from '../../screen/command-line.ts'
import { maskPasswords } from '../../screen/text.ts'

const FILE = 'purser.config.yaml'

export const init = defineCommand({
  name: 'init',
  summary: 'write a configuration file here, with every setting explained',
  description:
    'Write purser.config.yaml in this folder (or the file of --config): the database of --url, and every other setting explained and commented out. A file that is there is never overwritten, and no database is made.',
  examples: [
    ['a file database in this folder', 'init'],
    ['a server', 'init --url postgres://agents@localhost/agents'],
    ['one organisation among several', 'init --tenant acme'],
  ],
  run: (call) => write(call),
})

async function write(call: Call): Promise<Outcome> {
  const { DEFAULT_URL } = await import('../../../config/config.ts')
  const { CONFIG_FILES } = await import('../../../config/config-location.ts')
  const { createBackend } = await import('../../../index.ts')
  const { settingsFile } = await import('./settings-file.ts')
  const { config, tenant, url = DEFAULT_URL } = call.global
  const path = resolve(config ?? FILE)
  if (!/\.ya?ml$/.test(path)) throw new UsageError('--config must name a .yaml file: JSON has no comments')
  const there = (config === undefined ? CONFIG_FILES.map((name) => resolve(name)) : [path]).find(existsSync)
  if (there !== undefined) throw isThere(there)
  // Errors that reading the file would report are reported now; a server that does not answer yet
  // is left to the next command.
  const backend = createBackend(
    { url, ...(tenant === undefined ? {} : { tenant }) },
    { environment: {}, file: null },
  )
  const isNew = await backend.isNew().catch(() => false)
  create(path, settingsFile({ url, tenant }))
  const shown = maskPasswords(url)
  if (shown !== url) call.note('warn', `${path} holds a password: ${PASSWORD_ADVICE}`, 'PASSWORD_IN_FILE')
  return {
    data: { path, url: shown, tenant: tenant ?? null },
    show: (screen) => {
      const wrote = `Wrote ${path}: the database is ${shown}${tenant === undefined ? '' : `, tenant ${tenant}`}`
      if (screen.quiet) return wrote
      const next = commandLine(screen, [
        isNew ? 'migrate' : 'status',
        ...(config === undefined ? [] : ['--config', config]),
      ])
      return [wrote, '', screen.paint.dim('Next:'), `  ${next}`].join('\n')
    },
  }
}

const PASSWORD_ADVICE =
  'keep it out of version control, or take the password out and set PURSER_URL where Purser runs'

/** Never overwrites: if two processes write at once, only one succeeds. */
function create(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') throw isThere(path)
    if (code === 'ENOENT')
      throw new CommandError('NO_FOLDER', `the folder of ${path} is not there; make it first`)
    throw new CommandError('NOT_WRITTEN', `${path} cannot be written (${code})`)
  }
}

function isThere(path: string): CommandError {
  return new CommandError(
    'CONFIG_EXISTS',
    `${path} is there already, and is left as it is; edit it, or name another file with --config`,
  )
}
