// The moves of `purser plans`, `update`, `cancel --tree` and `delete`: through a plan's life, and
// what is refused.

import { describe, expect, test } from 'vitest'
import { plans as area } from '../../src/cli/commands/plans/area.ts'
import { movesFrom, openStore, type Plan, planMoves } from '../../src/index.ts'
import { workspace } from '../support/cli/purser.ts'

const root = '01ARZ3NDEKTSV4RRFFQ0000001'
const create = (...more: string[]) => [
  ...['plans', 'create', '--id', root, '--name', 'local/release', '--action', 'local/build'],
  ...['--description', 'Ship version 2', ...more],
]

/** A plan, and before it the action that gives it its actors. */
async function make(done: (words: string[]) => Promise<unknown>, ...more: string[]) {
  const roles = ['--role', 'strategy=lead', '--role', 'execution=otto']
  await done(['actions', 'create', '--name', 'local/build', '--description', 'Build it', ...roles])
  await done(create(...more))
}

describe('the moves', () => {
  test('have a verb each', () => {
    const verbs = area.commands.map(({ name }) => name)
    for (const move of planMoves) expect(verbs).toContain(move)
  })

  test('lead a plan through its life, in the names of those who make them', async () => {
    const { done, path } = workspace()
    await make(done, '--actor', 'lead')
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
    expect(await move('revert', '--reason', 'too slow', '--actor', 'human:ada')).toContain(
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
    await make(done)
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
    await make(done)
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

  test('that a gate leaves to a human name the command that goes on, and can be overridden', async () => {
    const { done, purser } = workspace()
    await make(done)
    for (const verb of ['use', 'start', 'complete']) await done(['plans', verb, root])
    const closed = await purser(['plans', 'advance', root])
    expect(closed.code).toBe(1)
    expect(closed.stderr).toMatch(
      new RegExp(
        `^purser: plan "${root}" may not take the step createTool .*: purser plans proceed ${root} createTool\n$`,
      ),
    )
    const asked = await purser(['plans', 'proceed', root, 'createTool', '--quiet'])
    expect(asked.code).toBe(3)
    const waiting = await purser(['plans', 'advance', root, '--json'])
    expect(waiting.json()).toMatchObject({
      messages: [
        { code: 'GATE_CLOSED', text: expect.stringContaining(`approvals show ${asked.stdout.trim()}`) },
      ],
    })
    const silent = await purser(['plans', 'advance', root, '--override', 'gate'])
    expect(silent).toMatchObject({ code: 2, stderr: expect.stringContaining('--reason is required') })
    await done(['plans', 'advance', root, '--override', 'gate', '--reason', 'agreed by phone'])
    const log = await done(['audit', 'log', '--rule', 'gate', '--json'])
    expect(log.json<{ items: object[] }>().data.items).toMatchObject([
      {
        action: 'plan:advance',
        verdict: 'allow',
        reason: 'agreed by phone',
        details: { overridden: ['gate'] },
      },
    ])
  })

  test('stop a fourth reversion', async () => {
    const { done, purser, path } = workspace()
    await make(done)
    const store = await openStore(`sqlite:${path('purser.db')}`)
    const { plans } = store.as('human:ada')
    let plan = await plans.use(root, { version: 1 })
    for (let round = 0; round < 4; round += 1) {
      plan = await plans.start(root, plan)
      plan = await plans.complete(root, plan)
      plan = await plans.advance(root, plan)
      plan = await plans.start(root, plan)
      if (round < 3) plan = await plans.revert(root, 'again', plan)
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
    await make(done)
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

/** From strategize/queued to apply/processing. */
async function toApply(file: string): Promise<void> {
  await using store = await openStore(`sqlite:${file}`)
  const { plans } = store.as('human:ada')
  for (const move of ['start', 'complete', 'advance', 'start', 'complete', 'advance', 'start'] as const) {
    const plan = await plans.get(root)
    await plans[move](root, { version: plan?.version ?? 0 })
  }
}
