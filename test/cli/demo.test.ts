// `purser demo`: tells its story, and can be told again.

import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { workspace } from './purser.ts'

interface DemoData {
  readonly written: Readonly<Record<string, number>>
  readonly found: Readonly<Record<string, number>>
  readonly tasks: readonly { readonly id: string; readonly status: string }[]
  readonly costs: { readonly total: { readonly cost: string } }
}

const everything = { tasks: 8, moves: 20, costRecords: 26, messages: 12 }
const nothing = { tasks: 0, moves: 0, costRecords: 0, messages: 0 }

describe('demo', () => {
  test('shows the board, the costs, the messages, and what to try', async () => {
    const { done, path } = workspace()
    const { stdout, stderr } = await done(['demo'])
    expect(stderr).toBe('')
    expect(existsSync(path('purser-demo.db'))).toBe(true)
    expect(stdout).toContain('Recorded just now: 8 tasks, 20')
    expect(stdout).toMatch(/◑ in progress {2}demo-task-3 .* failed once, second attempt/)
    expect(stdout).toMatch(/■ blocked +demo-task-4 .* waits for demo-task-3, demo-task-5/)
    expect(stdout).toMatch(/otto +0\.5898790 +65\.1 % +█/)
    expect(stdout).toContain('Total 0.906119 USD in 26 model calls')
    expect(stdout).toContain('  Agreed. Both together, then.')
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(110)
  })

  test('prints only lines that work', async () => {
    const { done, purser } = workspace()
    const { stdout } = await done(['demo'])
    const lines = stdout.split('Try next')[1]?.match(/^ {2}purser .*$/gm) ?? []
    expect(lines.length).toBeGreaterThanOrEqual(6)
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
    })
    const again = (await done(['demo', '--json'])).json<DemoData>()
    expect(again.data).toMatchObject({ written: nothing, found: everything })
    expect(again.data.tasks).toEqual(first.data.tasks)
    expect((await done(['demo'])).stdout.replaceAll(/\s+/g, ' ')).toContain(
      'Nothing was written: all of it was there already: 8 tasks, 20 moves, 26 model calls, 12 messages.',
    )
  })

  test('leaves alone what a visitor did, and brings back what is missing', async () => {
    const { done } = workspace()
    const at = ['--url', 'sqlite:purser-demo.db']
    await done(['demo', '--quiet'])
    await done(['tasks', 'transition', 'demo-task-3', 'in_review', ...at])
    await done(['tasks', 'delete', 'demo-task-7', '--yes', ...at])
    const { data } = (await done(['demo', '--json'])).json<DemoData>()
    expect(data.written).toEqual({ ...nothing, tasks: 1 })
    expect(data.tasks.find(({ id }) => id === 'demo-task-3')?.status).toBe('in_review')
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
