// What only a process of its own can show: its exit code, what stands on which stream, readers that
// leave in the middle, terminals, and signals where a server is watched. What commands say is tested
// in the process of the tests; full disks and signals on files are in output.test.ts and
// watch.test.ts.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import { newMessage, newTask } from '../../src/conformance/support/samples.ts'
import { openStore } from '../../src/index.ts'
import { environment, program, workspace } from '../support/cli/purser.ts'
import { describeOnServers } from '../support/engines/servers.ts'
import { damage } from '../support/organisation.ts'

/** What `purser` says in a process of its own, to people and with --json. */
async function bothWays({ purser }: ReturnType<typeof workspace>, words: readonly string[]) {
  const [plain, json] = await Promise.all([
    purser(words, { fresh: true }),
    purser([...words, '--json'], { fresh: true }),
  ])
  expect(json.stderr).toBe('')
  expect(json.json().exitCode).toBe(json.code)
  return { plain, json: json.json() }
}

describe('a process ends with', () => {
  test('0, and nothing but its document on standard output', async () => {
    const { purser } = workspace()
    const { code, stderr, json } = await purser(['migrate', '--json'], { fresh: true })
    expect([code, stderr]).toEqual([0, ''])
    expect(json()).toMatchObject({ command: 'migrate', status: 'ok', exitCode: 0 })
  })

  test('1 for what cannot be done, in one line on standard error', async () => {
    const { plain, json } = await bothWays(workspace(), ['tasks', 'list'])
    expect([plain.code, plain.stdout]).toEqual([1, ''])
    expect(plain.stderr).toMatch(/^purser: there is no database at [^\n]*\n$/)
    expect(json).toMatchObject({
      ...{ command: 'tasks list', status: 'error', exitCode: 1, data: null },
      messages: [{ level: 'error', code: 'NO_DATABASE' }],
    })
  })

  test('2 for a mistake, in one line on standard error without a stack', async () => {
    const words = ['costs', 'record', '--input-tokens', 'x', '--cost', 'y']
    const { plain, json } = await bothWays(workspace(), words)
    expect([plain.code, plain.stdout]).toEqual([2, ''])
    expect(plain.stderr).toMatch(/^purser: --input-tokens must be [^\n]*; --cost must be [^\n]*\n$/)
    expect(json).toMatchObject({ status: 'error', exitCode: 2, messages: [{ code: 'USAGE' }] })
  })

  test('3 for what was checked and found wrong', async () => {
    const place = workspace()
    await place.done(['migrate', '--quiet'])
    damage(place.path('purser.db'), 'DROP INDEX tasks_plan')
    const { plain, json } = await bothWays(place, ['drift'])
    expect([plain.code, plain.stderr]).toEqual([3, ''])
    expect(plain.stdout).toContain('tasks_plan')
    expect(json).toMatchObject({ exitCode: 3, data: { differences: [{ table: 'tasks' }] } })
  })
})

test.each(['export', 'messages history parser --verbose'])(
  'a reader that leaves after the first line ends %s quietly',
  async (words) => {
    const { folder, path } = workspace()
    {
      await using store = await openStore(`sqlite:${path('purser.db')}`)
      // More than fits into a pipe.
      const content = 'x'.repeat(100_000)
      await store.messages.appendMany(Array.from({ length: 5 }, () => newMessage({ content })))
    }
    const line = `{ "${process.execPath}" "${program}" ${words}; echo "ended with $?" >&2; } | head -n 1`
    const { stdout, stderr } = spawnSync('sh', ['-c', line], {
      cwd: folder,
      env: environment(),
      encoding: 'utf8',
    })
    expect(stderr).toBe('ended with 0\n')
    expect(stdout).toMatch(/^[^\n]+\n$/)
  },
)

// util-linux's `script` gives a process a terminal.
const hasTerminals = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0

test.skipIf(!hasTerminals)('output is plain with NO_COLOR, and where another program reads it', async () => {
  const { folder, done } = workspace()
  await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
  const shown = (rest: string, env: Readonly<Record<string, string>> = {}) => {
    const line = `"${process.execPath}" "${program}" tasks show demo-task-1 --no-pager ${rest}`
    return spawnSync('script', ['-qec', line, '/dev/null'], {
      cwd: folder,
      env: environment({ TERM: 'xterm', ...env }),
      encoding: 'utf8',
    }).stdout
  }
  expect(shown('')).toContain('\u001b[')
  for (const plain of [shown('', { NO_COLOR: '1' }), shown('| cat')]) {
    expect(plain).toContain('demo-task-1')
    expect(plain).not.toContain('\u001b')
  }
})

// On a file: watch.test.ts.
describeOnServers('watch', (places) => {
  test('ends with 0 and whole lines at SIGTERM, and says how to continue', async () => {
    const url = places.urlOf(await places.create())
    await using store = await openStore(url)
    const after = await store.changes.head()
    const { id } = await store.tasks.create(newTask())
    const { folder } = workspace()
    const child = spawn(process.execPath, [program, 'watch', '--json', '--after', after, '--url', url], {
      cwd: folder,
      env: environment(),
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const ended = once(child, 'close')
    let [stdout, stderr] = ['', '']
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const line = new Promise<void>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text
        if (stdout.endsWith('\n')) resolve()
      })
    })
    await Promise.race([line, ended])
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    const commits = stdout
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as { position: string; changes: unknown[] })
    expect(commits).toMatchObject([
      { changes: [{ record: 'task', id, op: 'created' }, { record: 'audit_entry' }] },
    ])
    expect(stderr).toMatch(/^To continue from here: purser watch [^\n]*\n$/)
    expect(stderr).toContain(`--after=${commits[0]?.position}`)
  })
})
