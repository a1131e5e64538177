// `purser tasks …`: through a task's life, for people and as JSON.

import { describe, expect, test } from 'vitest'
import { workspace } from '../support/cli/purser.ts'
import { missingFlags } from '../support/cli/task-flags.ts'

interface TaskData {
  readonly id: string
  readonly status: string
  readonly assignedTo: string | null
  readonly version: number
}

const basics = ['--project', 'tide-api', '--created-by', 'mira', '--type', 'development']
const create = (id: string, ...more: string[]) => [
  ...['tasks', 'create', '--id', id, '--title', `Task ${id}`, '--description', 'To be done', ...basics],
  ...more,
]

describe('tasks create', () => {
  test('makes the database and the task, and says how to see it', async () => {
    const { done } = workspace()
    const { stdout } = await done(create('t-1'))
    expect(stdout).toBe('Created task t-1, ○ created\n  purser tasks show t-1\n')
    expect((await done([...create('t-2'), '--quiet'])).stdout).toBe('t-2\n')
  })

  test('takes every field', async () => {
    const { done } = workspace()
    const { stdout } = await done(
      [
        ...[
          'tasks',
          'create',
          '--title',
          'Everything',
          '--description',
          '-',
          '--project',
          'p',
          '--created-by',
          'c',
        ],
        ...['--type', 'research', '--assigned-to', 'pax', '--priority', 'high', '--complexity', 'epic'],
        ...[
          '--depends-on',
          'a',
          '--depends-on',
          'b',
          '--parent',
          'p-1',
          '--reviewer',
          'june',
          '--delegated-by',
          'mira',
        ],
        ...[
          '--criterion',
          'it runs',
          '--criterion',
          'it ends',
          '--artifact',
          'code:src/x.ts',
          '--budget',
          '2.50',
        ],
        ...[
          '--deadline',
          '2030-01-31',
          '--max-retries',
          '3',
          '--structure',
          'mixed',
          '--topology',
          'centralized',
        ],
        ...['--metadata', '{"deep": {"er": [1, 2]}}', '--json'],
      ],
      { input: 'Two lines,\nfrom standard input\n' },
    )
    expect(JSON.parse(stdout).data).toMatchObject({
      description: 'Two lines,\nfrom standard input',
      type: 'research',
      status: 'assigned',
      assignedTo: 'pax',
      priority: 'high',
      estimatedComplexity: 'epic',
      dependencies: ['a', 'b'],
      parentTaskId: 'p-1',
      reviewers: ['june'],
      delegationChain: ['mira'],
      acceptanceCriteria: [
        { description: 'it runs', met: false },
        { description: 'it ends', met: false },
      ],
      artifactsExpected: [{ type: 'code', path: 'src/x.ts' }],
      budgetLimit: '2.5',
      deadline: '2030-01-31',
      maxRetries: 3,
      taskStructure: 'mixed',
      coordinationTopology: 'centralized',
      metadata: { deep: { er: [1, 2] } },
      version: 2,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    })
  })

  test('names every flag that is missing or wrong, in one line', async () => {
    const { purser } = workspace()
    const missing = await purser(['tasks', 'create', '--title', ' '])
    expect(missing.code).toBe(2)
    expect(missing.stderr).toBe(
      'purser: --title must not be blank; --description is required; --project is required; --created-by is required; --type is required\n',
    )
    const wrong = await purser(
      create('t', '--budget', '1.0000000001', '--deadline', 'soon', '--depends-on', 't'),
    )
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toMatch(
      /--budget must have at most 9 digits after the point; --deadline must be an ISO 8601 date/,
    )
    const self = await purser([...create('t', '--depends-on', 't'), '--json'])
    expect(self.json()).toMatchObject({ exitCode: 2, data: null, messages: [{ code: 'INVALID_RECORD' }] })
  })

  test('R2: begins as created; --assigned-to assigns it in one transaction; another status needs --as-of', async () => {
    const { done, purser } = workspace()
    await done([...create('t-1', '--assigned-to', 'otto'), '--actor', 'ada'])
    const log = async () =>
      (await done(['audit', 'log', '--json'])).json<{ items: readonly Record<string, unknown>[] }>().data
        .items
    const assigned = { actor: 'ada', action: 'task:transition', subjectId: 't-1' }
    expect(await log()).toMatchObject([
      { ...assigned, details: { from: 'created', to: 'assigned' } },
      { ...assigned, action: 'task:create' },
    ])
    const refused = await purser(create('t-2', '--status', 'completed', '--assigned-to', 'otto'))
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toBe(
      'purser: --status must be created in a new task, not completed; make it so and move it on (transition), or take it over as of an instant (--as-of)\n',
    )
    const half = await purser(create('t-3', '--assigned-to', ' '))
    expect([half.code, half.stderr]).toEqual([2, 'purser: --assigned-to must not be blank\n'])
    const late = await purser(create('t-4', '--as-of', '9999-01-01'))
    expect([late.code, late.stderr]).toEqual([
      2,
      expect.stringContaining('--as-of must not be in the future'),
    ])
    expect(JSON.parse((await done(['tasks', 'list', '--json'])).stdout).data.items).toHaveLength(1)

    const past = ['--status', 'completed', '--assigned-to', 'otto', '--as-of', '2025-03-01']
    const { data } = JSON.parse((await done([...create('t-5', ...past), '--json'])).stdout)
    const instant = '2025-03-01T00:00:00.000Z'
    expect(data).toMatchObject({ status: 'completed', version: 1, createdAt: instant, updatedAt: instant })
    const [entry] = await log()
    expect(entry).toMatchObject({ action: 'task:create', details: { asOf: instant, to: 'completed' } })
  })

  test('refuses an id that is taken', async () => {
    const { done, purser } = workspace()
    await done(create('t-1'))
    const again = await purser(create('t-1'))
    expect(again).toMatchObject({ code: 1, stdout: '' })
    expect(again.stderr).toBe('purser: tasks already has a row with the id "t-1"; nothing was written\n')
  })

  test('has a flag for every field that a caller may give', () => {
    expect(missingFlags('create', (spec) => spec.given !== 'managed')).toEqual([])
  })
})

describe('tasks update', () => {
  test('U10: has a flag for every field that may change, and changes it at a version', async () => {
    expect(missingFlags('update', (spec) => spec.given !== 'managed' && spec.updatable)).toEqual([])
    const { done, purser } = workspace()
    await done(create('t-1', '--criterion', 'it runs', '--budget', '3'))
    const update = ['tasks', 'update', 't-1', '--priority', 'critical', '--clear', 'budget', '--actor', 'ada']
    const { stdout } = await done([...update, '--if-version', '1'])
    expect(stdout).toBe('Updated task t-1, now at version 2 (priority, budgetLimit)\n')
    const late = await purser([...update, '--if-version', '1'])
    expect([late.code, late.stderr]).toEqual([1, expect.stringContaining('at version 2')])
    expect((await purser(['tasks', 'update', 't-1'])).code).toBe(2)
  })

  test('D1: a task in progress that is given to another agent leaves an entry by who did it', async () => {
    const { done } = workspace()
    await done(create('t-1', '--assigned-to', 'otto'))
    await done(['tasks', 'transition', 't-1', 'In progress'])
    await done(['tasks', 'assign', 't-1', 'mallory', '--actor', 'ada'])
    const { items } = (await done(['audit', 'log', '--json'])).json<{ items: object[] }>().data
    expect(items[0]).toMatchObject({
      ...{ actor: 'ada', action: 'task:update', subjectId: 't-1' },
      details: { fields: ['assignedTo'], version: 4, assignedTo: 'mallory' },
    })
  })

  test('D2: --actor names who creates a task that says nothing else', async () => {
    const { done } = workspace()
    const words = create('t-1').filter((word) => !['--created-by', 'mira'].includes(word))
    const { data } = (await done([...words, '--actor', 'ada', '--json'])).json<{ createdBy: string }>()
    expect(data.createdBy).toBe('ada')
  })

  test('U21: ids are known by their beginning; of several none is guessed', async () => {
    const { done, purser } = workspace()
    await done(create('alpha-1'))
    await done(create('alpha-2'))
    await done(create('beta', '--parent', 'alpha-1'))
    expect((await done(['tasks', 'show', 'be'])).stdout).toContain('Task beta')
    const several = await purser(['tasks', 'show', 'alpha'])
    expect([several.code, several.stderr]).toEqual([2, expect.stringContaining('alpha-1, alpha-2')])
    expect((await done(['tasks', 'list', '--parent', 'alpha-1', '--quiet'])).stdout).toContain('beta')
    expect((await purser(['tasks', 'show', 'gamma'])).code).toBe(1)
  })
})

describe('tasks show, transition, assign, delete', () => {
  test('lead a task through its life', async () => {
    const { done, purser } = workspace()
    await done(create('t-1', '--criterion', 'it runs'))
    const shown = (await done(['tasks', 'show', 't-1'])).stdout
    expect(shown).toMatch(/^Task t-1 {2}○ created\nt-1\n/)
    expect(shown).toContain('Assigned to  nobody')
    expect(shown).toContain('Accepted when\n  [ ] it runs')
    expect(shown).toMatch(
      /It may go to assigned, rejected, cancelled:\n {2}purser tasks transition t-1 assigned\n$/,
    )
    expect(shown).toMatch(/Created +just now \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\) by mira/)

    expect((await done(['tasks', 'assign', 't-1', 'otto'])).stdout).toBe(
      't-1 is now ◔ assigned (otto)  it was created\n',
    )
    expect((await done(['tasks', 'assign', 't-1', 'june'])).stdout).toBe(
      't-1 is now ◔ assigned (june)  it was with otto\n',
    )
    const moved = await done(['tasks', 'transition', 't-1', 'in_progress', '--json'])
    expect(moved.json<TaskData>().data).toMatchObject({
      status: 'in_progress',
      assignedTo: 'june',
      version: 4,
    })
    expect((await done(['tasks', 'transition', 't-1', 'failed', '--quiet'])).stdout).toBe('')
    expect((await done(['tasks', 'transition', 't-1', 'assigned', '--assigned-to', 'pax'])).stdout).toBe(
      't-1 is now ◔ assigned (pax)  it was failed with june\n',
    )

    const refused = await purser(['tasks', 'transition', 't-1', 'completed'])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(
      /^purser: task "t-1" cannot go from assigned to completed; allowed from there: in_progress, /,
    )
    const stale = await purser(['tasks', 'assign', 't-1', 'otto', '--if-version', '2', '--json'])
    expect(stale.json()).toMatchObject({ exitCode: 1, messages: [{ code: 'VERSION_CONFLICT' }] })

    const unasked = await purser(['tasks', 'delete', 't-1'])
    expect(unasked).toMatchObject({ code: 2, stdout: '' })
    expect(unasked.stderr).toMatch(
      /^purser: Task t-1 \(Task t-1\) would be deleted for good; nothing was done: .*--yes\n$/,
    )
    expect((await done(['tasks', 'show', 't-1', '--json'])).json<TaskData>().data).toMatchObject({
      version: 6,
      related: { costs: [], lastMessages: [], mayGoTo: expect.arrayContaining(['in_progress']) },
    })
    expect((await done(['tasks', 'delete', 't-1', '--yes'])).stdout).toBe('Deleted task t-1\n')
    for (const words of [
      ['show', 't-1'],
      ['assign', 't-1', 'otto'],
      ['transition', 't-1', 'blocked'],
      ['delete', 't-1', '--yes'],
    ]) {
      const gone = await purser(['tasks', ...words])
      expect(gone).toMatchObject({ code: 1, stdout: '' })
      expect(gone.stderr).toBe(
        'purser: there is no task with the id "t-1"; purser tasks list shows those there are\n',
      )
    }
  })

  test('are done in a name, which stands in the audit trail', async () => {
    const { done, purser } = workspace()
    await done(create('t-1'))
    await done(['tasks', 'assign', 't-1', 'otto'], { env: { PURSER_ACTOR: 'june' } })
    await done(['tasks', 'transition', 't-1', 'in_progress', '--actor', 'otto'], {
      env: { PURSER_ACTOR: 'june' },
    })
    const log = await done(['audit', 'log', '--task', 't-1', '--json'])
    const { items } = log.json<{ items: { actor: string; action: string }[] }>().data
    expect(items.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
      'otto task:transition',
      'june task:transition',
      'system task:create',
    ])
    const blank = await purser(['tasks', 'assign', 't-1', 'pax', '--actor', ' '])
    expect(blank).toMatchObject({ code: 2, stderr: 'purser: --actor must not be blank\n' })
  })

  test('make no database', async () => {
    const { purser } = workspace()
    for (const words of [
      ['show', 't'],
      ['assign', 't', 'a'],
      ['transition', 't', 'blocked'],
      ['delete', 't', '--yes'],
    ]) {
      const { code, stderr } = await purser(['tasks', ...words])
      expect(code).toBe(1)
      expect(stderr).toMatch(/^purser: there is no database at/)
    }
  })
})
