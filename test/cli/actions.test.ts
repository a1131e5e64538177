// `purser actions …`: templates of plans, from creation to deletion.

import { expect, test } from 'vitest'
import { actions as area } from '../../src/cli/commands/actions/area.ts'
import { actionDefinition } from '../../src/index.ts'
import { workspace } from '../support/cli/purser.ts'

const create = (...more: string[]) => [
  ...['actions', 'create', '--name', 'local/build', '--description', 'Build it', ...more],
]

test('an action is created, listed, shown, changed, archived, brought back and deleted', async () => {
  const { done, purser } = workspace()
  await done(['migrate', '--quiet'])
  expect((await done(['actions', 'list'])).stdout).toBe(
    'There are no actions yet. To make one: purser actions create --help\n',
  )
  const all = ['--definition-of-done', 'it runs', '--profile', 'trusted', '--role', 'review=june']
  expect((await done(create(...all, '--metadata', '{"k":1}'))).stdout).toBe(
    'Created action local/build\n  purser actions show local/build\n',
  )
  expect((await done(['actions', 'list'])).stdout).toMatch(
    /^NAME +STATE +PROFILE +DESCRIPTION +UPDATED\nlocal\/build +available +trusted +Build it +just now\n\n1 action\n$/,
  )
  const updated = await done([
    ...['actions', 'update', 'local/build', '--role', 'strategy=mira', '--clear', 'definition-of-done'],
    ...['--profile', 'ci', '--json'],
  ])
  expect(updated.json().data).toMatchObject({
    definitionOfDone: null,
    automationProfile: 'ci',
    actors: { strategy: 'mira', review: 'june' },
    metadata: { k: 1 },
    version: 2,
  })
  await done(['plans', 'create', '--name', 'a/b', '--action', 'local/build', '--quiet'])
  const shown = (await done(['actions', 'show', 'local/build'])).stdout
  expect(shown).toMatch(
    /^local\/build {2}available\n\n {2}Profile +ci\n {2}Roles +strategy mira, review june\n {2}Plans +1 plan, 1 of them live\n/,
  )
  expect(shown).toMatch(/Its plans:\n {2}purser plans list --action local\/build\n$/)

  const used = await purser(['actions', 'delete', 'local/build', '--yes'])
  expect(used.code).toBe(1)
  expect(used.stderr).toMatch(
    /^purser: 1 live plan uses the action "local\/build"; archive it, or delete it once/,
  )
  expect((await done(['actions', 'archive', 'local/build'])).stdout).toBe('Archived action local/build\n')
  expect((await done(['actions', 'archive', 'local/build'])).stdout).toBe(
    'Action local/build was archived already\n',
  )
  expect((await done(['actions', 'list', '--state', 'available'])).stdout).toBe(
    'No action matches; leave out the filter to see more.\n',
  )
  const refused = await purser(['plans', 'create', '--name', 'a/c', '--action', 'local/build'])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toBe('purser: --action the action "local/build" is archived; choose another\n')
  await done(['actions', 'update', 'local/build', '--state', 'available'])
  await done(['plans', 'create', '--name', 'a/c', '--action', 'local/build', '--quiet'])

  for (const plan of ['a/b', 'a/c']) await done(['plans', 'cancel', plan])
  const unasked = await purser(['actions', 'delete', 'local/build'])
  expect(unasked).toMatchObject({
    code: 2,
    stderr:
      'purser: Action local/build would be deleted for good; nothing was done: there is no terminal to ask on, so repeat with --yes\n',
  })
  expect((await done(['actions', 'delete', 'local/build', '--yes'])).stdout).toBe(
    'Deleted action local/build\n',
  )
})

test('what is wrong is refused in one line', async () => {
  const { done, purser } = workspace()
  await done(create())
  const cases: readonly (readonly [readonly string[], number, string | RegExp])[] = [
    [['create'], 2, '--name is required; --description is required'],
    [['create', '--name', 'build', '--description', 'x'], 2, /^--name must be namespace\/name/],
    [
      create('--profile', 'careless').slice(1),
      2,
      /^--profile the action names no automation profile that there is.* manual, /,
    ],
    [create().slice(1), 1, 'actions already has a row with the id "local/build"; nothing was written'],
    [['update', 'local/build'], 2, /^nothing to change: name a field/],
    [
      ['update', 'local/build', '--clear', 'profile', '--profile', 'ci'],
      2,
      '--clear profile and a value for it exclude each other',
    ],
    [
      ['update', 'local/build', '--profile', 'ci', '--if-version', '3'],
      1,
      /is at version 1, the change was based on 3/,
    ],
    [['archive', 'local/build', '--if-version', '3'], 1, /is at version 1, the change was based on 3/],
    [
      ['show', 'local/none'],
      1,
      'there is no action with the name "local/none"; purser actions list shows those there are',
    ],
    [['delete', 'local/none', '--yes'], 1, /^there is no action with the name "local\/none"/],
  ]
  for (const [words, code, said] of cases) {
    const result = await purser(['actions', ...words])
    expect(result, words.join(' ')).toMatchObject({ code, stdout: '' })
    const text = /^purser: (.*)\n$/.exec(result.stderr)?.[1]
    if (typeof said === 'string') expect(text).toBe(said)
    else expect(text).toMatch(said)
  }
})

test('create has a flag for every field that a caller may give', () => {
  const flags = area.commands.find(({ name }) => name === 'create')?.flags ?? {}
  const own = new Set(Object.values(flags).map(({ field }) => field))
  const missing = actionDefinition.columns.filter(
    ({ field, spec }) => spec.given !== 'managed' && !own.has(field),
  )
  // A new action is available, and made by the actor.
  expect([...new Set(missing.map(({ field }) => field))]).toEqual(['state', 'createdBy'])
})
