// `purser backup`: copies a database file while it is in use, or prints the command of the server's
// own tool.

import type { FileBackup, Store, ToolBackup } from '../../../index.ts'
import { toggle } from '../../flags/flags.ts'
import { type Call, defineCommand, type Outcome, required } from '../../run/command.ts'
import { interruptionSignal } from '../../run/interrupt.ts'
import { useStore } from '../../run/session.ts'
import { bytes, duration } from '../../screen/amounts.ts'
import { commandLine } from '../../screen/command-line.ts'
import { createProgress } from '../../screen/progress.ts'
import type { Screen } from '../../screen/screen.ts'
import { counted } from '../../screen/text.ts'

const args = { file: required('the file to write') }
const flags = { force: toggle('replace a file of that name') }

type BackupCall = Call<typeof args, typeof flags>

export const backup = defineCommand({
  name: 'backup',
  summary: 'copy the database file while it is used; for a server, the call that does it',
  description:
    "Back a database up. A database file is copied as it is at one moment, while others go on using it; the copy is checked before it gets its name. For a server nothing is written: the exact call of the server's own tool is printed, and the one that restores it.",
  args,
  flags,
  examples: [
    ['the database here', 'backup purser-backup.db'],
    ['in place of the last one', 'backup purser-backup.db --force'],
    ['the call for a server', 'backup agents.dump --url postgres://localhost/agents'],
  ],
  run: (call) => useStore(call.global, 'any-version', (store) => run(call, store)),
})

async function run(call: BackupCall, store: Store): Promise<Outcome> {
  const { backupStore } = await import('../../../index.ts')
  const progress = createProgress(process.stderr, call.screen.paint, call.global.quiet)
  const signal = interruptionSignal()
  try {
    const made = await backupStore(store, call.args.file, {
      force: call.flags.force,
      signal,
      progress: (share) => progress.update(share, `copying ${store.location}`),
    })
    progress.clear()
    return made.kind === 'file' ? fileOutcome(store, made) : toolOutcome(made)
  } catch (error) {
    if (signal.aborted) call.note('warn', `interrupted: ${call.args.file} was not written`)
    throw error
  } finally {
    progress.clear()
  }
}

function fileOutcome({ location }: Store, { path, bytes: size, rows, durationMs }: FileBackup): Outcome {
  const total = Object.values(rows).reduce((sum, count) => sum + count, 0)
  const restore = (screen: Pick<Screen, 'program'>) =>
    commandLine({ ...screen, program: 'cp' }, [path, location])
  return {
    data: { path, bytes: size, rows, durationMs: Math.round(durationMs * 10) / 10 },
    show: (screen) =>
      [
        `${screen.paint.green('✔')} ${screen.paint.bold(path)}  ${bytes(size)}, ${counted(total, 'row')} ${screen.paint.dim(`(${duration(durationMs)}; it was checked and is sound)`)}`,
        ...(screen.quiet ? [] : ['', ...restoreLines(screen, location, restore(screen))]),
      ].join('\n'),
  }
}

function restoreLines(screen: Screen, location: string, line: string): readonly string[] {
  if (location === ':memory:') return []
  return [
    screen.paint.dim('To restore it, while nothing has the database open:'),
    `  rm -f ${commandLine({ program: '' }, [`${location}-wal`, `${location}-shm`]).trim()}`,
    `  ${line}`,
  ]
}

function toolOutcome({ kind: _, ...made }: ToolBackup): Outcome {
  return {
    data: made,
    show: (screen) =>
      screen.quiet
        ? made.command
        : [
            'Nothing was written. Back this database up with:',
            `  ${made.command}`,
            '',
            screen.paint.dim('To restore it:'),
            `  ${made.restore}`,
            '',
            screen.paint.dim(`A password: ${made.password}`),
          ].join('\n'),
  }
}
