// What all lists share: how much of them is shown, and in which order.

import { describe, expect, test } from 'vitest'
import { openStore } from '../../src/index.ts'
import { workspace } from '../support/cli/purser.ts'

interface ListData {
  readonly items: readonly { readonly id?: string; readonly name?: string; readonly planId?: string }[]
  readonly nextCursor: string | null
  readonly summary: { readonly shown: number; readonly total: number | null }
}

const AMOUNT = 1203

describe('U21: -n, --all and --order', () => {
  test('-n is --limit, and --all goes through every page, on each list', async () => {
    const { done, path, purser } = workspace()
    await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
    const store = await openStore(`sqlite:${path('purser.db')}`)
    const index = Array.from({ length: AMOUNT }, (_, number) => number)
    await store.messages.appendMany(
      index.map((number) => ({
        ...{ sender: 'mira', to: 'otto', channel: 'many', type: 'status_report' as const },
        content: `lighthouse ${number}`,
      })),
    )
    await store.costRecords.appendMany(
      index.map(() => ({
        agentId: 'many',
        provider: 'acme',
        model: 'm',
        inputTokens: 1,
        outputTokens: 1,
        cost: '1',
      })),
    )
    await store.tasks.createMany(
      index.map((number) => ({
        ...{ id: `many-${number}`, title: 'x', description: 'x', project: 'many' },
        ...{ createdBy: 'mira', type: 'admin' as const },
      })),
    )
    await store.close()
    const lists: readonly (readonly [words: readonly string[], all: number])[] = [
      [['tasks', 'list', '--project', 'many'], AMOUNT],
      [['costs', 'list', '--agent', 'many'], AMOUNT],
      [['messages', 'history', 'many'], AMOUNT],
      [['messages', 'history', '--from', 'mira', '--type', 'status_report'], AMOUNT],
      [['messages', 'search', 'lighthouse'], AMOUNT],
      [['audit', 'log'], 0],
      [['plans', 'list'], 9],
      [['actions', 'list'], 0],
    ]
    for (const [words, amount] of lists) {
      const about = words.join(' ')
      const all = (await done([...words, '--all', '--json'])).json<ListData>().data
      expect(all.items.length, about).toBeGreaterThanOrEqual(amount)
      expect([all.nextCursor, all.summary.shown], about).toEqual([null, all.items.length])
      const keys = all.items.map(({ id, name, planId }) => id ?? name ?? planId)
      expect(new Set(keys).size, about).toBe(all.items.length)
      const some = (await done([...words, '-n', '2', '--json'])).json<ListData>().data
      expect(some.items, about).toEqual(all.items.slice(0, 2))
      expect(await done([...words, '-n2', '--json']).then((one) => one.json().data), about).toEqual(some)
    }
    const both = await purser(['costs', 'list', '--all', '-n', '5'])
    expect([both.code, both.stderr]).toEqual([2, 'purser: --all and --limit exclude each other\n'])
    expect((await purser(['costs', 'list', '-n', 'x'])).stderr).toBe(
      'purser: --limit must be a whole number of at least 1; is "x"\n',
    )
  })

  test('--order turns a list around', async () => {
    const { done } = workspace()
    await done(['demo', '--quiet', '--url', 'sqlite:purser.db'])
    await done([
      'actions',
      'create',
      '--name',
      'own/another',
      '--description',
      'x',
      '--definition-of-done',
      'y',
    ])
    for (const words of [
      ['tasks', 'list', '--all'],
      ['costs', 'list', '--all'],
      ['messages', 'search', 'the', '--all'],
      ['audit', 'log', '--all'],
      ['plans', 'list', '--all'],
      ['actions', 'list', '--all'],
    ]) {
      const items = async (order: string) =>
        (await done([...words, '--order', order, '--json'])).json<ListData>().data.items
      const ascending = await items('asc')
      expect(ascending.length, words.join(' ')).toBeGreaterThan(1)
      expect((await items('desc')).toReversed(), words.join(' ')).toEqual(ascending)
    }
  })
})
