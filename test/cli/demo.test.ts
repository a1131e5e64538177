// `purser demo`: tells its story, and can be told again.

import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { workspace } from '../support/cli/purser.ts'
import { engineNames, freshUrl, isThere } from '../support/fresh-url.ts'

interface DemoData {
  readonly written: Readonly<Record<string, number>>
  readonly found: Readonly<Record<string, number>>
  readonly plans: { readonly nodes: number; readonly depth: number }
  readonly audit: { readonly ok: boolean; readonly checked: number }
  readonly tasks: readonly { readonly id: string; readonly status: string; readonly assignedTo: string }[]
  readonly claims: readonly {
    readonly actor: string
    readonly action: string
    readonly taskId: string
    readonly details: { readonly attempt: number; readonly claimId: string; readonly assignedTo: string }
  }[]
  readonly budgets: readonly { readonly level: string; readonly spent: string }[]
  readonly approval: { readonly id: string; readonly status: string; readonly requestedBy: string } | null
  readonly costs: { readonly total: { readonly cost: string } }
}

const everything = {
  plans: 9,
  tasks: 10,
  moves: 77,
  costRecords: 26,
  messages: 12,
  decisions: 3,
  budgets: 1,
  approvals: 1,
}
const nothing = Object.fromEntries(Object.keys(everything).map((name) => [name, 0]))
const plan = (number: number) => `01K0TDE000000000000000000${number}`

describe('demo', () => {
  test('shows the plans, the board, the costs, the messages, and what to try', async () => {
    const { done, path } = workspace()
    const { stdout, stderr } = await done(['demo'])
    expect(stderr).toBe('')
    expect(existsSync(path('purser-demo.db'))).toBe(true)
    expect(stdout).toContain('Recorded just now: 9 plans, 10')
    expect(stdout).toMatch(
      /\n│ {2}├─ ◑ Compute predictions +execute\/processing +try 2 +0\.6672355 USD {2}01K0TDE\d+4\n/,
    )
    expect(stdout).toContain('9 plans, 3 levels: 1 queued, 5 processing, 1 complete, 1 cancelled, 1 applied')
    expect(stdout).toMatch(/just now +gatekeeper {2}tool:call {2}tool shell +deny +high\n/)
    expect(stdout).toContain('✔ 107 audit entries checked: each is as it was written')
    expect(stdout).toMatch(/◑ in progress {2}demo-task-3 .* failed once, second attempt/)
    expect(stdout).toMatch(/■ blocked +demo-task-4 .* waits for demo-task-3, demo-task-5/)
    expect(stdout).toMatch(/otto +0\.5898790 +65\.1 % +█/)
    expect(stdout).toContain('Total 0.906119 USD in 26 model calls')
    expect(stdout).toMatch(/\n100 {2}pax +task:claim +demo-work-2 +1 {2}dies while it works on it\n/)
    expect(stdout).toMatch(/\n104 {2}june +task:claim +demo-work-2 +2 {2}takes it over\n/)
    expect(stdout).toMatch(
      /\ndemo\/tide-api {2}█{17}░{3} +0\.8411065 +0 +0\.1588935 +1 USD +84\.1 %\nWarned: /,
    )
    expect(stdout).toContain('  Agreed. Both together, then.')
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(110)
  })

  test('leads plans through every phase, with a retry and a revert, in the names of its agents', async () => {
    const { done } = workspace()
    await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
    const moves = async (number: number) => {
      const log = await done(['audit', 'log', '--plan', plan(number), '--action', 'plan:*', '--json'])
      const { items } = log.json<{ items: { actor: string; action: string }[] }>().data
      return items.toReversed().map(({ actor, action }) => `${actor} ${action.slice(5)}`)
    }
    expect(await moves(4)).toEqual([
      ...[
        'mira create',
        'otto use',
        'otto start',
        'otto complete',
        'otto advance',
        'otto start',
        'otto fail',
      ],
      ...['mira retry', 'otto start'],
    ])
    expect(await moves(7)).toContain('human:nora revert')
    expect((await moves(3)).slice(-2)).toEqual(['mira start', 'mira complete'])
    const reverted = await done(['plans', 'show', plan(7), '--json'])
    expect(reverted.json().data).toMatchObject({ reversionCount: 1, phase: 'apply', state: 'processing' })
  })

  test('prints only lines that work', async () => {
    const { done, purser } = workspace()
    const { stdout } = await done(['demo'])
    const all = stdout.match(/^ {2}purser .*$/gm) ?? []
    expect(all.length).toBeGreaterThanOrEqual(8)
    // It serves until it is interrupted: demo-serve.long.test.ts looks at that.
    const lines = all.filter((line) => !line.startsWith('  purser serve '))
    expect(all.length - lines.length).toBe(1)
    for (const line of lines) {
      const { code, stderr } = await purser(line.trim().split(' ').slice(1))
      expect([code, stderr], line).toEqual([0, ''])
    }
  })

  test('writes nothing twice, and says so', async () => {
    const { done } = workspace()
    const first = (await done(['demo', '--json'])).json<DemoData>()
    expect(first.data).toMatchObject({
      written: everything,
      found: nothing,
      costs: { total: { cost: '0.906119' } },
      plans: { nodes: 9, depth: 3 },
      audit: { ok: true, checked: 107 },
    })
    const again = (await done(['demo', '--json'])).json<DemoData>()
    expect(again.data).toMatchObject({ written: nothing, found: everything })
    expect(again.data.tasks).toEqual(first.data.tasks)
    expect((await done(['demo'])).stdout.replaceAll(/\s+/g, ' ')).toContain(
      'Nothing was written: all of it was there already: 9 plans, 10 tasks, 77 moves, 26 model calls, 12 messages, 3 decisions, 1 budget, 1 approval.',
    )
  })

  test('runs that begin at once on one empty database record one story together', async () => {
    const { purser, done } = workspace()
    const runs = await Promise.all([1, 2, 3].map(() => purser(['demo', '--json'])))
    const data = runs.map((run) => {
      expect(run).toMatchObject({ code: 0 })
      return run.json<DemoData>().data
    })
    for (const [name, all] of Object.entries(everything))
      expect([name, data.reduce((sum, { written }) => sum + (written[name] ?? 0), 0)]).toEqual([name, all])
    expect((await done(['demo', '--json'])).json<DemoData>().data).toMatchObject({
      written: nothing,
      found: everything,
      costs: { total: { cost: '0.906119' } },
      audit: { ok: true, checked: 107 },
    })
  })

  test('leaves alone what a visitor did, and brings back what is missing', async () => {
    const { done } = workspace()
    const at = ['--url', 'sqlite:purser-demo.db']
    await done(['demo', '--quiet'])
    await done(['tasks', 'transition', 'demo-task-3', 'in_review', ...at])
    await done(['tasks', 'delete', 'demo-task-7', '--yes', ...at])
    await done(['plans', 'complete', plan(4), ...at])
    await done(['plans', 'delete', plan(9), '--yes', ...at])
    const { data } = (await done(['demo', '--json'])).json<DemoData>()
    expect(data.written).toEqual({ ...nothing, plans: 1, tasks: 1 })
    const completed = await done(['plans', 'show', plan(4), '--json', ...at])
    expect(completed.json().data).toMatchObject({ phase: 'execute', state: 'complete', version: 10 })
    expect(data.tasks.find(({ id }) => id === 'demo-task-3')?.status).toBe('in_review')
  })

  test('an approval is decided with the line that it prints, and is not asked for again', async () => {
    const { done } = workspace()
    const { stdout } = await done(['demo'])
    const lines =
      stdout
        .split('What waits for a person?')[1]
        ?.match(/^ {2}purser .*$/gm)
        ?.slice(0, 2) ?? []
    const [approve = [], proceed = []] = lines.map((line) => line.trim().split(' ').slice(1))
    expect([approve.slice(0, 2), proceed.slice(0, 2)]).toEqual([
      ['approvals', 'approve'],
      ['plans', 'proceed'],
    ])
    await done(approve)
    const approved = (await done(['demo'])).stdout
    expect(approved).toMatch(/\napproved {2}\w{26}\n/)
    expect(approved).toContain(lines[1])
    expect(approved).not.toContain(lines[0])
    await done(proceed)
    const { data } = (await done(['demo', '--json'])).json<DemoData>()
    expect(data).toMatchObject({ written: nothing, found: everything, approval: { status: 'approved' } })
    expect((await done(['demo'])).stdout).not.toContain(lines[1])
    const moved = await done(['plans', 'show', plan(5), '--json', '--url', 'sqlite:purser-demo.db'])
    expect(moved.json().data).toMatchObject({ phase: 'execute', state: 'queued' })
  })

  test('claims nothing that a visitor added, and claims again what was deleted', async () => {
    const { done } = workspace()
    const at = ['--url', 'sqlite:purser-demo.db']
    await done(['demo', '--quiet'])
    await done(['tasks', 'delete', 'demo-work-2', '--yes', ...at])
    const { data } = (await done(['demo', '--json'])).json<DemoData>()
    expect(data.written).toEqual({ ...nothing, tasks: 1, moves: 4 })
    await done(['tasks', 'delete', 'demo-work-1', '--yes', ...at])
    const words = ['--title', 'T', '--description', 'D', '--project', 'tide-import', '--type', 'admin']
    await done(['tasks', 'create', '--id', 'own', '--created-by', 'ada', ...words, ...at])
    expect((await done(['demo', '--json'])).json<DemoData>().data.written).toEqual(nothing)
    expect((await done(['tasks', 'show', 'own', '--json', ...at])).json().data).toMatchObject({ version: 1 })
  })

  test('does not mix with records of somebody else', async () => {
    const { done, purser } = workspace()
    await done([
      ...[
        'messages',
        'send',
        '--from',
        'a',
        '--to',
        'b',
        '--channel',
        'c',
        '--type',
        'question',
        '--content',
        'x',
      ],
    ])
    const { code, stderr } = await purser(['demo', '--url', 'sqlite:purser.db'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^purser: .*purser\.db holds records of its own; the demo was not added to them/)
  })
})

describe.each(engineNames)('demo on %s', (engine) => {
  test.skipIf(!isThere(engine))('an agent dies, and of runs at once one takes its task over', async () => {
    const { done, purser } = workspace()
    const words = ['demo', '--json', '--url', await freshUrl(engine)]
    const runs = await Promise.all([1, 2, 3].map(() => purser(words)))
    const all = runs.map((run) => {
      expect(run).toMatchObject({ code: 0 })
      return run.json<DemoData>().data
    })
    for (const [name, count] of Object.entries(everything))
      expect([name, all.reduce((sum, { written }) => sum + (written[name] ?? 0), 0)]).toEqual([name, count])
    const { data } = (await done(words)).json<DemoData>()
    expect(data).toMatchObject({ written: nothing, found: everything, audit: { ok: true } })
    const told = data.claims.map(({ actor, action, taskId, details }) => [
      ...[actor, action, taskId, details.assignedTo],
      details.attempt,
    ])
    expect(told).toEqual([
      ['june', 'task:claim', 'demo-work-1', 'june', 1],
      ['pax', 'task:claim', 'demo-work-2', 'pax', 1],
      ['june', 'task:complete', 'demo-work-1', 'june', 1],
      ['june', 'task:expire', 'demo-work-2', 'pax', 1],
      ['june', 'task:claim', 'demo-work-2', 'june', 2],
      ['june', 'task:complete', 'demo-work-2', 'june', 2],
    ])
    const claimed = data.tasks.filter(({ id }) => id.startsWith('demo-work-'))
    expect(claimed.map(({ status, assignedTo }) => [status, assignedTo])).toEqual([
      ['completed', 'june'],
      ['completed', 'june'],
    ])
    expect(data.budgets).toMatchObject([{ level: 'warned', spent: '0.8411065' }])
    expect(data.approval).toMatchObject({ status: 'pending', requestedBy: 'otto' })
  })
})
