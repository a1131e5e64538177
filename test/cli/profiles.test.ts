// `purser profiles …`: what is built in, and profiles of one's own from files.

import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { automationSteps, builtInProfiles } from '../../src/index.ts'
import { workspace } from '../support/cli/purser.ts'

const steps = automationSteps.map((step) => `${step}: 0.5`).join('\n')
const own = `name: local/careful\ndescription: Half and half\n${steps}\n`

describe('profiles list and show', () => {
  test('know the built-in ones, and how far each goes', async () => {
    const { done, purser } = workspace()
    expect((await purser(['profiles', 'list'])).stderr).toMatch(/^purser: there is no database at/)
    await done(['migrate', '--quiet'])
    const { stdout } = await done(['profiles', 'list'])
    expect(stdout).toMatch(
      /^NAME +AUTOMATIC +CONFIDENT +HUMAN +KIND +DESCRIPTION\nmanual +0 +0 +11 +built in +Human-driven\n/,
    )
    expect(stdout).toMatch(/\ncautious +2 +7 +2 +built in /)
    expect(stdout).toContain('9 profiles, 0 of your own')
    const { data } = (await done(['profiles', 'list', '--json'])).json<{
      items: { name: string; profile: unknown }[]
    }>()
    expect(data.items.map(({ name }) => name)).toEqual([...builtInProfiles.keys()])
    expect(data.items[4]?.profile).toEqual(builtInProfiles.get('cautious'))

    const shown = (await done(['profiles', 'show', 'cautious'])).stdout
    expect(shown).toMatch(/^cautious {2}built in\nConfidence-gated automation\n\nSTEP +DECIDES +TO\n/)
    expect(shown).toContain('createTool         from 0.7          move from strategize to execute\n')
    expect(shown).toContain('decomposeTask      always automatic  start strategize\n')
    expect(shown).toContain('approvePlan        always a human    restore a checkpoint\n')
    const coloured = await done(['profiles', 'show', 'cautious'], { env: { FORCE_COLOR: '1' } })
    expect(coloured.stdout).toContain('\u001b[32malways automatic\u001b[39m')
    const unknown = await purser(['profiles', 'show', 'careless'])
    expect(unknown).toMatchObject({ code: 1, stdout: '' })
    expect(unknown.stderr).toBe(
      `purser: there is no profile with the name "careless"; there are ${[...builtInProfiles.keys()].join(', ')}\n`,
    )
  })
})

describe('a profile of one’s own', () => {
  test('is added from a file, replaced, used, and removed', async () => {
    const { done, purser, path } = workspace()
    writeFileSync(path('careful.yaml'), own)
    expect((await done(['profiles', 'add', 'careful.yaml', '--actor', 'mira'])).stdout).toBe(
      'Added profile local/careful\n  purser profiles show local/careful\n',
    )
    expect((await purser(['profiles', 'add', 'careful.yaml'])).stderr).toMatch(
      /already has a row with the id "local\/careful"/,
    )
    const plan = ['plans', 'create', '--name', 'a/b', '--action', 'x', '--description', 'y']
    await done([...plan, '--profile', 'local/careful'])

    const edited = own
      .replace('createTool: 0.5', 'createTool: 1')
      .concat('guards: { maxTokens: 1200, deniedTools: [shell] }\n')
    const updated = await done(['profiles', 'update', '-', '--actor', 'june'], { input: edited })
    expect(updated.stdout).toBe('Updated profile local/careful, now at version 2\n')
    const shown = (await done(['profiles', 'show', 'local/careful'])).stdout
    expect(shown).toMatch(/^local\/careful {2}of your own, version 2\nHalf and half\n/)
    expect(shown).toContain('createTool         always a human')
    expect(shown).toMatch(/Tokens +at most 1,200\n +Denied tools +shell\n/)
    const stale = await purser(['profiles', 'update', 'careful.yaml', '--if-version', '1'])
    expect(stale).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is at version 2, the change was based on 1'),
    })
    const frozen = await done(['plans', 'show', 'a/b', '--json'])
    expect(frozen.json().data).toMatchObject({ effectiveProfile: { createTool: 0.5 } })

    const unasked = await purser(['profiles', 'remove', 'local/careful'])
    expect(unasked.code).toBe(2)
    expect(unasked.stderr).toMatch(
      /^purser: Profile local\/careful would be removed; .*nothing was done: .*--yes\n$/,
    )
    expect((await done(['profiles', 'remove', 'local/careful', '--yes'])).stdout).toBe(
      'Removed profile local/careful\n',
    )
    const log = await done(['audit', 'log', '--action', 'profile:*', '--json'])
    expect(log.json<{ items: object[] }>().data.items).toMatchObject([
      { actor: 'system', action: 'profile:delete', subjectId: 'local/careful' },
      { actor: 'june', action: 'profile:update' },
      { actor: 'mira', action: 'profile:create' },
    ])
  })

  test('can be made from a built-in one', async () => {
    const { done } = workspace()
    await done(['migrate', '--quiet'])
    const { stdout } = await done(['profiles', 'show', 'auto', '--yaml'])
    expect(parse(stdout)).toEqual(builtInProfiles.get('auto'))
    const input = stdout.replace('name: auto', 'name: local/auto')
    const added = await done(['profiles', 'add', '-', '--json'], { input })
    expect(added.json().data).toMatchObject({
      name: 'local/auto',
      builtIn: false,
      version: 1,
      profile: { ...builtInProfiles.get('auto'), name: 'local/auto' },
    })
  })

  const wrong: readonly (readonly [name: string, content: string, said: string | RegExp])[] = [
    [
      'unknown keys',
      `${own}decompose-task: 1\ncolour: red\n`,
      /unknown field "decompose-task"; it is written decomposeTask; unknown field "colour"/,
    ],
    [
      'a field in both spellings',
      `${own}decompose_task: 1\n`,
      /decomposeTask is there twice, as decomposeTask and as decompose_task/,
    ],
    [
      'a threshold above 1',
      own.replace('createTool: 0.5', 'createTool: 1.5'),
      'createTool must be at most 1',
    ],
    ['a threshold below 0', own.replace('editCode: 0.5', 'editCode: -0.1'), 'editCode must be at least 0'],
    [
      'a threshold that is no number',
      own.replace('editCode: 0.5', 'editCode: half'),
      'editCode must be a number, is a string',
    ],
    ['a missing threshold', own.replace('approvePlan: 0.5', ''), 'approvePlan is required'],
    [
      'the name of a built-in one',
      own.replace('local/careful', 'cautious'),
      /cautious is built in and cannot be changed; give a profile of your own a name such as local\/cautious/,
    ],
    ['a name without a namespace', own.replace('local/careful', 'careful'), /name must be namespace\/name/],
    ['an unknown guard', `${own}guards: { maxCost: 1 }\n`, /unknown field "maxCost"/],
    ['a list', '- a\n', 'must be an object of names and values'],
    ['nothing', '', 'must be an object of names and values'],
    ['no YAML', 'name: [\n', 'is neither valid YAML nor valid JSON: line 1, column 8'],
  ]

  test('is refused with everything that is wrong, and nothing is made', async () => {
    const { purser, path } = workspace()
    for (const [name, input, said] of wrong) {
      const { code, stdout, stderr } = await purser(['profiles', 'add', '-'], { input })
      expect([code, stdout], name).toEqual([2, ''])
      const text = /^purser: (.*)\n$/.exec(stderr)?.[1]
      if (typeof said === 'string') expect(text, name).toBe(said)
      else expect(text, name).toMatch(said)
    }
    writeFileSync(path('binary.yaml'), Buffer.from([0x75, 0xe9, 0x0a]))
    writeFileSync(path('wide.yaml'), Buffer.from('\uFEFFname: local/a', 'utf16le'))
    const files = [
      ['none.yaml', 'none.yaml cannot be read: there is no such file'],
      ['binary.yaml', 'binary.yaml cannot be read: it is not UTF-8 text'],
      ['wide.yaml', 'wide.yaml cannot be read: it is UTF-16 text; save it as UTF-8'],
      ['.', '. cannot be read: EISDIR'],
    ] as const
    for (const [file, said] of files) {
      expect(await purser(['profiles', 'add', file])).toMatchObject({ code: 1, stderr: `purser: ${said}\n` })
    }
    expect((await purser(['profiles', 'list'])).stderr).toMatch(/^purser: there is no database at/)
  })

  test('is all that can be changed or removed', async () => {
    const { done, purser } = workspace()
    await done(['migrate', '--quiet'])
    expect(await purser(['profiles', 'remove', 'auto', '--yes'])).toMatchObject({
      code: 2,
      stderr:
        'purser: auto is built in, and is neither changed nor removed; a profile of your own has a name such as local/auto\n',
    })
    for (const words of [
      ['remove', 'local/none', '--yes'],
      ['update', '-'],
    ]) {
      const { code, stderr } = await purser(['profiles', ...words], { input: own })
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/^purser: there is no profile with the name "local\/\w+"; there are manual, /),
      ])
    }
  })
})
