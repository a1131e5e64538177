// `purser budgets …`: set, list, show, status and remove, with what each refuses.

import { describe, expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { workspace } from '../support/cli/purser.ts'

describe('budgets', () => {
  test('are made, changed, listed, shown and removed', async () => {
    const { done, purser } = workspace()
    await done(['migrate', '--quiet'])
    expect((await done(['budgets', 'list'])).stdout).toContain(
      'There are no budgets yet. To make one: purser budgets set --help',
    )
    expect((await done(['budgets', 'status'])).stdout).toContain('To make one: purser budgets set --help')
    const made = await done([
      ...['budgets', 'set', 'daily', '--limit', '25', '--period', 'day', '--zone', 'Europe/Berlin'],
      ...['--warn-at', '0.5', '--actor', 'mira'],
    ])
    expect(made.stdout).toBe('Made budget daily\n  purser budgets status\n')
    await done(['budgets', 'set', 'parser', '--limit', '100', '--scope', 'project', '--target', 'parser'])
    const changed = await done(['budgets', 'set', 'daily', '--limit', '10', '--when-exceeded', 'warn'])
    expect(changed.stdout).toBe('Updated budget daily, now at version 2 (limit, whenExceeded)\n')
    expect((await done(['budgets', 'list'])).stdout).toMatch(
      /^NAME +LIMIT +PERIOD +COUNTS +BEYOND IT +STATE\ndaily +10 USD +each day in Europe\/Berlin +everything +warn +active\nparser +100 USD +in total +project parser +refuse +active\n/,
    )
    const { data } = (await done(['budgets', 'show', 'daily', '--json'])).json<{
      limit: string
      warnAt: number
      status: { remaining: string }
    }>()
    expect(data).toMatchObject({ limit: '10', warnAt: 0.5, status: { remaining: '10' } })
    const shown = (await done(['budgets', 'show', 'parser'])).stdout
    expect(shown).toMatch(/^parser {2}active\n\n {2}Limit +100 USD in total\n {2}Counts +project parser\n/)
    await done(['budgets', 'set', 'parser', '--scope', 'everything', '--no-active'])
    expect((await done(['budgets', 'list', '--no-active'])).stdout).toMatch(
      /\nparser +100 USD +in total +everything/,
    )
    expect((await done(['budgets', 'remove', 'daily', '--yes'])).stdout).toBe('Removed budget daily\n')
    expect((await purser(['budgets', 'show', 'daily'])).stderr).toBe(
      'purser: there is no budget with the name "daily"; purser budgets list shows those there are\n',
    )
  })

  test('have a status with bars of what is spent, held and left', async () => {
    const { done, path } = workspace()
    await done(['budgets', 'set', 'all', '--limit', '1', '--period', 'day'])
    await done(['budgets', 'set', 'over', '--limit', '0.5'])
    const store = await openStore(`sqlite:${path('purser.db')}`)
    await store.budgets.update('over', { whenExceeded: 'warn' }, { version: 1 })
    await store.budgets.reserve({ agentId: 'a', estimate: '0.25' })
    const call = { agentId: 'a', provider: 'p', model: 'm', inputTokens: 1, outputTokens: 1 }
    await store.costRecords.append({ ...call, cost: '0.6' })
    await store.close()
    const { stdout } = await done(['budgets', 'status'])
    expect(stdout).toMatch(/^BUDGET +SPENT +HELD +LEFT +OF +USED/)
    expect(stdout).toMatch(/\nall +█{12}▒{5}░{3} +0\.6 +0\.25 +0\.15 +1 USD +60\.0 %/)
    expect(stdout).toMatch(/\nover +█{20} +0\.6 +0\.25 +0 +0\.5 USD +120\.0 %/)
    const { data } = (await done(['budgets', 'status', '--json', '--at', '2026-01-31'])).json<{
      items: { spent: string; held: string }[]
    }>()
    expect(data.items.map(({ spent, held }) => [spent, held])).toEqual([
      ['0', '0'],
      ['0.6', '0.25'],
    ])
  })

  test.each([
    [['--limit', '-1'], '--limit must not be negative'],
    [['--limit', '1', '--zone', 'Mars/Olympus'], '--zone must be a time zone'],
    [['--limit', '1', '--scope', 'agent'], '--target is required for the scope agent'],
    [['--limit', '1', '--scope', 'plan', '--target', 'none'], '--target names no plan'],
    [['--limit', '1', '--warn-at', '2'], '--warn-at must be a number from 0 to 1'],
    [['--limit', '1', '--period', 'year'], 'must be one of total, hour, day, week, month'],
    [['--period', 'day'], '--limit is required'],
  ])('are refused: %j', async (flags, reason) => {
    const { purser } = workspace()
    const { code, stderr } = await purser(['budgets', 'set', 'bad', ...flags])
    expect(code).toBeGreaterThan(0)
    expect(stderr).toContain(reason)
  })
})
