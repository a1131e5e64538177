// Help, and what is said to command lines that are not understood.

import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { createProgram, type Invocation } from '../../src/cli/run/program.ts'
import { areas, commandPath, rootExamples } from '../../src/cli/run/registry.ts'
import { environment, program, workspace } from '../support/cli/purser.ts'
import { tracer } from '../support/cli/tracer.ts'

const commands = areas.flatMap((entry) =>
  'run' in entry
    ? [[entry.name, entry] as const]
    : entry.commands.map((verb) => [`${entry.name} ${verb.name}`, verb] as const),
)

describe('help', () => {
  test('of the program names every command, every global flag, and examples', async () => {
    const { code, stdout, stderr } = await workspace().purser(['--help'])
    expect([code, stderr]).toEqual([0, ''])
    for (const { name, summary } of areas)
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`${name} ${summary}`)
    for (const flag of [
      '--url',
      '--tenant',
      '--config',
      '--json',
      '--quiet',
      '--verbose',
      '--no-color',
      '--no-pager',
      '--version',
    ])
      expect(stdout).toContain(flag)
    expect(stdout).toContain('Examples:\n  purser status')
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
  })

  test('is what the bare program shows, and what `purser help` does', async () => {
    const { purser } = workspace()
    const [asked, bare, word] = await Promise.all([purser(['--help']), purser([]), purser(['help'])])
    expect(bare).toMatchObject({ code: 0, stdout: asked.stdout, stderr: '' })
    expect(word.stdout).toBe(asked.stdout)
  })

  test('of each command shows its arguments, flags and examples', () => {
    for (const [path, command] of commands) {
      const page = helpOf(path.split(' '))
      expect(page, path).toContain(`Usage: purser ${path}`)
      expect(page, path).toContain('Examples:')
      for (const [purpose, line] of command.examples) {
        expect(page, path).toContain(`purser ${line}`)
        expect(page, path).toContain(`# ${purpose}`)
      }
      for (const name of Object.keys(command.args ?? {}))
        expect(page, path).toMatch(new RegExp(`[<[]${name}[>\\]]`))
      expect(page, path).toContain('Every command takes --url, --tenant')
    }
  })

  test('of an area lists its commands; the area alone is half a command', async () => {
    const { purser } = workspace()
    const [asked, alone] = await Promise.all([purser(['tasks', '--help']), purser(['tasks'])])
    expect(asked.code).toBe(0)
    for (const verb of ['list', 'show', 'create', 'transition', 'assign', 'delete'])
      expect(asked.stdout).toMatch(new RegExp(`^  ${verb} `, 'm'))
    expect(alone).toMatchObject({ code: 2, stdout: '', stderr: asked.stdout })
  })

  test('has only examples that are understood', async () => {
    const examples = [...rootExamples, ...commands.flatMap(([, command]) => command.examples)]
    for (const [, line] of examples) {
      const words = wordsOf(line)
      const { path } = await parsed(words)
      expect(commandPath(words), line).toBe(path)
    }
  })

  // How long it takes is in help-at-once.long.test.ts.
  test('needs nothing heavy to be loaded', () => {
    const loaded = spawnSync(process.execPath, ['--import', tracer, program, '--help'], {
      env: environment(),
      encoding: 'utf8',
    })
    expect(loaded.stderr).toMatch(/\/cli\/(run\/)?main\.[jt]s/)
    for (const heavy of ['better-sqlite3', 'kysely', 'zod', 'yaml', '/store.'])
      expect(loaded.stderr).not.toContain(heavy)
  })
})

test('--version prints the version of the package', async () => {
  const { purser } = workspace()
  const [long, short] = await Promise.all([purser(['--version']), purser(['-V'])])
  expect(long.stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/)
  expect(short.stdout).toBe(long.stdout)
})

test('a text that refers to another field names its flag', async () => {
  const { purser, done } = workspace()
  await done(['migrate', '--quiet'])
  const range = ['--since', '2026-02-01', '--until', '2026-01-01']
  expect(await purser(['tasks', 'list', ...range])).toMatchObject({
    code: 2,
    stderr: 'purser: --until must not be before --since\n',
  })
  const task = [
    '--title',
    't',
    '--description',
    'd',
    '--project',
    'p',
    '--type',
    'admin',
    '--created-by',
    'a',
  ]
  expect(await purser(['tasks', 'create', '--status', 'completed', ...task])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/\(--as-of\)\n$/) as string,
  })
  expect(await purser(['status', '--config', 'nowhere.yaml'])).toMatchObject({
    stderr: expect.stringMatching(/nowhere\.yaml cannot be read: there is no such file\n$/) as string,
  })
})

describe('a command line that is not understood ends with exit code 2 and one line', () => {
  const cases: readonly (readonly [string, readonly string[], string | RegExp])[] = [
    ['an unknown command', ['taks'], "unknown command 'taks'; did you mean tasks?"],
    ['an unknown verb', ['tasks', 'lst'], "unknown command 'lst'; did you mean list?"],
    ['U20: a verb without its area', ['report'], "unknown command 'report'; did you mean costs report?"],
    ['U20: a flag as a command', ['version'], "unknown command 'version'; did you mean --version?"],
    ['U20: a verb of one area', ['log'], "unknown command 'log'; did you mean audit log?"],
    [
      'a question that another command answers',
      ['tasks', 'counts'],
      "unknown command 'counts'; did you mean status?",
    ],
    [
      'a search that is a flag',
      ['tasks', 'search'],
      "unknown command 'search'; did you mean tasks list --search?",
    ],
    [
      'a number above the greatest',
      ['tasks', 'update', 't', '--max-retries', '9007199254740993'],
      '--max-retries must be a whole number from 0 to 9007199254740991; is "9007199254740993"',
    ],
    [
      'a flag of one value, given twice',
      ['tasks', 'update', 't', '--project', 'p', '--project', 'q'],
      '--project is given twice, and takes one value',
    ],
    [
      'flags of a new task that cannot be read, and all that is missing',
      ['tasks', 'create', '--max-retries', 'x', '--title', ' '],
      '--max-retries must be a whole number of at least 0; is "x"; --title must not be blank; --description is required; --project is required; --created-by is required; --type is required',
    ],
    [
      'those of a new plan, whose description its action may give',
      ['plans', 'create', '--name', 'x', '--role', 'cook=ada'],
      '--role must be one of strategy, execution, review, apply, estimation, invariant; is "cook"; --name must be namespace/name, each of letters, digits, ".", "_" and "-", for example local/build; --action is required',
    ],
    [
      'those of a changed plan',
      ['plans', 'update', 'p', '--name', 'x', '--last-step', '-1'],
      /^--last-step must be a whole number of at least 0; is "-1"; --name must be namespace\/name/,
    ],
    [
      'those of an action',
      ['actions', 'create', '--name', 'x', '--role', 'cook=ada'],
      /^--role must be one of .*; --name must be namespace\/name.*; --description is required$/,
    ],
    [
      'those of a changed action',
      ['actions', 'update', 'a/b', '--profile', ' ', '--state', 'x'],
      /^--state must be one of .*; --profile must not be blank$/,
    ],
    [
      'those of a budget',
      ['budgets', 'set', 'b', '--limit', 'x', '--warn-at', '2', '--period', 'y'],
      /^--warn-at must be a number from 0 to 1; is "2"; --period must be .*; --limit must be a decimal|^--period must be .*; --warn-at must be a number from 0 to 1; is "2"; --limit must be a decimal/,
    ],
    [
      'those of a message',
      ['messages', 'send', '--from', 'a', '--to', ' ', '--type', 'x', '--tokens-used', 'y'],
      /^--type must be one of .*; --tokens-used must be a whole number of at least 0; is "y"; --to must not be blank; --channel is required; --content is required$/,
    ],
    [
      'those of an audit entry',
      ['audit', 'append', '--verdict', 'x', '--action', 'b'],
      /^--verdict must be one of .*; --action must be area:verb .*; --subject-type is required$/,
    ],
    [
      'those of an approval',
      ['approvals', 'request', '--risk-level', 'x', '--kind', 'y', '--expires', 'yesterday'],
      /^--risk-level must be .*; --expires must be a time .*, and lie ahead; is "yesterday"; --kind must be area:verb .*; --subject-type is required$/,
    ],
    [
      'those of a claim, and what it needs',
      ['tasks', 'claim', '--lease', '60', '--tree'],
      /^--lease must be a time such as .*; --agent is required: who will work on the task; --tree needs --plan$/,
    ],
    [
      'all that a failure needs',
      ['tasks', 'fail', 't'],
      '--claim is required: tasks claim prints it; --error is required: say why it failed',
    ],
    [
      'an expiry that is past',
      ['approvals', 'request', '--expires', '2020-01-01'],
      /and lie ahead; is "2020-01-01", which is past; --kind is required/,
    ],
    [
      'numbers and amounts that are none, and what is missing, at once',
      [
        ...['costs', 'record', '--agent', 'a', '--model', 'm'],
        ...['--input-tokens', 'x', '--output-tokens', '1.5'],
        ...['--cost', 'nope', '--latency-ms', '-1'],
      ],
      '--input-tokens must be a whole number of at least 0; is "x"; --output-tokens must be a whole number of at least 0; is "1.5"; --latency-ms must be a whole number of at least 0; is "-1"; --provider is required; --cost must be a decimal number, for example "0.001309"',
    ],
    [
      'a value given twice beside others that are missing',
      ['costs', 'record', '--actor', 'a', '--provider', 'p', '--model', 'm', '--cost', '1', '--cost', '2'],
      '--cost is given twice, and takes one value; --input-tokens is required; --output-tokens is required',
    ],
    [
      'several flags that cannot be read, of any command',
      ['plans', 'use', 'x', '--if-version', '0', '--tenant', 'A!', '--zzz'],
      /^--tenant must be a small letter [^;]*; --if-version must be a whole number of at least 1; is "0"; unknown option '--zzz'; see purser plans use --help$/,
    ],
    [
      'a name that no tenant can have',
      ['tasks', 'list', '--tenant', 'Acme'],
      '--tenant must be a small letter followed by at most 30 small letters, digits or underscores',
    ],
    [
      'an empty name of a tenant',
      ['init', '--tenant', ''],
      '--tenant must be a small letter followed by at most 30 small letters, digits or underscores',
    ],
    [
      'a name that no tenant can have, to make one',
      ['tenants', 'create', 'two-words'],
      '<tenant> must be a small letter followed by at most 30 small letters, digits or underscores',
    ],
    ['U20: another word for show', ['tasks', 'get', 'x'], "unknown command 'get'; did you mean tasks show?"],
    [
      'U20: another word for history',
      ['messages', 'list'],
      "unknown command 'list'; did you mean messages history?",
    ],
    ['nothing like a command', ['frobnicate'], "unknown command 'frobnicate'; see purser --help"],
    [
      'an unknown flag',
      ['tasks', 'list', '--staus', 'x'],
      "unknown option '--staus'; did you mean --status?",
    ],
    ['a flag of nobody', ['status', '--zzz'], "unknown option '--zzz'; see purser status --help"],
    [
      'a missing argument',
      ['tasks', 'show'],
      "missing required argument 'task'; see purser tasks show --help",
    ],
    ['too many arguments', ['tasks', 'show', 'a', 'b'], /^too many arguments for 'show'/],
    [
      'a flag without its value',
      ['tasks', 'list', '--project'],
      /^option '--project <name>' argument missing/,
    ],
    [
      'a word that is none of the list',
      ['tasks', 'list', '--status', 'done'],
      /^--status must be one of created, .*; is "done"$/,
    ],
    [
      'one bad word of several',
      ['costs', 'report', '--by', 'agent,colour'],
      /^--by must be one of agent, .*; is "colour"$/,
    ],
    [
      'a status that there is not',
      ['tasks', 'transition', 'x', 'done'],
      /^<status> must be one of created, /,
    ],
    [
      'a number that is none',
      ['tasks', 'list', '--limit', '1e3'],
      '--limit must be a whole number of at least 1; is "1e3"',
    ],
    [
      'a time without an offset',
      ['costs', 'list', '--since', '2026-01-31T09:30:00'],
      /^--since must be a time with offset .*; is "2026-01-31T09:30:00"$/,
    ],
    ['a day that there is not', ['costs', 'list', '--until', '2026-02-30'], /^--until must be a time/],
    ['JSON that is none', ['tasks', 'create', '--metadata', '{a'], /^--metadata is not valid JSON/],
    ['JSON that is no object', ['tasks', 'create', '--metadata', '[]'], /^--metadata must be a JSON object/],
    [
      'a pair that is none',
      ['tasks', 'update', 't', '--artifact', 'src/x.ts'],
      '--artifact must be type:path; is "src/x.ts"',
    ],
    [
      'a filter by what must be missing',
      ['tasks', 'list', '--assigned-to', 'pax', '--without', 'assignee'],
      '--without assignee and a filter by it exclude each other',
    ],
    ['a tree without a plan', ['costs', 'report', '--tree'], '--tree needs one plan: --plan ID'],
    [
      'history of nothing',
      ['messages', 'history'],
      'name a channel, or give a filter such as --task or --from',
    ],
    [
      'a password where a command should be',
      ['postgres://me:hush@host/db'],
      "unknown command 'postgres://me:***@host/db'; see purser --help",
    ],
  ]
  test.each(cases)('%s', async (_name, words, text) => {
    const { purser } = workspace()
    const [plain, json] = await Promise.all([purser(words), purser([...words, '--json'])])
    expect(plain.code).toBe(2)
    expect(plain.stdout).toBe('')
    expect(plain.stderr).toMatch(/^purser: .*\n$/)
    const said = plain.stderr.slice('purser: '.length, -1)
    if (typeof text === 'string') expect(said).toBe(text)
    else expect(said).toMatch(text)
    expect(json).toMatchObject({ code: 2, stderr: '' })
    expect(json.json()).toMatchObject({
      command: commandPath(words),
      status: 'error',
      exitCode: 2,
      data: null,
      messages: [{ level: 'error', text: said, code: 'USAGE' }],
    })
  })
})

test('global flags are taken before and after the command', async () => {
  const url = ['--url', 'sqlite:x.db']
  const places = [
    [...url, '--json', 'tasks', 'list'],
    ['tasks', ...url, 'list', '--json'],
    ['tasks', 'list', '--limit', '3', '--json', ...url],
  ]
  for (const words of places) {
    const { path, global } = await parsed(words)
    expect([path, global.url, global.json, global.color]).toEqual(['tasks list', 'sqlite:x.db', true, true])
  }
})

/** What a command line is understood as; nothing is run. */
async function parsed(words: readonly string[]): Promise<Invocation> {
  let found: Invocation | undefined
  const commander = createProgram(
    words,
    [],
    async (invocation) => {
      found = invocation
    },
    () => undefined,
  )
  await commander.parseAsync(words, { from: 'user' })
  if (!found) throw new Error(`not understood: ${words.join(' ')}`)
  return found
}

function helpOf(path: readonly string[]): string {
  const commander = createProgram(
    path,
    [],
    async () => undefined,
    () => undefined,
  )
  let page = ''
  commander.configureOutput({ ...commander.configureOutput(), writeOut: (text) => (page += text) })
  const find = (from: typeof commander, [name, ...rest]: readonly string[]): typeof commander => {
    const next = from.commands.find((command) => command.name() === name)
    return next ? find(next as typeof commander, rest) : from
  }
  const node = find(commander, path)
  node.configureOutput({ ...node.configureOutput(), writeOut: (text) => (page += text) })
  node.outputHelp()
  return page
}

/** The words of an example, as a shell would split it; what is redirected is left out. */
function wordsOf(line: string): readonly string[] {
  const [command = ''] = line.split(/ [<>] /)
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, quoted, single, bare]) => quoted ?? single ?? bare ?? '',
  )
}
