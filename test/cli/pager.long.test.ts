// Long results on a terminal, as processes: a pseudo-terminal of util-linux's `script`, with ten lines.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { environment, program, workspace } from '../support/cli/purser.ts'

const hasTerminal =
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false

/** What stands on a terminal after a command line of the shell, `purser` included. */
function onTerminal(folder: string, line: string, env: Readonly<Record<string, string>> = {}): string {
  const purser = `'${process.execPath}' '${program}'`
  const shell = `stty rows 10 cols 90; ${line.replaceAll('purser', purser)}; echo "ended with $?"`
  const { stdout } = spawnSync('script', ['-qec', shell, '/dev/null'], {
    cwd: folder,
    env: { ...environment({ NO_COLOR: '1', TERM: 'xterm', ...env }) },
    encoding: 'utf8',
    input: '',
  })
  return stdout.replaceAll('\r\n', '\n')
}

async function manyTasks() {
  const place = workspace()
  const store = await openStore(`sqlite:${place.path('purser.db')}`)
  await store.tasks.createMany(
    Array.from({ length: 300 }, (_, index) => ({
      ...{ id: `t-${index}`, title: 'x', description: 'x', project: 'many' },
      ...{ createdBy: 'mira', type: 'admin' as const },
    })),
  )
  await store.close()
  return place
}

describe.skipIf(!hasTerminal)('U21: what is longer than the terminal', () => {
  test('goes through PURSER_PAGER, else PAGER, and ends well when the pager quits early', async () => {
    const { folder, path } = await manyTasks()
    const pagers = { PURSER_PAGER: 'cat > own.txt', PAGER: 'cat > other.txt' }
    expect(onTerminal(folder, 'purser tasks list --all', pagers)).toBe('ended with 0\n')
    const paged = readFileSync(path('own.txt'), 'utf8')
    expect(paged.match(/^t-\d+ /gm)).toHaveLength(300)
    expect(paged).toMatch(/\n300 tasks\n$/)
    expect(existsSync(path('other.txt'))).toBe(false)

    expect(onTerminal(folder, 'purser tasks list --all', { PAGER: 'cat > other.txt' })).toBe('ended with 0\n')
    expect(readFileSync(path('other.txt'), 'utf8')).toBe(paged)

    expect(onTerminal(folder, 'purser tasks list --all', { PAGER: 'head -n 1' })).toMatch(
      /^ID .*\nended with 0\n$/,
    )
    expect(onTerminal(folder, 'purser tasks list --all', { PAGER: 'true' })).toBe('ended with 0\n')
  })

  test('is printed at once with --no-pager, an empty pager, one that is not there, and as JSON', async () => {
    const { folder, path } = await manyTasks()
    const env = { PURSER_PAGER: 'cat > paged.txt' }
    const printed = onTerminal(folder, 'purser tasks list --all --no-pager', env)
    expect(printed).toMatch(/^ID [\s\S]*\nt-299 [\s\S]*\n300 tasks\nended with 0\n$/)
    expect(
      onTerminal(folder, 'purser tasks list --all', { PURSER_PAGER: '', PAGER: 'cat > paged.txt' }),
    ).toBe(printed)
    expect(onTerminal(folder, 'purser tasks list --all', { PURSER_PAGER: 'no-such-pager' })).toMatch(
      /no-such-pager.*\nID [\s\S]*\n300 tasks\nended with 0\n$/,
    )
    expect(onTerminal(folder, 'purser tasks list --all --json', env)).toContain('"command": "tasks list"')
    expect(onTerminal(folder, 'purser tasks list -n 2', env)).toMatch(/^ID [\s\S]*ended with 0\n$/)
    expect(onTerminal(folder, 'purser tasks list --all | tail -n 1', env)).toBe('300 tasks\nended with 0\n')
    expect(existsSync(path('paged.txt'))).toBe(false)
  })
})
