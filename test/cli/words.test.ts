// How words of a command line are read before commander sees them, and completed in shells.

import { spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { complete } from '../../src/cli/commands/completion.ts'
import { settle } from '../../src/cli/run/normalize-argv.ts'
import { areas } from '../../src/cli/run/registry.ts'
import { taskStatuses } from '../../src/index.ts'
import { environment, program, workspace } from '../support/cli/purser.ts'

describe('a value that begins with a dash', () => {
  test.each([
    ['tasks list --cursor -vXyz', 'tasks list --cursor=-vXyz'],
    ['tasks create --budget -1 --title -h!', 'tasks create --budget=-1 --title=-h!'],
    ['messages send --content -', 'messages send --content -'],
    ['plans create --argument -n=1 --role -x', 'plans create --argument=-n=1 --role=-x'],
    ['tasks list --project --json', 'tasks list --project --json'],
    ['tasks list --project -v', 'tasks list --project -v'],
    ['tasks show -- --cursor -x', 'tasks show -- --cursor -x'],
    ['--url -x status', '--url=-x status'],
    ['tasks list --limit 3 -v', 'tasks list --limit 3 -v'],
    ['tasks list -n -1', 'tasks list -n-1'],
    ['tasks list -n -v', 'tasks list -n -v'],
    ['help tasks show', 'tasks show --help'],
  ])('%s is read as %s', (typed, read) => {
    expect(settle(typed.split(' '), areas).join(' ')).toBe(read)
  })
})

test('commands that only read take no --actor, which would do nothing', () => {
  const commands = areas.flatMap((area) => ('run' in area ? [area] : area.commands))
  const taking = commands.filter(({ flags }) => flags?.actor?.description.includes('audit trail names'))
  const reading =
    /^(list|preflight|explain|show|status|tree|cost|history|search|log|verify|head|report|unpriced|ready|waiting|wait|watch|drift|test|export|completion|backup)$/
  expect(taking.map(({ name }) => name).filter((name) => reading.test(name))).toEqual([])
  expect(taking.length).toBeGreaterThan(30)
})

describe('completion offers', () => {
  const offered = (line: string) => complete(line.split(' '), areas)
  test('commands, then verbs', () => {
    expect(offered('')).toEqual(areas.map(({ name }) => name))
    expect(offered('m')).toEqual(['migrate', 'messages'])
    expect(offered('--json tasks t')).toEqual(['transition'])
    expect(offered('plans c')).toEqual([
      ...['create', 'complete', 'constrain', 'cancel', 'correct', 'checkpoint', 'checkpoints', 'cost'],
    ])
    expect(offered('a')).toEqual(['actions', 'approvals', 'agents', 'audit'])
    expect(offered('--url sqlite:x costs r')).toEqual(['report', 'record'])
  })
  test('flags of the command, and those of all', () => {
    expect(offered('tasks list --st')).toEqual(['--status'])
    expect(offered('plans start p --a')).toEqual(['--actor'])
    expect(offered('costs record --s')).toEqual(['--session', '--success', '--source'])
    expect(offered('costs record --no-')).toEqual(['--no-success', '--no-color', '--no-pager'])
    expect(offered('migrate --no-')).toEqual(['--no-backup', '--no-color', '--no-pager'])
    expect(offered('status --t')).toEqual(['--tenant'])
  })
  test('words of closed lists, also after a comma and as arguments', () => {
    expect(offered('tasks list --status ')).toEqual([...taskStatuses, 'open'])
    expect(offered('tasks list -n 5 --status op')).toEqual(['open'])
    expect(offered('plans tree x --state errored,c')).toEqual([
      'errored,complete',
      'errored,cancelled',
      'errored,constrained',
    ])
    expect(offered('plans update x --clear pro')).toEqual(['projects'])
    expect(offered('costs report --by agent,mo')).toEqual(['agent,model', 'agent,month'])
    expect(offered('tasks transition t-1 in_')).toEqual(['in_progress', 'in_review'])
    expect(offered('tasks transition --if-version 3 t-1 re')).toEqual(['rejected'])
    expect(offered('completion ')).toEqual(['bash', 'zsh', 'fish'])
  })
  test('nothing where anything can stand', () => {
    expect(offered('tasks show ')).toEqual([])
    expect(offered('tasks list --project t')).toEqual([])
    expect(offered('--config pur')).toEqual([])
    expect(offered('nonsense ')).toEqual(areas.map(({ name }) => name))
  })
})

const shells = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's
  bash: 'COMP_WORDS=(purser tasks transition t-1 in_); COMP_CWORD=4; _purser; echo "${COMPREPLY[*]}"',
  zsh: 'words=(purser tasks transition t-1 in_); CURRENT=5; _purser',
  fish: 'complete -C "purser tasks transition t-1 in_"',
} as const
const before = { bash: '', zsh: 'compdef() { : }; compadd() { shift; echo "$*" }', fish: '' } as const

describe.each(Object.keys(shells) as (keyof typeof shells)[])('in %s', (shell) => {
  const isThere = spawnSync(shell, ['-c', 'true']).status === 0
  test.skipIf(!isThere)('the script does it', async () => {
    const { done, folder, path } = workspace()
    const { stdout } = await done(['completion', shell])
    writeFileSync(path('script'), stdout)
    writeFileSync(path('purser'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`)
    chmodSync(path('purser'), 0o755)
    const completed = spawnSync(shell, ['-c', `${before[shell]}\nsource ./script\n${shells[shell]}`], {
      cwd: folder,
      env: environment({ PATH: `${folder}:${process.env.PATH}` }),
      encoding: 'utf8',
    })
    expect(completed.stdout.trim().split(/\s+/)).toEqual(['in_progress', 'in_review'])
  })
})
