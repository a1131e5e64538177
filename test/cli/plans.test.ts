// `purser plans …`: through a plan's life, for people and as JSON. The drawing of trees has tests of its own.

import { describe, expect, test } from 'vitest'
import { plans as area } from '../../src/cli/plans/area.ts'
import { movesFrom, openStore, type Plan, planDefinition, planMoves } from '../../src/index.ts'
import { workspace } from './purser.ts'

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

  test('has a flag for every field that a caller may give, but for where a plan stands', () => {
    const own = new Set(Object.values(commandOf('create').flags ?? {}).map(({ field }) => field))
    const missing = planDefinition.columns.filter(
      ({ field, spec }) => spec.given !== 'managed' && !own.has(field),
    )
    expect([...new Set(missing.map(({ field }) => field))]).toEqual([
      'parentPlanId', // --parent
      'rootPlanId', // follows from the parent
      'phase',
      'state',
      'attempt',
      'error',
      'reversionCount',
      'cancelReason',
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
      /^--profile there is no profile of the plan level's name; there are manual, review, .*, full-auto$/,
    ],
    ['a blank profile', create('--profile', ''), 2, /^--profile the plan level names a blank one/],
    ['an id that is none', create('--id', 'p-1'), 2, /^--id must be a ULID/],
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
    await done([...create(), '--tenant', 'acme'])
    await done(['migrate', '--quiet', '--tenant', 'other'])
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

describe('the moves', () => {
  test('have a verb each', () => {
    const verbs = area.commands.map(({ name }) => name)
    for (const move of planMoves) expect(verbs).toContain(move)
  })

  test('lead a plan through its life, in the names of those who make them', async () => {
    const { done, path } = workspace()
    await done([...create(), '--actor', 'lead'])
    const move = async (verb: string, ...more: string[]) =>
      (await done(['plans', verb, 'local/release', ...more])).stdout
    expect(await move('use')).toBe(
      `${root} is now ◔ strategize/queued  it was action/queued\n  next: start, cancel\n`,
    )
    expect(await move('start', '--actor', 'otto')).toContain('is now ◑ strategize/processing')
    const failed = await done(
      ['plans', 'fail', root, '--message', '-', '--details', '{"failed":3}', '--if-version', '3'],
      { input: 'heights\ndrift\n', env: { PURSER_ACTOR: 'pax' } },
    )
    expect(failed.stdout).toContain('is now ✗ strategize/errored')
    const shown = (await done(['plans', 'show', root])).stdout
    expect(shown).toContain('Failed with\n  heights\n  drift\n  {"failed":3}\n')
    expect(shown).toContain(`It may retry, cancel:\n  purser plans retry ${root}\n`)
    expect(await move('retry')).toContain('is now ◔ strategize/queued, attempt 2  it was strategize/errored')
    await toApply(path('purser.db'))
    expect(await move('constrain', '--quiet')).toBe('')
    expect(await move('revert', '--reason', 'too slow')).toContain(
      'is now ◔ strategize/queued  it was apply/constrained',
    )
    await toApply(path('purser.db'))
    expect(await move('complete')).toBe(
      `${root} is now ● apply/applied  it was apply/processing\n  this is final\n`,
    )
    const { data } = (await done(['plans', 'show', 'local/release', '--json'])).json<
      Plan & { related: object }
    >()
    expect(data).toMatchObject({
      attempt: 2,
      reversionCount: 1,
      error: null,
      version: 22,
      related: { ancestors: [], children: 0, tasks: 0, cost: [], treeCost: [], mayMove: [] },
    })
    const log = await done(['audit', 'log', '--plan', root, '--json', '--limit', '100'])
    const entries = log.json<{ items: { actor: string; action: string; reason: string | null }[] }>().data
      .items
    expect(entries).toHaveLength(22)
    expect(entries.toReversed().slice(0, 4)).toMatchObject([
      { actor: 'lead', action: 'plan:create' },
      { actor: 'system', action: 'plan:use' },
      { actor: 'otto', action: 'plan:start' },
      { actor: 'pax', action: 'plan:fail', reason: 'heights\ndrift' },
    ])
  })

  test('that are not allowed are refused, with those that are', async () => {
    const { done, purser } = workspace()
    await done(create())
    const plan = { phase: 'action', state: 'queued' } as const
    const allowed = movesFrom(plan).map(({ move }) => move)
    const more = { fail: ['--message', 'm'], revert: ['--reason', 'r'] } as Record<string, string[]>
    expect(allowed).toEqual(['use', 'cancel'])
    for (const verb of ['complete', 'advance', 'fail', 'revert']) {
      const { code, stderr } = await purser(['plans', verb, root, ...(more[verb] ?? [])])
      expect(code, verb).toBe(1)
      expect(stderr, verb).toMatch(
        new RegExp(
          `^purser: plan "${root}" cannot go from action/queued to .*; allowed from there: .* \\(use, cancel\\)\n$`,
        ),
      )
    }
    const stale = await purser(['plans', 'use', root, '--if-version', '7', '--json'])
    expect(stale.json()).toMatchObject({
      exitCode: 1,
      data: null,
      messages: [{ code: 'VERSION_CONFLICT', text: expect.stringContaining('at version 1') }],
    })
    await done(['plans', 'cancel', root, '--reason', 'no more'])
    const final = await purser(['plans', 'use', root])
    expect(final.stderr).toMatch(/cannot go from action\/cancelled to strategize\/queued; it is final\n$/)
  })

  test('want what they need', async () => {
    const { done, purser } = workspace()
    await done(create())
    const cases: readonly (readonly [readonly string[], string])[] = [
      [['revert', root], '--reason is required'],
      [['revert', root, '--reason', ' '], '--reason must not be blank'],
      [['cancel', root, '--reason', ''], '--reason must not be blank; leave it out to give none'],
      [['use', root, '--if-version', '0'], '--if-version must be a whole number of at least 1; is "0"'],
      [['use', root, '--actor', 'x'.repeat(256)], '--actor must be at most 255 characters, has 256'],
    ]
    for (const [words, said] of cases) {
      expect(await purser(['plans', ...words])).toMatchObject({ code: 2, stderr: `purser: ${said}\n` })
    }
    const blank = await purser(['plans', 'use', root], { env: { PURSER_ACTOR: ' ' } })
    expect(blank).toMatchObject({ code: 2, stderr: 'purser: PURSER_ACTOR must not be blank\n' })
    await done(['plans', 'use', root])
    await done(['plans', 'start', root])
    const silent = await purser(['plans', 'fail', root])
    expect(silent).toMatchObject({ code: 2, stderr: 'purser: --message is required\n' })
  })

  test('stop a fourth reversion', async () => {
    const { done, purser, path } = workspace()
    await done(create())
    const store = await openStore(`sqlite:${path('purser.db')}`)
    let plan = await store.plans.use(root, { version: 1 })
    for (let round = 0; round < 4; round += 1) {
      plan = await store.plans.start(root, plan)
      plan = await store.plans.complete(root, plan)
      plan = await store.plans.advance(root, plan)
      plan = await store.plans.start(root, plan)
      if (round < 3) plan = await store.plans.revert(root, 'again', plan)
    }
    await store.close()
    const { code, stderr } = await purser(['plans', 'revert', root, '--reason', 'again'])
    expect(code).toBe(1)
    expect(stderr).toBe(`purser: plan "${root}" was reverted 3 times, which is the most a plan may be\n`)
  })
})

describe('plans update', () => {
  test('changes fields, empties them, and keeps roles that it does not name', async () => {
    const { done } = workspace()
    await done(create('--role', 'review=june', '--role', 'apply=otto', '--definition-of-done', 'x'))
    const { stdout } = await done([
      ...['plans', 'update', 'local/release', '--description', 'Ship it', '--project', 'web'],
      ...['--role', 'review=', '--role', 'strategy=mira', '--clear', 'definition-of-done'],
    ])
    expect(stdout).toBe(
      `Updated plan ${root}, now at version 2 (description, projects, actors, definitionOfDone)\n`,
    )
    const cleared = await done(['plans', 'update', root, '--clear', 'projects,metadata', '--json'])
    expect(cleared.json().data).toMatchObject({
      description: 'Ship it',
      definitionOfDone: null,
      projects: [],
      actors: { review: null, apply: 'otto', strategy: 'mira' },
      version: 3,
    })
  })

  test('refuses what cannot be', async () => {
    const { done, purser } = workspace()
    await done(create())
    const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
      [[], 2, /^purser: nothing to change: name a field/],
      [
        ['--clear', 'projects', '--project', 'x'],
        2,
        /--clear projects and a value for it exclude each other/,
      ],
      [
        ['--description', 'x', '--if-version', '9'],
        1,
        /is at version 1, the change was based on 9; read it again/,
      ],
      [['--name', 'x'], 2, /^purser: --name must be namespace\/name/],
      [['--clear', 'name'], 2, /^purser: --clear must be one of definition-of-done, /],
    ]
    for (const [words, code, said] of cases) {
      const result = await purser(['plans', 'update', root, ...words])
      expect(result.code).toBe(code)
      expect(result.stderr).toMatch(said)
    }
  })
})

describe('plans cancel and delete', () => {
  test('take whole trees only when told so, and say how many plans go', async () => {
    const { done, purser } = workspace()
    await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
    const web = '01K0TDE0000000000000000006'
    const unasked = await purser(['plans', 'cancel', web, '--tree'])
    expect(unasked).toMatchObject({ code: 2, stdout: '' })
    expect(unasked.stderr).toMatch(
      /^purser: 3 plans would be cancelled for good: 01K0TDE0{18}6 \(Show the tides\) and those below .*; nothing was done: .*--yes\n$/,
    )
    const cancelled = await done(['plans', 'cancel', web, '--tree', '--yes', '--json', '--reason', 'enough'])
    expect(cancelled.json().data).toMatchObject({
      state: 'cancelled',
      cancelReason: 'enough',
      cancelledPlans: 3,
    })
    const again = await purser(['plans', 'cancel', web, '--tree', '--yes'])
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('it is final') })

    const alone = await purser(['plans', 'delete', web])
    expect(alone).toMatchObject({
      code: 1,
      stderr: `purser: there are 3 plans below ${web}; --tree deletes them too, purser plans tree shows them\n`,
    })
    const bound = await purser(['plans', 'delete', web, '--tree', '--yes'])
    expect(bound.code).toBe(1)
    expect(bound.stderr).toMatch(
      /3 tasks belong to plan .* or to one below it; delete them, or take them off the plan first/,
    )
    for (const task of ['demo-task-6', 'demo-task-7', 'demo-task-8'])
      await done(['tasks', 'delete', task, '--yes'])
    const question = await purser(['plans', 'delete', web, '--tree'])
    expect(question.stderr).toMatch(
      /^purser: 4 plans would be deleted for good: .* and 3 plans below it; nothing was done/,
    )
    expect((await done(['plans', 'delete', web, '--tree', '--yes'])).stdout).toBe(
      `Deleted plan ${web} and 3 plans below it\n`,
    )
    const gone = await purser(['plans', 'show', '01K0TDE0000000000000000007'])
    expect(gone).toMatchObject({ code: 1, stdout: '' })
    // Money spent is spent.
    expect((await done(['costs', 'report', '--json'])).json().data).toMatchObject({
      total: { cost: '0.906119' },
    })
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
        expect([code, stdout], verb).toEqual([1, ''])
        expect(stderr, verb).toBe(
          `purser: there is no plan with the id or name "${unknown}"; purser plans list shows those there are\n`,
        )
      }),
    )
  })
})

/** From strategize/queued to apply/processing. */
async function toApply(file: string): Promise<void> {
  await using store = await openStore(`sqlite:${file}`)
  const { plans } = store
  for (const move of ['start', 'complete', 'advance', 'start', 'complete', 'advance', 'start'] as const) {
    const plan = await plans.get(root)
    await plans[move](root, { version: plan?.version ?? 0 })
  }
}

function commandOf(name: string) {
  const command = area.commands.find((candidate) => candidate.name === name)
  if (!command) throw new Error(`no plans ${name}`)
  return command
}
