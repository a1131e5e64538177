// What all commands have in common: colours, widths, --quiet, --json, pipes that close, signals,
// where the database is looked for.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { environment, program, workspace } from '../support/cli/purser.ts'

const colour = '\u001b['
const send = (content: string, ...more: string[]) => [
  ...['messages', 'send', '--from', 'a', '--to', 'b', '--channel', 'c', '--type', 'question'],
  ...['--content', content, ...more],
]

describe('colours', () => {
  test('are left out away from a terminal, and with NO_COLOR or --no-color', async () => {
    const { done } = workspace()
    const coloured = { FORCE_COLOR: '1' }
    expect((await done(['demo'])).stdout).not.toContain(colour)
    expect((await done(['demo'], { env: coloured })).stdout).toContain(colour)
    expect((await done(['demo'], { env: { ...coloured, NO_COLOR: '1' } })).stdout).not.toContain(colour)
    expect((await done(['demo', '--no-color'], { env: coloured })).stdout).not.toContain(colour)
    expect((await done(['--no-color', '--help'], { env: coloured })).stdout).not.toContain(colour)
    expect((await done(['--help'], { env: coloured })).stdout).toContain(`${colour}1mUsage:`)
  })

  test('of errors follow the same rule', async () => {
    const { purser } = workspace()
    expect((await purser(['nope'], { env: { FORCE_COLOR: '1' } })).stderr).toContain(`${colour}31mpurser:`)
    expect((await purser(['nope', '--no-color'], { env: { FORCE_COLOR: '1' } })).stderr).not.toContain(colour)
  })
})

test('tables fit the width, and leave ids whole', async () => {
  const { done } = workspace()
  await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
  for (const width of [120, 80, 60]) {
    const env = { COLUMNS: String(width) }
    const tables = await Promise.all([
      done(['tasks', 'list'], { env }),
      done(['costs', 'list', '--limit', '3'], { env }),
      done(['costs', 'report', '--by', 'agent,model'], { env }),
      done(['plans', 'list'], { env }),
      // Ids, states and amounts, or two ids, are wider than 60 cells by themselves.
      ...(width < 80
        ? []
        : [done(['plans', 'tree', 'demo/tide-service'], { env }), done(['audit', 'log'], { env })]),
    ])
    for (const { stdout } of tables) {
      const [table = ''] = stdout.replace(/^Costs by.*\n\n/, '').split('\n\n')
      for (const line of table.split('\n'))
        expect(line.length, `${width}: ${line}`).toBeLessThanOrEqual(width)
    }
    expect(tables[0]?.stdout).toContain('demo-task-3')
    expect(tables[1]?.stdout).toMatch(/ [0-9A-Z]{26}$/m)
  }
})

test('what agents wrote cannot steer the terminal', async () => {
  const { done } = workspace()
  await done(send('\u001b]0;owned\u0007 \u009b31m red \u202e back', '--id', 'evil\u202e'))
  for (const words of [
    ['messages', 'history', 'c'],
    ['messages', 'search', 'owned'],
    ['messages', 'history', 'c', '--verbose'],
  ]) {
    const { stdout } = await done(words)
    expect(stdout).toContain('\u{fffd}]0;owned\u{fffd}')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may be left
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
  }
  const { data } = (await done(['messages', 'history', 'c', '--json'])).json<{
    items: { content: string }[]
  }>()
  expect(data.items[0]?.content).toBe('\u001b]0;owned\u0007 \u009b31m red \u202e back')
})

test('--quiet prints the result alone', async () => {
  const { done } = workspace()
  expect((await done(['migrate', '--quiet'])).stdout).toBe('')
  expect((await done([...send('hello', '--id', 'm-1'), '-q'])).stdout).toBe('m-1\n')
  const { stdout } = await done(['messages', 'history', 'c', '--quiet'])
  expect(stdout).toBe('a → b  just now · question\n  hello\n')
})

test('--json prints one document with the same keys for every command', async () => {
  const { purser, done } = workspace()
  await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
  const commands: readonly (readonly [string, readonly string[]])[] = [
    ['status', []],
    ['migrate', []],
    ['plans list', []],
    ['plans show', ['demo/tide-service']],
    ['plans tree', ['demo/tide-service']],
    ['plans cost', ['demo/tide-service', '--tree']],
    ['plans use', ['01K0TDE0000000000000000009', '--actor', 'pax']],
    ['actions list', []],
    ['actions show', ['demo/build']],
    ['profiles list', []],
    ['profiles show', ['demo/careful']],
    ['audit log', []],
    ['audit verify', []],
    ['tasks list', []],
    ['tasks show', ['demo-task-1']],
    ['tasks assign', ['demo-task-7', 'june']],
    ['costs list', []],
    ['costs report', []],
    ['messages history', ['predictions']],
    ['messages search', ['cache']],
  ]
  const before = Date.now() - 60_000
  for (const [command, words] of commands) {
    const { code, stderr, json } = await purser([...command.split(' '), ...words, '--json'])
    expect([code, stderr], command).toEqual([0, ''])
    const document = json()
    expect(document).toMatchObject({ command, status: 'ok', exitCode: 0, messages: [] })
    expect(Date.parse(document.timing.startedAt)).toBeGreaterThan(before)
    expect(document.timing.durationMs).toBeGreaterThan(0)
  }
})

describe('rows and values that cannot be read', () => {
  test('are warnings, and the rest is shown', async () => {
    const { done, path } = workspace()
    await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
    const handle = new Database(path('purser.db'))
    handle.exec(`
      UPDATE tasks SET reviewers = '{"none": 1}' WHERE id = 'demo-task-3';
      UPDATE tasks SET priority = 'soonish' WHERE id = 'demo-task-4'`)
    handle.close()
    const plain = await done(['tasks', 'list'])
    expect(plain.stdout).toContain('demo-task-3')
    expect(plain.stdout).not.toMatch(/^demo-task-4/m)
    expect(plain.stderr).toMatch(
      /^warn: tasks "demo-task-3": reviewers cannot be read; it was left as it is$/m,
    )
    expect(plain.stderr).toMatch(/^warn: tasks "demo-task-4" is not shown: its priority cannot be read/m)
    const document = (await done(['tasks', 'list', '--json'])).json()
    expect([document.status, document.exitCode]).toEqual(['warn', 0])
    expect(document.messages.map(({ code }) => code).sort()).toEqual(['CORRUPT_RECORD', 'UNREADABLE'])
    const shown = await done(['tasks', 'show', 'demo-task-3', '--json'])
    expect(shown.json()).toMatchObject({ status: 'warn', data: { reviewers: [], unreadable: ['reviewers'] } })
  })
})

describe('the database is looked for', () => {
  test('at --url, then PURSER_URL, then the config file, then here', async () => {
    const { done, purser, path } = workspace()
    const at = async (words: readonly string[], env = {}) =>
      (await purser(['status', ...words], { env })).stderr
    expect(await at([])).toContain(path('purser.db'))
    writeFileSync(path('purser.config.json'), '{"url": "sqlite:file.db", "tenant": "acme"}')
    expect(await at([])).toContain(path('file.acme.db'))
    expect(await at([], { PURSER_URL: 'sqlite:env.db' })).toContain(path('env.acme.db'))
    expect(await at(['--url', 'sqlite:flag.db', '--tenant', 'other'])).toContain(path('flag.other.db'))
    writeFileSync(path('other.yaml'), 'url: sqlite:yaml.db\n')
    expect(await at(['--config', 'other.yaml'])).toContain(path('yaml.db'))
    expect((await done(['migrate', '--config', 'other.yaml'])).stdout).toContain(path('yaml.db'))
  })

  test('and a configuration that is wrong is named', async () => {
    const { purser, path } = workspace()
    writeFileSync(path('purser.config.json'), '{"urll": "sqlite:file.db"}')
    const { code, stderr } = await purser(['status'])
    expect([code, stderr]).toEqual([1, `purser: ${path('purser.config.json')}: unknown field "urll"\n`])
    expect((await purser(['status', '--config', 'none.json'])).stderr).toMatch(/none\.json cannot be read/)
    const tenant = await purser(['status', '--config', 'none.json'], { env: { PURSER_TENANT: 'A!' } })
    expect(tenant.code).toBe(1)
    writeFileSync(path('purser.config.json'), '{}')
    const named = await purser(['status'], { env: { PURSER_TENANT: 'A!' } })
    expect([named.code, named.stderr]).toEqual([
      1,
      'purser: configuration: tenant: must be a small letter followed by at most 30 small letters, digits or underscores\n',
    ])
  })

  test('and not made where the configuration says that migrations are not automatic', async () => {
    const { purser, path } = workspace()
    writeFileSync(path('purser.config.json'), '{"migrate": "check"}')
    expect((await purser(send('x'))).stderr).toMatch(/^purser: there is no database at/)
  })
})

test('errors show where they came from only with --verbose', async () => {
  const { purser } = workspace()
  expect((await purser(['tasks', 'list'])).stderr.split('\n')).toHaveLength(2)
  expect((await purser(['tasks', 'list', '--verbose'])).stderr).toMatch(/^purser: .*\n.*Error: .*\n +at /)
})

test('a reader that goes away is no error', async () => {
  const { done, folder } = workspace()
  await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
  const child = spawn(process.execPath, [program, 'costs', 'list', '--limit', '1000', '--json'], {
    cwd: folder,
    env: environment(),
  })
  child.stdout.destroy()
  let stderr = ''
  child.stderr.on('data', (text) => {
    stderr += String(text)
  })
  const [code] = await once(child, 'close')
  expect([code, stderr]).toEqual([0, ''])
})

test.skipIf(!existsSync('/dev/full'))('output that cannot be written is an error, in one line', async () => {
  const { done, folder } = workspace()
  await done(['migrate', '--quiet'])
  const full = openSync('/dev/full', 'w')
  const child = spawn(process.execPath, [program, 'status'], {
    cwd: folder,
    env: environment(),
    stdio: ['ignore', full, 'pipe'],
  })
  let stderr = ''
  child.stderr?.on('data', (text) => {
    stderr += String(text)
  })
  const [code] = await once(child, 'close')
  closeSync(full)
  expect(code).toBe(1)
  expect(stderr).toBe('purser: the output cannot be written (ENOSPC); the command itself has ended\n')
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends the command quietly with %i', async (signal, expected) => {
  const { folder } = workspace()
  const child = spawn(process.execPath, [program, ...send('-')], { cwd: folder, env: environment() })
  let output = ''
  child.stdout.on('data', (text) => {
    output += String(text)
  })
  child.stderr.on('data', (text) => {
    output += String(text)
  })
  // It reads standard input once it has parsed its words, and only then takes what does not fit
  // into the pipe.
  const filler = 'x'.repeat(1_000_000)
  await new Promise<void>((resolve) => child.stdin.write(filler, () => resolve()))
  child.stdin.on('error', () => undefined)
  child.kill(signal)
  const [code] = await once(child, 'close')
  expect([code, output]).toEqual([expected, ''])
})

// util-linux's `script` gives a process a terminal; without it (macOS has another one) there is
// none to test on.
const hasTerminals = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0

describe.skipIf(!hasTerminals)('on a terminal', () => {
  const inTerminal = async (folder: string, line: string, answer: string) => {
    const command = `stty rows 60 cols 100; ${process.execPath} ${program} ${line}`
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      cwd: folder,
      env: environment({ TERM: 'xterm' }),
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (text.includes('[y/N]')) child.stdin.write(answer)
    })
    const [code] = await once(child, 'close')
    return { code, output }
  }

  test('what removes data asks, and does what is answered', async () => {
    const { done, purser, folder } = workspace()
    await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
    const no = await inTerminal(folder, 'tasks delete demo-task-8', 'n\r')
    expect(no.output).toContain('would be deleted for good. Go on? [y/N]')
    expect(no).toMatchObject({ code: 1, output: expect.stringContaining('nothing was done') })
    expect((await purser(['tasks', 'show', 'demo-task-8'])).code).toBe(0)
    const tree = await inTerminal(folder, 'plans cancel demo/tide-service --tree', 'n\r')
    expect(tree).toMatchObject({
      code: 1,
      output: expect.stringContaining('7 plans would be cancelled for good'),
    })
    const yes = await inTerminal(folder, 'tasks delete demo-task-8', 'yes\r')
    expect(yes).toMatchObject({ code: 0, output: expect.stringContaining('Deleted task') })
    expect((await purser(['tasks', 'show', 'demo-task-8'])).code).toBe(1)
    const interrupted = await inTerminal(folder, 'tasks delete demo-task-7', '\u0003')
    expect(interrupted.code).toBe(130)
  })

  test('there are colours, and migrations draw their progress', async () => {
    const { folder } = workspace()
    const { code, output } = await inTerminal(folder, 'migrate', '')
    expect(code).toBe(0)
    expect(output).toMatch(/█.* \d{4}-schema: guard audit_entries/)
    expect(output).toContain(`${colour}1mMade a database at version`)
  })
})
