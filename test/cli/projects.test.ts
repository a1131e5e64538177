// `purser projects …`: records of projects, from creation to deletion.

import { expect, test } from 'vitest'
import { projects as area } from '../../src/cli/commands/projects/area.ts'
import { projectDefinition } from '../../src/index.ts'
import { workspace } from '../support/cli/purser.ts'

test('a project is created, listed, shown, changed and deleted', async () => {
  const { done, purser } = workspace()
  await done(['migrate', '--quiet'])
  expect((await done(['projects', 'list'])).stdout).toBe(
    'No project has a record yet. To make one: purser projects create --help\n',
  )
  const made = await done([
    ...['projects', 'create', 'parser', '--profile', 'cautious', '--invariant', 'The grammar stays LL(1)'],
    ...['--environment', 'container', '--environment-priority', 'override', '--description', 'Reads'],
  ])
  expect(made.stdout).toBe('Created project parser\n  purser projects show parser\n')
  await done(['projects', 'create', 'standards', '--read-only', '--quiet'])
  expect((await done(['projects', 'list'])).stdout).toMatch(
    /^NAME +PROFILE +RUNS IN +PLANS +DESCRIPTION +UPDATED\nparser +cautious +container +change it +Reads +just now\nstandards +– +– +only read it +just now\n\n2 projects\n$/,
  )
  expect((await done(['projects', 'list', '--read-only'])).stdout).toMatch(/\nstandards .*\n\n1 project\n$/)
  await done([
    ...[
      'plans',
      'create',
      '--name',
      'a/b',
      '--action',
      'x',
      '--description',
      'd',
      '--project',
      'parser',
      '--quiet',
    ],
  ])
  const shown = (await done(['projects', 'show', 'parser'])).stdout
  expect(shown).toMatch(/^parser\n\nDescription\n {2}Reads\n\nMust hold\n {2}The grammar stays LL\(1\)\n\n/)
  expect(shown).toMatch(/\n {2}Profile +cautious\n {2}Runs in +container \(override\)\n/)
  expect(shown).toMatch(
    /\n {2}Plans +1 plan, 1 of them live\n[\s\S]*\n {2}purser plans list --project parser\n$/,
  )
  const updated = await done([
    ...['projects', 'update', 'parser', '--clear', 'profile', '--no-read-only', '--actor', 'mira', '--json'],
  ])
  expect(updated.json().data).toMatchObject({ automationProfile: null, readOnly: false, version: 2 })
  const log = await done(['audit', 'log', '--actor', 'mira', '--json'])
  expect(log.json<{ items: unknown[] }>().data.items).toMatchObject([
    { action: 'project:update', details: { fields: ['automationProfile', 'readOnly'], version: 2 } },
  ])
  const unasked = await purser(['projects', 'delete', 'parser'])
  expect(unasked.code).toBe(2)
  expect(unasked.stderr).toMatch(/^purser: The record of project parser would be deleted for good; nothing/)
  expect((await done(['projects', 'delete', 'parser', '--yes'])).stdout).toBe('Deleted project parser\n')
})

test('what is wrong is refused in one line', async () => {
  const { done, purser } = workspace()
  await done(['projects', 'create', 'parser'])
  const cases: readonly (readonly [readonly string[], number, string | RegExp])[] = [
    [
      ['create', 'x', '--profile', 'careless'],
      2,
      /^--profile a project of the plan names no automation profile/,
    ],
    [['create', 'x', '--budget', 'none'], 2, /^--budget names no budget of the scope project/],
    [
      ['create', 'x', '--environment-priority', 'override'],
      2,
      '--environment-priority needs an executionEnvironment',
    ],
    [['create', 'parser'], 1, 'projects already has a row with the id "parser"; nothing was written'],
    [['update', 'parser'], 2, /^nothing to change: name a field/],
    [
      ['update', 'parser', '--read-only', '--if-version', '3'],
      1,
      /is at version 1, the change was based on 3/,
    ],
    [['show', 'none'], 1, /^there is no record of a project with the name "none"; purser projects list/],
    [['delete', 'none', '--yes'], 1, /^there is no record of a project with the name "none"/],
  ]
  for (const [words, code, said] of cases) {
    const result = await purser(['projects', ...words])
    expect(result, words.join(' ')).toMatchObject({ code, stdout: '' })
    const text = /^purser: (.*)\n$/.exec(result.stderr)?.[1]
    if (typeof said === 'string') expect(text).toBe(said)
    else expect(text).toMatch(said)
  }
})

test('create has a flag for every field that a caller may give', () => {
  const { flags = {}, args = {} } = area.commands.find(({ name }) => name === 'create') ?? {}
  const own = new Set([...Object.values(flags).map(({ field }) => field), ...Object.keys(args)])
  const missing = projectDefinition.columns.filter(
    ({ field, spec }) => spec.given !== 'managed' && !own.has(field),
  )
  expect(missing).toEqual([])
})

test('an action is made with arguments, which its plans must have', async () => {
  const { done, purser } = workspace()
  await done([
    ...['actions', 'create', '--name', 'local/build', '--description', 'Build it', '--tag', 'ci'],
    ...['--argument', '{"name": "target", "type": "string", "required": true, "pattern": "[a-z]+"}'],
    ...['--argument', '{"name": "depth", "type": "integer", "default": 3, "min": 0}'],
    ...['--invariant', 'Tests stay green', '--no-reusable', '--long-description', 'At length'],
  ])
  const shown = (await done(['actions', 'show', 'local/build'])).stdout
  expect(shown).toContain('  Tags     ci\n  Makes    only one plan: it is archived with the first\n')
  expect(shown).toMatch(
    /\nArguments\n {2}target: string, required, matching \[a-z\]\+\n {2}depth: integer, 3 by default, at least 0\n\nMust hold\n {2}Tests stay green\n/,
  )
  expect((await done(['actions', 'list', '--tag', 'ci', '--created-by', 'none'])).stdout).toMatch(
    /^No action/,
  )
  const plan = ['plans', 'create', '--name', 'a/b', '--action', 'local/build']
  const refused = await purser([...plan, '--argument', 'target="X"', '--argument', 'depth=-1'])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toMatch(/"target" must match \[a-z\]\+.*"depth" must be at least 0/)
  const made = await done([...plan, '--argument', 'target="web"', '--json'])
  expect(made.json().data).toMatchObject({
    arguments: [
      { name: 'target', value: 'web' },
      { name: 'depth', value: 3 },
    ],
  })
  expect((await purser(['plans', 'create', '--name', 'a/c', '--action', 'local/build'])).stderr).toMatch(
    /archived/,
  )
})
