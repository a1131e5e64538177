// `purser messages …`: send, history, search.

import { describe, expect, test } from 'vitest'
import { messages as area } from '../../src/cli/commands/messages/area.ts'
import { messageDefinition } from '../../src/index.ts'
import { workspace } from '../support/cli/purser.ts'

interface MessageData {
  readonly id: string
  readonly from: string
  readonly content: string
}
interface ListData {
  readonly items: readonly MessageData[]
  readonly nextCursor: string | null
  readonly previousCursor?: string | null
}

const send = (content: string, ...more: string[]) => [
  ...['messages', 'send', '--from', 'mira', '--to', 'otto', '--channel', 'tides', '--type', 'question'],
  ...['--content', content, ...more],
]
const demo = ['demo', '--quiet', '--url', 'sqlite:purser.db']

describe('messages send', () => {
  test('stores a message with everything it may have', async () => {
    const { done } = workspace()
    const { stdout } = await done([
      ...send(
        'Is it high water?',
        '--priority',
        'urgent',
        '--id',
        'm-1',
        '--timestamp',
        '2026-01-31T09:30:00Z',
      ),
      ...[
        '--attach',
        'link:https://example.org/a:b',
        '--attach',
        'file:tides.csv',
        '--task',
        't-1',
        '--plan',
        'p-1',
      ],
      ...['--project', 'tide-api', '--tokens-used', '12', '--cost-usd', '0.5', '--json'],
    ])
    expect(JSON.parse(stdout).data).toMatchObject({
      id: 'm-1',
      timestamp: '2026-01-31T09:30:00.000Z',
      from: 'mira',
      to: 'otto',
      channel: 'tides',
      type: 'question',
      priority: 'urgent',
      content: 'Is it high water?',
      attachments: [
        { type: 'link', ref: 'https://example.org/a:b' },
        { type: 'file', ref: 'tides.csv' },
      ],
      metadata: { taskId: 't-1', planId: 'p-1', projectId: 'tide-api', tokensUsed: 12, costUsd: '0.5' },
    })
    expect(JSON.parse(stdout).data).not.toHaveProperty('sender')
  })

  test('reads the text from standard input, and says where to read it', async () => {
    const { done, purser } = workspace()
    const sent = await done(send('-'), { input: 'First line\nsecond line\n' })
    expect(sent.stdout).toMatch(/^Sent \w{26} on #tides\n {2}purser messages history tides\n$/)
    expect((await done(['messages', 'history', 'tides'])).stdout).toContain('\n  First line\n  second line\n')
    const binary = await purser(['messages', 'history', 'tides', '--from', 'nobody'])
    expect(binary.stdout).toBe('No message matches; leave out a filter to see more.\n')
  })

  test('repeats a message only when it is the same, and allowed to', async () => {
    const { done, purser } = workspace()
    await done(send('Same', '--id', 'm-1'))
    expect((await purser(send('Same', '--id', 'm-1'))).stderr).toMatch(
      /^purser: messages already has a row with the id "m-1"/,
    )
    expect((await purser(send('Same', '--id', 'm-1', '--idempotent'))).code).toBe(0)
    expect((await purser(send('Other', '--id', 'm-1', '--idempotent'))).code).toBe(1)
  })

  test('names every flag that is missing', async () => {
    const { purser } = workspace()
    const { code, stderr } = await purser(['messages', 'send', '--from', 'a'])
    expect(code).toBe(2)
    expect(stderr).toBe(
      'purser: --to is required; --channel is required; --type is required; --content is required\n',
    )
  })

  test('has a flag for every field but the parts, which text has none of', () => {
    const fields = new Set(Object.values(flagsOf('send')).map(({ field }) => field))
    const missing = messageDefinition.columns
      .filter(({ field }) => !fields.has(field))
      .map(({ field }) => field)
    expect(missing).toEqual(['parts', 'attachments', 'metadata'])
  })
})

describe('messages history', () => {
  test('reads like a conversation, the last page first, and pages back in time', async () => {
    const { done } = workspace()
    await done(demo)
    const last = (await done(['messages', 'history', 'predictions', '--limit', '2'])).stdout
    expect(last).toMatch(
      /^#predictions\n\njune → mira {2}4 h ago · dissent · task demo-task-4 · plan \w+\n {2}I would rather/,
    )
    expect(last).toMatch(
      /\n\nmira → june {2}3 h ago · approval · task demo-task-4 · plan \w+\n {2}Agreed\. Both together, then\.\n/,
    )
    const next = /2 of 10 messages; the next page:\n {2}purser (.*)\n$/.exec(last)?.[1] ?? ''
    const older = (await done(next.split(' '))).stdout
    expect(older).toMatch(/mira → otto .*\n.*\n\notto → june /)
  })

  test('goes both ways in JSON, newest first', async () => {
    const { done } = workspace()
    await done(demo)
    const page = async (...flags: string[]) =>
      (
        await done(['messages', 'history', 'predictions', '--limit', '3', '--json', ...flags])
      ).json<ListData>().data
    const first = await page()
    expect(first.items.map(({ id }) => id)).toEqual([10, 9, 8].map((n) => `demo-message-predictions-${n}`))
    const second = await page('--cursor', first.nextCursor ?? '')
    expect(second.items[0]?.id).toBe('demo-message-predictions-7')
    const back = await page('--after', second.previousCursor ?? '')
    expect(back.items).toEqual(first.items)
  })

  test('filters, in a channel or in all', async () => {
    const { done, purser } = workspace()
    await done(demo)
    const ids = async (...words: string[]) =>
      (await done(['messages', 'history', ...words, '--json']))
        .json<ListData>()
        .data.items.map(({ id }) => id)
    expect(await ids('--task', 'demo-task-6')).toEqual([
      'demo-message-harbour-page-2',
      'demo-message-harbour-page-1',
    ])
    expect(await ids('predictions', '--from', 'june')).toEqual(['demo-message-predictions-9'])
    expect(await ids('--type', 'escalation,dissent', '--priority', 'high')).toEqual([
      'demo-message-predictions-6',
    ])
    expect(await ids('--to', 'june', '--since', '4h')).toEqual(['demo-message-predictions-10'])
    expect(await ids('--plan', 'nothing')).toEqual([])
    const both = await purser(['messages', 'history', 'predictions', '--from', 'june', '--after', 'x'])
    expect(both).toMatchObject({
      code: 2,
      stderr: 'purser: --after goes with a channel alone, without filters\n',
    })
    const everywhere = (await done(['messages', 'history', '--from', 'pax'])).stdout
    expect(everywhere).toContain('#harbour-page · review request')
  })

  test('says how to begin an empty channel', async () => {
    const { done } = workspace()
    await done(['migrate'])
    expect((await done(['messages', 'history', 'tides'])).stdout).toBe(
      'There are no messages in #tides. To send one: purser messages send --help\n',
    )
  })

  test('cuts long messages, and shows them whole with --verbose', async () => {
    const { done } = workspace()
    await done(send('-'), { input: Array.from({ length: 40 }, (_, line) => `line ${line}`).join('\n') })
    const cut = (await done(['messages', 'history', 'tides'])).stdout
    expect(cut).toContain('… 28 more lines; --verbose shows them')
    expect(cut).not.toContain('line 39')
    expect((await done(['messages', 'history', 'tides', '--verbose'])).stdout).toContain('line 39')
  })

  test('has a filter for every field that can be filtered by', () => {
    const fields = new Set(Object.values(flagsOf('history')).map(({ field }) => field))
    const missing = messageDefinition.columns
      .filter(({ field, spec }) => spec.filterable && !fields.has(field))
      .map(({ field }) => field)
    expect(missing).toEqual(['channel']) // an argument
  })
})

describe('messages search', () => {
  test('finds whole words in any case, in all channels or one', async () => {
    const { done } = workspace()
    await done(demo)
    const found = (await done(['messages', 'search', 'PORT ellery'])).stdout
    expect(found).toMatch(/^otto → june .* #predictions · status report/)
    expect(found).toMatch(/\n2 messages\n$/)
    const page = await done(['messages', 'search', 'the cache', '--limit', '1'])
    expect(page.stdout).toMatch(
      /1 message; the next page:\n {2}purser messages search 'the cache' --limit 1 --cursor=\S+\n$/,
    )
    const none = await done(['messages', 'search', 'cache', '--channel', 'harbour-page', '--json'])
    expect(none.json<ListData>().data.items).toEqual([])
    expect((await done(['messages', 'search', 'submarine'])).stdout).toMatch(
      /^No message has all of these words\./,
    )
  })

  test('needs a word', async () => {
    const { done, purser } = workspace()
    await done(['migrate'])
    const { code, stderr } = await purser(['messages', 'search', '!?'])
    expect([code, stderr]).toEqual([2, 'purser: <text> must have 1 to 32 words\n'])
  })
})

function flagsOf(name: string) {
  return area.commands.find((command) => command.name === name)?.flags ?? {}
}
