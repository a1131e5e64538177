// `purser plans create`, `list`, `show`, `cost`. Moves and the drawing of trees have tests of their
// own.

import { describe, expect, test } from 'vitest'
import { plans as area } from '../../src/cli/commands/plans/area.ts'
import { planDefinition, planMoves } from '../../src/index.ts'
import { replacing, workspace } from '../support/cli/purser.ts'

interface PlanData {
  readonly planId: string
  readonly phase: string
  readonly state: string
  readonly version: number
}
interface ListData {
  readonly items: readonly PlanData[]
  readonly nextCursor: string | null
  readonly summary: { readonly shown: number; readonly total: number }
}

const root = '01ARZ3NDEKTSV4RRFFQ0000001'
const unknown = '01ARZ3NDEKTSV4RRFFQ0000009'
const create = (...more: string[]) => [
  ...['plans', 'create', '--id', root, '--name', 'local/release', '--action', 'local/build'],
  ...['--description', 'Ship version 2', ...more],
]

describe('plans create', () => {
  test('makes the database and the plan, and says how to see it', async () => {
    const { done } = workspace()
    expect((await done(create())).stdout).toBe(
      `Created plan ${root}, ○ action/queued, profile balanced (global)\n  purser plans show ${root}\n`,
    )
    const child = await done([
      ...['plans', 'create', '--parent', 'local/release', '--action', 'x', '--description', 'y', '--quiet'],
    ])
    expect(child.stdout).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}\n$/)
  })

  test('takes every field', async () => {
    const { done } = workspace()
    const words = [
      ...create('--definition-of-done', 'it runs', '--profile', 'cautious'),
      ...['--project', 'web:w', '--read-only-project', 'api', '--project', 'docs'],
      ...['--argument', 'n=3', '--argument', 'who={"a":["="]}', '--invariant', 'no downtime'],
      ...['--role', 'strategy=mira', '--role', 'review=june', '--metadata', '{"k":[1]}'],
      ...['--environment', 'container', '--environment-priority', 'override', '--changeset', 'c-1'],
      ...['--decision-root', 'd-1', '--checkpoint', 'k-1', '--sandbox', 's-1', '--sandbox', 's-2'],
      ...['--validation', '{"ok":true}', '--last-step', '4', '--json'],
    ]
    words[words.indexOf('Ship version 2')] = '-'
    const { stdout } = await done(words, { input: 'Ship version 2,\nin two lines\n' })
    expect(JSON.parse(stdout).data).toMatchObject({
      planId: root,
      parentPlanId: null,
      rootPlanId: root,
      name: 'local/release',
      actionName: 'local/build',
      description: 'Ship version 2,\nin two lines',
      definitionOfDone: 'it runs',
      automationProfile: { name: 'cautious', provenance: 'plan' },
      effectiveProfile: { name: 'cautious', createTool: 0.7 },
      actors: { strategy: 'mira', review: 'june', execution: null },
      projects: [
        { name: 'web', alias: 'w', readOnly: false },
        { name: 'docs', alias: null, readOnly: false },
        { name: 'api', alias: null, readOnly: true },
      ],
      arguments: [
        { name: 'n', value: 3 },
        { name: 'who', value: { a: ['='] } },
      ],
      invariants: [{ text: 'no downtime', source: 'plan' }],
      executionEnvironment: 'container',
      executionEnvPriority: 'override',
      changesetId: 'c-1',
      decisionRootId: 'd-1',
      lastCheckpointId: 'k-1',
      sandboxRefs: ['s-1', 's-2'],
      validationSummary: { ok: true },
      lastCompletedStep: 4,
      metadata: { k: [1] },
      version: 1,
    })
  })

  test('takes what is left out from the action, and the profile from the project', async () => {
    const { done } = workspace()
    const template = ['actions', 'create', '--name', 'local/build', '--description', 'Build it']
    await done([...template, '--role', 'review=june', '--definition-of-done', 'it is built'])
    const plan = ['plans', 'create', '--name', 'a/b', '--action', 'local/build', '--role', 'apply=otto']
    const { stdout } = await done([...plan, '--project-profile', 'ci', '--json'])
    expect(JSON.parse(stdout).data).toMatchObject({
      description: 'Build it',
      definitionOfDone: 'it is built',
      actors: { review: 'june', apply: 'otto' },
      automationProfile: { name: 'ci', provenance: 'project' },
    })
  })

  test('R2: begins in action/queued; another phase or state needs --as-of', async () => {
    const { done, purser } = workspace()
    const plan = ['plans', 'create', '--name', 'a/b', '--action', 'x', '--description', 'y']
    const refused = await purser([...plan, '--phase', 'apply', '--state', 'applied'])
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('--phase must be action in a new plan, not apply; --state must be queued'),
    ])
    const past = [
      '--phase',
      'apply',
      '--state',
      'applied',
      '--as-of',
      '2025-03-01',
      '--created-at',
      '2025-01',
    ]
    expect(JSON.parse((await done([...plan, ...past, '--json'])).stdout).data).toMatchObject({
      ...{ phase: 'apply', state: 'applied', appliedAt: '2025-03-01T00:00:00.000Z', version: 1 },
      createdAt: '2025-01-01T00:00:00.000Z',
    })
  })

  test('has a flag for every field that a caller may give, but for what its moves write besides where it stands', () => {
    const own = new Set(Object.values(commandOf('create').flags ?? {}).map(({ field }) => field))
    const missing = planDefinition.columns.filter(
      ({ field, spec }) => spec.given !== 'managed' && !own.has(field),
    )
    expect([...new Set(missing.map(({ field }) => field))]).toEqual([
      'parentPlanId', // --parent
      'rootPlanId', // follows from the parent
      'attempt',
      'error',
      'reversionCount',
      'cancelReason',
      'strategizeStartedAt',
      'strategizeCompletedAt',
      'executeStartedAt',
      'executeCompletedAt',
      'applyStartedAt',
      'appliedAt',
      'cancelledAt',
    ])
  })

  const wrong: readonly (readonly [
    name: string,
    words: readonly string[],
    code: number,
    said: string | RegExp,
  ])[] = [
    ['nothing', ['plans', 'create'], 2, '--action is required; --description is required'],
    [
      'no name for a root',
      ['plans', 'create', '--action', 'a', '--description', 'd'],
      2,
      '--name is required for a plan without a parent, for example local/release',
    ],
    [
      'a name that is none',
      ['plans', 'create', '--action', 'a', '--description', 'd', '--name', 'release'],
      2,
      /^--name must be namespace\/name/,
    ],
    [
      'a child with a name',
      ['plans', 'create', '--action', 'a', '--description', 'd', '--name', 'a/b', '--parent', root],
      2,
      '--name must be null for a plan with a parent',
    ],
    [
      'an unknown parent',
      ['plans', 'create', '--action', 'a', '--description', 'd', '--parent', unknown],
      1,
      `there is no plan with the id or name "${unknown}"; purser plans list shows those there are`,
    ],
    [
      'an unknown profile',
      create('--profile', 'careless'),
      2,
      /^--profile the plan names no automation profile that there is; there are manual, review, .*, full-auto$/,
    ],
    ['a blank profile', create('--profile', ''), 2, /^--profile the plan level names a blank one/],
    ['an id that is none', replacing(create(), '--id', 'p-1'), 2, /^--id must be a ULID/],
    ['an id that is taken', create(), 1, /^plans already has a row with the id/],
    [
      'a name that is taken',
      ['plans', 'create', '--action', 'a', '--description', 'd', '--name', 'local/release'],
      1,
      'plans already has a row with the name "local/release"; nothing was written',
    ],
    [
      'a project twice',
      create('--project', 'web', '--read-only-project', 'web'),
      2,
      /^--project|^--read-only-project/,
    ],
    ['an argument without a value', create('--argument', 'n'), 2, '--argument must be name=json; is "n"'],
    [
      'an argument that is no JSON',
      create('--argument', 'who=otto'),
      2,
      /^--argument "who" is not valid JSON .*; a text is written 'who="text"'$/,
    ],
    [
      'an argument too deep',
      create('--argument', `deep=${'['.repeat(70)}${']'.repeat(70)}`),
      2,
      /^--argument\.0\.value must/,
    ],
    [
      'metadata too deep',
      create('--metadata', `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`),
      2,
      /^--metadata must/,
    ],
    [
      'a role that there is not',
      create('--role', 'boss=me'),
      2,
      /^--role must be one of strategy, .*; is "boss"$/,
    ],
    ['a role without a name', create('--role', 'review'), 2, '--role must be role=name; is "review"'],
    ['an actor that is blank', create('--actor', ' '), 2, '--actor must not be blank'],
  ]

  test('refuses what is wrong, in one line each, and writes nothing', async () => {
    const { done, purser } = workspace()
    await done(create())
    for (const [name, words, code, said] of wrong) {
      const result = await purser(words)
      expect(result, name).toMatchObject({ code, stdout: '' })
      const text = /^purser: (.*)\n$/.exec(result.stderr)?.[1]
      if (typeof said === 'string') expect(text, name).toBe(said)
      else expect(text, name).toMatch(said)
    }
    const { data } = (await done(['plans', 'list', '--json'])).json<ListData>()
    expect(data.summary.total).toBe(1)
  })

  test('cannot reach the plans of another tenant', async () => {
    const { done, purser } = workspace()
    await done(['migrate', '--quiet', '--tenant', 'acme'])
    await done(['migrate', '--quiet', '--tenant', 'other'])
    await done([...create(), '--tenant', 'acme'])
    const words = ['plans', 'create', '--action', 'a', '--description', 'd', '--parent', root]
    for (const reach of [
      words,
      ['plans', 'show', root],
      ['plans', 'tree', 'local/release'],
      ['plans', 'use', root],
    ]) {
      const { code, stderr } = await purser([...reach, '--tenant', 'other'])
      expect(code).toBe(1)
      expect(stderr).toMatch(/^purser: there is no plan with the id or name/)
    }
    expect((await done(['plans', 'show', root, '--tenant', 'acme'])).code).toBe(0)
  })
})

describe('plans list', () => {
  test('says what to do when there is none, and when none matches', async () => {
    const { done } = workspace()
    await done(['migrate'])
    expect((await done(['plans', 'list'])).stdout).toBe(
      'There are no plans yet. To make one: purser plans create --help\n',
    )
    expect((await done(['plans', 'list', '--project', 'x'])).stdout).toBe(
      'No plan matches; leave out a filter to see more.\n',
    )
    expect((await done(['plans', 'list', '--quiet'])).stdout).toBe('')
    expect((await done(['plans', 'list', '--json'])).json<ListData>().data).toEqual({
      items: [],
      nextCursor: null,
      summary: { shown: 0, total: 0 },
    })
  })

  test('filters, and pages with the line it prints', async () => {
    const { done } = workspace()
    await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
    const last = async (...flags: string[]) => {
      const { data } = (await done(['plans', 'list', '--json', ...flags])).json<ListData>()
      return data.items.map(({ planId }) => planId.slice(-1)).join('')
    }
    const top = '01K0TDE0000000000000000001'
    expect(await last('--without', 'parent')).toBe('1')
    expect(await last('--parent', top)).toBe('26')
    expect(await last('--root', top, '--phase', 'action,apply')).toBe('3789')
    expect(await last('--state', 'processing', '--project', 'tide-web')).toBe('167')
    expect(await last('--action', 'demo/build')).toBe('457')
    expect(await last('--name', 'demo/t*')).toBe('1')
    expect(await last('--name', 'demo/?')).toBe('')

    const page = await done(['plans', 'list', '--action', 'demo/build', '--limit', '2'])
    expect(page.stdout).toMatch(
      /^ID +STATE +PLAN +ACTION +PROJECTS +UPDATED\n01K0TDE\d+4 {2}◑ execute\/processing +Compute/,
    )
    const next = /2 of 3 plans; the next page:\n {2}purser (.*)\n$/.exec(page.stdout)?.[1] ?? ''
    expect((await done(next.split(' '))).stdout).toMatch(/\n01K0TDE\d+7 .*\n\n1 of 3 plans\n$/)
  })

  test('has a filter for every field that can be filtered by', () => {
    const own = new Set(Object.values(commandOf('list').flags ?? {}).map(({ field }) => field))
    const missing = planDefinition.columns.filter(({ field, spec }) => spec.filterable && !own.has(field))
    expect(missing).toEqual([])
  })
})

describe('plans show and cost', () => {
  test('tell where a plan stands, what it may do, and what it cost', async () => {
    const { done } = workspace()
    await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
    const { stdout } = await done(['plans', 'show', '01K0TDE0000000000000000004'])
    for (const line of [
      'Compute predictions  ◑ execute/processing',
      'Part of      demo/tide-service (01K0TDE0000000000000000001) › Know the tides (01K0TDE0000000000000000002)',
      'Has          2 tasks',
      'Attempt      2',
      'Profile      demo/careful, chosen by the action level',
      'Roles        strategy mira, execution otto, review june',
      'Cost         0.6672355 USD in 15 model calls',
      'harbours = ["Port Ellery","Saltgate","North Quay"]',
      'automatic   decomposeTask, modifyConfig',
      'confident   createTool from 0.7, editCode from 0.7',
      'a human     selectTool, accessNetwork, approvePlan',
      'It may complete, fail, revert, cancel:',
    ])
      expect(stdout).toContain(line)

    expect((await done(['plans', 'cost', 'demo/tide-service'])).stdout).toBe(
      'demo/tide-service\nNo model calls are recorded for this plan itself.\n\nWith the plans below it:\n  purser plans cost 01K0TDE0000000000000000001 --tree\n',
    )
    expect((await done(['plans', 'cost', 'demo/tide-service', '--tree'])).stdout).toBe(
      'demo/tide-service and everything below it\nTotal 0.906119 USD in 26 model calls (223,520 tokens in, 42,740 out)\n',
    )
    const call = ['costs', 'record', '--agent', 'a', '--provider', 'p', '--model', 'm', '--input-tokens', '1']
    await done([
      ...call,
      '--output-tokens',
      '1',
      '--cost',
      '0.5',
      '--currency',
      'EUR',
      '--plan',
      '01K0TDE0000000000000000009',
    ])
    const mixed = await done(['plans', 'cost', 'demo/tide-service', '--tree', '--json'])
    expect(mixed.json().data).toMatchObject({
      tree: true,
      total: null,
      totals: [
        { currency: 'USD', cost: '0.906119' },
        { currency: 'EUR', cost: '0.5' },
      ],
    })
    const euros = await done(['plans', 'cost', 'demo/tide-service', '--tree', '--currency', 'EUR', '--json'])
    expect(euros.json().data).toMatchObject({ total: { cost: '0.5', currency: 'EUR', records: 1 } })
  })

  test('make no database, and find no plan that is not there', async () => {
    const { done, purser } = workspace()
    const words = ['tree', 'show', 'update', ...planMoves, 'delete', 'cost']
    const more: Readonly<Record<string, readonly string[]>> = {
      update: ['--description', 'x'],
      fail: ['--message', 'x'],
      redo: ['--reason', 'x'],
      revert: ['--reason', 'x'],
      delete: ['--yes'],
    }
    for (const verb of ['tree', 'use', 'delete']) {
      const { code, stderr } = await purser(['plans', verb, root, ...(more[verb] ?? [])])
      expect([code, stderr], verb).toEqual([1, expect.stringMatching(/^purser: there is no database at/)])
    }
    await done(['migrate', '--quiet'])
    await Promise.all(
      words.map(async (verb) => {
        const { code, stdout, stderr } = await purser(['plans', verb, unknown, ...(more[verb] ?? [])])
        expect({ code, stdout, stderr }, verb).toEqual({
          code: 1,
          stdout: '',
          stderr: `purser: there is no plan with the id or name "${unknown}"; purser plans list shows those there are\n`,
        })
      }),
    )
  })
})

function commandOf(name: string) {
  const command = area.commands.find((candidate) => candidate.name === name)
  if (!command) throw new Error(`no plans ${name}`)
  return command
}
